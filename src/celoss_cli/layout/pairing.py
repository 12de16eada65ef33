"""Ids without a header: which column of either file holds the ids of the other, found by what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from celoss_cli.layout.cells import MANY_VALUED, is_key
from celoss_cli.layout.names import is_id
from celoss_cli.layout.roles import Layout
from celoss_cli.request import Request
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import number
from celoss_cli.tables.source import Kind, Need, Table
from celoss_cli.tables.views.shards import batches_of

KEYS = "index"
"""What the reader of JSON calls the keys of an object whose members are rows."""

_MANY_ROWS = 20  # of as many rows whole numbers that are all different are no classes


class PairedBy(NamedTuple):
    """The tables with their ids under one ``name``, and what says that they are ids."""

    predictions: Table
    labels: Table
    name: str
    decision: Decision

    def put_into(self, layout: Layout) -> Layout:
        """Return the layout with how the pairing was found in place of an option that was not given."""
        decisions = tuple(self.decision if one.what == "pairing" else one for one in layout.decisions)
        return layout._replace(decisions=decisions)


def ids_without_header(predictions: Table, labels: Table, request: Request) -> PairedBy | None:
    """Return the tables paired by ids of which one file, or neither, tells the name; ``None`` if there are none.

    A column of ids has cells that are all there and all different, and most of the first are in such a column of the
    other file, wherever they stand there.
    """
    if len(predictions.columns) < 2 or len(labels.columns) < 2:
        return None
    theirs = list(_keys(labels, set(request.label)))
    for mine, texts in _keys(predictions, set(request.pred)):
        for other, others in theirs:
            if _same_ids(texts, others, labels, other):
                return _paired(predictions, labels, mine, other)
    return None


def ids_of_keys(predictions: Table, labels: Table, request: Request) -> PairedBy | None:
    """Return the tables paired by the keys of a JSON object, which have no name, and an id of the other file.

    Keys that are numbers may only count the rows: those are left to what compares the order of two files.
    """
    keyed = [_has_keys(table) for table in (predictions, labels)]
    if keyed[0] is keyed[1] or any(column.name == KEYS for column in (labels if keyed[0] else predictions).columns):
        return None
    for mine, texts in _keys(predictions, set(request.pred)):
        for other, others in _keys(labels, set(request.label)):
            known = texts if keyed[0] else others
            name, free = (mine, other) if keyed[0] else (other, mine)
            of_keys = name == KEYS and is_id(free) and all(number(text) is None for text in known)
            if of_keys and _same_ids(texts, others, labels, other):
                return _paired(predictions, labels, mine, other)
    return None


def _has_keys(table: Table) -> bool:
    """Whether the rows of a table may be those of a JSON object by id."""
    return table.format.startswith("json") and table.columns[:1] != () and table.columns[0].name == KEYS


def _paired(predictions: Table, labels: Table, mine: str, other: str) -> PairedBy:
    from celoss_cli.tables.views.aliased import AliasedTable

    evidence = f"the first ids of column {mine!r} are in column {other!r} of {labels.path}"
    name = other if labels.named else mine if predictions.named else "id"
    if mine != name:
        predictions = AliasedTable(predictions, mine, name)
    if other != name:
        labels = AliasedTable(labels, other, name)
    return PairedBy(predictions, labels, name, Decision("pairing", f"by id {name!r}", How.DETECTED, evidence, "--id"))


def _keys(table: Table, taken: set[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the columns that may identify rows, with their first cells."""
    for column in table.columns:
        if column.name in taken or column.kind in MANY_VALUED or column.kind is Kind.BOOLEAN:
            continue
        texts = [text for text in table.head().texts(column.name) if text is not None]
        if len(texts) < max(2, table.head().rows) or len(set(texts)) < len(texts):
            continue
        numbers = [value for text in texts if (value := number(text)) is not None]
        if len(numbers) == len(texts) and not (table.named and is_key(table, column)):
            whole = all(value.is_integer() for value in numbers)
            few = len(numbers) < _MANY_ROWS and max(numbers) < len(numbers)
            running = all(value == numbers[0] + i for i, value in enumerate(numbers))
            if not whole or few or (running and numbers[0] in (0.0, 1.0)):
                continue
        yield column.name, texts


def _same_ids(mine: Sequence[str], others: Sequence[str], labels: Table, other: str) -> bool:
    """Whether most of some ids are among others: the first of the labels, or in a long file all of them."""
    missing = set(mine).difference(others)
    if 2 * len(missing) <= len(mine):
        return True
    if len(others) < labels.head().rows or labels.head().rows == labels.rows:
        return False
    for batch in batches_of(labels, {other: Need.KEY}):
        missing.difference_update(text for text in batch.texts(other) if text is not None)
        if 2 * len(missing) <= len(mine):
            return True
    return False
