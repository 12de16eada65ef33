"""The number of rows that is said to be enough: by its formula, and by simulation at that number."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.stats

from celoss_cli.statistics.power import POWER, units_needed


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("effect", [0.02, 0.1])
def test_many_rows_by_the_normal_formula(confidence: float, effect: float) -> None:
    z = scipy.stats.norm.ppf(1 - (1 - confidence) / 2) + scipy.stats.norm.ppf(POWER)
    expected = (z * 3.0 / effect) ** 2
    assert units_needed(400, 3.0 / 20.0, effect, confidence) == pytest.approx(expected, rel=1e-3, abs=3)
    assert units_needed(400, 3.0 / 20.0, -effect, confidence) == units_needed(400, 3.0 / 20.0, effect, confidence)


@pytest.mark.parametrize("effect", [0.3, 0.8, 2.0, 50.0])
def test_so_many_rows_pass_a_margin_four_times_in_five(effect: float) -> None:
    n = units_needed(100, 0.1, effect, 0.95)  # a spread of 1
    assert n is not None
    rng = np.random.default_rng(7)
    runs = 20_000
    d = rng.standard_normal((runs, n))
    upper = d.mean(axis=1) + scipy.stats.t.ppf(0.975, n - 1) * d.std(axis=1, ddof=1) / np.sqrt(n)
    power = np.mean(upper <= effect)
    assert power > POWER - 0.03
    if n > 30:
        assert power < POWER + 4 * math.sqrt(0.16 / runs) + 0.005


def test_nothing_to_tell() -> None:
    assert units_needed(1, 0.1, 0.1, 0.95) is None
    assert units_needed(10, 0.0, 0.1, 0.95) is None
    assert units_needed(10, math.nan, 0.1, 0.95) is None
    assert units_needed(10, 0.1, 0.0, 0.95) is None
    assert units_needed(10, 0.1, 1e-300, 0.95) is None
