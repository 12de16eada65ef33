"""Isotonic regression of two outcomes: the rising step function that is closest to them, for any proper score."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.signedinteger[Any]]

_WORTH_A_ROUND = 32  # a round over all blocks pays while it pools one in so many


def pooled(ones: Counts, rows: Counts) -> Counts:
    """Return where the blocks of the isotonic regression start, (b,), of m points in order of their score.

    ``ones`` (m,) of the ``rows`` (m,) of a point have outcome 1; rows are at least 1, and below 2^31 in all. The shares
    of blocks rise strictly; a block has the share of its rows together. (M. Ayer et al., "An empirical distribution
    function for sampling with incomplete information", 1955.)

    Whole runs of neighbours that do not rise are pooled at once, while that takes many with it; the rest goes over a
    stack. Shares are compared as products of whole numbers: ties are ties.
    """
    starts: Counts = np.arange(rows.shape[0])
    ones, rows = ones.astype(np.int64), rows.astype(np.int64)
    while starts.shape[0] > 1:
        rises = ones[:-1] * rows[1:] < ones[1:] * rows[:-1]
        kept = np.flatnonzero(rises) + 1
        gone = starts.shape[0] - 1 - kept.shape[0]
        if not gone:
            return starts
        first = np.concatenate([[0], kept])
        few = gone * _WORTH_A_ROUND < starts.shape[0]
        starts, ones, rows = starts[first], np.add.reduceat(ones, first), np.add.reduceat(rows, first)
        if few:
            return starts[_stacked(ones.tolist(), rows.tolist())]
    return starts


def _stacked(ones: list[int], rows: list[int]) -> list[int]:
    """Return which blocks are left, by their first one, pooling each with those before it that do not rise."""
    starts: list[int] = []
    sums: list[int] = []
    sizes: list[int] = []
    for place, (k, n) in enumerate(zip(ones, rows, strict=True)):
        start = place
        while sums and sums[-1] * n >= k * sizes[-1]:
            k += sums.pop()
            n += sizes.pop()
            start = starts.pop()
        starts.append(start)
        sums.append(k)
        sizes.append(n)
    return starts
