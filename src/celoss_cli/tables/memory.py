"""Objects of the Python API as tables: DataFrames, Series, NumPy arrays, pyarrow tables. Nothing is copied twice."""

from __future__ import annotations

import datetime
import numbers
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.spec import Decision
from celoss_cli.tables.arrays import of_array
from celoss_cli.tables.arrow.batch import ArrowBatch, one_piece
from celoss_cli.tables.arrow.columns import of_record_batch, ready, vector_widths
from celoss_cli.tables.arrow.types import column_of, plain
from celoss_cli.tables.batch import Batch, label_text
from celoss_cli.tables.source import HEAD_ROWS, Column, Need, Partition, Table

PARTITION_ROWS = 1 << 18


class MemoryTable(NamedTuple):
    """An Arrow table in memory. Implements ``Table``."""

    path: str
    data: pa.Table
    columns: tuple[Column, ...]
    named: bool
    format: str = "memory"
    places: tuple[int, ...] = ()
    divisible: bool = True
    decisions: tuple[Decision, ...] = ()

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.data.num_rows

    @property
    def size(self) -> int:
        """The number of rows: what progress counts in."""
        return self.data.num_rows

    def head(self) -> Batch:
        """Return the first rows of all columns."""
        return _batch(self.data.slice(0, HEAD_ROWS))

    def partitions(self) -> Iterator[Partition]:
        """Yield slices of rows."""
        widths = vector_widths(self.head(), self.columns)
        for start in range(0, self.rows, PARTITION_ROWS):
            yield MemoryPartition(self.data.slice(start, PARTITION_ROWS), widths, self.path)

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: there are no lines in memory."""
        return None


class MemoryPartition:
    """A slice of rows; ``widths`` has the length of the vectors of columns whose type leaves it open."""

    def __init__(self, data: pa.Table, widths: Mapping[str, int], path: str) -> None:
        self._data = data
        self._widths = widths
        self._path = path
        self.rows: int | None = data.num_rows
        self.size = data.num_rows

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows, as one batch for each chunk of the table."""
        first = 0
        for batch in self._data.select(list(needs)).to_batches():
            yield ready(of_record_batch(batch), needs, self._widths, first, self._path)
            first += batch.num_rows


def open_object(value: Any, role: str) -> Table:
    """Return an object as a table; ``role`` (predictions, labels) is what messages call it.

    Takes a pyarrow Table, RecordBatch or Array, a pandas DataFrame or Series, a NumPy array of one or two dimensions
    (n,), (n, C) or (n, C, d1, …), or a sequence. Raises UsageError for anything else, UnreadableFile where there are
    no rows.
    """
    try:
        if _is_matrix(value):
            return of_array(_as_array(value, role), role)
        data, named = _as_arrow(value, role)
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise _unknown(value, role, str(error)) from error
    if data.num_rows == 0:
        raise UnreadableFile(
            "there are no rows", code="no_rows", where=Where(role), hint=f"pass the {role} of at least one sample"
        )
    columns = tuple(column_of(data.schema.field(i)) for i in range(data.num_columns))
    return MemoryTable(role, data, columns, named)


def _is_matrix(value: Any) -> bool:
    """Whether a value is an array of numbers with classes or places beside its first axis."""
    return getattr(value, "ndim", 1) > 1 and isinstance(value, np.ndarray) and value.dtype.kind in "fiub"


def _as_arrow(value: Any, role: str) -> tuple[pa.Table, bool]:
    """Return the value as a table, and whether its columns have names of their own."""
    if isinstance(value, pa.Table):
        return value, True
    if isinstance(value, pa.RecordBatch):
        return pa.Table.from_batches([value]), True
    if isinstance(value, pa.Array | pa.ChunkedArray):
        return pa.table([value], names=[role]), False
    if "pandas" in sys.modules:
        import pandas as pd

        if isinstance(value, pd.Series):
            name = role if value.name is None else str(value.name)
            return _of_frame(value.to_frame(name), index=False), value.name is not None
        if isinstance(value, pd.DataFrame):
            return _of_frame(value.set_axis([str(name) for name in value.columns], axis=1), index=True), True
    return _of_array(_as_array(value, role), role), False


def _of_frame(frame: Any, *, index: bool) -> pa.Table:
    """Return a DataFrame as a table, with its index as a column if it has a name. Doubled names are for the layout."""
    columns = [frame.iloc[:, i] for i in range(frame.shape[1])]
    names = [str(name) for name in frame.columns]
    if index and frame.index.name is not None:
        columns.append(frame.index.to_series())
        names.append(str(frame.index.name))
    return pa.Table.from_arrays([_of_series(column) for column in columns], names=names)


def _of_series(column: Any) -> Any:
    if column.dtype == object and not all(isinstance(item, str | None) for item in column):
        column = column.map(_spelled)
    return pa.array(column, from_pandas=True)


def _spelled(value: Any) -> Any:
    """Return a label of a column of mixed types as text; vectors stay what they are. Raises TypeError for the rest."""
    if isinstance(value, str) or not hasattr(value, "__len__"):
        if value is not None and not isinstance(value, (str, numbers.Number, np.generic, datetime.date)):
            raise TypeError(f"it holds a {type(value).__name__}")
        return label_text(value)
    return value


def _as_array(value: Any, role: str) -> npt.NDArray[Any]:
    """Return anything array-like as an array of a type that Arrow knows; masked values become missing ones."""
    array: npt.NDArray[Any] = np.asarray(value)
    masked = np.ma.getmaskarray(value) if isinstance(value, np.ma.MaskedArray) else np.False_
    if masked.any():
        if array.dtype.kind not in "fiub":
            raise _unknown(value, role, f"a masked array of {array.dtype}")
        array = np.where(masked, np.nan, array.astype(np.float64))
    if array.dtype == object:
        if array.ndim != 1 or any(hasattr(item, "__len__") and not isinstance(item, str) for item in array):
            raise _unknown(value, role, "it holds other objects than labels")
        spelled = np.empty(array.shape, dtype=object)
        spelled[:] = [_spelled(item) for item in array]
        return spelled
    if array.dtype == np.longdouble:
        return array.astype(np.float64)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _of_array(array: npt.NDArray[Any], role: str) -> pa.Table:
    if array.ndim == 1:
        return pa.table({role: pa.array(array)})
    if array.ndim == 2 and array.shape[1] == 1:
        return pa.table({role: pa.array(array[:, 0])})
    if array.ndim == 2 and array.shape[1] and array.dtype.kind in "fiu":
        flat = pa.array(np.ascontiguousarray(array).reshape(-1))
        return pa.table({role: pa.FixedSizeListArray.from_arrays(flat, array.shape[1])})
    raise UsageError(
        f"{role}: an array of shape {array.shape} and type {array.dtype} is neither (n,) nor (n, C) numbers",
        code="unknown_shape",
        hint="one row per sample, one column per class",
    )


def _unknown(value: Any, role: str, reason: str) -> UsageError:
    return UsageError(
        f"{role}: {type(value).__name__} is not something celoss reads: {reason}",
        code="unknown_object",
        hint="pass a path, a DataFrame, a Series, a NumPy array of numbers or strings, or a pyarrow Table",
    )


def _batch(data: pa.Table) -> Batch:
    columns = (plain(one_piece(column)) for column in data.columns)
    return ArrowBatch(dict(zip(data.column_names, columns, strict=True)), data.num_rows)
