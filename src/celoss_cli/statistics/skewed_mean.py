"""The interval of a mean of skewed values: as far on either side as Student's t and Hall's transformation reach.

The mean of few skewed values is skewed itself, and Student's interval ends too early on the side of the long tail.
With T = (m − μ)/SE and a = γ/√n, γ the skewness, Hall's

    g(T) = T + a T²/3 + a² T³/27 + a/6

is closer to Student's distribution than T is, and rises with T, so that it can be solved for μ (P. Hall, "On the
removal of skewness by transformation", JRSS B 54, 1992; N. Johnson's, "Modified t tests", JASA 73, 1978, lacks the
cubic term, and does not rise). γ is estimated from the same few values: where it comes out too small, or of the wrong
sign, Student's interval is the safer one. So each end is the farther of the two.
"""

from __future__ import annotations

import math

from celoss_cli.statistics.special import cbrt

NORMAL_975 = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution: 95 % lie within so many standard deviations."""

Interval = tuple[float, float]


def sample_skewness(n: int, second: float, third: float) -> float:
    """Return the skewness of the distribution that n values come from, estimated without the bias of a normal one.

    ``second`` and ``third`` are Σ u² and Σ u³ of the deviations u from their mean. 0 below three values, or without
    any spread.
    """
    if n < 3 or not (0.0 < second < math.inf) or not math.isfinite(third):
        return 0.0
    variance = second / n
    plain = third / n / (variance * math.sqrt(variance))
    most = (n - 2) / math.sqrt(n - 1)  # of any n values: what rounding takes beyond
    return math.copysign(min(abs(plain), most), plain) * math.sqrt(n * (n - 1.0)) / (n - 2)


def interval_of_mean(mean: float, error: float, quantile: float, n: int, skewness: float) -> Interval:
    """Return the ends of the interval of a ``mean`` of n values with standard ``error``.

    ``quantile`` is the point of Student's or the normal distribution that belongs to the confidence.
    """
    a = skewness / math.sqrt(n)
    low, high = (_turned(x, a) for x in (quantile, -quantile))
    return mean - error * max(quantile, low), mean - error * min(-quantile, high)


def _turned(x: float, a: float) -> float:
    """Return the T with g(T) = x."""
    if abs(a) < 1e-5:
        return x - a * (x * x / 3.0 + 1.0 / 6.0)  # the cube root below would cancel
    return 3.0 / a * (cbrt(1.0 + a * (x - a / 6.0)) - 1.0)
