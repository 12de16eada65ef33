"""Files that pair by position, each with an id under a name of its own: whether their rows stand in one order."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from celoss_cli.errors import MisalignedData, Where
from celoss_cli.layout.cells import MANY_VALUED
from celoss_cli.layout.names import is_id, plain
from celoss_cli.spelling import number, same
from celoss_cli.tables.source import Column, Kind, Need, Table
from celoss_cli.tables.views.shards import batches_of

_HEAD_ROWS = 1000  # a head of fewer rows is the whole file


class _Key(NamedTuple):
    """A column whose first cells are all there and all different."""

    column: Column
    texts: Sequence[str]


def check_order(
    predictions: Table, labels: Table, taken: Collection[str], label_columns: Collection[str]
) -> str | None:
    """Return what speaks for pairing by position, if one id stands in both files in the same order; else ``None``.

    ``taken`` columns of the predictions and ``label_columns`` of the labels are no ids. Raises MisalignedData where an
    id of both files, under two names, stands in another order: rows paired by position would be others' rows.
    """
    if not (predictions.named and labels.named):
        return None
    mine, theirs = _keys(predictions, taken), _keys(labels, label_columns)
    agreeing = None
    for key in mine:
        for other in theirs:
            if key.column.name == other.column.name:  # which is compared elsewhere
                continue
            rows = min(len(key.texts), len(other.texts))
            row = next((i for i in range(rows) if not same(key.texts[i], other.texts[i])), None)
            if row is None:
                names = f"{key.column.name!r} and {other.column.name!r}"
                agreeing = agreeing or f"{names} have the same values in the same rows, as far as the first rows tell"
            elif _one_id(key, other, labels):
                raise _misaligned(predictions, labels, key, other, row)
    return agreeing


def _keys(table: Table, taken: Collection[str]) -> list[_Key]:
    """Return the columns that may identify rows: of text, or of whole numbers if named so; and no row numbers."""
    keys = []
    for column in table.columns:
        if column.name in taken or column.kind in MANY_VALUED or column.kind is Kind.BOOLEAN:
            continue
        texts = [text for text in table.head().texts(column.name) if text is not None]
        if len(texts) < 2 or len(texts) < table.head().rows or len(set(texts)) < len(texts):
            continue
        numbers = [number(text) for text in texts]
        if all(value is not None for value in numbers):
            whole = all(value is not None and value.is_integer() for value in numbers)
            if not whole or not (is_id(column.name) or is_id(_stem(column.name))):
                continue
            first = numbers[0]
            if first in (0.0, 1.0) and all(value == first + i for i, value in enumerate(numbers)):
                continue
        keys.append(_Key(column, texts))
    return keys


def _one_id(mine: _Key, theirs: _Key, labels: Table) -> bool:
    """Whether two columns are one id: their names differ in spelling alone, or their values are the same ones.

    Of long files the first rows may have no value in common; then all ids of the labels are looked through, provided
    that both columns are named like ids.
    """
    if _stem(mine.column.name) == _stem(theirs.column.name):
        return True
    wanted = set(mine.texts)
    if 2 * len(wanted.intersection(theirs.texts)) >= min(len(mine.texts), len(theirs.texts)):
        return True
    whole = len(theirs.texts) < _HEAD_ROWS
    if whole or not (is_id(mine.column.name) and is_id(theirs.column.name)):
        return False
    missing = set(wanted)
    for batch in batches_of(labels, {theirs.column.name: Need.KEY}):
        missing.difference_update(text for text in batch.texts(theirs.column.name) if text is not None)
        if 2 * len(missing) < len(wanted):
            return True
    return False


def _stem(name: str) -> str:
    """Return a name without what spelling and joins add: ``ImageId``, ``image_id``, ``image_id_x`` are one."""
    return re.sub(r"_[xy]$", "", plain(name)).replace("_", "")


def _misaligned(predictions: Table, labels: Table, mine: _Key, theirs: _Key, row: int) -> MisalignedData:
    from celoss_cli.spelling import option

    name, other = mine.column.name, theirs.column.name
    return MisalignedData(
        f"{name!r} here and {other!r} in {labels.path} look like one id, and their rows stand in another order: "
        f"{mine.texts[row]!r} here, {theirs.texts[row]!r} in the same row there",
        code="rows_differ",
        where=Where(predictions.path, row, predictions.line_of(row), name),
        hint=f"rename one so that both are called {name!r}, and pass {option('--id', name)}; "
        "if they mean different things, leave one column out",
    )
