"""A curve between points at which its value and two derivatives are known: the quintic that agrees with all six."""

from __future__ import annotations

from typing import NamedTuple


class Knot(NamedTuple):
    """One point of the curve."""

    x: float
    value: float
    slope: float
    curvature: float


def value(left: Knot, right: Knot, x: float) -> float:
    """Return the quintic Hermite interpolant between two knots at ``x``."""
    return _derivatives(left, right, x)[0]


def minimum(left: Knot, right: Knot) -> float:
    """Return where the interpolant is lowest between two knots, of which the left falls and the right rises.

    Bisection on its slope: the quintic may turn more than once, and any place where it turns upwards will do.
    """
    low, high = left.x, right.x
    for _ in range(200):
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        if _derivatives(left, right, middle)[1] < 0.0:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _derivatives(left: Knot, right: Knot, x: float) -> tuple[float, float]:
    """Return value and slope at ``x``: a Taylor polynomial about the left knot, and three terms that meet the right."""
    h = right.x - left.x
    t = (x - left.x) / h
    c0, c1, c2 = left.value, left.slope * h, 0.5 * left.curvature * h * h
    # What the quadratic misses of the right knot's value, slope and curvature is made up by t³, t⁴ and t⁵.
    a = right.value - (c0 + c1 + c2)
    b = right.slope * h - (c1 + 2.0 * c2)
    c = right.curvature * h * h - 2.0 * c2
    c3 = 10.0 * a - 4.0 * b + 0.5 * c
    c4 = -15.0 * a + 7.0 * b - c
    c5 = 6.0 * a - 3.0 * b + 0.5 * c
    curve = c0 + t * (c1 + t * (c2 + t * (c3 + t * (c4 + t * c5))))
    slope = (c1 + t * (2.0 * c2 + t * (3.0 * c3 + t * (4.0 * c4 + t * 5.0 * c5)))) / h
    return curve, slope
