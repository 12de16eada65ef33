"""A .npy file written once more with other numbers."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.outputs.change import Change
from celoss_cli.tables.arrays import ArrayTable
from celoss_cli.tables.source import Table

_CELLS = 1 << 20


def rewrite_array(table: Table, file: BinaryIO, change: Change) -> None:
    """Write the array of a table, (n,) or (n, C), in its own type where that is a float, else as float64."""
    array: Any = next(iter(table.arrays.values())) if isinstance(table, ArrayTable) else None
    if array is None or array.ndim > 2:
        raise UnreadableFile(
            "its array has more than two axes",
            code="form_not_written",
            where=Where(table.path),
            hint="write it as (n, C): p.reshape(-1, C) where the classes are the last axis",
        )
    kind = array.dtype if array.dtype.kind == "f" else np.dtype(np.float64)
    header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": array.shape}
    np.lib.format.write_array_header_1_0(file, header)
    width = array.shape[1] if array.ndim == 2 else 1
    step = max(1, _CELLS // width)
    for start in range(0, array.shape[0], step):
        part = array[start : start + step]
        block = np.array(part, dtype=np.float64).reshape(part.shape[0], width)
        file.write(change(block, 1).astype(kind).tobytes())
