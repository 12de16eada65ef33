"""From the sums of two models on the same rows to the difference of their means and what chance could make of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from celoss_cli.request import Denominator
from celoss_cli.state.paired import PairedState
from celoss_cli.statistics.skewed_mean import Interval, interval_of_mean
from celoss_cli.statistics.student_t import critical_value, two_sided_p
from celoss_cli.summary.weighted_mean import (
    FoundBy,
    Moments,
    ThirdMoments,
    error_within_classes,
    skewness_of,
    standard_error,
)

_ROUNDING = 8.0  # a loss is right to 4 · max(2^-52 · l, 1e-16), and there are two of them


class DifferenceBasis(NamedTuple):
    """What means are taken over, and in which unit: a row has ``terms`` losses (L if multilabel).

    ``found_by`` says how class weights came from the rows, and each group is a class then.
    """

    kind: Denominator
    terms: int
    nats: float
    found_by: FoundBy | None = None


class Units(NamedTuple):
    """What is independent of each other where single rows are not: ``size`` clusters, with the moments of theirs."""

    size: int
    moments: Moments
    thirds: ThirdMoments


class Blind(StrEnum):
    """Why rows cannot tell two models apart, however their differences look."""

    TIES = "ties"
    """All differ by the same amount: nothing says how far rows vary."""
    NO_ERRORS = "no_errors"
    """Neither model has an error: nothing says what one costs, and the surer of the two looks better."""


class PairedMeans(NamedTuple):
    """Both mean losses and their difference, in the unit of the loss; ``error`` is the standard error of that.

    With an infinite loss the means are, and there is no error; neither is there with fewer than two ``units``.
    """

    baseline: float
    candidate: float
    difference: float
    error: float | None
    units: int
    skewness: float = 0.0
    blind: Blind | None = None

    @property
    def within_rounding(self) -> bool:
        """Whether the difference and its error are no larger than what the rounding of the losses makes of them."""
        return self.steady and abs(self.difference) <= self._rounding

    @property
    def steady(self) -> bool:
        """Whether all rows differ by the same amount, but for rounding."""
        return self.error is not None and self.error <= self._rounding

    @property
    def _rounding(self) -> float:
        return _ROUNDING * max(2.0**-52 * max(self.baseline, self.candidate), 1e-16)

    def reversed(self) -> PairedMeans:
        """Return the same two models the other way round."""
        return self._replace(
            baseline=self.candidate,
            candidate=self.baseline,
            difference=0.0 - self.difference,
            skewness=0.0 - self.skewness,
        )


def means_of(
    state: PairedState, groups: Sequence[int], basis: DifferenceBasis, clusters: Units | None = None
) -> PairedMeans | None:
    """Return the means over some of the groups of ``state``, ``None`` where no row of them has a weight.

    The difference is Σ v (b − a) / Σ v, and its standard error that of a weighted mean: sqrt(n/(n−1) · Σ v² (d − δ)²)
    / Σ v, which for rows that all count the same is the paired t-test's sd(d) / √n. For ``clusters`` the sums run over
    them, each with all its difference and weight (K. Liang, S. Zeger, Biometrika 73, 1986). Class weights found in the
    rows are no noise: see ``error_within_classes``.
    """
    weight = sum((state.weight.fraction(g) for g in groups), Fraction(0))
    if not weight:
        return None
    counted = basis.kind is Denominator.COUNT
    counts = state.scored if counted else state.rows
    rows = sum(counts[g] for g in groups)
    denominator = Fraction(rows * basis.terms) if counted else weight
    ends = [sum(count[g] for g in groups) for count in (state.infinite_baseline, state.infinite_candidate)]
    units = rows if clusters is None else clusters.size
    sums = [sum((s.fraction(g) for g in groups), Fraction(0)) for s in (state.baseline, state.candidate)]
    unit = denominator * Fraction(basis.nats)
    if any(ends):
        a, b = (math.inf if infinite else float(s / unit) for s, infinite in zip(sums, ends, strict=True))
        return PairedMeans(a, b, b - a, None, units)
    if basis.found_by is not None and clusters is None and len(groups) > 1:
        classes = [(counts[g], state.weight.fraction(g), _moments(state, (g,))) for g in groups]
        error, skewness = error_within_classes(classes, denominator, basis.kind, basis.found_by), 0.0
    else:
        moments = _moments(state, groups) if clusters is None else clusters.moments
        thirds = _thirds(state, groups) if clusters is None else clusters.thirds
        error = standard_error(units, moments, denominator, basis.kind)
        skewness = skewness_of(units, moments, thirds, denominator, basis.kind)
    means = PairedMeans(
        float(sums[0] / unit),
        float(sums[1] / unit),
        float((sums[1] - sums[0]) / unit),
        None if error is None else error / basis.nats,
        units,
        skewness,
    )
    return means._replace(blind=Blind.TIES) if means.steady and not means.within_rounding else means


def _moments(state: PairedState, groups: Sequence[int]) -> Moments:
    sums = (state.change, state.squares, state.cross, state.weight_squares)
    return Moments(*(sum((s.fraction(g) for g in groups), Fraction(0)) for s in sums))


def _thirds(state: PairedState, groups: Sequence[int]) -> ThirdMoments:
    return ThirdMoments(*(sum((s.fraction(g) for g in groups), Fraction(0)) for s in state.thirds))


def interval_of(means: PairedMeans, confidence: float) -> Interval | None:
    """Return the two-sided interval of the difference: Student's t with n − 1 degrees of freedom, and the skewness."""
    if means.error is None:
        return None
    if not means.error:
        return means.difference, means.difference
    quantile = critical_value(1.0 - confidence, means.units - 1)
    return interval_of_mean(means.difference, means.error, quantile, means.units, means.skewness)


def p_value_of(means: PairedMeans) -> float | None:
    """Return how probable so large a difference is, either way, where there is none: from t with n − 1 degrees.

    ``None`` where the rows are blind to it; 1 for no difference at all.
    """
    if means.error is None or means.blind is not None:
        return None
    if not means.error:
        return 0.0 if means.difference else 1.0
    return two_sided_p(means.difference / means.error, means.units - 1)
