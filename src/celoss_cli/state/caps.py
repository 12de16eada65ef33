"""What common clips would make of the rows they change: for rows so wrong that the exact loss runs away."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.functions import log
from celoss_cli.state.exact_sum import Accumulator, ExactSums, Floats
from celoss_cli.state.merging import merged
from celoss_cli.tuples import NamedTuple

CAPS = (
    ("Keras, 1e-7", -float(log(1e-7))),
    ("1e-15", -float(log(1e-15))),
    ("scikit-learn, float64", -float(log(2.0**-52))),
    ("torch BCE, at most 100", 100.0),
)
"""The most that one row can cost under each, in nats, smallest first."""

_NONE = ExactSums.zeros(len(CAPS))


class CapState(NamedTuple):
    """For each of ``CAPS``, over the terms that make up the rows' losses: one a row, or several. ``merge`` is addition.

    ``weight`` is Σ v over the terms above it, the infinite ones among them. ``excess`` is Σ v·l over those of rows
    with finite loss, less Σ v·l over the others of rows with infinite loss, which are in no sum yet.
    """

    excess: ExactSums = _NONE
    weight: ExactSums = _NONE

    def merge(self, other: CapState) -> CapState:
        """Return the state of both sets of rows."""
        return merged(self, other)

    def capped(self, loss: Fraction) -> list[tuple[str, Fraction]]:
        """Return the name of each cap and what Σ v·l would be under it; ``loss`` is Σ v·l over finite rows."""
        return [
            (name, loss - self.excess.fraction(i) + Fraction(cap) * self.weight.fraction(i))
            for i, (name, cap) in enumerate(CAPS)
        ]


class CapAccumulator:
    """Takes blocks of losses and leaves a ``CapState``. Ordinary blocks cost it one comparison."""

    def __init__(self) -> None:
        self._excess: list[Accumulator] = []  # made for the first loss above a cap: few files have any
        self._weight: list[Accumulator] = []

    def add(self, loss: Floats, weights: Floats | None, peak: float) -> None:
        """Add rows of one term, ``loss`` (n,), of which ``peak`` is the largest, and weights v (n,) or 1."""
        if peak > CAPS[0][1]:
            v = np.ones_like(loss) if weights is None else weights
            self._add(loss, v, np.isinf(loss))

    def add_terms(self, surprisals: Floats, weights: Floats) -> None:
        """Add rows of several terms, ``surprisals`` (C, n) with weights v (C, n)."""
        if not float(surprisals.max()) > CAPS[0][1]:
            return
        infinite = np.logical_or.reduce(np.isinf(surprisals) & (weights > 0.0), axis=0)
        for loss, v in zip(surprisals, weights, strict=True):
            self._add(loss, v, infinite)

    def _add(self, loss: Floats, v: Floats, infinite: npt.NDArray[np.bool_]) -> None:
        """Add one term of each row, (n,); ``infinite`` (n,) are the rows with infinite loss, by this term or others."""
        if not self._excess:
            self._excess, self._weight = ([Accumulator(1) for _ in CAPS] for _ in range(2))
        for i, (_, cap) in enumerate(CAPS):
            above = loss > cap
            self._weight[i].add(v[above])
            over, kept = above & ~infinite, ~above & infinite
            over &= v > 0.0  # the loss may be infinite where the weight is 0
            self._excess[i].add(v[over] * loss[over])
            self._excess[i].add(-v[kept] * loss[kept])

    def finish(self) -> CapState:
        """Return the state of all rows added so far."""
        if not self._excess:
            return CapState()
        return CapState(_joined(self._excess), _joined(self._weight))


def _joined(accumulators: list[Accumulator]) -> ExactSums:
    return ExactSums(tuple(accumulator.finish().units[0] for accumulator in accumulators))
