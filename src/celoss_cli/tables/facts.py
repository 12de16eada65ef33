"""What a table says of itself and of its columns without being read: first rows, footers, statistics."""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np

from celoss_cli.errors import DataError
from celoss_cli.tables.arrow.parquet import ParquetTable
from celoss_cli.tables.batch import RaggedVector
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tables.text.csv import CsvTable
from celoss_cli.tables.text.dialect import Dialect
from celoss_cli.tables.views.shards import ShardedTable, shards_below
from celoss_cli.tables.views.view import stored

_EXAMPLES = 3


class TableFacts(NamedTuple):
    """How a table is stored."""

    bytes: int | None
    """What it takes on disk, if it is there."""

    parts: int | None = None
    """Of how many parts it is, if it is in parts."""

    part: str | None = None
    """What such a part is called."""

    dialect: Dialect | None = None
    """How a text file is written."""


class ColumnFacts(NamedTuple):
    """What a column holds, as far as that is known."""

    low: float | None = None
    """The smallest number."""

    high: float | None = None
    """The largest number."""

    nulls: int | None = None
    """How many cells have no value."""

    range_of: str | None = None
    """In which rows ``low``, ``high`` and ``nulls`` were looked for, in words."""

    distinct: int | None = None
    """How many different values there are."""

    examples: tuple[str, ...] = ()
    """The first different values of a column that does not hold numbers."""

    distinct_of: str | None = None
    """In which rows ``distinct`` and ``examples`` were looked for, in words."""


def table_facts(table: Table) -> TableFacts:
    """Return how a table is stored."""
    lines = stored(table)
    if isinstance(lines, ShardedTable):
        first = table_facts(lines.shards[0])
        sizes = [_bytes(shard.path) for shard in lines.shards]
        known = sum(size for size in sizes if size is not None)
        return TableFacts(known or None, parts=len(lines.shards), part="shards", dialect=first.dialect)
    if isinstance(lines, ParquetTable):
        return TableFacts(_bytes(lines.path), parts=lines.metadata.num_row_groups, part="row groups")
    dialect = lines.dialect if isinstance(lines, CsvTable) else None
    return TableFacts(_bytes(table.path), dialect=dialect)


@np.errstate(invalid="ignore")  # NaN that signals is counted as any other is
def column_facts(table: Table, column: Column, rows: int | None) -> ColumnFacts:
    """Return what a column holds, by its statistics where the file has some, else by the first rows.

    ``rows`` is how many the table has, as far as that is known. Of cells that cannot be read nothing is told.
    """
    try:
        return _facts(table, column, rows)
    except (DataError, RaggedVector):
        return ColumnFacts()


def _facts(table: Table, column: Column, rows: int | None) -> ColumnFacts:
    head = table.head()
    whole = head.rows == rows
    looked_at = f"all {head.rows:,} rows" if whole else f"the first {head.rows:,} rows"
    if head.rows == 1:
        looked_at = "the only row" if whole else "the first row"
    if column.kind is Kind.VECTOR:
        return _of_numbers(np.asarray(head.matrix(column.name)), looked_at)
    if column.kind is Kind.NESTED:
        return ColumnFacts()
    texts = head.texts(column.name)
    values = list(dict.fromkeys(text for text in texts if text is not None))
    nulls = len(texts) - sum(text is not None for text in texts)
    if column.kind is not Kind.NUMBER:
        return ColumnFacts(
            nulls=nulls,
            range_of=looked_at,
            distinct=len(values),
            examples=tuple(values[:_EXAMPLES]),
            distinct_of=looked_at,
        )
    found = _statistics(table, column)
    if found is None:
        found = _of_numbers(np.asarray(head.numbers(column.name)), looked_at)
    return found._replace(distinct=len(values), distinct_of=looked_at)


def _of_numbers(values: Any, looked_at: str) -> ColumnFacts:
    numbers = values.astype(np.float64)
    known = numbers[~np.isnan(numbers)]
    low, high = (float(known.min()), float(known.max())) if known.size else (None, None)
    return ColumnFacts(low=low, high=high, nulls=int(numbers.size - known.size), range_of=looked_at)


def _statistics(table: Table, column: Column) -> ColumnFacts | None:
    """Return the range and the nulls of all rows from the footers of Parquet files, if they have them."""
    tables: Sequence[Table] = shards_below(table) or (stored(table),)
    lows: list[float] = []
    highs: list[float] = []
    nulls = 0
    for part in tables:
        if not isinstance(part, ParquetTable):
            return None
        for chunk in part.chunks_of(column.name):
            found: Any = chunk.statistics
            if found is None or not found.has_min_max or found.null_count is None:
                return None
            if not isinstance(found.min, int | float | Decimal):
                return None  # bytes are a float16, text a number that is presented in place of it
            lows.append(float(found.min))
            highs.append(float(found.max))
            nulls += found.null_count
    if not lows:
        return None
    of_what = "statistics, which leave NaN out" if column.dtype.startswith("float") else "statistics"
    return ColumnFacts(low=min(lows), high=max(highs), nulls=nulls, range_of=f"all rows ({of_what})")


def _bytes(path: str) -> int | None:
    try:
        return os.stat(path).st_size if os.path.isfile(path) else None  # noqa: PTH113, PTH116  only asked, never opened
    except (OSError, ValueError):
        return None
