"""How many rows a comparison needs before it can be expected to settle the question."""

from __future__ import annotations

import math
import statistics

from celoss_cli.statistics.student_t import critical_value

POWER = 0.8

_MOST_ROUNDS = 100


def units_needed(units: int, standard_error: float, effect: float, confidence: float) -> int | None:
    """Return how many units (rows or clusters) make an interval that tells ``effect`` from 0 four times in five.

    With sd = ``standard_error`` · √``units`` that is n = ((t + z) · sd / effect)², t the critical value of the
    two-sided interval with n − 1 degrees of freedom and z = 0.84 the 80 % point of the normal distribution
    (J. Cohen, "Statistical Power Analysis", 1988, 2.4). For a margin: an interval whose upper end stays below
    ``effect`` four times in five where the two models are equal. ``None`` where nothing is enough: ``effect`` is 0, or
    there is no spread.
    """
    if units < 2 or not effect or not (standard_error > 0.0 and math.isfinite(standard_error)):
        return None
    ratio = standard_error * math.sqrt(units) / abs(effect)
    z = statistics.NormalDist().inv_cdf(POWER)
    tail = 1.0 - confidence
    n = max(2.0, _squared((statistics.NormalDist().inv_cdf(1.0 - tail / 2.0) + z) * ratio))
    if not math.isfinite(n):
        return None
    for _ in range(_MOST_ROUNDS):
        following = max(2.0, _squared((critical_value(tail, max(1.0, n - 1.0)) + z) * ratio))
        if not math.isfinite(following):
            return None
        if abs(following - n) < 1e-6 * n:
            break
        n = 0.5 * (n + following)  # t falls as n grows: the plain iteration would swing about the answer
    return math.ceil(n - 1e-9)


def _squared(value: float) -> float:
    try:
        return value**2
    except OverflowError:
        return math.inf
