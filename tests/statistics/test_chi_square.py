"""Tails of the χ² distribution agree with scipy's."""

from __future__ import annotations

import math

import pytest
import scipy.stats

from celoss_cli.statistics.chi_square import upper_tail


@pytest.mark.parametrize("df", [1, 2, 3, 4, 9, 10, 99, 128])
@pytest.mark.parametrize("x", [1e-6, 0.1, 1.0, 6.634896601021213, 40.0, 300.0, 1400.0])
def test_tails_are_those_of_scipy(x: float, df: int) -> None:
    assert upper_tail(x, df) == pytest.approx(scipy.stats.chi2.sf(x, df), rel=1e-12)


def test_ends() -> None:
    assert upper_tail(0.0, 3) == upper_tail(-1.0, 3) == 1.0
    assert upper_tail(math.inf, 3) == 0.0
    assert math.isnan(upper_tail(math.nan, 3))
    with pytest.raises(ValueError):
        upper_tail(1.0, 0)
