"""Tail probabilities of the χ² distribution with a whole number of degrees of freedom, without scipy."""

from __future__ import annotations

import math

from celoss_cli.statistics.special import erfc, exp, log, log_gamma


def upper_tail(x: float, df: int) -> float:
    """Return P(χ² ≥ x) for ``df`` ≥ 1 degrees of freedom; 1 for x ≤ 0, NaN for a NaN.

    Integrating by parts leaves a finite sum: with h = x/2 it is e^−h Σ_{k < df/2} h^k/k! for even ``df``, and
    erfc(√h) + e^−h Σ h^(k−1/2)/Γ(k + 1/2) over k = 1 … (df − 1)/2 for odd (Abramowitz & Stegun, 26.4.4 and 26.4.5).
    All terms are positive: nothing cancels. Raises ValueError where ``df`` is below 1.
    """
    if df < 1:
        raise ValueError(f"{df} degrees of freedom")
    if math.isnan(x):
        return math.nan
    if x <= 0.0:
        return 1.0
    if math.isinf(x):
        return 0.0
    half = 0.5 * x
    log_half = log(half)
    odd = df % 2
    powers = [k - 0.5 * odd for k in range(odd, (df + 1) // 2)]
    total = erfc(math.sqrt(half)) if odd else 0.0
    return min(1.0, total + math.fsum(exp(power * log_half - half - log_gamma(power + 1.0)) for power in powers))
