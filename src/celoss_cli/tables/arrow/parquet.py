"""Parquet files: one partition per row group, or per run of small ones, read without buffering the whole of it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.spec import Decision
from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.arrow.columns import joined, of_record_batch, ready, vector_widths
from celoss_cli.tables.arrow.errors import reading
from celoss_cli.tables.arrow.types import columns_of
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import HEAD_ROWS, Column, Kind, Need
from celoss_cli.tuples import NamedTuple

BATCH_ROWS = 3 << 15  # a power of two would put all columns on the same lines of the cache: a twentieth slower

_BATCH_CELLS = 1 << 20

_LIST_CELLS = 1 << 19  # what is decoded stays in the cache until it is looked at, and its memory is used again

_FEWEST_ROWS = 256

_COLUMNS_AT_ONCE = 1000  # of a single batch: the reader of a column holds several times what it reads

_COLUMNS_OF_A_PART = 128  # of a local file, of which small parts are read in less time; far away each is a request

_ROWS_OF_MANY = 1 << 11  # columns: what each of them costs should be shared by so many rows

_CELLS_OF_MANY = 1 << 24

_ROWS_TOGETHER = 1 << 16  # of row groups that are read as one: to open a file takes as long as to score 10,000 rows

_BUFFER = 1 << 18  # bytes of a column read at a time: less memory than its whole chunk, and a fifth faster

_BUFFERS = 1 << 26  # bytes of all columns

_SMALL = 1 << 22  # bytes of a file whose chunks are read whole: a buffer is as large as a damaged page says it is


@dataclass(frozen=True)
class ParquetTable:
    """One Parquet file. ``metadata`` is shared by all its readers; ``source`` opens it if ``path`` is no local one."""

    path: str
    metadata: pq.FileMetaData
    columns: tuple[Column, ...]
    format: str = "parquet"
    named: bool = True
    places: tuple[int, ...] = ()
    decisions: tuple[Decision, ...] = ()
    source: Callable[[], Any] | None = None

    @property
    def rows(self) -> int:
        """The number of rows, from the footer."""
        return self.metadata.num_rows

    @property
    def size(self) -> int:
        """The number of rows: what progress counts in."""
        return self.metadata.num_rows

    @functools.cached_property
    def _first_rows(self) -> Batch:
        names = [column.name for column in self.columns]
        first = _first_batch(self, None, names, HEAD_ROWS) if len(names) > _COLUMNS_AT_ONCE else None
        first = first or next(_read(self, None, None, HEAD_ROWS), None)
        if first is None:  # it would not have been opened if the footer had none
            raise UnreadableFile(
                f"the footer says that there are {self.rows:,} rows, and there are none",
                code="unreadable_parquet",
                where=Where(self.path),
                hint="the file is damaged: write it again",
            )
        return first

    @functools.cached_property
    def widths(self) -> Mapping[str, int]:
        """The length of the vectors of each column whose type leaves it open."""
        return vector_widths(self._first_rows, self.columns)

    @functools.cached_property
    def with_dictionaries(self) -> tuple[str, ...]:
        """The columns of text that Arrow can read as dictionaries: it cannot where they are in a DELTA encoding."""
        texts = [column.name for column in self.columns if column.kind is Kind.TEXT]
        return tuple(name for name in texts if not self._is_delta_encoded(name))

    def _is_delta_encoded(self, name: str) -> bool:
        chunks = list(self.chunks_of(name))
        return not chunks or any("DELTA" in code for chunk in chunks for code in chunk.encodings)

    def chunks_of(self, name: str) -> Iterator[pq.ColumnChunkMetaData]:
        """Yield what the footer says of a column, one row group after the other: of one that is not there, nothing.

        Raises UnreadableFile where a row group has another type than the schema: Arrow would end the process if asked
        for the statistics of that.
        """
        schema = self.metadata.schema
        place = next((i for i in range(len(schema)) if schema.column(i).path == name), None)
        if place is None:
            return
        wanted = schema.column(place).physical_type
        for group in range(self.metadata.num_row_groups):
            chunk = self.metadata.row_group(group).column(place)
            if chunk.physical_type != wanted:
                raise UnreadableFile(
                    f"its schema says {wanted}, and row group {group} {chunk.physical_type}",
                    code="unreadable_parquet",
                    where=Where(self.path, column=name),
                    hint="the file is damaged: compare its size with the original, or write it again",
                )
            yield chunk

    def head(self) -> Batch:
        """Return the first rows of all columns."""
        return self._first_rows

    def partitions(self) -> Iterator[RowGroups]:
        """Yield the row groups that have rows; small ones that follow each other as one."""
        first = held = 0
        for group in range(self.metadata.num_row_groups):
            rows = self.metadata.row_group(group).num_rows
            if held and held + rows > _ROWS_TOGETHER:
                yield RowGroups(self, range(first, group), held)
                first, held = group, 0
            held += rows
        if held:
            yield RowGroups(self, range(first, self.metadata.num_row_groups), held)

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: a Parquet file has no lines."""
        return None


class RowGroups(NamedTuple):
    """Row groups that follow each other, opened anew by whoever reads them: readers are not shared among threads."""

    table: ParquetTable
    groups: range
    rows: int

    @property
    def size(self) -> int:
        """The number of rows: what progress counts in."""
        return self.rows

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in batches; dictionary columns and lists as the file has them."""
        widths = self.table.widths if any(column.kind is Kind.VECTOR for column in self.table.columns) else {}
        first = 0
        keys = frozenset(name for name, need in needs.items() if need is Need.KEY)
        for batch in self._together(list(needs), _batch_rows(widths, needs), keys):
            yield ready(batch, needs, widths, first, self.table.path)
            first += batch.rows

    def _together(self, names: list[str], rows: int, keys: frozenset[str]) -> Iterator[Batch]:
        """Yield batches of at most so many rows. Arrow ends one where a row group has another dictionary of labels."""
        batches = self._read(names, rows, keys)
        if len(self.groups) == 1:
            yield from batches
            return
        held: list[Batch] = []
        count = 0
        for batch in batches:
            if held and count + batch.rows > rows:
                yield self._joined(held, names)
                held, count = [], 0
            held.append(batch)
            count += batch.rows
        if held:
            yield self._joined(held, names)

    def _joined(self, batches: list[Batch], names: list[str]) -> Batch:
        if len(batches) == 1:
            return batches[0]
        with reading("Parquet", self.table.path):
            columns = {name: joined([batch.column(name) for batch in batches]) for name in names}
        return ArrowBatch(columns, sum(batch.rows for batch in batches))

    def _read(self, names: list[str], rows: int, keys: frozenset[str]) -> Iterator[Batch]:
        if len(names) > _COLUMNS_AT_ONCE and self.rows <= rows:
            whole = _first_batch(self.table, self.groups, names, rows, keys)
            if whole is not None and whole.rows == self.rows:
                yield whole
                return
        yield from _read(self.table, self.groups, names, rows, keys)


def _batch_rows(widths: Mapping[str, int], needs: Mapping[str, Need]) -> int:
    """Return how many rows to read at a time: about a million cells, for a batch is held whole; fewer of lists."""
    cells = sum(widths.get(name, 1) for name in needs)
    lists = Need.LIST in needs.values() or any(name in widths for name in needs)
    most = _LIST_CELLS if lists else _BATCH_CELLS
    least = _FEWEST_ROWS
    if len(needs) > _COLUMNS_AT_ONCE:
        least = max(least, min(_ROWS_OF_MANY, _CELLS_OF_MANY // cells))
    return max(least, min(BATCH_ROWS, most // max(1, cells)))


def open_parquet(path: str, source: Callable[[], Any] | None = None) -> ParquetTable:
    """Open a Parquet file by its footer. Raises UnreadableFile where there is none, or no rows.

    ``source`` opens the file anew each time where ``path`` is only what it is called.
    """
    # pre_buffer reads whole row groups ahead: five times the memory, and slower on local files.
    with (
        reading("Parquet", path),
        pq.ParquetFile(path if source is None else source(), pre_buffer=False) as file,
    ):
        metadata, columns = file.metadata, columns_of(file.schema_arrow)
    if metadata.num_rows == 0:
        raise UnreadableFile(
            "the file has no rows", code="no_rows", where=Where(path), hint="check the step that writes this file"
        )
    return ParquetTable(path, metadata, columns, source=source)


def _first_batch(
    table: ParquetTable, groups: range | None, names: list[str], rows: int, keys: frozenset[str] = frozenset()
) -> Batch | None:
    """Return the first batch of many columns, read a part of them at a time; ``None`` where parts differ in length."""
    columns: dict[str, Any] = {}
    lengths = set()
    with _opened(table, keys) as file:  # once: that takes the longer, the more columns a file has
        step = _COLUMNS_AT_ONCE if table.source is not None else _COLUMNS_OF_A_PART
        for start in range(0, len(names), step):
            part = names[start : start + step]
            for batch in itertools.islice(_batches(file, table, groups, part, rows), 1):
                columns |= {name: batch.column(name) for name in part}
                lengths.add(batch.rows)
    pa.default_memory_pool().release_unused()  # what the readers took is as much again
    return ArrowBatch(columns, lengths.pop()) if len(columns) == len(names) and len(lengths) == 1 else None


def _read(
    table: ParquetTable,
    groups: range | None,
    columns: list[str] | None,
    rows: int,
    keys: frozenset[str] = frozenset(),
) -> Iterator[Batch]:
    with _opened(table, keys) as file:
        yield from _batches(file, table, groups, columns, rows)


@contextmanager
def _opened(table: ParquetTable, keys: frozenset[str]) -> Iterator[pq.ParquetFile]:
    # Text is read as the dictionary that the file holds anyway: labels become codes without looking at each cell.
    # Ids are all different: a dictionary of them takes ten times as long as they do.
    texts = [name for name in table.with_dictionaries if name not in keys]
    with reading("Parquet", table.path):
        source: Any = table.path if table.source is None else table.source()
        ahead = table.source is not None  # far away, a few large requests are faster than one a page
        whole = ahead or Path(table.path).stat().st_size <= _SMALL
        buffer = 0 if whole else min(_BUFFER, max(1 << 12, _BUFFERS // len(table.columns)))
        with pq.ParquetFile(
            source, metadata=table.metadata, pre_buffer=ahead, buffer_size=buffer, read_dictionary=texts
        ) as file:
            yield file


def _batches(
    file: pq.ParquetFile, table: ParquetTable, groups: range | None, columns: list[str] | None, rows: int
) -> Iterator[Batch]:
    chosen = None if groups is None else list(groups)
    for batch in file.iter_batches(rows, row_groups=chosen, columns=columns, use_threads=False):
        yield of_record_batch(batch, "Parquet", table.path)
