"""bfloat16, which NumPy has not: the upper half of a float32. The compiled core widens it by itself."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

BFLOAT16 = np.dtype("V2")
"""What it is in arrays and files of NumPy: nothing else has two bytes without a type. Of files, little-endian."""


def widened(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return bfloat16 of any shape as float32, which holds every one of its values."""
    halves = np.ascontiguousarray(values).view("<u2")
    return (halves.astype(np.uint32) << np.uint32(16)).view(np.float32)


def as_stored(values: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
    """Return bfloat16, that of ``ml_dtypes`` too, as the two bytes that each is; ``None`` for another type."""
    if values.dtype == BFLOAT16:
        return values
    if values.dtype.name != "bfloat16" or sys.byteorder != "little":
        return None
    stored: npt.NDArray[Any] = values.view(BFLOAT16)
    return stored


def as_halves(stored: npt.NDArray[Any]) -> npt.NDArray[np.uint16]:
    """Return bfloat16 as the core reads it, of the same shape."""
    halves: npt.NDArray[np.uint16] = stored.view("<u2").astype(np.uint16, copy=False)
    return halves
