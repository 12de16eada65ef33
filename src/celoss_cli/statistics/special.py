"""Functions of single numbers from the kernels' exp and log: the C library's have other last bits on other machines."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels import functions

Floats = npt.NDArray[np.float64]

HALF_LOG_2_PI = 0.9189385332046728

_SHIFT = 16.0  # from here on the series of log Γ below is exact to the last bit

# B_2k / (2k (2k − 1)), k = 1 …, the lowest first.
_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400)

_STEPS = np.arange(-40, 48) * 0.1
"""Of the double exponential rule: below, y is 1e-25 of the scale; above, the integrand is 0."""


def exp(x: float) -> float:
    """Return e^x; ∞ where it is too large."""
    return float(functions.exp(x))


def log(x: float) -> float:
    """Return log x: −∞ at 0, NaN below."""
    return float(functions.log(x))


def log1p(x: float) -> float:
    """Return log(1 + x)."""
    return float(functions.log1p(x))


def expm1(x: Floats) -> Floats:
    """Return e^x − 1 of each, to 4 units in the last place: what rounds e^x up, log takes off again (W. Kahan)."""
    power = functions.exp(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (power - 1.0) * (x / functions.log(power))
    return np.where(power == 1.0, x, np.where(np.isinf(power) | (power - 1.0 == -1.0), power - 1.0, found))


def cbrt(x: float) -> float:
    """Return the cube root."""
    if x == 0.0 or not math.isfinite(x):
        return x
    mantissa, exponent = math.frexp(abs(x))
    thirds, rest = divmod(exponent, 3)
    scaled = math.ldexp(mantissa, rest)  # between 1/2 and 4
    root = exp(log(scaled) / 3.0)
    root -= (root * root * root - scaled) / (3.0 * root * root)
    return math.copysign(math.ldexp(root, thirds), x)


def hypot(x: float, y: float) -> float:
    """Return √(x² + y²)."""
    large, small = max(abs(x), abs(y)), min(abs(x), abs(y))
    if small == 0.0 or math.isinf(large):
        return large
    ratio = small / large
    return large * math.sqrt(1.0 + ratio * ratio)


def log_gamma(a: float) -> float:
    """Return log Γ(a) for a > 0, to 2e-14 and 1e-15 of a log a, by Stirling's series from 16 on."""
    product = 1.0
    while a < _SHIFT:
        product *= a
        a += 1.0
    r, series = 1.0 / (a * a), 0.0
    for coefficient in reversed(_STIRLING):
        series = series * r + coefficient
    return (a - 0.5) * log(a) - a + HALF_LOG_2_PI + series / a - log(product)


def erfc(x: float) -> float:
    """Return 2/√π ∫ₓ^∞ e^(−s²) ds for x ≥ 0, which is 2/√π e^(−x²) ∫₀^∞ e^(−2xy − y²) dy."""
    squared = x * x
    if squared > 745.0:
        return 0.0
    y, weights = double_exponential(1.0 / (1.0 + 2.0 * x))
    integral = float((weights * functions.exp(-y * (y + 2.0 * x))).sum())
    return 2.0 / math.sqrt(math.pi) * exp(-squared) * integral


def double_exponential(scale: float) -> tuple[Floats, Floats]:
    """Return places y and weights for ∫₀^∞ f(y) dy ≈ Σ w f(y), where f falls as e^(−y/scale) or faster.

    The double exponential rule (H. Takahasi, M. Mori, "Double exponential formulas for numerical integration", 1974).
    """
    fall = functions.exp(-_STEPS)
    y: Floats = scale * functions.exp(_STEPS - fall)
    return y, y * (1.0 + fall) * 0.1
