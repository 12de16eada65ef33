"""What a table says of itself and of its columns without being read: first rows, footers, statistics."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from celoss_cli.errors import DataError
from celoss_cli.tables.arrow.parquet import ParquetTable
from celoss_cli.tables.batch import RaggedVector
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tables.text.csv import CsvTable
from celoss_cli.tables.text.dialect import Dialect
from celoss_cli.tables.views.flattened import FlattenedTable
from celoss_cli.tables.views.long_form import LongFormTable
from celoss_cli.tables.views.predicted_class import PredictedClassTable
from celoss_cli.tables.views.renamed import RenamedTable
from celoss_cli.tables.views.shards import ShardedTable
from celoss_cli.tables.views.structured_table import StructuredTable

_EXAMPLES = 3

_VIEWS = (LongFormTable, PredictedClassTable, StructuredTable, RenamedTable)
"""Tables that present another one, which they have as ``table``."""


class TableFacts(NamedTuple):
    """How a table is stored. ``parts`` of the kind ``part``; ``dialect`` of a text file."""

    bytes: int | None
    parts: int | None
    part: str | None
    dialect: Dialect | None


class ColumnFacts(NamedTuple):
    """What a column holds: its range and nulls in the rows of ``range_of``, its values in those of ``distinct_of``."""

    low: float | None
    high: float | None
    nulls: int | None
    range_of: str | None
    distinct: int | None
    examples: tuple[str, ...]
    distinct_of: str | None


_NOTHING = ColumnFacts(None, None, None, None, None, (), None)


def table_facts(table: Table) -> TableFacts:
    """Return how a table is stored."""
    lines = _stored(table)
    if isinstance(lines, ShardedTable):
        first = table_facts(lines.shards[0])
        sizes = [_bytes(shard.path) for shard in lines.shards]
        known = sum(size for size in sizes if size is not None)
        return TableFacts(known or None, len(lines.shards), "shards", first.dialect)
    if isinstance(lines, ParquetTable):
        return TableFacts(_bytes(lines.path), lines.metadata.num_row_groups, "row groups", None)
    dialect = lines.dialect if isinstance(lines, CsvTable) else None
    return TableFacts(_bytes(table.path), None, None, dialect)


def _stored(table: Table) -> Table:
    """Return the table that is stored: flattened rows, structured cells and copies are other tables in disguise."""
    if isinstance(table, FlattenedTable):
        return _stored(table.lines)
    return _stored(table.table) if isinstance(table, _VIEWS) else table


def column_facts(table: Table, column: Column, rows: int | None) -> ColumnFacts:
    """Return what a column holds, by its statistics where the file has some, else by the first rows.

    ``rows`` is how many the table has, as far as that is known. Of cells that cannot be read nothing is told.
    """
    try:
        return _facts(table, column, rows)
    except (DataError, RaggedVector):
        return _NOTHING


def _facts(table: Table, column: Column, rows: int | None) -> ColumnFacts:
    head = table.head()
    whole = head.rows == rows
    looked_at = f"all {head.rows:,} rows" if whole else f"the first {head.rows:,} rows"
    if head.rows == 1:
        looked_at = "the only row" if whole else "the first row"
    if column.kind is Kind.VECTOR:
        return _of_numbers(np.asarray(head.matrix(column.name)), looked_at)
    if column.kind is Kind.NESTED:
        return _NOTHING
    texts = head.texts(column.name)
    values = list(dict.fromkeys(text for text in texts if text is not None))
    nulls = len(texts) - sum(text is not None for text in texts)
    if column.kind is not Kind.NUMBER:
        return ColumnFacts(None, None, nulls, looked_at, len(values), tuple(values[:_EXAMPLES]), looked_at)
    found = _statistics(table, column)
    if found is None:
        found = _of_numbers(np.asarray(head.numbers(column.name)), looked_at)
    return found._replace(distinct=len(values), distinct_of=looked_at)


def _of_numbers(values: Any, looked_at: str) -> ColumnFacts:
    numbers = values.astype(np.float64)
    known = numbers[~np.isnan(numbers)]
    low, high = (float(known.min()), float(known.max())) if known.size else (None, None)
    return ColumnFacts(low, high, int(numbers.size - known.size), looked_at, None, (), None)


def _statistics(table: Table, column: Column) -> ColumnFacts | None:
    """Return the range and the nulls of all rows from the footers of Parquet files, if they have them."""
    stored = _stored(table)
    tables: Sequence[Table] = stored.shards if isinstance(stored, ShardedTable) else (stored,)
    lows: list[float] = []
    highs: list[float] = []
    nulls = 0
    for part in tables:
        if not isinstance(part, ParquetTable) or "halffloat" in column.dtype:  # float16 comes as raw bytes
            return None
        schema = part.metadata.schema
        place = next((i for i in range(len(schema)) if schema.column(i).path == column.name), None)
        if place is None:
            return None
        for group in range(part.metadata.num_row_groups):
            found: Any = part.metadata.row_group(group).column(place).statistics
            if found is None or not found.has_min_max or found.null_count is None:
                return None
            lows.append(float(found.min))
            highs.append(float(found.max))
            nulls += found.null_count
    if not lows:
        return None
    return ColumnFacts(min(lows), max(highs), nulls, "all rows (statistics)", None, (), None)


def _bytes(path: str) -> int | None:
    try:
        return os.stat(path).st_size if os.path.isfile(path) else None  # noqa: PTH113, PTH116  only asked, never opened
    except (OSError, ValueError):
        return None
