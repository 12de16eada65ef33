"""Lists of different lengths, one for each sample, as one column of lists."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from celoss_cli.tables.arrow.batch import buffer_of
from celoss_cli.tables.arrow.build import Misfit, build, infer
from celoss_cli.tables.objects.arrays import as_numpy, is_array


def ragged_of(value: Any, role: str) -> Any:
    """Return a list of lists or arrays of numbers or texts as an Arrow array; ``None`` for what NumPy can hold itself.

    That is where all have one length, and no element is missing.
    """
    if not isinstance(value, list | tuple) or not value:
        return None
    rows = [row for row in value if row is not None]
    if not rows or not all(isinstance(row, list | tuple) or is_array(row) for row in rows):
        return None
    if all(map(is_array, rows)):
        return _of_arrays(value, role)
    plain = [list(row) if isinstance(row, tuple) else as_numpy(row, role).values.tolist() if is_array(row) else row
             for row in value if row is not None]  # fmt: skip
    items = [item for row in plain for item in row]
    whole = len(rows) == len(value) and not any(item is None for item in items)
    if any(isinstance(item, list | tuple | dict) or is_array(item) for item in items):
        return None
    if whole and len({len(row) for row in plain}) == 1:
        return None
    cells = [item.item() if isinstance(item, np.generic) else item for item in items]
    kind = infer(cells)
    if kind is None:
        return None
    given = iter(plain)
    native = [None if row is None else [_plain(item) for item in next(given)] for row in value]
    try:
        return build(native, pa.list_(pa.float64() if pa.types.is_int64(kind) or pa.types.is_null(kind) else kind))
    except Misfit:
        return None


def _plain(item: Any) -> Any:
    return item.item() if isinstance(item, np.generic) else item


def _of_arrays(value: list[Any] | tuple[Any, ...], role: str) -> Any:
    arrays = [None if row is None else as_numpy(row, role).values for row in value]
    there = [array for array in arrays if array is not None]
    if any(array.ndim != 1 or array.dtype.kind not in "fiu" for array in there):
        return None
    lengths = np.array([0 if array is None else array.shape[0] for array in arrays], dtype=np.int64)
    if len(there) == len(arrays) and len(set(lengths.tolist())) == 1:
        return None
    flat = np.concatenate(there)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    values = pa.Array.from_buffers(pa.from_numpy_dtype(flat.dtype), flat.shape[0], [None, buffer_of(flat)])
    valid = np.array([array is not None for array in arrays])
    bitmap = None if valid.all() else buffer_of(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(
        pa.large_list(values.type), len(arrays), [bitmap, buffer_of(offsets)], children=[values]
    )
