"""Student's t distribution against mpmath's hypergeometric series, and against scipy."""

from __future__ import annotations

import math
import statistics

import mpmath
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.statistics.student_t import critical_value, two_sided_p

DEGREES = (1, 2, 3, 4, 10, 63, 64, 65, 1000, 12_345, 10**6, 10**7)


def exact_p(t: float, df: int) -> mpmath.mpf:
    """1 − I_{1−x}(1/2, ν/2) by the binomial series, with digits enough to lose 600 of them."""
    q = mpmath.mpf(t) ** 2 / df
    if q < 1:  # the terms alternate, and grow to 1e300 before they fall
        with mpmath.workdps(700):
            a, z = mpmath.mpf(df) / 2, mpmath.mpf(t) ** 2 / (df + mpmath.mpf(t) ** 2)
            total, term, k = mpmath.mpf(0), mpmath.mpf(1), 0
            while abs(term) > mpmath.mpf(10) ** -680:
                total += term / (2 * k + 1)
                k += 1
                term *= z * (k - a) / k
            ratio = mpmath.exp(mpmath.loggamma(a + 0.5) - mpmath.loggamma(a)) / mpmath.sqrt(mpmath.pi)
            return +(1 - 2 * ratio * mpmath.sqrt(z) * total)
    with mpmath.workdps(60):
        return mpmath.betainc(mpmath.mpf(df) / 2, 0.5, 0, 1 / (1 + mpmath.mpf(t) ** 2 / df), regularized=True)


@pytest.mark.parametrize("df", DEGREES)
def test_tails_to_the_twelfth_digit(df: int) -> None:
    for t in (0.0, 1e-9, 0.01, 0.5, 1.0, 1.96, 3.0, 8.0, 20.0, 37.0, 1e3, 1e10, 1e100, 1e290):
        if t > 37 and df > 100:
            break  # below 1e-300
        expected = exact_p(t, df)
        if expected < mpmath.mpf("1e-300"):
            break
        assert abs(two_sided_p(t, df) / expected - 1) < 1e-12, t
        assert two_sided_p(-t, df) == two_sided_p(t, df)


def test_the_difference_of_two_lgamma_would_fail() -> None:
    a = 5e6
    naive = math.lgamma(a + 0.5) - math.lgamma(a)
    with mpmath.workdps(40):
        exact = mpmath.loggamma(mpmath.mpf(a) + 0.5) - mpmath.loggamma(mpmath.mpf(a))
    assert abs(naive - exact) > 1e-10  # and so would the p-value, by as much of itself


@pytest.mark.parametrize("df", DEGREES)
@pytest.mark.parametrize("tail", [0.999, 0.5, 0.1, 0.05, 0.01, 1e-6, 1e-100, 1e-290])
def test_critical_values_cut_off_their_tail(df: int, tail: float) -> None:
    assert two_sided_p(critical_value(tail, df), df) == pytest.approx(tail, rel=1e-12, abs=0)


@pytest.mark.parametrize("df", DEGREES)
@pytest.mark.parametrize("tail", [0.5, 0.1, 0.05, 0.01, 1e-6])
def test_critical_values_are_scipys(df: int, tail: float) -> None:
    assert critical_value(tail, df) == pytest.approx(-scipy.special.stdtrit(df, tail / 2), rel=1e-9)


def test_known_values() -> None:
    assert two_sided_p(1.0, 1) == pytest.approx(0.5, rel=1e-14)  # Cauchy
    assert critical_value(0.05, 1) == pytest.approx(1 / math.tan(0.025 * math.pi), rel=1e-13)
    assert critical_value(0.05, 2) == pytest.approx(0.95 * math.sqrt(2 / (1 - 0.95**2)), rel=1e-13)
    assert critical_value(0.05, 1e12) == pytest.approx(statistics.NormalDist().inv_cdf(0.975), rel=1e-11)


def test_edges() -> None:
    assert two_sided_p(0.0, 5) == 1.0
    assert two_sided_p(math.inf, 5) == 0.0
    assert math.isnan(two_sided_p(math.nan, 5))
    for df in (0.0, 0.5, -1.0, math.inf, math.nan):
        with pytest.raises(ValueError, match="degrees of freedom"):
            two_sided_p(1.0, df)
    for tail in (0.0, 1.0, -0.1, math.nan):
        with pytest.raises(ValueError, match="tail"):
            critical_value(tail, 5)


@given(st.floats(0.0, 1e6), st.floats(0.0, 1e6), st.integers(1, 10**8))
def test_a_larger_t_has_no_larger_tail(a: float, b: float, df: int) -> None:
    low, high = sorted((a, b))
    assert 0.0 <= two_sided_p(high, df) <= two_sided_p(low, df) * (1 + 1e-12) <= 1.0 + 1e-11
