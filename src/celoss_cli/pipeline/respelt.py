"""The labels that rows have, as they are written: of one class there can be two that differ in their letters alone."""

from __future__ import annotations

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.labels.classes import ClassMap
from celoss_cli.request import Request, UnknownClass
from celoss_cli.spelling import list_option, listed, option
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.totals import Totals

Texts = tuple[tuple[str, ...], ...]


def rows_of_classes(totals: Totals, seen: Evidence, unknown: UnknownClass) -> list[int]:
    """Return how many rows were counted for each class (C,), without unknown labels, which count as class 0."""
    rows = list(totals.loss.rows)
    if unknown is not UnknownClass.DROP:
        rows[0] -= sum(sighting.count for sighting in seen.labels.values())
    return rows


def texts_met(classes: ClassMap, rows: list[int], seen: Evidence) -> Texts:
    """Return the labels that rows have for each class (C,), of which ``rows`` (C,) are counted.

    A class has its own name if that was noted, or there are more rows of it than of its other spellings; and these:
    ``A`` and ``a``.
    """
    own: set[int] = set()
    respelt: dict[int, dict[str, int]] = {}
    for label in sorted(seen.respelt):
        code = classes.code(label)
        if code is None or not seen.respelt[label].count:
            continue  # --count says 0
        if not classes.respelt(label):
            own.add(code)
        else:
            texts = respelt.setdefault(code, {})
            texts[label.strip()] = texts.get(label.strip(), 0) + seen.respelt[label].count
    names = {code: name for name, code in reversed(list(classes.codes.items()))}
    own.update(code for code, count in enumerate(rows) if count > sum(respelt.get(code, {}).values()))
    own &= names.keys()
    return tuple((*((names[code],) if code in own else ()), *respelt.get(code, {})) for code in range(len(rows)))


def alike(texts: Texts) -> list[tuple[str, ...]]:
    """Return the labels of each class that has more than one: not ``CAT`` alone, for a column ``p_cat``."""
    return [labels for labels in texts if len(labels) > 1]


def said_of_alike(classes: ClassMap, found: list[tuple[str, ...]]) -> str:
    """Return what a message says of labels that are ``alike``."""
    first, *others = found[0]
    also = f"; so are those of {len(found) - 1} more" if len(found) > 1 else ""
    return (
        f"labels {first!r} and {listed(others)} are counted as one class, {classes.names[classes.code(first) or 0]!r}: "
        f"they differ in large and small letters alone{also}"
    )


def refuse_alike(request: Request, classes: ClassMap, totals: Totals, seen: Evidence, where: Where) -> None:
    """Under ``--strict``, raise AmbiguousData for labels that are ``alike``, unless ``--classes`` says what they are.

    ``classes`` are those that scores speak of, ``where`` is the place of the labels.
    """
    if not seen.respelt or not request.strict or request.classes or "labels_alike" in request.allow:
        return
    found = alike(texts_met(classes, rows_of_classes(totals, seen, request.unknown_class), seen))
    if found:
        raise AmbiguousData(
            f"--strict: {said_of_alike(classes, found)}",
            code="labels_alike",
            where=where,
            hint=f"if they are one, {list_option('--classes', classes.names)} says so, or --allow labels_alike; if "
            f"two, {option('--ignore-index', found[0][1])} leaves the rows out that have no score, counted",
        )
