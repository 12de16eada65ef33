"""Tables of any library as Arrow tables: whatever has columns keeps their names."""

from __future__ import annotations

import datetime
import numbers
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.errors import UsageError
from celoss_cli.tables.arrow.build import Misfit, build, infer
from celoss_cli.tables.batch import label_text
from celoss_cli.tables.objects.arrays import as_numpy, as_one, is_array
from celoss_cli.tables.objects.foreign import converting, unknown
from celoss_cli.tables.objects.ragged import ragged_of


class Frame(NamedTuple):
    """A table, and whether its columns have names of their own."""

    data: pa.Table
    named: bool


def frame_of(value: Any, role: str) -> Frame | None:
    """Return an object that has columns as a table, ``None`` for one that is an array or a sequence of values.

    Columns come from pandas, from what hands them out as Arrow does (``__arrow_c_stream__``: polars, DuckDB, ibis,
    nanoarrow, datasets), from mappings of columns, from lists of mappings, and from structured arrays. Raises
    UsageError for those that hold what no column can.
    """
    if isinstance(value, np.ndarray):
        if value.dtype.names is None:
            return None
        with converting(value, role):
            return Frame(_of_columns({name: value[name] for name in value.dtype.names}, role), named=True)
    if type(value).__name__ == "DataArray" and is_array(value):
        return None  # xarray's hands out a stream, too: with a row for each cell
    with converting(value, role):
        found = _of_arrow(value, role) or _of_pandas(value, role) or _of_stream(value, role)
        if found is not None or isinstance(value, str | bytes):
            return found
        if isinstance(value, Mapping):
            return Frame(_of_columns(value, role), named=True)
        if isinstance(value, list | tuple):
            lists = ragged_of(value, role)
            if lists is not None:
                return Frame(pa.table({role: lists}), named=False)
            return _of_records(value, role)
    return None


def column_of_array(array: npt.NDArray[Any], role: str) -> Any:
    """Return (n,), (n, 1) or (n, C) as an Arrow array. Raises UsageError for another shape."""
    if array.dtype == object:
        array = _labels(array, role)
    if array.ndim == 1:
        return pa.array(array)
    if array.ndim == 2 and array.shape[1] == 1:
        return pa.array(array[:, 0])
    if array.ndim == 2 and array.shape[1] and array.dtype.kind in "fiu":
        flat = pa.array(np.ascontiguousarray(array).reshape(-1))
        return pa.FixedSizeListArray.from_arrays(flat, array.shape[1])
    raise UsageError(
        f"{role}: an array of shape {array.shape} and type {array.dtype} is neither (n,) nor (n, C) numbers",
        code="unknown_shape",
        hint="one row per sample, one column per class",
    )


def plain_array(value: Any, role: str) -> npt.NDArray[Any]:
    """Return what is no array of any library, a list or another sequence, as one; masked values become missing ones."""
    if isinstance(value, np.ma.MaskedArray):
        return _unmasked(value, role)
    if isinstance(value, list | tuple) and value and all(map(is_array, value)):
        return as_one(value, role)
    if is_array(value):
        return as_numpy(value, role).values
    with converting(value, role):
        array = as_numpy(np.asarray(value), role).values
    if array.ndim == 0 and array.dtype == object:
        raise unknown(value, role, "it is neither an array nor a table")
    return array


def _of_arrow(value: Any, role: str) -> Frame | None:
    if isinstance(value, pa.Table):
        return Frame(value, named=True)
    if isinstance(value, pa.RecordBatch):
        return Frame(pa.Table.from_batches([value]), named=True)
    if type(value).__module__ == "pyarrow._dataset":  # a Dataset or a Scanner, neither of which is a stream
        return Frame(value.to_table(), named=True)
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return Frame(pa.table([value], names=[role]), named=False)
    return None


def _of_pandas(value: Any, role: str) -> Frame | None:
    if "pandas" not in sys.modules:
        return None
    import pandas as pd

    if isinstance(value, pd.Index):
        value = value.to_series()
    if isinstance(value, pd.Categorical):
        value = pd.Series(value)
    if isinstance(value, pd.Series):
        name = role if value.name is None else str(value.name)
        return Frame(pa.Table.from_arrays([_of_series(value)], names=[name]), named=value.name is not None)
    if not isinstance(value, pd.DataFrame):
        return None
    columns = [value.iloc[:, i] for i in range(value.shape[1])]  # doubled names are for the layout
    names = [str(name) for name in value.columns]
    if value.index.name is not None:
        columns.append(value.index.to_series())
        names.append(str(value.index.name))
    return Frame(pa.Table.from_arrays([_of_series(column) for column in columns], names=names), named=True)


def _of_series(column: Any) -> Any:
    if hasattr(column.dtype, "subtype") and hasattr(column.dtype, "fill_value"):
        column = column.sparse.to_dense()
    if column.dtype != object or all(isinstance(item, str | None) for item in column):
        return pa.array(column, from_pandas=True)
    try:
        return pa.array(column.map(_spelled), from_pandas=True)
    except (TypeError, ValueError, OverflowError, pa.ArrowException):  # what no column holds is no reason to refuse
        known = column.notna().tolist()
        return pa.array([str(item) if there else None for item, there in zip(column, known, strict=True)], pa.string())


def _of_stream(value: Any, role: str) -> Frame | None:
    """Return what hands out its columns by the Arrow PyCapsule protocol: a table, or one column."""
    kind = type(value)
    if kind.__module__.partition(".")[0] == "datasets" and callable(getattr(value, "with_format", None)):
        # With its rows selected and in their order, which its storage lacks; its features say what numbers stand for.
        rows = value.with_format("arrow")[:]
        return Frame(rows.replace_schema_metadata(value.features.arrow_schema.metadata), named=True)
    if hasattr(kind, "__arrow_c_stream__"):
        try:
            return Frame(pa.RecordBatchReader.from_stream(value).read_all(), named=True)
        except pa.ArrowInvalid:  # a stream of single values: one column
            column = pa.chunked_array(value)
    elif hasattr(kind, "__arrow_c_array__"):
        column = pa.array(value)
        if pa.types.is_struct(column.type):
            return Frame(pa.Table.from_struct_array(column), named=True)
    else:
        return None
    name = getattr(value, "name", None)
    return Frame(pa.table([column], names=[str(name or role)]), named=bool(name))


def _of_columns(columns: Mapping[Any, Any], role: str) -> pa.Table:
    """Return a mapping of columns as a table. Single values among them, such as a mean, are no columns."""
    made: dict[str, Any] = {}
    for name, column in columns.items():
        found = frame_of(column, str(name)) if not isinstance(column, Mapping) else None
        if found is not None and found.data.num_columns == 1:
            made[str(name)] = found.data.column(0)
            continue
        if isinstance(column, str | bytes | Mapping) or found is not None:
            raise unknown(columns, role, f"{name!r} is no column, but a {type(column).__name__}")
        array = plain_array(column, str(name))
        if array.ndim:
            made[str(name)] = column_of_array(array, f"{role} {name!r}")
    if not made:
        raise unknown(columns, role, "it has no columns")
    lengths = {name: len(column) for name, column in made.items()}
    if len(set(lengths.values())) > 1:
        listed = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
        raise unknown(columns, role, f"its columns have different lengths: {listed}")
    return pa.table(made)


def _of_records(values: Sequence[Any], role: str) -> Frame | None:
    """Return a list of mappings, one a row, or of lists that hold some, as JSON is read; ``None`` for other lists."""
    first = next((value for value in values if value is not None), None)
    if isinstance(first, Mapping):
        names = dict.fromkeys(str(name) for value in values for name in (value or {}))
        rows = [{str(name): _native(cell) for name, cell in (value or {}).items()} for value in values]
        return Frame(
            pa.table({name: _built([row.get(name) for row in rows], name, role) for name in names}), named=True
        )
    if isinstance(first, list | tuple) and any(isinstance(item, Mapping) for item in first):
        return Frame(pa.table({role: _built(_native(values), role, role)}), named=False)
    return None


def _built(cells: list[Any], name: str, role: str) -> Any:
    kind = infer(cells)
    if kind is None:
        raise unknown(cells, role, f"the values of {name!r} are of different kinds")
    try:
        return build(cells, kind)
    except Misfit as odd:
        raise unknown(cells, role, f"row {odd.index}, {name!r}: {odd.message}") from None


def _native(value: Any) -> Any:
    """Return a value with Python's own numbers, lists and mappings in place of those of a library."""
    if isinstance(value, Mapping):
        return {str(name): _native(cell) for name, cell in value.items()}
    if isinstance(value, list | tuple):
        return [_native(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return as_numpy(value, "value").values.tolist() if is_array(value) else value


def _labels(array: npt.NDArray[Any], role: str) -> npt.NDArray[Any]:
    """Return an array of objects with its labels as text. Raises UsageError where it holds anything else."""
    if array.ndim != 1 or any(hasattr(item, "__len__") and not isinstance(item, str) for item in array):
        raise unknown(array, role, "it holds other objects than labels")
    spelled = np.empty(array.shape, dtype=object)
    with converting(array, role):
        spelled[:] = [_spelled(item) for item in array]
    return spelled


def _spelled(value: Any) -> Any:
    """Return a label of a column of mixed types as text; vectors stay what they are. Raises TypeError for the rest."""
    if isinstance(value, str) or not hasattr(value, "__len__"):
        if value is not None and not isinstance(value, (str, numbers.Number, np.generic, datetime.date)):
            raise TypeError(f"it holds a {type(value).__name__}")
        return label_text(value)
    return value


def _unmasked(value: np.ma.MaskedArray[Any, Any], role: str) -> npt.NDArray[Any]:
    array = as_numpy(value, role).values
    masked = np.ma.getmaskarray(value)
    if not masked.any():
        return array
    if array.dtype.kind not in "fiub":
        raise unknown(value, role, f"a masked array of {array.dtype}")
    return np.where(masked, np.nan, array.astype(np.float64))
