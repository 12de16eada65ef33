"""Objects of the Python API as tables: DataFrames, Series, NumPy arrays, pyarrow tables. Nothing is copied twice."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.spec import Decision
from celoss_cli.tables.arrow_types import column_of
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Need, Partition

HEAD_ROWS = 1000
PARTITION_ROWS = 1 << 18


@dataclass(frozen=True)
class MemoryTable:
    """An Arrow table in memory. Implements ``Table``."""

    path: str
    data: pa.Table
    columns: tuple[Column, ...]
    named: bool
    format: str = "memory"
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
        for start in range(0, self.rows, PARTITION_ROWS):
            yield MemoryPartition(self.data.slice(start, PARTITION_ROWS))

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: there are no lines in memory."""
        return None


class MemoryPartition:
    """A slice of rows."""

    def __init__(self, data: pa.Table) -> None:
        self._data = data
        self.rows: int | None = data.num_rows
        self.size = data.num_rows

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows, as one batch for each chunk of the table."""
        for batch in self._data.select(list(needs)).to_batches():
            yield Batch(dict(zip(batch.schema.names, batch.columns, strict=True)), batch.num_rows)


def open_object(value: Any, role: str) -> MemoryTable:
    """Return an object as a table; ``role`` (predictions, labels) is what messages call it.

    Takes a pyarrow Table, RecordBatch or Array, a pandas DataFrame or Series, a NumPy array of one or two dimensions
    (n,) or (n, C), or a sequence. Raises UsageError for anything else, UnreadableFile where there are no rows.
    """
    data, named = _as_arrow(value, role)
    if data.num_rows == 0:
        raise UnreadableFile("there are no rows", code="no_rows", where=Where(role))
    columns = tuple(column_of(data.schema.field(i)) for i in range(data.num_columns))
    return MemoryTable(role, data, columns, named)


def _as_arrow(value: Any, role: str) -> tuple[pa.Table, bool]:
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
            return pa.Table.from_pandas(value.to_frame(name), preserve_index=False), value.name is not None
        if isinstance(value, pd.DataFrame):
            frame = value.set_axis([str(name) for name in value.columns], axis=1)
            return pa.Table.from_pandas(frame, preserve_index=value.index.name is not None), True
    array = np.asarray(value)
    if array.dtype == object and not all(isinstance(item, str | None) for item in array.ravel()):
        raise UsageError(
            f"{role}: {type(value).__name__} is not something celoss reads",
            code="unknown_object",
            hint="pass a path, a DataFrame, a Series, a NumPy array of numbers or strings, or a pyarrow Table",
        )
    if array.ndim == 1:
        return pa.table({role: pa.array(array)}), False
    if array.ndim == 2 and array.shape[1] == 1:
        return pa.table({role: pa.array(array[:, 0])}), False
    if array.ndim == 2 and array.dtype.kind in "fiu":
        flat = pa.array(np.ascontiguousarray(array).reshape(-1))
        return pa.table({role: pa.FixedSizeListArray.from_arrays(flat, array.shape[1])}), False
    raise UsageError(
        f"{role}: an array of shape {array.shape} and type {array.dtype} is neither (n,) nor (n, C) numbers",
        code="unknown_shape",
        hint="one row per sample, one column per class",
    )


def _batch(data: pa.Table) -> Batch:
    columns: dict[str, Any] = {}
    for name, column in zip(data.column_names, data.columns, strict=True):
        columns[name] = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    return Batch(columns, data.num_rows)
