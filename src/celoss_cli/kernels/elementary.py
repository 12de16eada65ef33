"""log, exp, log1p, softplus and log(1 − exp x) from + − × ÷ and integers alone: the same bits on every machine.

NumPy's own take other paths on other processors, and the C library's differ from one to the next: their last bits
cannot be promised. What stands here is the definition, in NumPy; ``c/elementary.h`` does the same operations in the
same order, compiled, and gives the same bits. ``kernels.functions`` picks one of the two.

All functions take and return float64 of any shape. Errors are within 1 unit in the last place, of softplus 1.5.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Floats

Bits = npt.NDArray[np.uint64]

_LOG2_E = float.fromhex("0x1.71547652b82fep+0")

# ln 2 in two parts: the first has 42 bits, so its product with an exponent is exact.
_LN2_HIGH = float.fromhex("0x1.62e42fefa3800p-1")

_LN2_LOW = float.fromhex("0x1.ef35793c76730p-45")

_LN2 = float.fromhex("0x1.62e42fefa39efp-1")

_ROUNDING = 1.5 * 2.0**52  # adding and subtracting it rounds to a whole number

_SQRT_HALF = np.uint64(0x3FE6A09E667F3BCD)

_ONE_OCTAVE = np.uint64(1 << 52)

_OCTAVES = np.uint64(1024 << 52)

# (exp r − 1 − r) / r² for |r| ≤ ln 2 / 2, by Chebyshev's points, to 1.4e-18; the highest power first.
_EXP = tuple(
    map(
        float.fromhex,
        (
            "0x1.1f730349868cep-29",
            "0x1.af4de97ca4194p-26",
            "0x1.27e4db646b17ep-22",
            "0x1.71de0231960ebp-19",
            "0x1.a01a01a6d889cp-16",
            "0x1.a01a01abe7fe1p-13",
            "0x1.6c16c16c162d4p-10",
            "0x1.11111111100dcp-7",
            "0x1.5555555555556p-5",
            "0x1.5555555555557p-3",
            "0x1.0000000000000p-1",
        ),
    )
)

# (2 atanh(s)/s − 2) / s² as a polynomial in s², for |s| ≤ (√2 − 1)/(√2 + 1), to 1e-17.
_LOG = tuple(
    map(
        float.fromhex,
        (
            "0x1.2b6688a387e03p-3",
            "0x1.39fd392179a95p-3",
            "0x1.7462bd8f7796ep-3",
            "0x1.c71c62c639fdep-3",
            "0x1.2492492e09d4dp-2",
            "0x1.9999999995204p-2",
            "0x1.5555555555558p-1",
        ),
    )
)

_IGNORED: Any = {"over": "ignore", "under": "ignore", "divide": "ignore", "invalid": "ignore"}


def log(x: Floats) -> Floats:
    """Return log x: −inf at 0, NaN below.

    x = 2^k m with m between √½ and √2, so that nothing cancels; log m by its series in s = (m − 1)/(m + 1).
    """
    with np.errstate(**_IGNORED):
        tiny = x < 2.0**-1022
        bits = _bits(np.where(tiny, x * 2.0**54, x))
        octave = _octave(bits)
        m = _doubles(bits - (octave - np.uint64(1024)) * _ONE_OCTAVE)
        k = octave.astype(np.float64) - np.where(tiny, 1078.0, 1024.0)
        y = _log_from(m - 1.0, k, np.zeros_like(k))
        y = np.where(x == np.inf, x, y)
        y = np.where(x == 0.0, -np.inf, y)
        return np.where(x >= 0.0, y, np.nan)


def exp(x: Floats) -> Floats:
    """Return exp x: 0 far below, inf far above, subnormal numbers in between.

    x = k ln 2 + r with |r| ≤ ln 2 / 2; 2^k in two steps, so that a subnormal result is rounded once.
    """
    with np.errstate(**_IGNORED):
        x = np.where(x < -746.0, -746.0, x)
        x = np.where(x > 710.0, 710.0, x)
        rest, k = _power(x)
        half = k >> np.uint64(1)
        one = np.uint64(1)
        first = _doubles((half - one) << np.uint64(52))
        second = _doubles((k - half - one) << np.uint64(52))
        return (1.0 + rest) * first * second


def log1p(x: Floats) -> Floats:
    """Return log(1 + x): −inf at −1, NaN below. What 1 + x loses to rounding is put back to first order."""
    with np.errstate(**_IGNORED):
        u = 1.0 + x
        beyond = x > 1.0
        lost = np.where(beyond, 1.0, x) - (u - np.where(beyond, x, 1.0))
        bits = _bits(u)
        octave = _octave(bits)
        m = _doubles(bits - (octave - np.uint64(1024)) * _ONE_OCTAVE)
        k = octave.astype(np.float64) - 1024.0
        near = k == 0.0
        y = _log_from(np.where(near, x, m - 1.0), k, np.where(near, 0.0, lost / u))
        y = np.where(x == np.inf, x, y)
        y = np.where(x == -1.0, -np.inf, y)
        return np.where(x >= -1.0, y, np.nan)


def softplus(x: Floats) -> Floats:
    """Return log(1 + exp x) as log1p(exp(−|x|)) + max(x, 0): no overflow, no cancellation."""
    return log1p(exp(-np.abs(x))) + np.where(x > 0.0, x, 0.0)


def log1mexp(x: Floats) -> Floats:
    """Return log(1 − exp x), NaN for x > 0.

    After M. Mächler, "Accurately computing log(1 − exp(−|a|))", 2012: log(−expm1 x) above −ln 2, log1p(−exp x) below.
    """
    with np.errstate(**_IGNORED):
        close = x > -_LN2
        rest, k = _power(np.where(close, x, -_LN2))
        scale = _doubles((k - np.uint64(1025)) << np.uint64(52))
        near = log(-(rest * scale + (scale - 1.0)))
        return np.where(close, near, log1p(-exp(x)))


def _power(x: Floats) -> tuple[Floats, Bits]:
    """Return ``rest`` and k + 2048 with exp x = 2^k (1 + rest)."""
    shifted = x * _LOG2_E + _ROUNDING
    whole = shifted - _ROUNDING
    high = x - whole * _LN2_HIGH
    low = whole * _LN2_LOW
    r = high - low
    p = _polynomial(_EXP, r)
    rest = high + (r * r * p - low)
    return rest, _bits(shifted) - _bits(np.array(_ROUNDING)) + np.uint64(2048)


def _log_from(f: Floats, k: Floats, c: Floats) -> Floats:
    """Return log(1 + f) + k ln 2 + c, for 1 + f between √½ and √2: f is exact, and enters last."""
    s = f / (2.0 + f)
    z = s * s
    r = _polynomial(_LOG, z) * z
    half_square = 0.5 * f * f
    y: Floats = k * _LN2_HIGH - ((half_square - (s * (half_square + r) + (k * _LN2_LOW + c))) - f)
    return y


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    y = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        y *= x
        y += coefficient
    return y


def _octave(bits: Bits) -> Bits:
    """Return k + 1024 of normal x > 0: x = 2^k m with m between √½ and √2."""
    octave: Bits = (bits - _SQRT_HALF + _OCTAVES) >> np.uint64(52)
    return octave


def _bits(x: Floats) -> Bits:
    return np.ascontiguousarray(x).view(np.uint64).reshape(np.shape(x))


def _doubles(bits: Bits) -> Floats:
    return np.ascontiguousarray(bits).view(np.float64).reshape(np.shape(bits))


FEW_CLASSES = 64

RUN = 128

_LANES = 8


def sum_over_classes(block: Floats, axis: int) -> Floats:
    """Return the sum of each row (n,) of a block (C, n), or (n, C) if ``axis`` is 1, in an order of its own.

    Up to 64 classes are added one after the other. More are added in runs of 128: in each run every eighth class to
    the same of eight sums, which meet in pairs. So the error grows slowly, and columns and lists give the same bits.
    """
    by_class = block if axis == 0 else block.T
    with np.errstate(**_IGNORED):
        return _sums_of_few(by_class) if by_class.shape[0] <= FEW_CLASSES else _sums_of_many(by_class)


def moments_over_classes(x: Floats, weights: Floats, *, square: bool) -> Floats:
    """Return Σ w, Σ w x and Σ w x² of each row, (3, n), of blocks (C, n) of values and weights.

    The sums are taken as ``sum_over_classes`` does. Then the weights are squared in their place, if asked to: for the
    next power of an exponential.
    """
    with np.errstate(**_IGNORED):
        once = weights * x
        sums = np.stack([sum_over_classes(part, 0) for part in (weights, once, once * x)])
        if square:
            np.square(weights, out=weights)
    return sums


def _sums_of_few(by_class: Floats) -> Floats:
    total = np.zeros(by_class.shape[1])
    for scores in by_class:
        total += scores
    return total


def _sums_of_many(by_class: Floats) -> Floats:
    classes, n = by_class.shape
    total = np.zeros(n)
    for start in range(0, classes, RUN):
        stop = min(start + RUN, classes)
        lanes = np.zeros((_LANES, n))
        for first in range(start, stop, _LANES):
            part = by_class[first : min(first + _LANES, stop)]
            lanes[: part.shape[0]] += part
        a, b, c, d, e, f, g, h = lanes
        total += ((a + b) + (c + d)) + ((e + f) + (g + h))
    return total
