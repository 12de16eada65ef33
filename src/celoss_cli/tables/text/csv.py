"""Delimited text as a table: ranges of whole records, each parsed alone, by the compiled core or by pyarrow.

A plain UTF-8 file is read range by range; compressed and transcoded ones are streamed into the same ranges.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from celoss_cli.errors import DataError, UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Need
from celoss_cli.tables.text.byte_ranges import Cutter, EndlessRecord, cut_file, cut_stream, range_for
from celoss_cli.tables.text.cell_type import CellType, Unparsable, numeric
from celoss_cli.tables.text.cells import describe_columns
from celoss_cli.tables.text.csv_faults import first_fault, line_in, open_quote
from celoss_cli.tables.text.dialect import Sniffed, sniff
from celoss_cli.tables.text.plain import read_plain
from celoss_cli.tables.text.records import squeeze_blanks, unframed
from celoss_cli.tables.text.sample import endless, head_text, sample_of
from celoss_cli.tables.text.text_stream import (
    SUFFIX,
    UTF8_BOM,
    cannot_open,
    check_text,
    detect_encoding,
    mark_length,
    raw_chunks,
    utf8_chunks,
)
from celoss_cli.tuples import NamedTuple

_FEW = 8  # ranges that were not plain: the others are hardly worth a look


def open_csv(
    path: str, options: ReadOptions, *, compression: str | None = None, range_size: int | None = None
) -> CsvTable:
    """Open a delimited text file, reading only its first bytes. ``compression`` is None, ``gzip`` or ``zstd``.

    Raises UnreadableFile for what is no table of text (missing, empty, binary, without data rows, ragged in its
    first rows), UsageError for impossible options.
    """
    with closing(raw_chunks(path, compression)) as chunks:
        first, _ = next(chunks, (b"", 0))
    if not first:
        raise UnreadableFile(
            "is empty", code="empty_file", where=Where(path), hint="check the step that writes this file"
        )
    encoding = detect_encoding(first, options.encoding)
    sample, whole = sample_of(path, compression, encoding)
    check_text(sample, path)
    sniffed = sniff(sample, path, options, encoding, compression)
    table = CsvTable(path, sniffed, sample, Path(path).stat().st_size, range_size)
    table.sampled_whole = whole
    uneven = any(len(record.fields) != sniffed.dialect.width for record in sniffed.head)
    if uneven or open_quote(table.head_text, sniffed.dialect.delimiter.encode()) is not None:
        fault = first_fault(bytes(table.prepared(table.head_text)), sniffed.dialect, path, {})
        if fault is not None:
            raise table.placed(fault)
    return table


class CsvTable:
    """One delimited text file; implements ``Table``. ``dialect`` says how it is read."""

    def __init__(self, path: str, sniffed: Sniffed, sample: bytes, size: int, range_size: int | None) -> None:
        dialect = sniffed.dialect
        self.path = path
        self.places: tuple[int, ...] = ()
        self.format = "csv" + SUFFIX[dialect.compression]
        self.size = size
        self.named = dialect.header
        self.rows: int | None = None
        self.sampled_whole = False  # whether the first rows were looked for in all of the file
        self.decisions: tuple[Decision, ...] = sniffed.decisions
        self.dialect = dialect
        rows = [row.fields for row in sniffed.head]
        described = describe_columns(dialect.names, rows, dialect.decimal)
        self.columns: tuple[Column, ...] = tuple(
            column if column.name != sniffed.truth else column._replace(is_truth=True) for column in described
        )
        self.head_text = head_text(sample, dialect, sniffed.head)
        self._places = {name: i for i, name in enumerate(dialect.names)}
        delimiter = b" \t" if dialect.squeeze else dialect.delimiter.encode()
        self._refused = 0  # ranges that were not plain
        range_size = range_size or range_for(len(self.head_text) // len(sniffed.head))
        self._cutter = Cutter(range_size, dialect.newline, delimiter)

    def head(self) -> Batch:
        """Return the first rows as ``_first_rows`` parses them, once."""
        return self._first_rows

    @functools.cached_property
    def _first_rows(self) -> Batch:
        """The first rows, at most 1,000: integer columns as int64, other numbers as float64, the rest as text.

        Booleans are text here, so that as categories they keep the file's spelling.
        """
        forms = {"integer": CellType.INTEGER, "float": CellType.FLOAT}
        types = {i: forms.get(column.dtype, CellType.TEXT) for i, column in enumerate(self.columns)}
        data = self.prepared(self.head_text)
        plain = read_plain(data, self.dialect, types)
        if plain is not None:
            return plain
        from celoss_cli.tables.text.parse import read_records

        try:
            batch, _ = read_records(data, self.dialect, types)
        except Unparsable as error:
            raise self.placed(self.explained(data, types, error)) from None
        return batch

    def partitions(self) -> Iterator[CsvPartition]:
        """Yield the file's ranges. Lazy: a compressed or transcoded file is decoded as far as one asks."""
        for piece in self._ranges():
            yield CsvPartition(self, piece)

    @property
    def is_plain(self) -> bool:
        """Whether bytes of the file are its text, so that a range can be read without those before it."""
        return self.dialect.compression is None and self.dialect.encoding == "utf-8"

    def between(self, start: int, stop: int | None) -> Iterator[CsvPartition]:
        """Yield the ranges of a plain file from byte ``start``, where one begins (0: the first), to ``stop``."""
        for piece in self._plain_ranges(start):
            start += piece.size
            yield CsvPartition(self, piece)
            if stop is not None and start >= stop:
                return

    def beginning(self) -> tuple[bytes, bool]:
        """Return the text before the data, as UTF-8, and whether a UTF-8 mark stands before it."""
        with closing(utf8_chunks(self.path, self.dialect.compression, self.dialect.encoding)) as chunks:
            text = b""
            for chunk, _ in chunks:
                text += chunk
                if len(text) >= self.dialect.data_start:
                    break
        with closing(raw_chunks(self.path, self.dialect.compression)) as raw:
            first, _ = next(raw, (b"", 0))
        marked = self.dialect.encoding == "utf-8" and first.startswith(UTF8_BOM)
        return text[: self.dialect.data_start], marked

    def line_of(self, row: int) -> int | None:
        """Return the 1-based line on which data row ``row`` starts. Reads the file again up to that row."""
        from celoss_cli.tables.text.parse import count_rows

        line = self.dialect.header_lines
        for piece in self._ranges():
            data = bytes(piece.data)
            rows = count_rows(self.prepared(data), self.dialect)
            if row < rows:
                return line + line_in(self.prepared(data), self.dialect, row)
            row -= rows
            line += data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")
        return None

    def placed(self, fault: DataError) -> DataError:
        """Return an error about a row of the file with that row's line added."""
        if fault.where is None or fault.where.row is None:
            return fault
        where = fault.where._replace(line=self.line_of(fault.where.row))
        return type(fault)(fault.message, code=fault.code, where=where, hint=fault.hint)

    def read(self, data: bytes | memoryview, needs: Mapping[str, Need], *, last: bool) -> Batch:
        """Parse one range of records, only the columns of ``needs``. ``last``: the file ends with it.

        Raises UnreadableFile or InvalidScores with the row counted from the range's start.
        """
        text = self.prepared(data)
        types = {self._places[name]: self._type(name, need) for name, need in needs.items()}
        usual = types | {self._places[name]: CellType.INTEGER for name in needs if self._has_whole_labels(name, needs)}
        plain = self._read_plainly(text, usual)
        if plain is not None:
            return plain
        from celoss_cli.tables.text.parse import read_records

        text = bytes(text)
        try:
            batch, behind = self._read_quickly(text, usual) or read_records(text, self.dialect, types)
        except Unparsable as error:
            raise self.explained(text, types, error) from None
        if behind or (last and open_quote(text, self.dialect.delimiter.encode()) is not None):
            fault = first_fault(text, self.dialect, self.path, numeric(types))
            if fault is not None:
                raise fault
        return batch

    def _read_plainly(self, text: bytes | memoryview, types: Mapping[int, CellType]) -> Batch | None:
        """Parse records by the compiled core: ``None`` if one is not plain, or was in each of the first ranges."""
        if self._refused >= _FEW:
            return None
        batch = read_plain(text, self.dialect, types)
        self._refused += batch is None
        return batch

    def _read_quickly(self, text: bytes, types: Mapping[int, CellType]) -> tuple[Batch, bool] | None:
        """Parse records as nearly all are: no marker for a missing value but the empty cell, labels of whole numbers.

        That saves a sixth of the time. ``None`` where a cell is neither: whatever it is, the general way finds out.
        """
        from celoss_cli.tables.text.parse import read_records

        try:
            return read_records(text, self.dialect, types, missing=("",))
        except Unparsable:
            return None

    def _has_whole_labels(self, name: str, needs: Mapping[str, Need]) -> bool:
        return needs[name] is Need.LABEL and self.columns[self._places[name]].dtype == "integer"

    def explained(self, data: bytes | memoryview, types: Mapping[int, CellType], error: Unparsable) -> DataError:
        """Return the error that names the place at which pyarrow gave up, in our words where we can find it."""
        fault = first_fault(bytes(data), self.dialect, self.path, numeric(types))
        if fault is not None:
            return fault
        return UnreadableFile(
            f"cannot be parsed: {str(error)[:200]}",
            code="unparsable",
            where=Where(self.path),
            hint="check --delimiter and --encoding",
        )

    def prepared(self, data: bytes | memoryview) -> bytes | memoryview:
        """Return the records as the parser takes them: runs of blanks as one where those are the delimiter, Markdown
        without its frame."""
        if self.dialect.framed:
            return unframed(bytes(data))
        return squeeze_blanks(bytes(data)) if self.dialect.squeeze else data

    def _type(self, name: str, need: Need) -> CellType:
        if need is Need.NUMBER:
            boolean = self.columns[self._places[name]].kind is Kind.BOOLEAN
            return CellType.BOOLEAN if boolean else CellType.FLOAT
        return CellType.TEXT if need is Need.KEY else CellType.NAME

    def _ranges(self) -> Iterator[_Range]:
        try:
            yield from self._plain_ranges() if self.is_plain else self._streamed_ranges()
        except EndlessRecord:
            raise endless(self.path) from None

    def _plain_ranges(self, start: int = 0) -> Iterator[_Range]:
        counted = start
        try:
            with Path(self.path).open("rb") as file:
                first = start or self.dialect.data_start + mark_length(file)
                for data, end, last in cut_file(file, first, self._cutter):
                    yield _Range(data, end - counted, last)
                    counted = end
        except OSError as error:
            raise cannot_open(self.path, error) from None

    def _streamed_ranges(self) -> Iterator[_Range]:
        position = 0
        skip = self.dialect.data_start

        def text() -> Iterator[bytes]:
            nonlocal position, skip
            with closing(utf8_chunks(self.path, self.dialect.compression, self.dialect.encoding)) as chunks:
                for chunk, position in chunks:  # noqa: B007 -- read by the loop below
                    yield chunk[skip:]
                    skip = max(0, skip - len(chunk))

        counted = 0
        for data, last in cut_stream(text(), self._cutter):
            read = self.size if last else position
            yield _Range(data, read - counted, last)
            counted = read


class _Range(NamedTuple):
    """Whole records of UTF-8 text, their share of the file's size, and whether it ends with them."""

    data: bytes | memoryview
    size: int
    last: bool


class CsvPartition:
    """One range of a text table; implements ``Partition``. ``rows`` is not known before it is parsed."""

    def __init__(self, table: CsvTable, piece: _Range) -> None:
        self.rows: int | None = None
        self.size = piece.size
        self._table = table
        self._piece = piece

    @property
    def text(self) -> bytes:
        """The records of the range, as the parser takes them."""
        return bytes(self._table.prepared(self._piece.data))

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the range's rows as one batch. Raises UnreadableFile or InvalidScores, rows counted from here."""
        yield self._table.read(self._piece.data, needs, last=self._piece.last)
