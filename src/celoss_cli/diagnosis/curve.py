"""The calibration curve by isotonic regression, what the mean loss is made of, and what chance alone would show.

S = MCB − DSC + UNC (T. Dimitriadis, T. Gneiting, A. Jordan, "Stable reliability diagrams for probabilistic
classifiers", PNAS 2021), for the log loss. UNC is the loss of the base rate, UNC − DSC that of the curve. MCB is biased
upwards, since the curve fits what chance did too. So the mean of MCB over outcomes drawn from the probabilities is
taken off; its closed form, 1.5 blocks/2n, is a limit that no file reaches.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from celoss_cli.diagnosis.groups import Groups, sigmoid
from celoss_cli.diagnosis.side_by_side import SideBySide, alone
from celoss_cli.kernels.functions import log, softplus
from celoss_cli.kernels.outcome import Floats
from celoss_cli.state.scores import Counts
from celoss_cli.statistics.isotonic import pooled
from celoss_cli.statistics.quantiles import quantile

MOST_DRAWS = 200

_FEWEST_DRAWS = 20

_MOST_DRAWN = 1 << 22  # points of all draws together

_AT_ONCE = 8  # draws that a thread makes one after the other

LOW, HIGH = 0.05, 0.95
"""The quantiles of the draws that the consistency band lies between."""


class Step(NamedTuple):
    """One step of the curve."""

    p: float
    """The mean of what is predicted."""
    frequency: float
    """What happens."""
    rows: int
    low: float
    high: float
    """Between these lie 90 % of the curves of a calibrated model, on the mean over the rows of the step."""


class Decomposition(NamedTuple):
    """The parts of the mean log loss, in nats."""

    uncertainty: float
    discrimination: float
    miscalibration: float
    """Infinite where the loss is."""
    null_mean: float
    null_sd: float
    draws: int
    steps: tuple[Step, ...]

    @property
    def debiased(self) -> float:
        """The miscalibration less what chance shows; may be negative."""
        return self.miscalibration - self.null_mean


def decomposed(groups: Groups, threads: SideBySide | None = None) -> Decomposition:
    """Return curve and decomposition of rows with two outcomes; both occur. Draws are made in several ``threads``.

    Outcomes are drawn from the probabilities as they are, with a generator of its own for each draw (Philox, key 0,
    the draw as its counter): the same numbers for the same rows.
    """
    z, counts = groups.points.z, groups.points.counts
    ones, rows = counts[:, 1], counts.sum(axis=1)
    n = groups.n
    starts = pooled(ones, rows)
    curve_loss = _curve_loss(ones, rows, starts)
    base = groups.ones / n
    uncertainty = float(_entropy(np.array([base]))[0])
    p = sigmoid(z)
    draws = max(_FEWEST_DRAWS, min(MOST_DRAWS, _MOST_DRAWN // max(1, z.shape[0])))
    null = np.empty(draws)
    bands = np.empty((draws, starts.shape[0]))
    in_step = np.add.reduceat(rows, starts)
    losses = _losses_of_points(z, rows)

    def draw_some(some: range) -> None:
        for draw in some:
            drawn = outcomes_drawn(p, rows, draw)
            blocks = pooled(drawn, rows)
            null[draw] = losses(drawn) - _curve_loss(drawn, rows, blocks)
            sizes = np.diff(np.append(blocks, z.shape[0]))
            fitted = np.repeat(np.add.reduceat(drawn, blocks) / np.add.reduceat(rows, blocks), sizes)
            bands[draw] = np.add.reduceat(fitted * rows, starts) / in_step

    (threads or alone()).each(draw_some, [range(i, min(i + _AT_ONCE, draws)) for i in range(0, draws, _AT_ONCE)])
    low, high = quantile(bands, LOW), quantile(bands, HIGH)
    predicted = np.add.reduceat(p * rows, starts) / in_step
    happened = np.add.reduceat(ones, starts) / in_step
    return Decomposition(
        uncertainty=uncertainty,
        discrimination=uncertainty - curve_loss,
        miscalibration=groups.mean(groups.losses()) - curve_loss,
        null_mean=float(null.mean()),
        null_sd=float(null.std(ddof=1)),
        draws=draws,
        steps=tuple(
            Step(*step)
            for step in zip(
                predicted.tolist(), happened.tolist(), in_step.tolist(), low.tolist(), high.tolist(), strict=True
            )
        ),
    )


def outcomes_drawn(p: Floats, rows: Counts, draw: int) -> Counts:
    """Return how many of the ``rows`` (m,) of each point have outcome 1 in one draw, each with probability ``p`` (m,).

    A point of one row takes one uniform number, one of several a binomial one.
    """
    generator = np.random.Generator(np.random.Philox(key=0, counter=[0, 0, 0, draw]))
    drawn: Counts = (generator.random(p.shape[0]) < p).astype(np.int64)
    several = np.flatnonzero(rows > 1)
    if several.size:
        drawn[several] = generator.binomial(rows[several], p[several])
    return drawn


def _losses_of_points(z: Floats, rows: Counts) -> Callable[[Counts], float]:
    """Return what gives the mean loss of scores ``z`` (m,), of which ``rows`` (m,) are drawn, for each draw of ones."""
    finite = np.isfinite(z)
    if_zero, if_one = softplus(z[finite]), softplus(-z[finite])
    finite_rows, total = rows[finite], int(rows.sum())

    def loss(ones: Counts) -> float:
        happened = ones[finite]
        return float((if_zero * (finite_rows - happened) + if_one * happened).sum()) / total

    return loss


def _curve_loss(ones: Counts, rows: Counts, starts: Counts) -> float:
    """Return the mean loss of the curve with blocks at ``starts``: a block of one outcome costs nothing."""
    sizes = np.add.reduceat(rows, starts)
    share = np.add.reduceat(ones, starts) / sizes
    return float((_entropy(share) * sizes).sum()) / int(rows.sum())


def _entropy(share: Floats) -> Floats:
    """Return −q log q − (1 − q) log(1 − q) of shares (m,), 0 at 0 and 1."""
    inside = (share > 0.0) & (share < 1.0)
    q = np.where(inside, share, 0.5)
    entropy: Floats = np.where(inside, -q * log(q) - (1.0 - q) * log(1.0 - q), 0.0)
    return entropy
