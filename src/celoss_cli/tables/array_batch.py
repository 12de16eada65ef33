"""A batch of NumPy arrays. Arrow makes of them only what nothing else can: names, joins, what is written elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.bfloat16 import BFLOAT16, widened
from celoss_cli.tables.batch import Batch, Categories, categories_of_integers, label_text
from celoss_cli.tables.source import Column, Kind

if TYPE_CHECKING:
    from celoss_cli.tables.arrow.batch import ArrowBatch

Array = np.ndarray[Any, np.dtype[Any]]

_SINGLE = tuple(np.dtype(kind) for kind in ("f4", "f8"))  # floats that Python spells as Arrow does


class ArrayBatch:
    """Consecutive rows held as NumPy arrays, (n,) or (n, C) each. Implements ``Batch``."""

    __slots__ = ("_arrays", "_plain", "known", "rows")

    def __init__(self, arrays: Mapping[str, Array], rows: int) -> None:
        self._arrays = arrays
        self._plain: dict[str, Array] = {}
        self.known: dict[Any, Any] = {}
        self.rows = rows

    def numbers(self, name: str) -> Any:
        """Return a number column, shape (n,), in the file's own dtype. Booleans become 0 and 1."""
        return self._as_arrow(name).numbers(name) if _is_text(self._arrays[name]) else self._numbers(name)

    def stacked(self, names: Sequence[str]) -> npt.NDArray[Any]:
        """Return the ``numbers`` of several columns, shape (C, n)."""
        return np.stack([self.numbers(name) for name in names])

    def matrix(self, name: str) -> Any:
        """Return a vector column, shape (n, C), row-major."""
        return self._numbers(name)

    def is_vector(self, name: str) -> bool:
        """Whether the cells of a column are vectors: then ``matrix`` reads it, else ``numbers``."""
        return self._arrays[name].ndim > 1

    def categories(self, name: str) -> Categories:
        """Return a column of names or labels as codes. Numbers are named as numbers: ``1``, ``1.0`` and 1 agree."""
        whole = self.integers(name)
        return self._as_arrow(name).categories(name) if whole is None else categories_of_integers(whole)

    def integers(self, name: str) -> npt.NDArray[np.integer[Any]] | None:
        """Return an integer column, shape (n,), or ``None`` if it is not that (then: ``categories``)."""
        array = self._arrays[name]
        return self._numbers(name) if array.ndim == 1 and array.dtype.kind in "iub" else None

    def column(self, name: str) -> Any:
        """Return a column as an Arrow array."""
        return arrow_of(self._arrays[name])

    def held(self, name: str) -> Any:
        """Return a column as an Arrow array."""
        return self.column(name)

    def stored(self, name: str) -> Array | None:
        """Return a column of bfloat16 as it is stored, (n,) or (n, C); ``None`` for any other."""
        array = self._arrays[name]
        return array if array.dtype == BFLOAT16 else None

    def taken(self, rows: npt.NDArray[np.signedinteger[Any]]) -> Batch:
        """Return some rows, by their places in this batch."""
        return ArrayBatch({name: array[rows] for name, array in self._arrays.items()}, rows.shape[0])

    def text_at(self, name: str, row: int) -> str | None:
        """Return one cell as the text a person would type for it."""
        one = ArrayBatch({name: self._arrays[name][row : row + 1]}, 1)
        return one.texts(name)[0]

    def texts(self, name: str) -> list[str | None]:
        """Return any column as the text a person would type for each cell."""
        whole = self.integers(name)
        if whole is not None:
            return list(map(str, whole.tolist()))
        array = self._arrays[name]
        if array.ndim == 1 and array.dtype in _SINGLE:
            return list(map(label_text, array.tolist()))
        return self._as_arrow(name).texts(name)

    def _numbers(self, name: str) -> Any:
        plain = self._plain.get(name)
        if plain is None:
            plain = self._plain[name] = plain_numbers(self._arrays[name])
        return plain

    def _as_arrow(self, name: str) -> ArrowBatch:
        from celoss_cli.tables.arrow.batch import ArrowBatch

        return ArrowBatch({name: self.column(name)}, self.rows)


def described(name: str, array: Array) -> Column:
    """Return the column that the samples of an array are: (n,) or (n, C), of which at least one is there."""
    if _is_text(array):
        import pyarrow as pa

        from celoss_cli.tables.arrow.types import column_of

        return column_of(pa.field(name, arrow_of(array).type))
    kind = plain_numbers(array[:1]).dtype.name
    if array.ndim == 1:
        return Column(name, Kind.NUMBER, kind)
    return Column(name, Kind.VECTOR, f"list<{kind}>[{array.shape[1]}]", array.shape[1])


def _is_text(array: Array) -> bool:
    return array.dtype.kind in "US"


def plain_numbers(array: Array) -> Array:
    """Return numbers in one piece and of a type that is calculated with: a view where they are."""
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    if array.dtype == BFLOAT16:
        array = widened(array)
    if array.dtype.kind == "f" and array.dtype.itemsize > np.dtype(np.float64).itemsize:
        with np.errstate(all="ignore"):  # a long double may be beyond doubles, and has bits that are no number
            array = array.astype(np.float64)
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))


def arrow_of(array: Array) -> Any:
    """Return an Arrow array over the same memory where it can be. pa.array would import pandas."""
    import pyarrow as pa

    from celoss_cli.tables.arrow.batch import buffer_of

    if _is_text(array):
        from celoss_cli.tables.arrow.build import texts_array

        return texts_array([t if isinstance(t, str) else t.decode("utf-8", "replace") for t in array.tolist()])
    native = plain_numbers(array)
    flat = pa.Array.from_buffers(pa.from_numpy_dtype(native.dtype), native.size, [None, buffer_of(native.reshape(-1))])
    return flat if native.ndim == 1 else pa.FixedSizeListArray.from_arrays(flat, native.shape[1])
