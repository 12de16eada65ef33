"""What common clips would make of the rows they change: for rows so wrong that the exact loss runs away."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from celoss_cli.state.exact_sum import Accumulator, ExactSums, Floats

CAPS = (
    ("Keras, 1e-7", -math.log(1e-7)),
    ("1e-15", -math.log(1e-15)),
    ("scikit-learn, float64", -math.log(2.0**-52)),
    ("torch BCE, at most 100", 100.0),
)
"""The most that one row can cost under each, in nats, smallest first."""


@dataclass(frozen=True, slots=True)
class CapState:
    """For each of ``CAPS``: Σ v·l and Σ v over the rows with finite loss above it. ``merge`` is addition."""

    loss: ExactSums = field(default_factory=lambda: ExactSums.zeros(len(CAPS)))
    weight: ExactSums = field(default_factory=lambda: ExactSums.zeros(len(CAPS)))

    def merge(self, other: CapState) -> CapState:
        """Return the state of both sets of rows."""
        return CapState(self.loss.merge(other.loss), self.weight.merge(other.weight))

    def capped(self, loss: Fraction, infinite_weight: Fraction) -> list[tuple[str, Fraction]]:
        """Return the name of each cap and what Σ v·l would be under it.

        ``loss`` is Σ v·l over rows with finite loss, ``infinite_weight`` Σ v over the others.
        """
        return [
            (name, loss - self.loss.fraction(i) + Fraction(cap) * (self.weight.fraction(i) + infinite_weight))
            for i, (name, cap) in enumerate(CAPS)
        ]


class CapAccumulator:
    """Takes blocks of losses and leaves a ``CapState``. Ordinary blocks cost it one comparison."""

    def __init__(self) -> None:
        self._loss = [Accumulator(1) for _ in CAPS]
        self._weight = [Accumulator(1) for _ in CAPS]

    def add(self, loss: Floats, weights: Floats | None, peak: float) -> None:
        """Add rows with ``loss`` (n,), of which ``peak`` is the largest, and weights v (n,) or 1."""
        for i, (_, cap) in enumerate(CAPS):
            if peak <= cap:
                return
            above = np.flatnonzero((loss > cap) & (loss < np.inf))
            if above.size:
                v = np.ones(above.size) if weights is None else weights[above]
                self._loss[i].add(v * loss[above])
                self._weight[i].add(v)

    def finish(self) -> CapState:
        """Return the state of all rows added so far."""
        return CapState(_joined(self._loss), _joined(self._weight))


def _joined(accumulators: list[Accumulator]) -> ExactSums:
    return ExactSums(tuple(accumulator.finish().units[0] for accumulator in accumulators))
