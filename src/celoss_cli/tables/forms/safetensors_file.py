"""safetensors: a JSON header, and the numbers behind it, mapped into memory as they are.

The library would copy them, and hands out no bfloat16 without torch; the header is all that there is to read.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.kernels.bfloat16 import BFLOAT16
from celoss_cli.request import ReadOptions
from celoss_cli.tables.arrays import ArrayTable, table_of
from celoss_cli.tables.forms.made import drawn_from, float8_values
from celoss_cli.tables.splits import chosen_arrays

_TYPES: dict[str, Any] = {
    "BOOL": "?", "U8": "u1", "I8": "i1", "U16": "<u2", "I16": "<i2", "U32": "<u4", "I32": "<i4", "U64": "<u8",
    "I64": "<i8", "F16": "<f2", "BF16": BFLOAT16, "F32": "<f4", "F64": "<f8", "F8_E4M3": "u1",
    "F8_E5M2": "u1",
}  # fmt: skip


def open_safetensors(path: str, options: ReadOptions) -> ArrayTable:
    """Open a file of tensors by its header. Raises UnreadableFile for one that is truncated or damaged."""
    size = Path(path).stat().st_size
    with Path(path).open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= size - 8:
            raise _unreadable(path, f"its header of {length} bytes is longer than the file")
        try:
            header = json.loads(file.read(length))
            tensors = {name: one for name, one in header.items() if name != "__metadata__"}
            arrays = {name: _mapped(path, size, 8 + length, **one) for name, one in tensors.items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _unreadable(path, str(error)) from error
    if not arrays:
        raise UnreadableFile("there is no tensor in it", code="no_rows", where=Where(path))
    chosen, decisions = chosen_arrays(arrays, options, path)
    return table_of(path, "safetensors", chosen, decisions, named=True)


def _mapped(path: str, size: int, start: int, *, dtype: str, shape: list[int], data_offsets: list[int]) -> Any:
    """Return a tensor over the memory of the file. Raises ValueError where it does not lie inside of it."""
    if dtype not in _TYPES:
        raise ValueError(f"tensors of type {dtype} are not known")
    first, last = data_offsets
    kind = np.dtype(_TYPES[dtype])
    if (
        min(shape, default=1) < 0
        or last - first != math.prod(shape) * kind.itemsize
        or not 0 <= first <= last <= size - start
    ):
        raise ValueError(f"a tensor of shape {tuple(shape)} does not fit its {last - first} bytes, or the file")
    if not math.prod(shape):
        return np.empty(shape, kind)
    array: Any = np.memmap(path, kind, "r", start + first, tuple(shape)) if shape else np.zeros(())
    if dtype == "F8_E4M3":
        return drawn_from(array, float8_values(4, infinite=False))
    if dtype == "F8_E5M2":
        return drawn_from(array, float8_values(5, infinite=True))
    return array


def _unreadable(path: str, reason: str) -> UnreadableFile:
    return UnreadableFile(
        f"not a readable safetensors file: {reason[:160]}",
        code="unreadable_safetensors",
        where=Where(path),
        hint="it may be truncated: compare its size with the original, or write it again",
    )
