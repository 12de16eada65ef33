"""Curve and decomposition: exact cases, the laws of the parts, and what chance shows of a calibrated model."""

from __future__ import annotations

import itertools
import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from celoss_cli.diagnosis.calibration_errors import equal_mass
from celoss_cli.diagnosis.curve import decomposed, outcomes_drawn
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.state.scores import ScoreState
from celoss_cli.statistics.calibration_error import rms_debiased


def groups_of(z: npt.ArrayLike, y: npt.ArrayLike) -> Groups:
    return Groups.of(ScoreState.of(np.asarray(z, dtype=float), np.asarray(y)))


def test_four_rows() -> None:
    p = np.array([0.2, 0.4, 0.6, 0.8])
    found = decomposed(groups_of(np.log(p) - np.log1p(-p), [0, 1, 0, 1]))
    wanted = -(math.log(0.8) + math.log(0.4) + math.log(0.4) + math.log(0.8)) / 4 - math.log(2.0) / 2
    assert found.miscalibration == pytest.approx(wanted, abs=1e-15)
    assert found.miscalibration == pytest.approx(0.2231435513, abs=1e-10)
    assert found.discrimination == pytest.approx(math.log(2.0) / 2, abs=1e-15)
    assert found.uncertainty == pytest.approx(math.log(2.0), abs=1e-15)
    assert [(step.frequency, step.rows) for step in found.steps] == [(0.0, 1), (0.5, 2), (1.0, 1)]


@given(st.lists(st.tuples(st.integers(-32, 32).map(lambda k: k / 4), st.integers(0, 1)), min_size=2, max_size=40))
def test_the_parts_add_up_and_are_not_negative(rows: list[tuple[float, int]]) -> None:
    z, y = np.array([z for z, _ in rows]), np.array([y for _, y in rows])
    found = decomposed(groups_of(z, y))
    mean = float(np.logaddexp(0.0, -(2 * y - 1) * z).mean())
    assert found.miscalibration - found.discrimination + found.uncertainty == pytest.approx(mean, abs=1e-12)
    assert found.miscalibration >= -1e-12
    assert found.discrimination >= -1e-12
    share = IsotonicRegression().fit(z, y).predict(z)
    with np.errstate(divide="ignore"):
        curve = -np.log(np.where(y == 1, share, 1 - share)).mean()
    assert found.uncertainty - found.discrimination == pytest.approx(float(curve), abs=1e-12)


def test_a_calibrated_model_shows_what_chance_does() -> None:
    rng = np.random.default_rng(11)
    inside, deviations = [], []
    for _ in range(40):
        z = rng.normal(-1.0, 2.0, 400)
        y = (rng.random(400) < 1 / (1 + np.exp(-z))).astype(np.int64)
        found = decomposed(groups_of(z, y))
        deviations.append(found.debiased / found.null_sd)
        inside += [step.low <= step.frequency <= step.high for step in found.steps]
    assert abs(np.mean(deviations)) < 0.5  # 40 of them: the standard error is 0.16
    assert 0.8 < np.mean(inside) < 0.98
    assert found.null_mean == pytest.approx(0.0334, abs=0.005)


def test_an_infinite_loss_is_infinite_miscalibration_and_the_rest_stands() -> None:
    found = decomposed(groups_of([-math.inf, -1.0, 0.0, 1.0], [1, 0, 1, 1]))
    assert found.miscalibration == math.inf
    assert math.isfinite(found.discrimination)
    assert math.isfinite(found.null_mean)


def test_draws_have_the_probabilities_and_are_the_same_again() -> None:
    p, rows = np.array([0.1, 0.5, 0.9, 0.0, 1.0]), np.array([1, 1, 50, 7, 7])
    draws = np.array([outcomes_drawn(p, rows, draw) for draw in range(3000)])
    assert draws.mean(axis=0) == pytest.approx(p * rows, abs=0.15)
    assert (draws[:, 3] == 0).all()
    assert (draws[:, 4] == 7).all()
    assert np.array_equal(outcomes_drawn(p, rows, 5), draws[5])


def test_bins_of_equal_mass_are_those_of_uncertainty_calibration() -> None:
    rng = np.random.default_rng(6)
    p = np.round(rng.random(1003), 2).clip(0.01, 0.99)
    y = (rng.random(1003) < p**1.5).astype(np.int64)
    sums, edges = equal_mass(groups_of(np.log(p) - np.log1p(-p), y))
    parts = np.array_split(np.sort(p), 15)
    wanted = sorted({*((a[-1] + b[0]) / 2 for a, b in itertools.pairwise(parts)), 1.0})
    place = np.searchsorted(wanted, p - 1e-12)
    held = [k for k in range(len(wanted)) if (place == k).any()]
    assert [one.rows for one in sums] == [int((place == k).sum()) for k in held]
    assert [one.happened for one in sums] == [int(y[place == k].sum()) for k in held]
    assert len(edges) == len(sums)
    square = 0.0
    for k in held:
        chosen = place == k
        share, n = y[chosen].mean(), chosen.sum()
        square += n / 1003 * ((share - p[chosen].mean()) ** 2 - share * (1 - share) / (n - 1))
    assert rms_debiased(sums) == pytest.approx(math.sqrt(square), rel=1e-9)
