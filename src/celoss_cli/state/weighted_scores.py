"""Scores of weighted rows with two outcomes: for every score the rows, their weight and its square, in whole quanta.

Weights may be of any size, so a quantum is a share of their total, which an earlier pass has found.
"""

from __future__ import annotations

import math

import numpy as np

from celoss_cli.state.exact_sum import Codes, Floats
from celoss_cli.state.runs import runs_of_equal
from celoss_cli.state.scores import MOST_DISTINCT, Counts

_QUANTA = 60  # all weights together are at most 2^60 quanta: no sum of int64 overflows

_INSIDE = 32.0

_STEP = 2.0**-11  # between −32 and 32: as many scores as are kept apart

_BITS = 9  # of scores beyond

_HELD = 1 << 18  # rows that wait to be added up


class Quanta:
    """What weights and their squares are counted in: powers of two, from the total of either."""

    __slots__ = ("square", "weight")

    def __init__(self, weight: float, square: float) -> None:
        """``weight`` is Σ s and ``square`` at least Σ s² of all rows, both above 0."""
        self.weight = math.ldexp(1.0, max(-1074, math.frexp(weight)[1] - _QUANTA))
        self.square = math.ldexp(1.0, max(-1074, math.frexp(square)[1] - _QUANTA))

    def of(self, weights: Floats) -> Counts:
        """Return weights (n,) and their squares in quanta, (n, 2): each rounded, so that sums are exact."""
        return np.stack(
            [
                np.rint(weights / self.weight).astype(np.int64),
                np.rint(weights * weights / self.square).astype(np.int64),
            ],
            axis=1,
        )


class WeightedScores:
    """``values`` (m,) scores in rising order; ``sums`` (m, 2, 3) of the rows with outcome 0 and 1: how many there are,
    their weight and the square of that, in quanta. A value: the arrays are never written to.

    With more than 2^17 different scores (``coarse``) these are rounded to multiples of 2^-11, beyond ±32 to nine binary
    digits. That depends on the set of scores alone, and merging adds integers: the same bits for any cut and any order.
    ``WeightedScores()`` is the identity.
    """

    __slots__ = ("coarse", "sums", "values")

    def __init__(self, values: Floats | None = None, sums: Counts | None = None, *, coarse: bool = False) -> None:
        self.values: Floats = np.empty(0) if values is None else values
        self.sums: Counts = np.empty((0, 2, 3), dtype=np.int64) if sums is None else sums
        self.coarse = coarse

    def merge(self, other: WeightedScores) -> WeightedScores:
        """Return the scores of both sets of rows."""
        if not (self.values.size and other.values.size):
            return self if self.values.size else other
        coarse = self.coarse or other.coarse
        values = np.concatenate([_rounded(one.values) if coarse else one.values for one in (self, other)])
        return _folded(values, np.concatenate([self.sums, other.sums]), coarse=coarse)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WeightedScores):
            return NotImplemented
        return np.array_equal(self.values, other.values) and np.array_equal(self.sums, other.sums)

    __hash__ = None  # type: ignore[assignment]  # equal by content, and arrays have no hash


class WeightedScoreAccumulator:
    """Takes blocks of scores and leaves ``WeightedScores``. Not thread-safe: one per partition."""

    def __init__(self, quanta: Quanta) -> None:
        self._quanta = quanta
        self._state = WeightedScores()
        self._held: list[tuple[Floats, Counts]] = []
        self._size = 0

    def add(self, z: Floats, outcome: Codes, weights: Floats) -> None:
        """Add rows with scores ``z`` (n,), none of them NaN, ``outcome`` (n,) 0 or 1, and weights (n,) ≥ 0."""
        some = np.flatnonzero(weights > 0.0)
        sums = np.zeros((some.shape[0], 2, 3), dtype=np.int64)
        rows = np.arange(some.shape[0])
        sums[rows, outcome[some], 0] = 1
        sums[rows, outcome[some], 1:] = self._quanta.of(weights[some])
        self._held.append((z[some] + 0.0, sums))  # −0 is 0
        self._size += some.shape[0]
        if self._size >= _HELD:
            self._fold()

    def finish(self) -> WeightedScores:
        """Return the state of all rows added so far."""
        self._fold()
        return self._state

    def _fold(self) -> None:
        if self._held:
            values, sums = (np.concatenate(parts) for parts in zip(*self._held, strict=True))
            self._held, self._size = [], 0
            self._state = self._state.merge(_folded(values, sums, coarse=False))


def _folded(values: Floats, sums: Counts, *, coarse: bool) -> WeightedScores:
    """Return scores that may stand here several times, each once."""
    order, starts = runs_of_equal(values)
    if not starts.size:
        return WeightedScores()
    values, sums = values[order][starts], np.add.reduceat(sums[order], starts, axis=0)
    if values.shape[0] > MOST_DISTINCT and not coarse:
        return _folded(_rounded(values), sums, coarse=True)
    return WeightedScores(values, sums, coarse=coarse)


@np.errstate(over="ignore")  # the largest doubles
def _rounded(z: Floats) -> Floats:
    """Return scores on the grid of the coarse form; what is on it stays, and so does what is infinite."""
    mantissa, exponent = np.frexp(z)
    beyond = np.ldexp(np.rint(mantissa * 2.0**_BITS) * 2.0**-_BITS, exponent)
    inside = np.rint(z / _STEP) * _STEP
    rounded: Floats = np.where(np.abs(z) < _INSIDE, inside, np.where(np.isinf(beyond), z, beyond)) + 0.0
    return rounded
