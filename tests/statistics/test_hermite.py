"""The quintic between two knots is exact for quintics, and finds the minimum of smooth curves."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.statistics.hermite import Knot, minimum, value

coefficients = st.lists(st.floats(-3.0, 3.0), min_size=6, max_size=6)


@given(coefficients, st.floats(0.0, 1.0))
def test_quintics_come_back(a: list[float], part: float) -> None:
    curve = np.polynomial.Polynomial(a)

    def knot(x: float) -> Knot:
        return Knot(x, float(curve(x)), float(curve.deriv()(x)), float(curve.deriv(2)(x)))

    x = -0.4 + 1.3 * part
    assert value(knot(-0.4), knot(0.9), x) == pytest.approx(float(curve(x)), abs=1e-11)


def test_the_minimum_of_a_smooth_curve() -> None:
    def knot(x: float) -> Knot:
        return Knot(x, math.cosh(x - 0.1), math.sinh(x - 0.1), math.cosh(x - 0.1))

    assert minimum(knot(-0.35), knot(0.35)) == pytest.approx(0.1, abs=2e-5)
