"""How the loss is spread over the rows: a histogram fine enough to say what share the worst rows carry."""

from __future__ import annotations

import functools
import itertools
import math
import operator
import struct

import numpy as np

from celoss_cli.state.exact_sum import Floats
from celoss_cli.tuples import NamedTuple

# A double, read as an integer, grows with its value: its upper bits are a logarithmic scale for nothing.
# Five bits of the mantissa stay: 32 bins an octave, each 2 to 3 % wide, from 2^-32 to 2^16 nats.
_SHIFT = 47

_FIRST = (1023 - 32) << 5

TAIL_BINS = (32 + 16) << 5


LOWEST, HIGHEST = 2.0**-32, math.nextafter(2.0**16, 0.0)
"""The range of losses that the bins divide."""


class TailState(NamedTuple):
    """Rows per bin of the loss; ``merge`` is addition. Losses below 2^-32 share the first bin, above 2^16 the last."""

    counts: tuple[int, ...] = (0,) * TAIL_BINS

    def merge(self, other: TailState) -> TailState:
        """Return the histogram of both sets of rows."""
        return TailState(tuple(map(operator.add, self.counts, other.counts)))

    def share_of_worst(self, part: float) -> float | None:
        """Return about what share of the total loss the worst ``part`` of the rows carries, to a percent of itself.

        ``None`` where there is no loss at all. Rows are taken whole: at least one.
        """
        counts, losses = self._filled()
        wanted, worst = math.ceil(sum(counts) * part), 0.0
        for count, loss in zip(reversed(counts), reversed(losses), strict=True):
            taken = min(count, wanted)
            worst += taken * loss
            wanted -= taken
            if not wanted:
                break
        total = functools.reduce(operator.add, map(operator.mul, reversed(counts), reversed(losses)), 0.0)
        return worst / total if total else None

    def moments(self) -> tuple[float, float, float]:
        """Return the mean, Σ u² and Σ u³, u the deviations from it, as if each loss were the middle of its bin.

        To a percent or so of themselves where the losses are spread over several bins.
        """
        counts, losses = self._filled()
        if not counts:
            return 0.0, 0.0, 0.0
        mean = math.fsum(map(operator.mul, counts, losses)) / sum(counts)
        away = [loss - mean for loss in losses]
        second, third = (math.fsum(map(operator.mul, counts, [by**power for by in away])) for power in (2, 3))
        return mean, second, third

    def _filled(self) -> tuple[list[int], list[float]]:
        """Return the rows of each bin that has any, and the loss in its middle; as the losses rise."""
        return [*filter(None, self.counts)], [*itertools.compress(_middles(), self.counts)]


class TailAccumulator:
    """Takes blocks of losses and leaves a ``TailState``. Not thread-safe: one per partition."""

    def __init__(self) -> None:
        self._counts = np.zeros(TAIL_BINS, dtype=np.int64)

    def add(self, loss: Floats) -> None:
        """Add rows with ``loss`` (n,) ≥ 0, in nats; infinite ones count in the last bin."""
        places = np.clip(loss, LOWEST, HIGHEST).view(np.int64)
        places >>= _SHIFT
        places -= _FIRST
        self._counts += np.bincount(places, minlength=TAIL_BINS)

    def finish(self) -> TailState:
        """Return the histogram of all rows added so far."""
        return TailState(tuple(self._counts.tolist()))


def middle_of(place: int) -> float:
    """Return the middle of a bin, 0 for the first: it holds the rows that cost nothing to speak of."""
    return _middles()[place]


@functools.cache
def _middles() -> tuple[float, ...]:
    edges = (np.arange(_FIRST, _FIRST + TAIL_BINS + 1, dtype=np.int64) << _SHIFT).view(np.float64)
    return (0.0, *(0.5 * (edges[1:-1] + edges[2:])).tolist())


def edges_of(place: int) -> tuple[float, float]:
    """Return the losses between which a bin lies: from the first up to, not including, the second."""
    low, high = struct.unpack("<2d", struct.pack("<2q", (place + _FIRST) << _SHIFT, (place + 1 + _FIRST) << _SHIFT))
    return low, high
