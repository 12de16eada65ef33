"""Finds the first record and cell, in file order, that the parser stumbled over.

pyarrow says that a range is bad, but not dependably where: it converts column by column and counts rows by block.
This reads the one bad range again, slowly, and names the place. Rows are counted from the range's start.
"""

from __future__ import annotations

from collections.abc import Mapping

from celoss_cli.errors import DataError, InvalidScores, UnreadableFile, Where
from celoss_cli.tables.source import Kind
from celoss_cli.tables.text.byte_ranges import quoted_cell
from celoss_cli.tables.text.cells import FALSE, MISSING, TRUE, is_number, shortened
from celoss_cli.tables.text.dialect import Dialect
from celoss_cli.tables.text.header import header_again
from celoss_cli.tables.text.records import Record, records

_READ = 240  # bytes: what a message shows of a cell is shorter


def first_fault(data: bytes, dialect: Dialect, path: str, numeric: Mapping[int, Kind]) -> DataError | None:
    """Return the error for the first fault in a range of records, or ``None`` if all is as it should be.

    ``numeric`` has the positions of the columns that are read as numbers, each NUMBER or BOOLEAN by its head.
    """
    limit, what = _unusable_from(data, dialect)
    usable = data if what is None else data[: data.rfind(dialect.newline, 0, limit) + 1]
    rows = 0
    for record in records(usable, dialect.delimiter):
        fault = _record_fault(record, rows, dialect, path, numeric)
        if fault is not None:
            return fault
        rows += 1
    if what is None:
        return None
    code, message, hint = what
    return UnreadableFile(message, code=code, where=Where(path, row=rows), hint=hint)


def open_quote(data: bytes, delimiter: bytes) -> int | None:
    """Return the byte at which a quoted cell begins that the data never close, or ``None``.

    ``delimiter`` may be several bytes: each is one then.
    """
    if b'"' not in data:
        return None
    last = None
    for last in quoted_cell(delimiter).finditer(data):  # noqa: B007 -- only the last can be open
        pass
    return last.start() if last is not None and not last[1] else None


def line_in(data: bytes | memoryview, dialect: Dialect, row: int) -> int:
    """Return the line, counted from 1 at the start of ``data``, on which its record ``row`` starts."""
    text = bytes(data)
    opened = open_quote(text, dialect.delimiter.encode())
    if opened is not None:
        text = text[: opened + 1]  # a cell that never ends may be the rest of a large file: its quote is enough
    for index, record in enumerate(records(text, dialect.delimiter)):
        if index == row:
            return record.line
    raise AssertionError(f"row {row} was counted, but is not there")


def _unusable_from(data: bytes, dialect: Dialect) -> tuple[int, tuple[str, str, str] | None]:
    """Return where the data stop being readable text, with code, message and hint; ``None`` if they never do."""
    opened = open_quote(data, dialect.delimiter.encode())
    stop = len(data) if opened is None else opened
    try:
        data[:stop].decode()
    except UnicodeDecodeError as error:
        message = f"byte 0x{data[error.start]:02x} is not valid UTF-8"
        return error.start, ("invalid_bytes", message, "name the file's encoding with --encoding")
    if opened is None:
        return stop, None
    shown = shortened(data[opened : opened + _READ].decode("utf-8", "replace"))
    message = f"a quoted cell is never closed: {shown}"
    return opened, ("unclosed_quote", message, "close the quote; the file may also have been cut off")


def _record_fault(
    record: Record, row: int, dialect: Dialect, path: str, numeric: Mapping[int, Kind]
) -> DataError | None:
    fields = record.fields
    if len(fields) != dialect.width or (dialect.trailing_delimiter and fields[-1]):
        return UnreadableFile(
            f"expected {len(dialect.names)} fields, got {len(fields)}: {shortened(dialect.delimiter.join(fields))}",
            code="ragged_row",
            where=Where(path, row=row),
            hint="correct the row; if the delimiter was taken wrong, pass --delimiter",
        )
    for index, kind in numeric.items():
        cell = fields[index]
        if cell in MISSING or _is_readable(cell, kind, dialect.decimal):
            continue
        if len(fields) >= len(dialect.names) > 1 and all(a == b for a, b in zip(fields, dialect.names, strict=False)):
            return header_again(path, row)
        wanted = "true or false" if kind is Kind.BOOLEAN else "a number"
        from celoss_cli.tables.text.odd_characters import odd_number

        odd = odd_number(cell, dialect.decimal)
        return InvalidScores(
            f"{shortened(cell)!r} is not {wanted}{'' if odd is None else f': {odd.what}'}",
            code="not_a_number",
            where=Where(path, row=row, column=dialect.names[index]),
            hint=_hint(cell, dialect) if odd is None else odd.hint,
        )
    return None


def _is_readable(cell: str, kind: Kind, decimal: str) -> bool:
    if kind is Kind.BOOLEAN:
        return cell.strip() in TRUE or cell.strip() in FALSE
    return is_number(cell, decimal)


def _hint(cell: str, dialect: Dialect) -> str:
    other = "," if dialect.decimal == "." else "."
    if is_number(cell, other):
        return f"if {other!r} is the decimal mark, pass --decimal {other}"
    return "if this is no score column, name those that are with --pred"
