"""The best temperature and what it would save, from sums of the loss and its derivatives by β = 1/T.

A first pass has the sums at five β; between two of them the quintic in log β that agrees with value, slope and
curvature is off by 1e-5 in the loss. A second pass at its minimum gives the loss itself, and one step of Newton's
method the temperature to 1e-6 or better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from celoss_cli.state.exact_sum import in_nats
from celoss_cli.state.temperature import BETAS, CurveState, FixedState
from celoss_cli.statistics.chi_square import upper_tail
from celoss_cli.statistics.hermite import Knot, minimum, value
from celoss_cli.statistics.skewed_mean import NORMAL_975

SHOWN = tuple(2.0 ** (k / 8.0) for k in range(-16, 17))
"""The temperatures of the curve, from a quarter to four."""


LOOSEST = 3.0
"""The standard error of log β above which the rows do not tell the temperature: 95% are a factor of 357 either way."""


class TemperatureFit(NamedTuple):
    """The best β, and what it would save; gains in nats a row."""

    beta: float
    log_error: float
    """The standard error of log β, from the sandwich."""
    gain_in_sample: float
    optimism: float
    standard_error: float
    p_value: float
    quantile: float = NORMAL_975
    """So many standard errors reach to the ends of an interval."""

    @property
    def ci95(self) -> tuple[float, float]:
        """Of T, on the scale of its logarithm."""
        factor = math.exp(self.quantile * self.log_error)
        return 1.0 / self.beta / factor, 1.0 / self.beta * factor


def knots_of(curve: CurveState) -> list[Knot]:
    """Return the mean loss and its derivatives by log β at five β, in rising order."""
    weight = in_nats(curve.weight.units[0]) or float(curve.rows)
    knots = []
    for beta, loss, slope, curvature in zip(
        BETAS, curve.loss.units, curve.slope.units, curve.curvature.units, strict=True
    ):
        first, second = beta * in_nats(slope) / weight, beta * beta * in_nats(curvature) / weight
        knots.append(Knot(math.log(beta), in_nats(loss) / weight, first, first + second))
    return knots


def best_beta(knots: Sequence[Knot]) -> float | None:
    """Return the β with the smallest loss, ``None`` where it is not between two of the knots."""
    for left, right in pairwise(knots):
        if left.slope <= 0.0 <= right.slope and left.slope < right.slope:
            return math.exp(minimum(left, right))
    return None


def curve_of(knots: Sequence[Knot]) -> tuple[tuple[float, float], ...]:
    """Return temperatures and losses from a quarter to four, as far as there are knots."""
    shown = []
    for t in SHOWN:
        x = -math.log(t)
        for left, right in pairwise(knots):
            if left.x - 1e-12 <= x <= right.x + 1e-12:
                shown.append((t, value(left, right, x)))
                break
    return tuple(shown)


def newton_step(fixed: FixedState) -> float:
    """Return by how much Newton's method moves β, NaN where there is no curvature."""
    sums = fixed.named()
    return -sums["slope"] / sums["curvature"] if 0.0 < sums["curvature"] < math.inf else math.nan


def temperature_fit(fixed: FixedState, beta: float, *, weighted: bool, scale: float = 1.0) -> TemperatureFit | None:
    """Return the best temperature, one step of Newton's method from ``beta``, where ``fixed`` was added up.

    ``scale`` is what scores were multiplied with for that.

    With H = Σ w l'' and s = w²l'², the optimism is Σ s/H by the weight; the standard error is that of the weighted mean
    of l(1) − l(β). Without weights the p-value is that of the likelihood ratio;
    with weights, of log β over its sandwich error. ``None`` where no β is better than another.
    """
    sums = fixed.named()
    weight, curvature = sums["w"], sums["curvature"]
    step = newton_step(fixed)
    if not (fixed.rows > 1 and all(map(math.isfinite, sums.values()))):
        return None
    if not beta + step > 0.0:
        return None
    gained = sums["before"] - sums["after"] + 0.5 * sums["slope"] * sums["slope"] / curvature
    optimism = sums["s"] / curvature / weight
    mean = (sums["before"] - sums["after"]) / weight
    spread = sums["u2"] + mean * (mean * sums["w2"] - 2.0 * sums["wu"])
    log_error = math.sqrt(sums["s"]) / curvature / (beta + step)
    best = (beta + step) * scale
    if not (best > 0.0 and math.isfinite(1.0 / best)):
        return None
    if weighted:
        p_value = math.erfc(abs(math.log(best)) / log_error / math.sqrt(2.0)) if log_error else float("nan")
    else:
        p_value = upper_tail(2.0 * gained, 1)
    return TemperatureFit(
        beta=best,
        log_error=log_error,
        gain_in_sample=gained / weight,
        optimism=optimism,
        standard_error=math.sqrt(max(0.0, spread) * fixed.rows / (fixed.rows - 1)) / weight,
        p_value=p_value,
    )
