"""An array that is made as far as one asks for it: packed, sparse, or of a type that NumPy has not."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from celoss_cli.tables.mapped import unmapped

Array = np.ndarray[Any, np.dtype[Any]]


class MadeArray:
    """Stands for an array where only runs of its leading indices are read; ``make`` returns those of a slice.

    ``together`` is how many of them the file keeps together, so that to read less costs as much.
    """

    def __init__(
        self, shape: tuple[int, ...], dtype: Any, make: Callable[[slice], Array], *, together: int = 1
    ) -> None:
        self.together = together
        self.shape, self.dtype = shape, np.dtype(dtype)
        self.ndim, self.size = len(shape), math.prod(shape)
        self.nbytes = self.size * self.dtype.itemsize
        self._make = make

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> Array:
        return self._make(slice(*rows.indices(self.shape[0])))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self._make(slice(0, self.shape[0])), dtype)


def drawn_from(codes: Array, values: Array) -> Any:
    """Return the array of the values (256,) that codes of one byte stand for."""
    return MadeArray(codes.shape, values.dtype, lambda rows: values[unmapped(codes[rows])])


def float8_values(exponent: int, *, infinite: bool) -> Array:
    """Return what the 256 codes of a float8 stand for, in float32; ``infinite`` if it has infinities, as IEEE does."""
    mantissa = 7 - exponent
    codes = np.arange(256)
    powers, parts = codes >> mantissa & ((1 << exponent) - 1), codes & ((1 << mantissa) - 1)
    bias = (1 << exponent - 1) - 1
    normal = np.ldexp(1.0 + parts / (1 << mantissa), powers - bias)
    values = np.where(powers == 0, np.ldexp(parts / (1 << mantissa), 1 - bias), normal)
    top = powers == (1 << exponent) - 1
    if infinite:
        values[top] = np.where(parts[top] == 0, np.inf, np.nan)
    else:
        values[top & (parts == (1 << mantissa) - 1)] = np.nan
    return np.where(codes >= 128, -values, values).astype(np.float32)
