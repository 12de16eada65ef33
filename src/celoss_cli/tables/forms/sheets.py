"""Workbooks of Excel and LibreOffice: a sheet is a table whose first row names the columns."""

from __future__ import annotations

from typing import Any

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.forms.frame import chosen_frame, table_of_frame
from celoss_cli.tables.memory import MemoryTable
from celoss_cli.tables.missing import needs


def open_workbook(path: str, options: ReadOptions) -> MemoryTable:
    """Open the sheet of ``--table``, or the only one with rows. Raises UnreadableFile where it cannot be read."""
    with needs("python-calamine", "excel", path, "a workbook", "write the sheet as CSV"):
        import pandas as pd
        import python_calamine  # noqa: F401  which pandas reads it with
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
