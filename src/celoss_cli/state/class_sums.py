"""How much probability each class is given, over all rows and over its own: sums in units of 2^-32."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._sums = np.zeros((3, classes), dtype=np.int64)
        self._rows = np.zeros(classes, dtype=np.int64)

    def add(self, p: Floats, codes: Codes) -> None:
        """Add rows with probabilities ``p`` (C, n) and class ``codes`` (n,); n ≤ 2^15."""
        own = p[codes, np.arange(codes.shape[0])]
        part = np.empty_like(own)
        round_to(_EXPONENT, own, part)
        # n ≤ 2^15 multiples of 2^-32 below 1 add up below 2^53 of them: exact in any order
        self._sums[2] += _quanta(np.bincount(codes, part, minlength=self._classes))
        self._rows += np.bincount(codes, minlength=self._classes)
        block = np.empty_like(p)
        round_to(_EXPONENT, p, block)
        self._sums[0] += _quanta(block.sum(axis=1))
        np.subtract(1.0, p, out=block)
        block *= p
        round_to(_EXPONENT, block, block)
        self._sums[1] += _quanta(block.sum(axis=1))

    def finish(self) -> ClassSums:
        """Return the sums of all rows added so far."""
        p, spread, own = (tuple(sums.tolist()) for sums in self._sums)
        return ClassSums(tuple(self._rows.tolist()), p, spread, own)


def _quanta(sums: Floats | Codes) -> Codes:
    quanta: Codes = np.ldexp(sums, -_EXPONENT).astype(np.int64)
    return quanta
