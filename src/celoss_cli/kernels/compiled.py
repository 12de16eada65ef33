"""The compiled core, if it was built and works here: ``CORE`` is the extension, or ``None``.

``CELOSS_KERNELS`` chooses: ``numpy`` for none of it, or one of the instruction levels ``v4``, ``v3``, ``v2`` (x86-64)
and ``plain`` (any processor); the fastest that runs here is the default. All give the same bits.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels import elementary
from celoss_cli.kernels.bfloat16 import BFLOAT16
from celoss_cli.tuples import NamedTuple

NUMPY = "numpy"

_VERSION = 10  # to be raised, here and in c/core.h, with every change of what is computed, or of how it is called

_CHECK = 0x1DC7C3BB349794C1  # what the passes make of the rows of c/check.h

_LETTERS = {
    (kind, size): letter
    for kind, letters in (("f", ("e", "f", "d")), ("i", ("b", "h", "i", "l")), ("u", ("B", "H", "I", "L")))
    for size, letter in zip((2, 4, 8) if kind == "f" else (1, 2, 4, 8), letters, strict=True)
}

_FUNCTIONS = ("log", "exp", "log1p", "softplus", "log1mexp")


class Kernels(NamedTuple):
    """What computes: the extension, if any, and its instruction level; and what stands against the one asked for."""

    core: Any
    level: str
    problem: str = ""

    def __str__(self) -> str:
        return NUMPY if self.core is None else f"compiled ({self.level})"


def _found() -> Kernels:
    wanted = os.environ.get("CELOSS_KERNELS", "").strip().lower()
    if wanted == NUMPY:
        return Kernels(None, NUMPY)
    try:
        from celoss_cli.kernels import core  # type: ignore[attr-defined]  # built where there is a compiler
    except ImportError:
        if wanted:
            return Kernels(None, NUMPY, f"CELOSS_KERNELS={wanted}: the kernels of this installation are not compiled")
        return Kernels(None, NUMPY)
    if getattr(core, "VERSION", None) != _VERSION:
        return Kernels(
            None, NUMPY, f"CELOSS_KERNELS={wanted}: the kernels found are of another version" if wanted else ""
        )
    levels = core.levels()
    if wanted and wanted not in levels:
        return Kernels(None, NUMPY, f"CELOSS_KERNELS={wanted}: this machine runs {', '.join(levels)} and {NUMPY}")
    level = wanted or levels[0]
    core.use(level)
    if _gives_the_same_bits(core):
        return Kernels(core, level)
    return Kernels(None, NUMPY, f"CELOSS_KERNELS={wanted}: these kernels give other bits here" if wanted else "")


def _gives_the_same_bits(core: Any) -> bool:
    """Whether the compiler kept to the letter of the arithmetic, on values whose last bits would show it."""
    steps = np.arange(1.0, 49.0)
    for name, x in zip(
        _FUNCTIONS, (steps / 7.0, steps * 0.3 - 9.0, steps / 11.0, steps - 24.1, steps / -5.0), strict=True
    ):
        found = np.empty_like(x)
        getattr(core, name)(x, found)
        if not np.array_equal(found, getattr(elementary, name)(x)):
            return False
    return bool(core.check() == _CHECK)


def as_buffer(array: npt.ArrayLike, dtype: npt.DTypeLike | None = None) -> npt.NDArray[Any]:
    """Return an array as the core reads it: contiguous and aligned; itself, if it is."""
    whole = np.asarray(array, dtype=dtype, order="C")
    return whole if whole.flags.aligned else whole.copy()


def letter_of(dtype: np.dtype[Any]) -> str | None:
    """Return what the core calls a type, or ``None``: Python's letters in ``struct``, and E for bfloat16."""
    if dtype == BFLOAT16:
        return "E"
    return _LETTERS.get((dtype.kind, dtype.itemsize)) if dtype.isnative else None


KERNELS = _found()

CORE: Any = KERNELS.core
