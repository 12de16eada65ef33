"""How much probability each class is given, over all rows and over its own: sums in units of 2^-32."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.compiled import CORE, as_buffer
from celoss_cli.kernels.multiclass import true_index
from celoss_cli.state.exact_sum import Codes, Floats, round_to
from celoss_cli.state.merging import merged

UNIT = 2.0**-32
"""Probabilities are rounded to multiples of it: a mean is off by 1e-10 at the most."""

_EXPONENT = -32


class ClassSums(NamedTuple):
    """Per class (C,), in units of 2^-32: ``p`` Σ p_c, ``spread`` Σ p_c(1 − p_c), ``own`` Σ p_c over the rows with that
    label; ``rows`` counts these. ``merge`` is addition.
    """

    rows: tuple[int, ...]
    p: tuple[int, ...]
    spread: tuple[int, ...]
    own: tuple[int, ...]

    def merge(self, other: ClassSums) -> ClassSums:
        """Return the state of both sets of rows."""
        return merged(self, other)


class ClassAccumulator:
    """Takes blocks of probabilities and leaves ``ClassSums``. Not thread-safe: one per partition."""

    def __init__(self, classes: int, *, single: bool = False) -> None:
        """``single``: of two classes the first has what the second leaves of 1, so that one sum tells both."""
        self._classes = classes
        self._single = single
        self._sums = np.zeros((3, classes), dtype=np.int64)
        self._rows = np.zeros(classes, dtype=np.int64)

    def add(self, p: Floats, codes: Codes) -> None:
        """Add rows with probabilities ``p`` (C, n) and class ``codes`` (n,); n ≤ 2^15."""
        # n ≤ 2^15 multiples of 2^-32 up to 1 add up below 2^53 of them: exact in any order
        if self._single:
            p = p[1:]
        if CORE is not None and p.size:
            CORE.add_classes(as_buffer(p, np.float64), as_buffer(codes, np.int64), self._single, self._sums, self._rows)
            return
        block = np.empty_like(p)
        round_to(_EXPONENT, p, block)
        self._sums[0, -p.shape[0] :] += _quanta(block.sum(axis=1))
        if self._single:
            ones = int(codes.sum())
            self._rows += (codes.shape[0] - ones, ones)
            block[0] *= codes
            self._sums[2, 1:] += _quanta(block.sum(axis=1))
        else:
            self._rows += np.bincount(codes, minlength=self._classes)
            own = block.reshape(-1).take(true_index(codes, self._classes, 0))
            self._sums[2] += _quanta(np.bincount(codes, own, minlength=self._classes))
        np.subtract(1.0, p, out=block)
        block *= p
        round_to(_EXPONENT, block, block)
        self._sums[1, -p.shape[0] :] += _quanta(block.sum(axis=1))

    def finish(self) -> ClassSums:
        """Return the sums of all rows added so far."""
        sums = self._sums.copy()
        if self._single:
            sums[0, 0] = (int(self._rows.sum()) << -_EXPONENT) - sums[0, 1]
            sums[1, 0] = sums[1, 1]
            sums[2, 0] = (int(self._rows[0]) << -_EXPONENT) - (sums[0, 1] - sums[2, 1])
        p, spread, own = (tuple(part.tolist()) for part in sums)
        return ClassSums(tuple(self._rows.tolist()), p, spread, own)


def _quanta(sums: Floats | Codes) -> Codes:
    quanta: Codes = np.ldexp(sums, -_EXPONENT).astype(np.int64)
    return quanta
