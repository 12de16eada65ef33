"""The reference values of the tests: the formulas of SEMANTICS in mpmath and fractions, slow and plain.

Nothing here uses celoss. Losses are in nats.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

mp.dps = 60


def binary_probability(p: float, y: int) -> mpf:
    """Return −log p, or −log(1 − p) for y = 0."""
    if y == 1:
        return -mp.log(mpf(p)) if p else mpmath.inf
    return -mp.log1p(-mpf(p)) if p != 1.0 else mpmath.inf


def binary_logit(z: float, y: int) -> mpf:
    """Return log(1 + exp(∓z))."""
    return mp.log1p(mp.exp(-mpf(z) if y == 1 else mpf(z)))


def binary_log_probability(logp: float, y: int) -> mpf:
    """Return −logp, or −log(1 − exp logp) for y = 0."""
    if y == 1:
        return -mpf(logp)
    if logp == 0.0:
        return mpmath.inf
    return -mp.log1p(-mp.exp(mpf(logp))) if logp < -1.0 else -mp.log(-mp.expm1(mpf(logp)))


def multiclass_probability(row: Sequence[float], y: int) -> mpf:
    """Return −log p_y."""
    return -mp.log(mpf(row[y])) if row[y] else mpmath.inf


def multiclass_logit(row: Sequence[float], y: int) -> mpf:
    """Return log Σ exp(z_c) − z_y as log1p Σ_{c≠y} exp(z_c − z_y); −inf is a class ruled out."""
    if row[y] == -math.inf:
        return mpmath.inf
    truth = mpf(row[y])
    return mp.log1p(mp.fsum(mp.exp(mpf(z) - truth) for c, z in enumerate(row) if c != y and z != -math.inf))


def multiclass_log_probability(row: Sequence[float], y: int) -> mpf:
    """Return −logp_y."""
    return -mpf(row[y])


def softmax(row: Sequence[float]) -> list[mpf]:
    """Return exp(z_c) / Σ exp(z_c)."""
    powers = [mp.exp(mpf(z)) for z in row]
    total = mp.fsum(powers)
    return [power / total for power in powers]


def allowed_error(loss: mpf) -> mpf:
    """Return what a per-sample loss may be off by: 4 · max(2^-52 · l, 1e-16)."""
    return 4 * max(mpf(2) ** -52 * loss, mpf("1e-16"))


def excess(actual: Iterable[float], expected: Iterable[mpf]) -> float:
    """Return the largest error of some losses in units of ``allowed_error``: at most 1 if all is well.

    An infinite or NaN loss is right only where the expected one is infinite.
    """
    worst = 0.0
    for found, truth in zip(actual, expected, strict=True):
        if mpmath.isinf(truth) or not math.isfinite(found):
            worst = max(worst, 0.0 if truth == found else math.inf)
        else:
            worst = max(worst, float(abs(mpf(float(found)) - truth) / allowed_error(truth)))
    return worst


def relative_error(actual: Iterable[float], expected: Iterable[mpf]) -> float:
    """Return the largest relative error."""
    pairs = zip(actual, expected, strict=True)
    return max(float(abs(mpf(float(found)) - truth) / truth) for found, truth in pairs)


def exact_sum(values: Iterable[float]) -> Fraction:
    """Return the sum of floats as a rational: no rounding anywhere."""
    return sum((Fraction(float(value)) for value in values), Fraction(0))


@dataclass(frozen=True)
class Weighted:
    """The weighted mean of some losses and its standard error, from exact rationals."""

    mean: float
    sum: float
    standard_error: float | None
    denominator: float


def weighted(losses: Iterable[Any], weights: Iterable[float] | None = None, *, count: bool = False) -> Weighted:
    """Return Σ v l / Σ v with sqrt(n/(n−1) · Σ v² (l − m)²) / Σ v, n the rows with v > 0; by all rows if ``count``.

    With the count below, the terms of the mean are v·l: the error is sqrt(n/(n−1) · Σ (v l − m)²) / n.
    """
    terms = [_rational(loss) for loss in losses]
    n = len(terms)
    v = [Fraction(1)] * n if weights is None else [_rational(weight) for weight in weights]
    total = sum((weight * loss for weight, loss in zip(v, terms, strict=True)), Fraction(0))
    below = Fraction(n) if count else sum(v, Fraction(0))
    mean = total / below
    error = None
    n = n if count else sum(weight > 0 for weight in v)
    if n > 1:
        pairs = zip(v, terms, strict=True)
        if count:
            spread = sum(((w * loss - mean) ** 2 for w, loss in pairs), Fraction(0))
        else:
            spread = sum(((w * (loss - mean)) ** 2 for w, loss in pairs), Fraction(0))
        error = float(mp.sqrt(_mpf(spread * n / (n - 1) / below**2)))
    return Weighted(float(mean), float(total), error, float(below))


def _rational(value: Any) -> Fraction:
    if isinstance(value, mpf):
        sign, mantissa, exponent, _ = value._mpf_
        return Fraction(-mantissa if sign else mantissa) * Fraction(2) ** exponent
    return Fraction(value)


def _mpf(value: Fraction) -> mpf:
    return mpf(value.numerator) / mpf(value.denominator)


def calibration_error(
    confidence: Iterable[float], correct: Iterable[float], weights: Iterable[float] | None = None, bins: int = 15
) -> float:
    """Return Σ_bins |Σ s·(right or not) − Σ s·confidence| / Σ s, the bin being ceil(bins · confidence), from 1."""
    sides = list(zip(confidence, correct, strict=True))
    s = [1.0] * len(sides) if weights is None else list(weights)
    gaps = [0.0] * (bins + 1)
    for (sure, right), weight in zip(sides, s, strict=True):
        gaps[max(1, math.ceil(bins * sure))] += weight * (right - sure)
    return math.fsum(map(abs, gaps)) / math.fsum(s)


def blocked(rows: np.ndarray[Any, Any], axis: int) -> np.ndarray[Any, Any]:
    """Return rows (n, C) as a fresh contiguous float64 block with its classes along ``axis``."""
    return np.array(rows if axis == 1 else rows.T, dtype=np.float64, order="C")


def interval_of_mean(values: np.ndarray[Any, Any], confidence: float = 0.95) -> tuple[float, float]:
    """The farther ends of Student's interval and of Hall's, whose transformation is solved by bisection."""
    import scipy.optimize
    import scipy.stats

    n, mean, error = len(values), float(np.mean(values)), float(scipy.stats.sem(values))
    t = float(scipy.stats.t.ppf(0.5 + confidence / 2, n - 1))
    a = float(scipy.stats.skew(values, bias=False)) / math.sqrt(n) if n > 2 else 0.0

    def off(point: float, target: float) -> float:
        return point + a * point**2 / 3 + a**2 * point**3 / 27 + a / 6 - target

    turned = [scipy.optimize.brentq(off, -1e3 * t, 1e3 * t, args=(target,), xtol=1e-13) for target in (t, -t)]
    return mean - error * max(t, turned[0]), mean - error * min(-t, turned[1])
