"""Folds dealt from counts: every row once, any order the same, and a fix that does nothing gains nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.diagnosis import folds
from celoss_cli.diagnosis.cross_fit import cross_fitted, isotonic_losses
from celoss_cli.diagnosis.floor import floor_of_groups, floor_of_sample
from celoss_cli.diagnosis.folds import FOLDS, REPETITIONS, dealt
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.state.scores import ScoreState

Floats = npt.NDArray[np.float64]


def groups_of(z: npt.ArrayLike, y: npt.ArrayLike) -> Groups:
    return Groups.of(ScoreState.of(np.asarray(z, dtype=float), np.asarray(y)))


@given(st.lists(st.integers(1, 30), min_size=1, max_size=20), st.booleans())
def test_every_row_is_in_one_fold(rows: list[int], large: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if large:
            patch.setattr(folds, "_MOST_SLOTS", 0)
        divisions = list(dealt(np.array(rows)))
        again = list(dealt(np.array(rows)))
    assert len(divisions) == REPETITIONS
    for division, same in zip(divisions, again, strict=True):
        assert division.shape == (len(rows), FOLDS)
        assert division.sum(axis=1).tolist() == rows
        assert np.array_equal(division, same)
        if not large:
            assert np.ptp(division.sum(axis=0)) <= 1


@pytest.mark.parametrize("kind", ["smooth", "eight leaves"])
def test_isotonic_gains_nothing_on_a_calibrated_model(kind: str) -> None:
    rng = np.random.default_rng(9)
    gains = []
    for _ in range(20):
        z = rng.normal(-1.0, 2.0, 2000) if kind == "smooth" else rng.choice(np.linspace(-3.0, 3.0, 8), 2000)
        y = (rng.random(2000) < 1 / (1 + np.exp(-z))).astype(np.int64)
        groups = groups_of(z, y)
        before = groups.losses()
        found = cross_fitted(groups, before, isotonic_losses(groups), np.zeros_like(before))
        gains.append(found.gain)
        assert groups.mean(before - isotonic_losses(groups)(groups.rows)) > found.gain
    wanted = -0.0045 if kind == "smooth" else -0.002  # of DIAGNOSIS: the truth at 2,000 rows
    assert np.mean(gains) == pytest.approx(wanted, abs=0.002)


def test_isotonic_finds_a_bent_curve() -> None:
    rng = np.random.default_rng(10)
    p = rng.random(8000)
    y = (rng.random(8000) < p**3).astype(np.int64)
    groups = groups_of(np.log(p) - np.log1p(-p), y)
    before = groups.losses()
    found = cross_fitted(groups, before, isotonic_losses(groups), np.zeros_like(before))
    truth = float(np.mean(-(p**3) * np.log(p) - (1 - p**3) * np.log1p(-p)))
    truth -= float(np.mean(-(p**3) * np.log(p**3) - (1 - p**3) * np.log1p(-(p**3))))
    assert found.gain == pytest.approx(truth, abs=0.01)
    assert found.gain - 1.96 * found.standard_error > 0.0


def floored(p: Floats, epsilon: float) -> Floats:
    raised = np.maximum(p, epsilon)
    return raised / raised.sum(axis=0)


def test_floored_scores_are_those_of_the_formula() -> None:
    p = np.array([0.0, 1e-6, 0.01, 0.5, 0.99, 1.0])
    with np.errstate(divide="ignore"):
        groups = groups_of(np.log(p) - np.log1p(-p), [1, 0, 1, 0, 1, 0])
    found = groups.floored(2.0**-5)
    q = floored(np.stack([1 - p, p]), 2.0**-5)
    assert found.points.z == pytest.approx(np.log(q[1]) - np.log(q[0]), abs=1e-12)
    y = np.array([1, 0, 1, 0, 1, 0])
    assert found.mean(found.losses()) == pytest.approx(float(-np.log(q[y, np.arange(6)]).mean()), abs=1e-12)


def test_the_best_floor_makes_an_infinite_loss_finite() -> None:
    rng = np.random.default_rng(12)
    p = rng.choice([0.0, 0.2, 0.7, 1.0], 2000)
    truth = np.where(p == 0.0, 0.02, np.where(p == 1.0, 0.98, p))
    y = (rng.random(2000) < truth).astype(np.int64)
    with np.errstate(divide="ignore"):
        groups = groups_of(np.log(p) - np.log1p(-p), y)
    found = floor_of_groups(groups)
    assert found.epsilon in (2.0**-6, 2.0**-5)
    assert np.isfinite(found.loss)
    assert 0.0 <= found.loss - found.loss_in_sample < 1e-3
    block = np.stack([1 - p, p])
    impossible = block[y, np.arange(2000)] == 0.0
    same = floor_of_sample(block, y, float(impossible.mean()))
    assert same.epsilon == found.epsilon
    assert same.loss_in_sample == pytest.approx(found.loss_in_sample, rel=1e-9)


def test_a_sample_without_an_infinite_row_still_has_a_floor() -> None:
    p = np.array([[0.9, 0.1], [0.1, 0.9]]).repeat(500, axis=1)
    y = (np.arange(1000) >= 500).astype(np.intp)
    found = floor_of_sample(p, y, 0.01)
    assert found.epsilon > 2.0**-12
    assert np.isfinite(found.loss)
