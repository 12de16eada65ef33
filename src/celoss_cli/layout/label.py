"""Which column is the label."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.layout.cells import (
    MANY_VALUED,
    ignored,
    is_predicted,
    mostly_numbers,
    require_names,
    values_of,
    whole_numbers,
)
from celoss_cli.layout.label_columns import given_label_columns
from celoss_cli.layout.names import NOT_SCORES, TRUTH, WEAK_TRUTH, WEIGHTS, families, is_id, plain
from celoss_cli.layout.scores import refuse_argmax
from celoss_cli.request import Request
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import listed, same, without_affixes
from celoss_cli.tables.source import Column, Kind, Table


def find_label(
    predictions: Table,
    labels: Table | None,
    request: Request,
    taken: set[str],
    decisions: list[Decision],
    classes: Sequence[str] = (),
) -> str:
    """Return the name of the label column. Raises AmbiguousData where none, or more than one, is recognisable.

    ``classes`` are those that the scores beside it are known to speak of.
    """
    table = predictions if labels is None else labels
    if request.label:
        chosen = given_label_columns(table, request.label)
        name = require_names(table, chosen[0].name if len(chosen) == 1 else request.label[0], "--label").name
        decisions.append(Decision("label", name, How.GIVEN, "--label"))
        return name
    candidates = [
        column
        for column in table.columns
        if column.name not in taken and plain(column.name) not in WEIGHTS and column.kind not in MANY_VALUED
    ]
    if labels is not None:
        found = _label_of_two_files(table, candidates)
    else:
        found = _label_beside_scores(table, candidates, request, classes)
    if found is None:
        if labels is None:
            refuse_argmax(table, candidates)
        names = [column.name for column in candidates]
        raise AmbiguousData(
            f"no column is recognisable as the label among {listed(names)}"
            if names
            else "there is no column left that could be the label",
            code="label_unknown",
            where=Where(table.path),
            hint="name it: --label COLUMN, or give the labels as a second file",
        )
    column, evidence, guess = found
    decisions.append(Decision("label", column.name, How.DETECTED, evidence, "--label", guess))
    return column.name


def rival_of(table: Table, label: str, others: Collection[str]) -> str | None:
    """Return a column that is called like the truth as well, holds the same classes, and differs in a first row.

    ``others`` have parts of their own. `Class` is no rival: CatBoost calls the predicted class so.
    """
    if not table.named:
        return None
    chosen, values = table.head().texts(label), values_of(table, label)
    for column in table.columns:
        if column.name == label or column.name in others or column.kind in MANY_VALUED:
            continue
        if plain(column.name) not in TRUTH and plain(column.name) not in _RIVALS:
            continue
        theirs = values_of(table, column.name)
        alike = bool(theirs) and (theirs <= values or values <= theirs)
        if alike and any(
            not same(a or "", b or "") for a, b in zip(chosen, table.head().texts(column.name), strict=True)
        ):
            return column.name
    return None


_RIVALS = ("label", "labels", "y")

_Found = tuple[Column, str, bool]


def _label_of_two_files(table: Table, candidates: list[Column]) -> _Found | None:
    if len(candidates) > 1:
        candidates = [column for column in candidates if not is_id(column.name)] or candidates
    if len(candidates) == 1:
        return candidates[0], "the only column that is not an id or a weight", False
    return _by_truth_name(table, candidates, (TRUTH, WEAK_TRUTH))


def _by_truth_name(table: Table, candidates: list[Column], tiers: Sequence[tuple[str, ...]]) -> _Found | None:
    if not table.named:
        return None
    for tier in tiers:
        named = [column for column in candidates if plain(column.name) in tier]
        if tier is WEAK_TRUTH:
            # CatBoost writes both `Class` (predicted) and `Label` (the truth): the earlier name wins.
            named = sorted(named, key=lambda column: tier.index(plain(column.name)))[:1]
        if len(named) > 1:
            raise AmbiguousData(
                f"several columns are named like the label: {listed(column.name for column in named)}",
                code="label_ambiguous",
                where=Where(table.path),
                hint="name the true one: --label COLUMN",
            )
        if named:
            return named[0], "its name", False
    return None


def _label_beside_scores(
    table: Table, candidates: list[Column], request: Request, classes: Sequence[str]
) -> _Found | None:
    candidates = [c for c in candidates if c.name not in request.pred and not is_predicted(c, table)]
    if table.named:
        candidates = [column for column in candidates if not is_id(column.name)]
    # Fractions are labels only where nothing else is, whatever their name: headers can be False and True.
    names = [column for column in candidates if column.kind is not Kind.NUMBER or whole_numbers(table, column)]
    shares = [column for column in candidates if plain(column.name) != "true"]
    if any(_could_be_classes(table, column, len(candidates) - len(names)) for column in names):
        shares = names
    found = _by_truth_name(table, names, (TRUTH,))
    if found is None and classes:
        found = _by_classes(table, names, request, classes)
    if found is None:
        found = _by_content(table, candidates, request) if table.named else _by_type(table, candidates)
    if found is None:
        found = _by_truth_name(table, names, (WEAK_TRUTH,)) or _by_truth_name(table, shares, (TRUTH, WEAK_TRUTH))
    if found is None and table.named:
        texts = [column for column in candidates if column.kind in (Kind.TEXT, Kind.BOOLEAN)]
        texts = [column for column in texts if not mostly_numbers(table, column)]
        if len(texts) == 1 and plain(texts[0].name) not in NOT_SCORES:
            found = texts[0], "the only column of names", True
    return found


def _could_be_classes(table: Table, column: Column, scores: int) -> bool:
    """Whether a column holds as few values as there may be classes: then a share beside it may be a score."""
    return plain(column.name) not in NOT_SCORES and len(values_of(table, column.name)) <= max(2, scores)


def _by_content(table: Table, candidates: list[Column], request: Request) -> _Found | None:
    """Return the one column of names whose values all name number columns beside it."""
    names = [column.name for column in candidates if column.kind is Kind.NUMBER]
    spelled = set(names)
    for family in families(names).values():
        spelled |= set(without_affixes(family)) if len(family) > 1 else set()
    fitting = []
    for column in candidates:
        if column.kind not in (Kind.TEXT, Kind.BOOLEAN):
            continue
        values = {text for text in values_of(table, column.name) if not ignored(text, request)}
        if values and values <= spelled:
            fitting.append(column)
    return (fitting[0], "its values are the names of the prediction columns", False) if len(fitting) == 1 else None


def _by_classes(table: Table, names: list[Column], request: Request, classes: Sequence[str]) -> _Found | None:
    """Return the one column that holds nothing but names of the classes."""
    fitting = []
    for column in names:
        values = {text for text in values_of(table, column.name) if not ignored(text, request)}
        if values and all(any(same(text, name) for name in classes) for text in values):
            fitting.append(column)
    if len(fitting) == 1:
        return fitting[0], "its values are the classes that the scores are for", False
    return None


def _by_type(table: Table, candidates: list[Column]) -> _Found | None:
    """Return, for a file without header, the one column of names or whole numbers beside columns of fractions."""
    texts = [column for column in candidates if column.kind is not Kind.NUMBER and column.kind is not Kind.VECTOR]
    whole = [column for column in candidates if column.kind is Kind.NUMBER and whole_numbers(table, column)]
    others = len(candidates) - len(texts) - len(whole)
    others += sum(column.kind is Kind.VECTOR and column not in candidates for column in table.columns)
    if len(texts) == 1 and others + len(whole) > 0:
        return texts[0], "the only column of names, in a file without header", True
    if not texts and len(whole) == 1 and others:
        return whole[0], "the only column of whole numbers, in a file without header", True
    return None
