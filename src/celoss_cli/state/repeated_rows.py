"""How many rows stand in the file several times, with the same scores and label: from a sample of scores by their hash.

Rows with the same scores are no copies of each other where scores are coarse: leaves of a tree, votes, two decimals.
But then their labels differ now and then, and those of copies never do.
"""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.state.row_sample import MOST_IDS, Prints, RowSample

_MOST_COPIES = 16
"""So many rows of one hash count at most: probabilities of exactly 0 and 1 stand in many rows, and are one value."""

_FEWEST = 50  # different scores, below which they are coarse, whatever their labels

_VARYING = 0.05  # of the scores that stand in several rows: from there on these are no copies

_ODD = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


def repeated_share(sample: RowSample) -> float:
    """Return the share of the rows that are copies of another, 0 where rows with the same scores are none."""
    if sample.size < _FEWEST:
        return 0.0
    counts = np.minimum(sample.counts, _MOST_COPIES)
    several = sample.counts > 1
    varying = several & (sample.low != sample.high)
    if np.count_nonzero(varying) > _VARYING * np.count_nonzero(several):
        return 0.0
    return float(counts[several & ~varying].sum() / counts.sum())


class RepeatAccumulator:
    """Takes blocks of rows and leaves the sample of their scores. Not thread-safe: one per partition."""

    def __init__(self) -> None:
        self._state = RowSample()
        self._bar = np.uint64(2**64 - 1)

    def add(self, scores: Floats, codes: Codes) -> None:
        """Add rows with ``scores`` (C, n), of which the first, middle and last count, and class ``codes`` (n,)."""
        prints = _prints(scores)
        some = np.flatnonzero(prints <= self._bar)
        if not some.size:
            return
        self._state = self._state.merge(RowSample.of(prints[some], codes[some]))
        if self._state.size == MOST_IDS:
            self._bar = self._state.prints[-1]

    def finish(self) -> RowSample:
        """Return the sample of all rows added so far."""
        return self._state


def _prints(scores: Floats) -> Prints:
    """Return a hash (n,) of some of the scores (C, n) of each row."""
    classes = scores.shape[0]
    mixed = np.zeros(scores.shape[1], dtype=np.uint64)
    for odd, place in zip(_ODD, sorted({0, classes // 2, classes - 1}), strict=False):
        row = np.ascontiguousarray(scores[place])
        bits = row.view(np.uint64) * odd
        bits ^= bits >> np.uint64(29)
        mixed += bits
    mixed *= _ODD[0]
    mixed ^= mixed >> np.uint64(32)
    return mixed
