"""A batch of columns from Arrow arrays to NumPy, without pandas.

``Array.to_numpy``, ``np.asarray(array)``, ``pa.array`` and every compute call with a Python scalar import pandas
where it is installed (0.5 s). What stands here does not: DLPack and raw buffers, ``cast`` and ``dictionary_encode``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.tables.batch import (
    MISSING,
    Batch,
    Categories,
    FloatArray,
    RaggedVector,
    categories_of,
    categories_of_integers,
    label_text,
)

_DIRECT = frozenset(
    {"float", "double", "halffloat", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"}
)


class ArrowBatch:
    """Consecutive rows held as Arrow arrays, of which it hands out NumPy views. Implements ``Batch``."""

    __slots__ = ("_columns", "_texts", "_views", "known", "rows")

    def __init__(self, columns: Mapping[str, Any], rows: int) -> None:
        self._columns = columns
        self._texts: dict[str, list[str | None]] = {}
        self._views: dict[str, Any] = {}
        self.known: dict[Any, Any] = {}
        self.rows = rows

    def numbers(self, name: str) -> FloatArray | npt.NDArray[np.integer[Any]]:
        """Return a number column, shape (n,), in the file's own dtype; a view where there are no nulls.

        Nulls become NaN, and with them an integer or decimal column becomes float64. Booleans become 0 and 1.
        """
        values: FloatArray | npt.NDArray[np.integer[Any]] | None = self._views.get(name)
        if values is None:
            values = _numbers(self._columns[name])
            if not values.flags.owndata:
                self._views[name] = values
        return values

    def stacked(self, names: Sequence[str]) -> npt.NDArray[Any]:
        """Return the ``numbers`` of several columns, shape (C, n)."""
        return np.stack([self.numbers(name) for name in names])

    def matrix(self, name: str) -> FloatArray:
        """Return a vector column, shape (n, C), row-major. A null row or element is NaN.

        Raises ValueError with the offending row, counted in this batch, where a cell has another length.
        """
        values: FloatArray | None = self._views.get(name)
        if values is None:
            values = self._views[name] = _matrix(self._columns[name])
        return values

    def is_vector(self, name: str) -> bool:
        """Whether the cells of a column are vectors: then ``matrix`` reads it, else ``numbers``."""
        return holds_lists(self._columns[name].type)

    def categories(self, name: str) -> Categories:
        """Return a column of names or labels as codes. Numbers are named as numbers: ``1``, ``1.0`` and 1 agree."""
        return _categories(self._columns[name])

    def integers(self, name: str) -> npt.NDArray[np.integer[Any]] | None:
        """Return an integer column without nulls, shape (n,), or ``None`` if it is not that (then: ``categories``)."""
        array: Any = self._columns[name]
        if pa.types.is_integer(array.type) and array.null_count == 0:
            values: Any = np.from_dlpack(array)
            whole: npt.NDArray[np.integer[Any]] = values
            return whole
        return None

    def column(self, name: str) -> Any:
        """Return a column, to be written elsewhere."""
        return self._columns[name]

    def held(self, name: str) -> Any:
        """Return a column."""
        return self._columns[name]

    def stored(self, name: str) -> npt.NDArray[Any] | None:  # noqa: ARG002
        """Return ``None``: Arrow has no bfloat16."""
        return None

    def taken(self, rows: npt.NDArray[np.signedinteger[Any]]) -> Batch:
        """Return some rows, by their places in this batch."""
        places: Any = np.ascontiguousarray(rows, dtype=np.int64)
        wanted = pa.Array.from_buffers(pa.int64(), places.shape[0], [None, pa.py_buffer(places)])
        return ArrowBatch({name: array.take(wanted) for name, array in self._columns.items()}, places.shape[0])

    def text_at(self, name: str, row: int) -> str | None:
        """Return one cell as the text a person would type for it."""
        return label_text(python_value(self._columns[name][row]))

    def texts(self, name: str) -> list[str | None]:
        """Return any column as the text a person would type for each cell."""
        texts = self._texts.get(name)
        if texts is None:
            column = self._columns[name]
            whole = self.integers(name)
            texts = self._texts[name] = (
                list(map(label_text, python_values(column))) if whole is None else list(map(str, whole.tolist()))
            )
        return texts


def python_values(array: Any) -> list[Any]:
    """Return the cells as Python objects; a time that Python has no object for as the number that is stored.

    Databases write "infinity" as such times.
    """
    try:
        values: list[Any] = array.to_pylist()
    except OverflowError:
        return list(map(python_value, array))
    return values


def python_value(cell: Any) -> Any:
    """Return a cell as ``python_values`` does."""
    try:
        return cell.as_py()
    except OverflowError:
        return getattr(cell, "value", "out of range")  # of times inside a cell of several values


def one_piece(column: Any) -> Any:
    """Return a chunked column as one array; untyped because the stubs let ``combine_chunks`` return chunks again."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def buffer_of(values: npt.NDArray[Any]) -> Any:
    """Return the memory of an array as Arrow takes it, copied only where it is not in one piece."""
    whole: Any = np.ascontiguousarray(values)
    return pa.py_buffer(whole.view(np.uint8) if whole.dtype == np.float16 else whole)  # no buffer format for float16


def _numbers(array: Any) -> Any:
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _numbers(array.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        return _numbers(array.cast(pa.uint8()))
    if pa.types.is_string(kind) and _are_booleans(array):
        return np.array(
            [np.nan if text in (None, "") else text.casefold() == "true" for text in array.to_pylist()], float
        )
    if str(kind) not in _DIRECT:
        if pa.types.is_decimal(kind):
            array = array.cast(pa.string())  # which is read to the nearest double; the direct way is one off at times
        return _numbers(array.cast(pa.float64()))  # ArrowInvalid for text is the caller's to explain
    if array.null_count == 0:
        return np.from_dlpack(array)
    if not pa.types.is_floating(kind):
        return _numbers(array.cast(pa.float64(), safe=False))  # rounded to the nearest, as everywhere
    dtype = np.dtype(kind.to_pandas_dtype())
    buffer = array.buffers()[1]
    values = np.frombuffer(buffer, dtype=dtype, count=array.offset + len(array))[array.offset :].copy()
    values[~valid_rows(array)] = np.nan
    return values


def _are_booleans(array: Any) -> bool:
    return all(text is None or text.casefold() in ("true", "false", "") for text in array.to_pylist())


def valid_rows(array: Any) -> npt.NDArray[np.bool_]:
    """Return which cells of a column are not null (n,)."""
    bitmap = array.buffers()[0]
    if bitmap is None:
        return np.ones(len(array), dtype=bool)
    bits = np.unpackbits(np.frombuffer(bitmap, dtype=np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].astype(bool)


def _matrix(array: Any) -> Any:
    rows = len(array)
    if pa.types.is_fixed_size_list(array.type):
        width = array.type.list_size
        # On a slice `.values` is the whole parent, and `.flatten()` drops null rows: cut the parent by hand.
        flat = _numbers(array.values)[array.offset * width : (array.offset + rows) * width]
        matrix = flat.reshape(rows, width)
    else:
        width = vector_width(array)
        check_lengths(array, width)
        offsets = list_offsets(array)
        first, last = int(offsets[0]), int(offsets[-1])
        values = _numbers(array.values.slice(first, last - first))
        valid = valid_rows(array)
        if not valid.all():
            starts = offsets[:-1][valid] - first
            matrix = np.full((rows, width), np.nan, dtype=np.result_type(values.dtype, np.float16))
            matrix[valid] = values[starts[:, np.newaxis] + np.arange(width)]
            return matrix
        matrix = values.reshape(rows, width)
    if array.null_count:
        matrix = matrix.astype(np.result_type(matrix.dtype, np.float16))
        matrix[~valid_rows(array)] = np.nan
    return matrix


def vector_width(array: Any) -> int:
    """Return the length of the vectors of a column: that of the first one there is, 0 if there is none."""
    if pa.types.is_fixed_size_list(array.type):
        return int(array.type.list_size)
    lengths = np.diff(list_offsets(array))
    present = np.flatnonzero(valid_rows(array))
    return int(lengths[present[0]]) if present.size else 0


def check_lengths(array: Any, width: int) -> None:
    """Raise RaggedVector for the first vector of a column that has another length than ``width``."""
    if pa.types.is_fixed_size_list(array.type):
        return
    lengths = np.diff(list_offsets(array))
    odd = np.flatnonzero((lengths != width) & valid_rows(array))
    if odd.size:
        raise RaggedVector(int(odd[0]), int(lengths[odd[0]]), width)


def holds_lists(kind: pa.DataType) -> bool:
    """Whether the cells of a type are lists, of one length or of any."""
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def list_offsets(array: Any) -> npt.NDArray[np.integer[Any]]:
    """Return where each vector of a list column begins in its values, and where the last ends (n + 1,)."""
    kind = np.dtype(np.int64 if pa.types.is_large_list(array.type) else np.int32)
    offsets: Any = np.frombuffer(array.buffers()[1], dtype=kind, count=array.offset + len(array) + 1)
    every: npt.NDArray[np.integer[Any]] = offsets[array.offset :]
    return every


def _categories(array: Any) -> Categories:
    if pa.types.is_integer(array.type) and array.null_count == 0:
        numbers: Any = np.from_dlpack(array)
        return categories_of_integers(numbers)
    if not pa.types.is_dictionary(array.type):
        try:
            array = array.dictionary_encode()
        except pa.ArrowNotImplementedError:  # a UUID, or a cell of several values
            return _spelt(list(map(label_text, python_values(array))))
    codes = _numbers(array.indices)
    if array.null_count:
        codes = np.where(np.isnan(codes), MISSING, codes)
    return categories_of(codes.astype(np.int32, copy=False), python_values(array.dictionary))


def _spelt(texts: list[str | None]) -> Categories:
    """Return texts as codes."""
    places: dict[str, int] = {}
    codes = [MISSING if text is None else places.setdefault(text, len(places)) for text in texts]
    return Categories(np.array(codes, dtype=np.int32), tuple(places))
