"""Workbooks of Excel and LibreOffice: a sheet is a table whose first row names the columns."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO, Any

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.forms.frame import chosen_frame, table_of_frame
from celoss_cli.tables.memory import MemoryTable
from celoss_cli.tables.missing import needs

_MOST_CELLS = 1 << 27
"""calamine makes room for every cell up to the last one, 32 bytes each, and ends the process where there is none."""

_EXTENT = re.compile(rb'<dimension ref="[A-Z]+[0-9]+:([A-Z]{1,3})([0-9]{1,7})"')

_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')

_PIECE = 1 << 20


def open_workbook(path: str, options: ReadOptions) -> MemoryTable:
    """Open the sheet of ``--table``, or the only one with rows. Raises UnreadableFile where it cannot be read."""
    with needs("python-calamine", "excel", path, "a workbook", "write the sheet as CSV"):
        import pandas as pd
        import python_calamine  # noqa: F401  which pandas reads it with
    _refuse_vast(path)
    try:
        header: Any = None if options.header is False else 0
        # As objects, and "NA" as it is: pandas would make the number 1 of the text 001, and nothing of a class NA.
        found = pd.read_excel(
            path, None, header=header, dtype=object, keep_default_na=False, na_values=[""], engine="calamine"
        )
    except MemoryError:
        raise
    except Exception as error:  # calamine's errors have no common kind; one is for workbooks with a password
        raise UnreadableFile(
            f"not a readable workbook: {' '.join(str(error).split())[:160]}",
            code="unreadable_excel",
            where=Where(path),
            hint="open it and save it again without a password, or write the sheet as CSV",
        ) from error
    sheets = {str(name): sheet.infer_objects() for name, sheet in found.items()}
    filled = {name: sheet for name, sheet in sheets.items() if len(sheet)}
    frame = chosen_frame(filled or sheets, options, path, "sheets", every=sheets)
    return table_of_frame(path, "excel", frame, named=header is not None)


def _refuse_vast(path: str) -> None:
    """Raise UnreadableFile for a sheet of .xlsx that goes on to a far cell.

    What a sheet says of its size is believed where it is small; else its cells are looked at, for some programs always
    say the largest.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as book:
            for name in book.namelist():
                if not name.startswith("xl/worksheets/"):
                    continue
                said = _EXTENT.search(book.open(name).read(4096))
                if said is not None and _number_of(said[1]) * int(said[2]) <= _MOST_CELLS:
                    continue
                columns, rows = _extent(book.open(name))
                if columns * rows > _MOST_CELLS:
                    raise UnreadableFile(
                        f"a sheet goes on for {rows:,} rows and {columns:,} columns, {rows * columns:,} cells",
                        code="unreadable_excel",
                        where=Where(path),
                        hint="delete what stands far from the table, or write the sheet as CSV",
                    )
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, OSError):
        return  # calamine says what is wrong


def _extent(sheet: IO[bytes]) -> tuple[int, int]:
    """Return how many columns and rows the cells of a sheet take up from its first."""
    columns, last, first, rest = {b"A"}, 0, 1 << 20, b""
    while piece := sheet.read(_PIECE):
        found = _CELL.findall(rest + piece)
        columns.update(column for column, _ in found)
        if found:
            rows = [int(row) for _, row in found]
            first, last = min(first, *rows), max(last, *rows)
        rest = piece[-32:]
    places = [_number_of(column) for column in columns]
    return max(places), max(0, last - first + 1)


def _number_of(column: bytes) -> int:
    """Return the number of a column called A to XFD, A being 1."""
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number
