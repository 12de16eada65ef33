"""Votes of several raters in place of one label, a column each or several in a cell: which counts has to be said."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from celoss_cli.errors import AmbiguousData, DataError, Where
from celoss_cli.layout.cells import values_of
from celoss_cli.layout.names import ANY_TRUTH, plain, without_number
from celoss_cli.spelling import among, in_order, option, spelt, without_affixes
from celoss_cli.tables.source import Column, Kind, Table

_RATERS = (
    "rater", "annotator", "coder", "judge", "expert", "reader", "reviewer", "grader", "worker", "labeler", "labeller",
    "vote", "voter", "assessor", "doctor", "radiologist", "pathologist", "physician", "human", "turker", "ann", "anno",
    "annotation", "rating",
)  # fmt: skip

_MARKS = "|;,/"

_SEPARATORS = re.compile(rf"\s*[{_MARKS}]\s*")

_MOST_CLASSES = 50


def check_raters(table: Table, scores: Table) -> None:
    """Raise AmbiguousData if the labels of a table are votes of several raters. ``scores`` are the predictions.

    Not to be asked where a column has a name for the truth: that is the truth then, whatever stands beside it.
    """
    names = functools.cache(lambda: _class_names(scores))
    for family in _families(table.columns):
        raters, texts = _says_raters(family[0].name), all(c.kind is Kind.TEXT for c in family)
        if not (raters or texts):
            continue
        values = [values_of(table, c.name) for c in family]
        every = set().union(*values)
        agree = any(not mine.isdisjoint(theirs) for mine, theirs in itertools.pairwise(values))
        if raters and 1 < len(every) <= _MOST_CLASSES and agree:
            raise _refused(table, family)
        if texts and every and len(among(every, names())) == len(every):
            raise _refused(table, family)
    for column in table.columns:
        if plain(column.name) in ANY_TRUTH and _holds_several(table, column, names):
            raise AmbiguousData(
                f"{column.name!r} holds several names in a cell: votes of several raters, or several labels of a row",
                code="several_labels",
                where=Where(table.path, 0, table.line_of(0), column.name),
                hint="write one label a row; or a column for each class, with the share of its votes (soft labels) or "
                "with 0 and 1 (--task multilabel)",
            )


def _families(columns: Sequence[Column]) -> Iterator[list[Column]]:
    """Yield columns whose names differ in a number or a letter at the end, or after a name for raters."""
    groups: dict[str, list[Column]] = {}
    known: dict[str, str | None] = {}
    for column in columns:
        if column.kind not in (Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN):
            continue
        name = without_number(column.name)  # whatever it is, the columns are of one family
        if name not in known:
            known[name] = _family_of(name)
        if (family := known[name]) is not None:
            groups.setdefault(family, []).append(column)
    yield from (family for family in groups.values() if len(family) > 1)


def _family_of(name: str) -> str | None:
    """Return what a column has in common with others of its family, or ``None`` if its name is none for raters."""
    match = re.fullmatch(r"(.*?[^\d\W])[\W_]*(?:\d+|[\W_][A-Za-z])", name)
    if match is not None and (_says_raters(name) or plain(match.group(1)) in ANY_TRUTH):
        return plain(match.group(1))
    return None


def _says_raters(name: str) -> bool:
    return not set(re.split(r"[_\d]+", plain(name))).isdisjoint(_RATERS)


def _class_names(table: Table) -> set[str | float]:
    """Return what the number columns may be called after: their names, with and without what they share, spelt."""
    numbers = [column.name for column in table.columns if column.kind is Kind.NUMBER]
    vectors = [name for column in table.columns for name in column.classes]
    return spelt((*numbers, *vectors, *(without_affixes(numbers) if len(numbers) > 1 else ())))


def _holds_several(table: Table, column: Column, names: Callable[[], set[str | float]]) -> bool:
    """Whether the first cells of a column are lists of names of classes."""
    if column.kind is Kind.NESTED:
        return "list" in column.dtype and "string" in column.dtype
    if column.kind is not Kind.TEXT:
        return False
    texts = [text for text in table.head().texts(column.name) if text is not None]
    if not any(mark in text for text in texts for mark in _MARKS) or among(texts[:1], names()):
        return False
    cells = [[part.strip(" '\"") for part in _SEPARATORS.split(text.strip("[](){} "))] for text in texts]
    parts = {part for cell in cells for part in cell}
    return any(len(cell) > 1 for cell in cells) and len(among(parts, names())) == len(parts)


def _refused(table: Table, family: Sequence[Column]) -> DataError:
    names = [column.name for column in family]
    return AmbiguousData(
        f"{in_order(names)} are the labels of several raters, and nothing says which of them count",
        code="several_raters",
        where=Where(table.path),
        hint=f"score against one: {option('--label', names[0])}; or write their majority, or the share of votes for "
        "each class as soft labels",
    )
