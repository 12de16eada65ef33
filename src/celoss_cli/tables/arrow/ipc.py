"""Arrow IPC, as a file (Feather V2) or a stream: a partition for each record batch, parts of it, or of small ones."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.spec import Decision
from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.arrow.columns import of_record_batch, ready, sound_whole, vector_widths
from celoss_cli.tables.arrow.errors import reading
from celoss_cli.tables.arrow.types import columns_of
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.mapped import refuse_shorter
from celoss_cli.tables.source import HEAD_ROWS, Column, Need, Partition

PARTITION_ROWS = 1 << 18

BATCH_ROWS = 1 << 16

_LARGE = 1 << 27  # bytes of a record batch

_TOGETHER = 1 << 22  # bytes of record batches that are read as one: what a batch costs beside its rows is then little

FILE_MAGIC = b"ARROW1"

_END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"


@dataclass(frozen=True)
class ArrowTable:
    """One IPC file or stream. Implements ``Table``. ``rows`` are known of a file alone."""

    path: str
    size: int
    rows: int | None
    columns: tuple[Column, ...]
    format: str = "arrow"
    named: bool = True
    places: tuple[int, ...] = ()
    decisions: tuple[Decision, ...] = ()
    mapped: bool = False

    def head(self) -> Batch:
        """Return the first rows of all columns."""
        return self._first_rows

    @functools.cached_property
    def _first_rows(self) -> Batch:
        first: list[pa.RecordBatch] = []
        for batch, _ in _batches(self.path, mapped=self.mapped):
            first.append(batch.slice(0, HEAD_ROWS - sum(piece.num_rows for piece in first)))
            if sum(piece.num_rows for piece in first) == HEAD_ROWS:
                break
        with reading("Arrow", self.path):
            if len(first) == 1:
                return of_record_batch(first[0], "Arrow", self.path)
            rows = pa.Table.from_batches(first)
            columns = map(sound_whole, rows.columns)
            return ArrowBatch(dict(zip(rows.column_names, columns, strict=True)), rows.num_rows)

    @functools.cached_property
    def widths(self) -> Mapping[str, int]:
        """The length of the vectors of each column whose type leaves it open."""
        return vector_widths(self._first_rows, self.columns)

    def partitions(self) -> Iterator[Partition]:
        """Yield the rows of each record batch, small ones together.

        Lazy: a stream, or a compressed file, is read as far as one asks.
        """
        held: list[pa.RecordBatch] = []
        rows = room = share = 0
        for batch, size in _batches(self.path, mapped=self.mapped):
            more = batch.get_total_buffer_size()  # nbytes takes 20 µs, more than reading a small batch
            if held and (rows + batch.num_rows > BATCH_ROWS or room + more > _TOGETHER):
                yield ArrowPartition(self, held, share)
                held, rows, room, share = [], 0, 0, 0
            if batch.num_rows < BATCH_ROWS:
                held.append(batch)
                rows, room, share = rows + batch.num_rows, room + more, share + size
                continue
            for start in range(0, batch.num_rows, PARTITION_ROWS):
                some = min(PARTITION_ROWS, batch.num_rows - start)
                yield ArrowPartition(self, [batch.slice(start, some)], size * some // batch.num_rows)
        if held:
            yield ArrowPartition(self, held, share)

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: an Arrow file has no lines."""
        return None


class ArrowPartition:
    """A run of rows of one record batch, or of several that are small."""

    def __init__(self, table: ArrowTable, batches: list[pa.RecordBatch], size: int) -> None:
        self._table, self._held = table, pa.Table.from_batches(batches)
        self._rows = self._held.num_rows
        self.rows: int | None = self._rows
        self.size = size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in batches; dictionary columns and lists as the file has them."""
        widths = {name: width for name, width in self._table.widths.items() if name in needs}
        for start in range(0, self._rows, BATCH_ROWS):
            rows = min(BATCH_ROWS, self._rows - start)
            if self._table.mapped:
                refuse_shorter(self._table.path, self._table.size)
            with reading("Arrow", self._table.path):
                piece = ArrowBatch({name: self._column(name, start, rows) for name in needs}, rows)
            yield ready(piece, needs, widths, start, self._table.path)

    def _column(self, name: str, start: int, rows: int) -> Any:
        """Return some rows of a column. Raises ArrowInvalid."""
        column = self._held.column(self._held.schema.get_field_index(name))
        return sound_whole(column if rows == self._rows else column.slice(start, rows))


def open_arrow(path: str) -> ArrowTable:
    """Open an IPC file or stream. Raises UnreadableFile for one that is truncated, damaged or without rows."""
    large = False
    with reading("Arrow", path), pa.OSFile(path, "r") as source:
        if source.read(len(FILE_MAGIC)) == FILE_MAGIC:
            with pa.ipc.open_file(source) as reader:
                large = source.size() > _LARGE * max(1, reader.num_record_batches)
                count = getattr(reader, "count_rows", None)  # not in older versions of pyarrow
                schema, rows = reader.schema, None if count is None else count()
        else:
            source.seek(0)
            with pa.ipc.open_stream(source) as stream:
                schema, rows = stream.schema, None
            _check_ended(path, source)
        table = ArrowTable(path, source.size(), rows, columns_of(schema), mapped=large)
    if rows == 0 or next(_batches(path, mapped=large), None) is None:
        raise UnreadableFile(
            "the file has no rows", code="no_rows", where=Where(path), hint="check the step that writes this file"
        )
    return table


def _check_ended(path: str, source: Any) -> None:
    """Refuse a stream without its end: Arrow reads one that was cut off between two batches as if it were whole."""
    source.seek(max(0, source.size() - len(_END_OF_STREAM)))
    if source.read(len(_END_OF_STREAM)) != _END_OF_STREAM:
        raise UnreadableFile(
            "the Arrow stream does not end with its end mark",
            code="unreadable_arrow",
            where=Where(path),
            hint="it may be truncated: compare its size with the original, or write it again",
        )


def _batches(path: str, *, mapped: bool) -> Iterator[tuple[pa.RecordBatch, int]]:
    """Yield the record batches that have rows, each with its share of the file's size.

    They are read into memory one by one: to touch mapped memory of a file that somebody cuts short ends the process.
    Only of batches that are too large for that the file is ``mapped``, and its length looked at again and again.
    """
    with reading("Arrow", path), pa.memory_map(path) if mapped else pa.OSFile(path, "r") as source:
        if source.read(len(FILE_MAGIC)) == FILE_MAGIC:
            reader = pa.ipc.open_file(source)
            count = reader.num_record_batches
            for place in range(count):
                share = source.size() * (place + 1) // count - source.size() * place // count
                batch = reader.get_batch(place)
                if batch.num_rows:
                    yield batch, share
            return
        source.seek(0)
        position = 0
        for batch in pa.ipc.open_stream(source):
            if batch.num_rows:
                yield batch, source.tell() - position
                position = source.tell()
        check_alone(path, source)


def check_alone(path: str, source: Any) -> None:
    """Refuse what follows the end mark of a stream: of two that were put together Arrow reads the first alone."""
    if source.tell() < source.size():
        raise UnreadableFile(
            "the Arrow stream goes on behind its end mark, as several in one file do",
            code="unreadable_arrow",
            where=Where(path),
            hint="write each stream to a file of its own, and name the directory",
        )
