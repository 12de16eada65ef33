"""JSON Lines, and JSON arrays as if they were: a partition for each range of whole records.

pyarrow parses a range, with the types declared that the first records suggest. Where it gives up, Python's json reads
the same range again: it knows more (lists of mixed things, numbers beyond a double), and says which line is bad.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.json

from celoss_cli.errors import InvalidScores, UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision
from celoss_cli.tables.arrow.batch import ArrowBatch, one_piece
from celoss_cli.tables.arrow.build import Misfit
from celoss_cli.tables.arrow.columns import ready, vector_widths
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.json.array import array_as_lines
from celoss_cli.tables.json.records import JsonColumn, decoded, describe
from celoss_cli.tables.json.rewriting import rewriting_of
from celoss_cli.tables.json.rewritten import Rewriting
from celoss_cli.tables.source import HEAD_ROWS, Column, Kind, Need
from celoss_cli.tables.text.byte_ranges import LONGEST_RECORD, Cutter, EndlessRecord, cut_file, range_for
from celoss_cli.tables.text.dialect import encoding_decision
from celoss_cli.tables.text.text_stream import SUFFIX, cannot_open, mark_length, refuse_nul, utf8_chunks
from celoss_cli.tables.views.shards import placed

SAMPLE_SIZE = 256 << 10

UNNAMED = "values"
"""What the one column is called where records are no objects: as in a .npy file."""


def open_json_lines(
    path: str,
    options: ReadOptions,
    *,
    compression: str | None,
    encoding: str,
    array: bool,
    range_size: int | None = None,
) -> JsonLinesTable:
    """Open JSON Lines, or with ``array`` one JSON array, reading only the first records.

    Raises UnreadableFile where there are no records, or the first ones are no JSON or neither all objects nor none.
    """
    return JsonLinesTable(path, options, compression, encoding, array=array, range_size=range_size)


class Written(NamedTuple):
    """How records are written in a file."""

    encoding: str
    compression: str | None
    array: bool
    one_row_each: bool


class JsonLinesTable:
    """One file of records; implements ``Table``."""

    def __init__(
        self,
        path: str,
        options: ReadOptions,
        compression: str | None,
        encoding: str,
        *,
        array: bool,
        range_size: int | None,
    ) -> None:
        self.path = path
        self.places: tuple[int, ...] = ()
        self._is_plain = compression is None and encoding == "utf-8" and not array  # then its bytes are the lines
        self.format = ("json" if array else "jsonl") + SUFFIX[compression]
        self.size = Path(path).stat().st_size
        self.rows: int | None = None
        self._compression, self._encoding, self._array = compression, encoding, array
        decision = encoding_decision(encoding, options)
        self.decisions: tuple[Decision, ...] = () if decision is None else (decision,)
        lines, self.sampled_whole = self._sample()
        self._range_size = range_size or range_for(len(lines[0]) if lines else 0)
        self.named = not lines or lines[0].lstrip()[:1] == b"{"
        self._rewriting: Rewriting | None = None
        try:
            self._head = self._records(lines)
            self._rewriting = rewriting_of(self._head, options, path) if self.named else None
            if self._rewriting is not None:
                self._head = self._records(lines)
        except UnreadableFile as fault:
            raise placed(fault, self, 0) from None
        if not self._head:
            raise UnreadableFile(
                "there is no record in it", code="no_rows", where=Where(path), hint="check the step that writes it"
            )
        self.sequences_of = None if self._rewriting is None else self._rewriting.of
        self._columns: dict[str, JsonColumn] = describe(self._head)
        self.columns: tuple[Column, ...] = tuple(column.column for column in self._columns.values())

    def head(self) -> Batch:
        """Return the first rows of all columns, whole numbers as int64."""
        return self._first_rows

    @property
    def laid_out(self) -> Written:
        """How the records stand in the file."""
        return Written(self._encoding, self._compression, array=self._array, one_row_each=self._rewriting is None)

    @functools.cached_property
    def _first_rows(self) -> Batch:
        arrays = {name: column.array([row.get(name) for row in self._head]) for name, column in self._columns.items()}
        return ArrowBatch(arrays, len(self._head))

    @functools.cached_property
    def widths(self) -> Mapping[str, int]:
        """The length of the vectors of each column."""
        return vector_widths(self._first_rows, self.columns)

    def partitions(self) -> Iterator[JsonPartition]:
        """Yield the file's ranges. Lazy: the file is read and decoded as far as one asks."""
        for data, size in self._ranges():
            yield JsonPartition(self, data, size)

    def line_of(self, row: int) -> int | None:
        """Return the 1-based line on which record ``row`` starts. Reads the file again up to there.

        ``None`` where a record may be several rows.
        """
        if self._rewriting is not None:
            return None
        line = 1
        for data, _ in self._ranges():
            for record in _split(data):
                text = record.strip()
                if text or self._array:
                    if row == 0:
                        return line + record[: len(record) - len(record.lstrip())].count(b"\r") * self._array
                    row -= 1
                line += record.count(b"\r") if self._array else 1
        return None

    def read(self, data: bytes, needs: Mapping[str, Need]) -> Batch:
        """Parse one range of records, only the columns of ``needs``.

        Raises UnreadableFile or InvalidScores with the row counted from the range's start.
        """
        widths = self.widths if any(self._columns[name].column.kind is Kind.VECTOR for name in needs) else {}
        arrays, rows = self._parsed(data, needs) or self._decoded(data, needs)
        for place, need in enumerate(needs.values()):
            if need is Need.KEY and pa.types.is_int64(arrays[place].type):
                arrays[place] = arrays[place].cast(pa.string())  # in another range they may be text
        return ready(ArrowBatch(dict(zip(needs, arrays, strict=True)), rows), needs, widths, 0, self.path)

    def _parsed(self, data: bytes, needs: Mapping[str, Need]) -> tuple[list[Any], int] | None:
        """Return the columns as pyarrow reads them, or ``None`` where it does not, or not as one record a line."""
        if self._rewriting is not None:
            return None
        fields: list[pa.Field[Any]] = []
        for name, need in needs.items():
            kind = self._columns[name].parsed_as(need)
            if kind is None:
                return None
            fields.append(pa.field(name, kind))
        if not _is_utf8(data):
            return None
        text = data if self.named else b"".join(b'{"%s":%s}\n' % (UNNAMED.encode(), line) for line in _split(data))
        source: Any = pa.BufferReader(text)  # pyarrow-stubs know only paths and Python files
        try:
            table = pyarrow.json.read_json(
                source,
                read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1),
                parse_options=pyarrow.json.ParseOptions(
                    explicit_schema=pa.schema(fields),
                    unexpected_field_behavior="ignore",
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
        rows = data.count(b"\n") + (not data.endswith(b"\n"))
        if not self._array and rows != table.num_rows:
            rows = sum(1 for line in _split(data) if line.strip())
        if table.num_rows != rows:
            return None
        return [one_piece(column) for column in table.columns], rows

    def _decoded(self, data: bytes, needs: Mapping[str, Need]) -> tuple[list[Any], int]:
        """Return the columns as Python's json reads them. Raises what is wrong with the first bad record."""
        records = self._records(_split(data))
        arrays: list[Any] = []
        for name, need in needs.items():
            values = [record.get(name) for record in records]
            try:
                arrays.append(self._columns[name].array(values, need))
            except Misfit as odd:
                raise InvalidScores(
                    odd.message,
                    code="not_a_number",
                    where=Where(self.path, row=odd.index, column=None if not self.named else name),
                    hint="if this is no score column, name those that are with --pred",
                ) from None
        return arrays, len(records)

    def first_records(self) -> list[dict[str, Any]]:
        """Return the first records as Python reads them."""
        return self._head

    def all_records(self) -> Iterator[dict[str, Any]]:
        """Yield every record as Python reads it. Raises UnreadableFile, with the row of the record."""
        row = 0
        for data, _ in self._ranges():
            try:
                records = self._records(_split(data))
            except UnreadableFile as fault:
                raise placed(fault, self, row) from None
            yield from records
            row += len(records)

    def _records(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """Return the records of lines, blank ones skipped. Raises UnreadableFile, the row counted from the first."""
        records: list[dict[str, Any]] = []
        for line in lines:
            if not line.strip() and not self._array:
                continue
            value = decoded(line, Where(self.path, row=len(records)))
            if isinstance(value, dict) is not self.named:
                raise UnreadableFile(
                    f"a record is {'not ' if self.named else ''}an object, unlike the first",
                    code="mixed_records",
                    where=Where(self.path, row=len(records)),
                    hint="every record has to have the same form",
                )
            records.append(value if self.named else {UNNAMED: value})
        if self._rewriting is None:
            return records
        places = (Where(self.path, row=row) for row in range(len(records)))
        rows = [self._rewriting.rows(record, place) for record, place in zip(records, places, strict=True)]
        return [row for made in rows for row in made]

    def _sample(self) -> tuple[list[bytes], bool]:
        """Return the first records, at most HEAD_ROWS: about SAMPLE_SIZE bytes of them, and three at least.

        And whether these are all.
        """
        lines: list[bytes] = []
        ranges = self._ranges(SAMPLE_SIZE)
        for data, _ in ranges:
            if not lines:
                refuse_nul(data, self.path)
            lines += [line for line in _split(data) if line.strip() or self._array]
            if len(lines) >= 3:
                break
        return lines[:HEAD_ROWS], len(lines) <= HEAD_ROWS and next(ranges, None) is None

    def _ranges(self, wanted: int | None = None) -> Iterator[tuple[bytes, int]]:
        """Yield whole records, each range with its share of the file's size."""
        wanted = wanted or self._range_size
        return self._plain_ranges(wanted) if self._is_plain else self._streamed_ranges(wanted)

    def _plain_ranges(self, wanted: int) -> Iterator[tuple[bytes, int]]:
        try:
            with Path(self.path).open("rb") as file:
                for data, _, _ in cut_file(file, mark_length(file), Cutter(wanted, b"\n", b"", quotes=False)):
                    text = bytes(data)
                    if text.lstrip():
                        yield text, len(text)
        except EndlessRecord:
            raise _endless(self.path) from None
        except OSError as error:
            raise cannot_open(self.path, error) from None

    def _streamed_ranges(self, wanted: int) -> Iterator[tuple[bytes, int]]:
        pending = bytearray()
        counted = position = 0
        with closing(utf8_chunks(self.path, self._compression, self._encoding)) as chunks:
            text = array_as_lines(chunks, self.path) if self._array else chunks
            for chunk, position in text:
                pending += chunk
                while len(pending) >= wanted and (
                    end := pending.rfind(b"\n", 0, wanted) + 1 or pending.find(b"\n") + 1
                ):
                    data = bytes(pending[:end])
                    del pending[:end]
                    if data.strip():
                        yield data, position - counted
                        counted = position
                if len(pending) > LONGEST_RECORD:
                    raise _endless(self.path)
        if pending.strip() or (self._array and pending and counted):  # nothing after a comma is a bad record
            yield bytes(pending), self.size - counted


class JsonPartition:
    """One range of records; implements ``Partition``. ``rows`` is not known before it is parsed."""

    def __init__(self, table: JsonLinesTable, data: bytes, size: int) -> None:
        self.rows: int | None = None
        self.size = size
        self._table = table
        self.text = data

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the range's rows as one batch. Raises UnreadableFile or InvalidScores, rows counted from here."""
        yield self._table.read(self.text, needs)


def _endless(path: str) -> UnreadableFile:
    return UnreadableFile(
        "a record goes on for more than 256 MiB",
        code="endless_record",
        where=Where(path),
        hint="JSON Lines has one record a line",
    )


def _split(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
