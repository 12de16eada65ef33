"""Plain records of delimited text, parsed by the compiled core: no missing numbers, no odd quotes, nothing unusual.

It takes a range of records whole or not at all. What is not plain is for pyarrow (``parse``), which reads plain records
to the same values; it is the definition, four times as slow, and a tenth of a small file's time to import.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.compiled import CORE
from celoss_cli.tables.text.cell_type import CellType
from celoss_cli.tables.text.dialect import Dialect
from celoss_cli.tables.text.plain_batch import Block, Cells, Names, PlainBatch, Texts

_LARGEST = 64 << 20  # bytes: there is a row in the arrays for each line, also for those inside of a cell

_IN_NUMBERS = "0123456789+-.eE"

_EMPTY, _SKIPPED = "x", "-"

# What the core calls a column: see read_records in kernels/c.
_KINDS = {CellType.FLOAT: "d", CellType.INTEGER: "q", CellType.NAME: "s", CellType.TEXT: "t"}

_DTYPES = {CellType.INTEGER: np.int64, CellType.NAME: np.int32}


def read_plain(data: bytes | memoryview, dialect: Dialect, types: Mapping[int, CellType]) -> PlainBatch | None:
    """Return records as a batch with the columns of ``types`` alone, or ``None`` if one is not plain.

    ``None`` too without a compiled core, and for a dialect whose records never are plain.
    """
    if CORE is None or not _may_be_plain(dialect, types) or not 0 < len(data) <= _LARGEST:
        return None
    lines = CORE.count_lines(data)
    kinds = [_KINDS[types[place]] if place in types else _SKIPPED for place in range(dialect.width)]
    if dialect.trailing_delimiter:
        kinds[-1] = _EMPTY
    places = sorted(types)
    floats = [place for place in places if types[place] is CellType.FLOAT]
    block = np.empty((len(floats), lines))  # one piece of memory, where there may be thousands of columns
    others = {place: _arrays(types[place], lines, len(data)) for place in places if types[place] is not CellType.FLOAT}
    numbers = iter(block)
    outputs = tuple(array for place in places for array in others.get(place) or (next(numbers),))
    rows, end, spelled = CORE.read_records(data, ord(dialect.delimiter), "".join(kinds).encode(), lines, outputs)
    if end < len(data):
        return None
    block = block[:, :rows]
    columns: dict[int, Cells] = dict(zip(floats, block, strict=True))
    texts = iter(spelled)
    try:
        if CellType.TEXT in types.values() or not types:  # pyarrow has to read some column, and takes the first
            str(data, "utf-8")  # delimiters are ASCII: if all is UTF-8, so is each cell
        for place, (first, *more) in others.items():
            match types[place]:
                case CellType.NAME:
                    columns[place] = Names(first[:rows], tuple(text.decode() for text in next(texts)))
                case CellType.TEXT:
                    columns[place] = Texts(first[: rows + 1], *more)
                case _:
                    columns[place] = first[:rows]
    except UnicodeDecodeError:
        return None
    return PlainBatch(
        {dialect.names[place]: columns[place] for place in types},
        rows,
        Block(block, {dialect.names[place]: row for row, place in enumerate(floats)}),
    )


def _arrays(cells: CellType, rows: int, size: int) -> tuple[npt.NDArray[Any], ...]:
    """Return the arrays that the core fills for a column of so many rows of a text of ``size`` bytes."""
    if cells is CellType.TEXT:
        return np.empty(rows + 1, dtype=np.int32), np.empty(size, dtype=np.uint8)
    return (np.empty(rows, dtype=_DTYPES[cells]),)


def _may_be_plain(dialect: Dialect, types: Mapping[int, CellType]) -> bool:
    ordinary = dialect.decimal == "." and dialect.newline == b"\n" and dialect.delimiter not in _IN_NUMBERS
    return ordinary and CellType.BOOLEAN not in types.values()
