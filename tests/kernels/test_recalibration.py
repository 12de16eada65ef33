"""Scores under a slope and an intercept, held against mpmath and scipy."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from scipy import special

from celoss_cli.kernels import recalibration
from celoss_cli.kernels.recalibration import Recalibration

BY = Recalibration(0.78, -0.24)


@pytest.mark.parametrize("p", [1e-300, 1e-20, 0.1, 0.5, 0.9, 1.0 - 1e-12])
def test_log_odds_of_a_probability(p: float) -> None:
    with mpmath.workdps(60):
        exact = mpmath.log(mpmath.mpf(p)) - mpmath.log1p(-mpmath.mpf(p))
        found = recalibration.log_odds_from_probabilities(np.array([p]))[0]
        assert found == pytest.approx(float(exact), rel=1e-15)


@pytest.mark.parametrize("logp", [-1e-20, -1e-3, -0.7, -40.0, -1e5])
def test_log_odds_of_a_log_probability_keep_what_exp_would_lose(logp: float) -> None:
    with mpmath.workdps(60):
        exact = mpmath.mpf(logp) - mpmath.log(-mpmath.expm1(mpmath.mpf(logp)))
    found = recalibration.log_odds_from_log_probabilities(np.array([logp]))[0]
    assert found == pytest.approx(float(exact), rel=1e-15)


def test_the_ends_stay_the_ends() -> None:
    odds = recalibration.log_odds_from_probabilities(np.array([0.0, 1.0]))
    assert recalibration.of_log_odds(odds, BY).tolist() == [-math.inf, math.inf]
    assert recalibration.sigmoid(odds).tolist() == [0.0, 1.0]
    assert recalibration.log_sigmoid(np.array([-math.inf, math.inf])).tolist() == [-math.inf, 0.0]


def test_what_is_finite_stays_finite() -> None:
    steep = Recalibration(1e10, 0.0)
    largest = np.finfo(float).max
    assert recalibration.of_log_odds(np.array([1e300, -1e300]), steep).tolist() == [largest, -largest]
    moved = recalibration.of_log_scores(np.array([[1e305], [1e305], [-np.inf]]), steep, 0)
    assert moved[:, 0].tolist() == [0.0, 0.0, -math.inf]  # equal logits stay equal: inf − inf would be NaN


@pytest.mark.parametrize("axis", [0, 1])
def test_of_several_classes_it_is_a_temperature(axis: int) -> None:
    z = np.random.default_rng(0).normal(0.0, 3.0, (5, 40))
    z[2, 3] = -np.inf
    block = z if axis == 0 else np.ascontiguousarray(z.T)
    moved = recalibration.of_log_scores(block, Recalibration(0.78), axis)
    expected = special.log_softmax(0.78 * z, axis=0)
    found = recalibration.log_softmax(moved, axis)
    np.testing.assert_allclose(found if axis == 0 else found.T, expected, rtol=1e-13, atol=1e-13)
    p = recalibration.softmax(moved, axis)
    np.testing.assert_allclose(p if axis == 0 else p.T, np.exp(expected), rtol=1e-13)


def test_two_columns_and_their_log_odds_are_moved_alike() -> None:
    z = np.random.default_rng(1).normal(0.0, 3.0, 50)
    p = special.expit(z)
    single = recalibration.sigmoid(recalibration.of_log_odds(z, BY))
    np.testing.assert_allclose(single, special.expit(BY.intercept + BY.slope * z), rtol=1e-13)
    both = recalibration.of_log_scores(np.log([1.0 - p, p]), BY, 0)
    np.testing.assert_allclose(recalibration.softmax(both, 0)[1], single, rtol=1e-12)


def test_a_small_probability_keeps_its_digits() -> None:
    z = np.array([-700.0, 700.0])
    assert recalibration.sigmoid(z)[0] == pytest.approx(math.exp(-700.0), rel=1e-15)
    assert recalibration.log_sigmoid(z)[1] == pytest.approx(-math.exp(-700.0), rel=1e-15)
