"""Rows with two outcomes as groups that cannot be told apart: the same score, the same outcome."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.functions import exp, log, softplus
from celoss_cli.kernels.outcome import Floats, Mask
from celoss_cli.state.scores import Counts, ScorePoints, ScoreState
from celoss_cli.state.weighted_scores import Quanta, WeightedScores


class Groups(NamedTuple):
    """m points in rising order of the score, and the k groups that their rows fall into by outcome."""

    points: ScorePoints
    """The points: ``z`` (m,) log odds, ``counts`` (m, 2) rows with outcome 0 and 1."""
    point: Counts
    """(k,) the point of each group."""
    z: Floats
    """(k,) the score of each group: in a cell the mean of its rows with that outcome."""
    outcome: Floats
    """(k,) 0 or 1."""
    rows: Counts
    """(k,) how many rows it has, at least 1."""
    weighed: tuple[Floats, Floats] | None = None
    """Σ s and Σ s² of each group, (k,) each, with sample weights s of mean 1; ``None`` where all of them are 1."""

    @classmethod
    def of(cls, scores: ScoreState) -> Groups:
        """Return the groups of the rows that a state has counted."""
        points = scores.points()
        point, outcome = np.nonzero(points.counts)
        return cls(
            points,
            point,
            points.of_outcome[point, outcome],
            outcome.astype(np.float64),
            points.counts[point, outcome],
        )

    @classmethod
    def of_weighted(cls, scores: WeightedScores, quanta: Quanta) -> Groups:
        """Return the groups of weighted rows: those whose weight is not lost beside that of all."""
        points = ScorePoints(scores.values, scores.sums[:, :, 0], np.stack([scores.values, scores.values], axis=1))
        point, outcome = np.nonzero(scores.sums[:, :, 1])
        sums = scores.sums[point, outcome]
        rows = sums[:, 0]
        weights = sums[:, 1].astype(np.float64) * quanta.weight
        mean = float(weights.sum()) / int(rows.sum()) if rows.size else 1.0
        squares = sums[:, 2].astype(np.float64) * (quanta.square / mean / mean)
        return cls(points, point, scores.values[point], outcome.astype(np.float64), rows, (weights / mean, squares))

    @property
    def weights(self) -> Floats:
        """(k,) the sample weight of each group; the mean over rows is 1."""
        return self.rows.astype(np.float64) if self.weighed is None else self.weighed[0]

    @property
    def squares(self) -> Floats:
        """(k,) the sum of the squares of its rows' weights."""
        return self.rows.astype(np.float64) if self.weighed is None else self.weighed[1]

    @property
    def n(self) -> int:
        """How many rows there are."""
        return int(self.rows.sum())

    @property
    def ones(self) -> int:
        """How many of them have outcome 1."""
        return int(self.rows[self.outcome == 1.0].sum())

    @property
    def signs(self) -> Floats:
        """(k,) 1 where the outcome is 1, −1 where it is 0."""
        return 2.0 * self.outcome - 1.0

    @property
    def impossible(self) -> Mask:
        """(k,) which groups have probability 0 for what happened: an infinite loss."""
        impossible: Mask = self.signs * self.z == -np.inf
        return impossible

    def losses(self) -> Floats:
        """Return the loss of each group's rows, (k,), in nats."""
        return softplus(-self.signs * self.z)

    def mean(self, values: Floats) -> float:
        """Return the weighted mean over rows of what each group's rows have, (k,)."""
        return float((values * self.weights).sum()) / self.n

    def standard_error(self, values: Floats) -> float:
        """Return the standard error of that mean, without weights sd/√n; NaN with fewer than two rows."""
        n = self.n
        if n < 2:
            return float("nan")
        spread = values - self.mean(values)
        return float(np.sqrt((spread * spread * self.squares).sum() / (n - 1) / n))

    def floored(self, epsilon: float) -> Groups:
        """Return the same rows with both probabilities raised to ``epsilon``, and divided by their sum."""
        points = self.points
        raised = points._replace(z=_raised(points.z, epsilon), of_outcome=_raised(points.of_outcome, epsilon))
        return self._replace(points=raised, z=_raised(self.z, epsilon))


def _raised(z: Floats, epsilon: float) -> Floats:
    """Return scores of any shape, none with longer odds than those of the larger probability against ``epsilon``."""
    if not 0.0 < epsilon <= 0.5:
        raise ValueError(f"a floor of {epsilon} is not between 0 and a half")
    longest = log(sigmoid(np.abs(z))) - math.log(epsilon)
    raised: Floats = np.clip(z, -longest, longest)
    return raised


def sigmoid(z: Floats) -> Floats:
    """Return 1/(1 + e^−z), 0 and 1 at the ends."""
    with np.errstate(over="ignore"):
        probability: Floats = 1.0 / (1.0 + exp(-z))
    return probability
