"""Files of statistics packages: Stata, SPSS, SAS and R. Values that have labels there are those labels here."""

from __future__ import annotations

import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from celoss_cli.errors import CelossError, UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.forms.frame import chosen_frame, table_of_frame
from celoss_cli.tables.memory import MemoryTable
from celoss_cli.tables.missing import needs

_MOST_PACKED = 1100  # bytes of which zlib makes one, at most

_TRANSPORT = b"HEADER RECORD*******LIB"


def open_stata(path: str, options: ReadOptions) -> MemoryTable:  # noqa: ARG001
    """Open a file of Stata. Raises UnreadableFile where pandas cannot read it."""
    import pandas as pd

    def read() -> Any:
        with suppress(ValueError):  # labels that are not unique
            return pd.read_stata(path)
        return pd.read_stata(path, convert_categoricals=False)

    return table_of_frame(path, "stata", _read(path, "Stata", read))


def open_spss(path: str, options: ReadOptions) -> MemoryTable:  # noqa: ARG001
    """Open a file of SPSS. Raises UnreadableFile where pyreadstat is missing, or cannot read it."""
    with needs("pyreadstat", "spss", path, "a file of SPSS", "save it as CSV"):
        import pyreadstat
    _check_cases(path)
    frame = _read(path, "SPSS", lambda: pyreadstat.read_sav(path, apply_value_formats=True)[0])
    return table_of_frame(path, "spss", frame)


def _check_cases(path: str) -> None:
    """Refuse a file that says of itself that it has more rows than its bytes can hold: room for all would be taken.

    The header has the number of values in a row at byte 68 and that of rows at byte 80, −1 where it was not known; a
    value takes a byte or more, of which zlib makes no less than a thousandth. (The format as PSPP's manual has it.)
    """
    with Path(path).open("rb") as file:
        start = file.read(84)
    if len(start) < 84:
        return  # the reader says so
    layout = ("<i", ">i")[struct.unpack_from("<i", start, 64)[0] not in (2, 3)]
    values, rows = (struct.unpack_from(layout, start, place)[0] for place in (68, 80))
    packed = _MOST_PACKED if start.startswith(b"$FL3") else 1
    if rows > 0 and rows * max(1, values) > Path(path).stat().st_size * packed:
        raise UnreadableFile(
            f"not a readable file of SPSS: it says that it has {rows:,} rows, which its bytes cannot hold",
            code="unreadable_spss",
            where=Where(path),
            hint="it may be truncated: write it again, or as CSV",
        )


def open_sas(path: str, options: ReadOptions) -> MemoryTable:  # noqa: ARG001
    """Open a data set (sas7bdat) or a transport file of SAS. Raises UnreadableFile where pandas cannot read it."""
    import pandas as pd

    with open(path, "rb") as file:  # noqa: PTH123
        start = file.read(len(_TRANSPORT) + 2)
    if start == _TRANSPORT + b"V8":  # pandas reads those of version 5 alone
        with needs("pyreadstat", "spss", path, "a SAS transport file of version 8", "write it as version 5, or CSV"):
            import pyreadstat
        return table_of_frame(path, "sas", _read(path, "SAS", lambda: pyreadstat.read_xport(path)[0]))

    def read() -> Any:
        if start.startswith(_TRANSPORT):
            return pd.read_sas(path, format="xport", encoding="latin-1")
        return pd.read_sas(path, format="sas7bdat", encoding="infer")

    return table_of_frame(path, "sas", _read(path, "SAS", read))


def open_r(path: str, options: ReadOptions) -> MemoryTable:
    """Open a data frame of R (saveRDS, or save with ``--table``). Raises UnreadableFile where it cannot be read."""
    with needs("pyreadr", "r", path, "a file of R", "write it there with write.csv or arrow::write_parquet"):
        import pyreadr
    found = _read(path, "R", lambda: pyreadr.read_r(path))
    frames = {str(name): frame for name, frame in found.items() if hasattr(frame, "columns")}
    return table_of_frame(path, "r", chosen_frame(frames, options, path, "data frames"))


def _read(path: str, package: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except (CelossError, MemoryError):
        raise
    except Exception as error:  # of a damaged file: what each library raises
        raise UnreadableFile(
            f"not a readable file of {package}: {' '.join(str(error).split())[:160] or type(error).__name__}",
            code=f"unreadable_{package.lower()}",
            where=Where(path),
            hint="it may be truncated: write it again, or as CSV",
        ) from error
