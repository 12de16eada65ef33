"""An object of the Python API as a table, whatever library made it. Nothing is copied twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.kernels.bfloat16 import BFLOAT16
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision
from celoss_cli.tables.arrays import of_array, table_of
from celoss_cli.tables.class_names import with_class_names
from celoss_cli.tables.memory import memory_table
from celoss_cli.tables.objects.arrays import as_numpy, is_array
from celoss_cli.tables.objects.foreign import converting
from celoss_cli.tables.objects.frames import column_of_array, frame_of, plain_array
from celoss_cli.tables.source import Table
from celoss_cli.tables.splits import chosen_arrays

_ANYHOW = ReadOptions()


def open_object(value: Any, role: str, options: ReadOptions = _ANYHOW) -> Table:
    """Return an object as a table; ``role`` (predictions, labels) is what messages call it.

    Takes whatever has columns (pandas, polars, pyarrow, anything with ``__arrow_c_stream__``, mappings of columns,
    lists of mappings), arrays of any library (``__array__``, ``__dlpack__``) of shape (n,), (n, C) or (n, C, d1, …),
    and sequences. Raises UsageError for anything else, UnreadableFile where there are no rows.
    """
    decisions: tuple[Decision, ...] = ()
    if type(value) is not np.ndarray or value.dtype.names is not None:
        arrays = _arrays_of(value, role)
        if arrays is not None:
            chosen, decisions = chosen_arrays(arrays, options, role)
            return with_class_names(table_of(role, "memory", chosen, decisions, named=True), arrays)
        frame = frame_of(value, role)
        if frame is not None:
            return memory_table(role, "memory", frame.data, named=frame.named)
    if is_array(value) and not isinstance(value, np.ma.MaskedArray):
        array, decisions = as_numpy(value, role, bfloat16=True)
    else:
        array = plain_array(value, role)
    if (array.ndim > 1 and array.dtype.kind in "fiub") or array.dtype == BFLOAT16:
        return of_array(array, role, decisions)
    with converting(value, role):
        data = pa.table({role: column_of_array(array, role)})
    return memory_table(role, "memory", data, named=False, decisions=decisions)


def _arrays_of(value: Any, role: str) -> dict[str, npt.NDArray[Any]] | None:
    """Return a mapping of arrays of numbers or names as the arrays of an .npz are, single values left out."""
    if not isinstance(value, Mapping):
        return None
    found = {str(name): array for name, array in value.items() if not isinstance(array, np.generic | float | int)}
    if not all(map(is_array, found.values())):
        return None
    arrays = {name: _array_of(array, f"{role} {name!r}") for name, array in found.items()}
    arrays = {name: array for name, array in arrays.items() if array.ndim}
    plain = all(
        array.dtype.kind in "fiub" or array.dtype == BFLOAT16 or (array.dtype.kind in "US" and array.ndim == 1)
        for array in arrays.values()
    )
    return arrays if arrays and plain else None


def _array_of(value: Any, role: str) -> npt.NDArray[Any]:
    if isinstance(value, np.ma.MaskedArray):
        return plain_array(value, role)
    return as_numpy(value, role, bfloat16=True).values
