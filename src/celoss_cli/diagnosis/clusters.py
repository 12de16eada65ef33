"""Rows that belong together: how sure fits are where clusters, and not their rows, are independent of each other.

A cluster has the loss and the gradient of all its rows. What leaving one out changes, the sandwich and the spread run
over clusters then (K. Liang, S. Zeger, Biometrika 73, 1986), m of them, each sum of squares m/(m − 1) times, and the
tests are those of Student's t and of F with m − 1 degrees of freedom.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.logistic import LogisticFit, NoOverlap, NotSettled, errors_of, fit, wald
from celoss_cli.diagnosis.temperature import TemperatureFit
from celoss_cli.kernels.functions import softplus
from celoss_cli.kernels.outcome import Floats, Mask
from celoss_cli.pipeline.clusters import check_all_have_one
from celoss_cli.pipeline.examining import another_look
from celoss_cli.pipeline.passes import Pass
from celoss_cli.scoring.examined import Examined
from celoss_cli.state.keyed_sums import KeyedSums, quantum_of
from celoss_cli.state.temperature import FixedState
from celoss_cli.statistics.linear import products, times
from celoss_cli.statistics.student_t import critical_value, two_sided_p

FITS = (("temperature", False, True), ("shift", True, False), ("logistic", True, True))
"""The fits of two classes: the name, and whether intercept and slope are fitted."""

FEWEST = 2
"""Fewer clusters do not tell how far they vary."""


class LineSums(NamedTuple):
    """What one fit of two classes comes to in each cluster, (m,): Σ (l − l') and the gradient of Σ l'."""

    gain: Floats
    gradient: Floats
    """(2, m) by intercept and slope."""


class ByCluster(NamedTuple):
    """The m clusters of rows of two classes; weights are those of ``Groups``, whose mean over rows is 1."""

    weights: Floats
    """(m,) the weight of each."""
    off: Floats
    """(m,) Σ (y − p)."""
    lines: dict[str, LineSums]

    @property
    def quantile(self) -> float:
        """So many standard errors reach to the ends of an interval."""
        return critical_value(0.05, self.weights.shape[0] - 1)

    def error_of_mean(self, sums: Floats) -> float:
        """Return the standard error of the mean over rows, from the sum in each cluster (m,)."""
        m, n = self.weights.shape[0], float(self.weights.sum())
        apart = sums - float(sums.sum()) / n * self.weights
        return math.sqrt(m / (m - 1) * float((apart * apart).sum())) / n


def sums_of_two(found: Pass, groups: Groups, floor: float) -> ByCluster | None:
    """Return the clusters of rows with two classes, from a pass; ``None`` where there are too few.

    ``groups`` are the scores after the ``floor``, if there is one. Raises DataError for a row without a cluster.
    """
    plan = found.settled.plan
    if plan.examined is None:
        raise AssertionError("the plan is one of a diagnosis")
    possible = _with(groups, ~groups.impossible)
    lines = _lines(possible)
    scale = float(found.settled.totals.loss.weight.total()) / groups.n
    weight = scale * float(possible.weights.sum())
    reach = weight + scale * _total(np.abs(possible.z), possible)
    before = weight + scale * _total(possible.losses(), possible)
    quanta = [quantum_of(weight), quantum_of(weight)]
    for a, b in lines.values():
        after = scale * _total(softplus(-possible.signs * (a + b * possible.z)), possible)
        quanta += [quantum_of(before + after), quanta[0], quantum_of(reach)]
    first = plan.examined._replace(first=False, curve=False, sampled=0, floor=floor)
    examined = first._replace(clustered=tuple(quanta), lines=tuple(lines.values()) or ((0.0, 1.0),))
    state = _passed(found, examined)
    if state.size < FEWEST:
        return None
    terms = (state.sums * np.array(quanta)).T / scale
    per_line = terms[2:].reshape(-1, 3, state.size)
    return ByCluster(
        terms[0],
        terms[1],
        {name: LineSums(one[0], one[1:]) for name, one in zip(lines, per_line, strict=False)},
    )


def over_clusters(fitted: LogisticFit, name: str, clusters: ByCluster) -> LogisticFit | None:
    """Return the same fit, as sure as the clusters make it; ``None`` where these had none of that name."""
    sums = clusters.lines.get(name)
    if sums is None:
        return None
    free = [place for place, error in enumerate(fitted.standard_errors) if error > 0.0]
    gradient = sums.gradient[free]
    m, n = clusters.weights.shape[0], float(clusters.weights.sum())
    covariance = times(times(fitted.inverse, products(gradient, gradient)), fitted.inverse) * (m / (m - 1))
    leverage = (gradient * times(fitted.inverse, gradient)).sum(axis=0)
    weights = clusters.weights * (m / n)  # with mean 1 over clusters
    theta = np.array([fitted.intercept, fitted.slope])[free]
    return fitted._replace(
        standard_errors=errors_of(covariance, free),
        optimism=float(leverage.sum()) / n,
        corrected=(sums.gain - leverage) / clusters.weights,
        standard_error=clusters.error_of_mean(sums.gain),
        p_value=_p_value(wald(theta, np.array([0.0, 1.0])[free], covariance), len(free), m - 1),
        quantile=clusters.quantile,
        units=(weights, weights * weights),
    )


def temperature_over_clusters(
    found: Pass, fitted: TemperatureFit, fixed: FixedState, last: Examined
) -> TemperatureFit | None:
    """Return the temperature of several classes, as sure as clusters make it; ``None`` where there are too few.

    ``fixed`` are the sums of all rows near the best β, as ``last`` looked at them.
    """
    sums = fixed.named()
    gained = sums["before"] + sums["after"]
    slopes = math.sqrt(fixed.rows * sums["s"])  # no less than Σ |w l'|
    quanta = (quantum_of(sums["w"]), quantum_of(gained), quantum_of(max(slopes, 1e-300)))
    examined = last._replace(beta=fitted.beta / last.scale, clustered=quanta, thresholds=None)
    again = found.again(another_look(found.settled.plan, examined)).totals.diagnosis
    if again is None or again.clusters is None or again.fixed is None:
        raise AssertionError("the pass adds up clusters")
    check_all_have_one(again.clusters, found.job)
    m = again.clusters.size
    curvature = again.fixed.named()["curvature"]
    if m < FEWEST or not curvature > 0.0:
        return None
    weights, gain, slope = (again.clusters.sums * np.array(quanta)).T
    squares = float((slope * slope).sum())
    n = float(weights.sum())
    apart = gain - float(gain.sum()) / n * weights
    log_error = math.sqrt(m / (m - 1) * squares) / curvature / (fitted.beta / last.scale)
    return fitted._replace(
        log_error=log_error,
        optimism=squares / curvature / n,
        standard_error=math.sqrt(m / (m - 1) * float((apart * apart).sum())) / n,
        p_value=two_sided_p(math.log(fitted.beta) / log_error, m - 1) if log_error else math.nan,
        quantile=critical_value(0.05, m - 1),
    )


def _passed(found: Pass, examined: Examined) -> KeyedSums:
    again = found.again(another_look(found.settled.plan, examined)).totals.diagnosis
    if again is None or again.clusters is None:
        raise AssertionError("the pass adds up clusters")
    check_all_have_one(again.clusters, found.job)
    return again.clusters


def _lines(groups: Groups) -> dict[str, tuple[float, float]]:
    """Return intercept and slope of each fit that there is."""
    lines = {}
    for name, intercept, slope in FITS:
        try:
            fitted = fit(groups, intercept=intercept, slope=slope)
        except (NoOverlap, NotSettled):
            continue
        lines[name] = (fitted.intercept, fitted.slope)
    return lines


def _with(groups: Groups, some: Mask) -> Groups:
    weighed = None if groups.weighed is None else (groups.weighed[0][some], groups.weighed[1][some])
    return groups._replace(
        point=groups.point[some],
        z=groups.z[some],
        outcome=groups.outcome[some],
        rows=groups.rows[some],
        weighed=weighed,
    )


def _total(values: Floats, groups: Groups) -> float:
    """Return Σ over rows of what is finite of ``values`` (k,)."""
    return float((np.where(np.isfinite(values), values, 0.0) * groups.weights).sum())


def _p_value(squared: float, degrees: int, df: int) -> float:
    """Return the tail of a squared distance in so many parameters, one or two: of t², or of twice F."""
    if degrees == 1:
        return two_sided_p(math.sqrt(squared), df) if squared >= 0.0 else math.nan
    return (1.0 + squared / df) ** (-0.5 * df) if squared >= 0.0 else math.nan
