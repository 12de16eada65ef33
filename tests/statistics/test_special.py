"""The functions of single numbers against mpmath, to a few units in the last place."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.statistics import special, student_t


def off(found: float, exact: mpmath.mpf) -> float:
    """Return the error in units of 2^-52 of the exact value."""
    return float(abs(mpmath.mpf(found) / exact - 1) * 2**52)


@given(st.floats(1e-300, 700.0) | st.floats(1e-20, 1e-3) | st.floats(-40.0, -1e-20))
def test_expm1(x: float) -> None:
    assert off(float(special.expm1(np.array([x]))[0]), mpmath.expm1(x)) <= 4.0


def test_ends_of_expm1() -> None:
    found = special.expm1(np.array([0.0, -0.0, -800.0, math.inf, -math.inf, 1e-320]))
    assert found.tolist() == [0.0, 0.0, -1.0, math.inf, -1.0, 1e-320]


@given(st.floats(1e-300, 1e300), st.booleans())
def test_cube_roots(x: float, negative: bool) -> None:
    found = special.cbrt(-x if negative else x)
    assert off(abs(found), mpmath.cbrt(x)) <= 2.0
    assert (found < 0.0) is negative


def test_a_whole_cube_has_a_whole_root() -> None:
    assert [special.cbrt(float(k**3)) for k in range(50)] == list(range(50))
    assert special.cbrt(-math.inf) == -math.inf


@given(st.floats(0.0, 1e300), st.floats(-1e300, 1e300))
def test_hypot(x: float, y: float) -> None:
    assert special.hypot(x, y) == pytest.approx(math.hypot(x, y), rel=4e-16)


@given(st.floats(1e-5, 1e7))
def test_log_gamma(a: float) -> None:
    with mpmath.workdps(40):
        exact = mpmath.loggamma(a)
    assert float(abs(special.log_gamma(a) - exact)) <= 2e-14 + 1e-15 * a * abs(math.log(a))


@given(st.floats(0.0, 27.0))
def test_erfc(x: float) -> None:
    exact = mpmath.erfc(x)
    assert off(special.erfc(x), exact) <= max(16.0, 4.0 * x * x) or exact < 1e-307


def test_constants() -> None:
    with mpmath.workdps(40):
        assert float(mpmath.log(2 * mpmath.pi) / 2) == special.HALF_LOG_2_PI
        assert float(mpmath.log(2 / mpmath.sqrt(mpmath.pi))) == student_t._LOG_2_OVER_ROOT_PI
