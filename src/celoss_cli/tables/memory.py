"""Tables in memory: what a Python object holds, whatever library made it. Nothing is copied twice."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.spec import Decision
from celoss_cli.tables.arrow.batch import ArrowBatch, one_piece
from celoss_cli.tables.arrow.columns import of_record_batch, ready, vector_widths
from celoss_cli.tables.arrow.types import columns_of, plain
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.sequences_of import SequencesOf
from celoss_cli.tables.source import HEAD_ROWS, Column, Need, Partition
from celoss_cli.tables.text.cells import DIGITS_SAMPLE, printed_digits

_LEAST, _MOST = 1 << 18, 1 << 20  # rows of a partition: each leaves a state behind, and all threads want some

_PARTITIONS = 16


@dataclass(frozen=True, eq=False)
class MemoryTable:
    """An Arrow table in memory. Implements ``Table``."""

    path: str
    data: pa.Table
    columns: tuple[Column, ...]
    named: bool
    format: str = "memory"
    places: tuple[int, ...] = ()
    decisions: tuple[Decision, ...] = ()
    sequences_of: SequencesOf | None = None

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.data.num_rows

    @property
    def size(self) -> int:
        """The number of rows: what progress counts in."""
        return self.data.num_rows

    def head(self) -> Batch:
        """Return the first rows of all columns."""
        return self._first_rows

    @functools.cached_property
    def _first_rows(self) -> Batch:
        return _batch(self.data.slice(0, HEAD_ROWS))

    def partitions(self) -> Iterator[Partition]:
        """Yield slices of rows."""
        widths = vector_widths(self.head(), self.columns)
        step = max(_LEAST, min(_MOST, self.rows // _PARTITIONS))
        for start in range(0, self.rows, step):
            yield MemoryPartition(self.data.slice(start, step), widths, self.path)

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: there are no lines in memory."""
        return None


class MemoryPartition:
    """A slice of rows; ``widths`` has the length of the vectors of columns whose type leaves it open."""

    def __init__(self, data: pa.Table, widths: Mapping[str, int], path: str) -> None:
        self._data = data
        self._widths = widths
        self._path = path
        self.rows: int | None = data.num_rows
        self.size = data.num_rows

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows, as one batch for each chunk of the table."""
        first = 0
        for batch in self._data.select(list(needs)).to_batches():
            yield ready(of_record_batch(batch, "Arrow", self._path), needs, self._widths, first, self._path)
            first += batch.num_rows


def memory_table(
    path: str, form: str, data: pa.Table, *, named: bool, decisions: tuple[Decision, ...] = ()
) -> MemoryTable:
    """Return Arrow data as a table; ``path`` is what messages call it. Raises UnreadableFile where it has no rows."""
    if data.num_rows == 0:
        raise UnreadableFile(
            "there are no rows", code="no_rows", where=Where(path), hint=f"pass the {path} of at least one sample"
        )
    columns = columns_of(data.schema)
    return MemoryTable(path, data, columns, named, form, decisions=decisions)


def with_digits(table: MemoryTable) -> MemoryTable:
    """Return a table of numbers that were printed, or typed, with how many digits these have at most."""
    columns = []
    for column in table.columns:
        if column.dtype == "float64":
            cells = table.data.column(column.name).slice(0, DIGITS_SAMPLE).to_pylist()
            column = column._replace(digits=printed_digits([repr(cell) for cell in cells if cell is not None]))
        columns.append(column)
    return replace(table, columns=tuple(columns))


def _batch(data: pa.Table) -> Batch:
    columns = (plain(one_piece(column)) for column in data.columns)
    return ArrowBatch(dict(zip(data.column_names, columns, strict=True)), data.num_rows)
