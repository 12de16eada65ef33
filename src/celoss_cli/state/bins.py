"""Probabilities of an event, and whether it happened, in fifteen bins of equal width."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.outcome import Mask
from celoss_cli.state.calibration import BINS
from celoss_cli.state.exact_sum import Accumulator, ExactSums, Floats
from celoss_cli.state.merging import merged

_GRID = -59  # probabilities, at most 1, are rounded to multiples of 2^-59: no digit of the result is lost

_SPREAD_GRID = -37  # what chance shows of an error needs six digits: one limb is enough


class BinState(NamedTuple):
    """Sums over rows per bin (lo, hi] of p; p = 0 is in the first. ``merge`` is addition.

    ``rows`` and ``happened`` (15,) count rows, and those in which the event happened; ``p`` has Σ p, ``spread`` has
    Σ p(1 − p).
    """

    rows: tuple[int, ...]
    happened: tuple[int, ...]
    p: ExactSums
    spread: ExactSums

    def merge(self, other: BinState) -> BinState:
        """Return the state of both sets of rows."""
        return merged(self, other)


class BinAccumulator:
    """Takes blocks of probabilities and leaves a ``BinState``. Not thread-safe: one per partition."""

    def __init__(self) -> None:
        self._counts = np.zeros(2 * BINS, dtype=np.int64)
        self._p = Accumulator(BINS, grid=_GRID)
        self._spread = Accumulator(BINS, grid=_SPREAD_GRID)

    def add(self, p: Floats, happened: Mask) -> None:
        """Add rows with probability ``p`` (n,) of an event, and whether it ``happened`` (n,); n ≤ 2^15."""
        if not p.shape[0]:
            return
        bins = np.clip(np.ceil(p * BINS), 1.0, BINS)  # as the report's own bins
        groups = bins.astype(np.intp)
        groups -= 1
        self._counts += np.bincount(groups * 2 + happened, minlength=2 * BINS)
        self._p.add(p, groups, peak=1.0)
        self._spread.add(p * (1.0 - p), groups, peak=1.0)

    def finish(self) -> BinState:
        """Return the state of all rows added so far."""
        counts = self._counts.reshape(BINS, 2)
        return BinState(
            tuple(counts.sum(axis=1).tolist()),
            tuple(counts[:, 1].tolist()),
            self._p.finish(),
            self._spread.finish(),
        )
