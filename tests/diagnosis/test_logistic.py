"""Fits of two-class scores: exact cases, the oracles, and the leave-one-out formula against leaving each row out."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
import scipy.optimize
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.logistic import NoOverlap, NotSettled, fit, interval
from celoss_cli.state.scores import ScoreState

Floats = npt.NDArray[np.float64]


def groups_of(z: npt.ArrayLike, y: npt.ArrayLike) -> Groups:
    return Groups.of(ScoreState.of(np.asarray(z, dtype=float), np.asarray(y)))


def sample(n: int, seed: int = 2) -> tuple[Floats, npt.NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    z = rng.normal(-1.0, 2.0, n)
    return 1.3 * z + 0.2, (rng.random(n) < 1 / (1 + np.exp(-z))).astype(np.int64)


def losses(z: Floats, y: npt.NDArray[np.int64], a: float, b: float) -> Floats:
    return np.logaddexp(0.0, -(2 * y - 1) * (a + b * z))


def test_four_rows_at_nine_tenths() -> None:
    groups = groups_of([math.log(9.0)] * 4, [1, 1, 1, 0])
    found = fit(groups, intercept=False, slope=True)
    before = groups.mean(groups.losses())
    assert 1.0 / found.slope == pytest.approx(2.0, abs=1e-12)  # ln 9 / ln 3
    assert before == pytest.approx(0.65466666, abs=1e-8)
    entropy = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert before - found.gain_in_sample == pytest.approx(entropy, abs=1e-14)


@pytest.mark.parametrize(("intercept", "slope"), [(True, True), (False, True), (True, False)])
def test_fits_are_those_of_a_general_optimiser(intercept: bool, slope: bool) -> None:
    z, y = sample(500)
    found = fit(groups_of(z, y), intercept=intercept, slope=slope)

    def mean(parameters: Floats) -> float:
        a, b = parameters[0] * intercept, parameters[-1] if slope else 1.0
        return float(losses(z, y, a, b).mean())

    wanted = scipy.optimize.minimize(mean, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-15})
    assert losses(z, y, found.intercept, found.slope).mean() <= wanted.fun + 1e-14
    assert losses(z, y, 0.0, 1.0).mean() - found.gain_in_sample == pytest.approx(wanted.fun, abs=1e-12)
    if slope:
        assert found.slope == pytest.approx(wanted.x[-1], abs=1e-6)
    if intercept:
        assert found.intercept == pytest.approx(wanted.x[0], abs=1e-6)


def test_slope_and_intercept_are_those_of_scikit_learn() -> None:
    z, y = sample(2000)
    found = fit(groups_of(z, y), intercept=True, slope=True)
    wanted = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(z[:, None], y)
    assert found.slope == pytest.approx(float(wanted.coef_[0, 0]), abs=1e-6)
    assert found.intercept == pytest.approx(float(wanted.intercept_[0]), abs=1e-6)


def test_the_sandwich_is_that_of_its_formula() -> None:
    z, y = sample(300)
    found = fit(groups_of(z, y), intercept=True, slope=True)
    q = 1 / (1 + np.exp(-(found.intercept + found.slope * z)))
    design = np.stack([np.ones_like(z), z])
    gradient = (q - y) * design
    hessian = (design * (q * (1 - q))) @ design.T
    inverse = np.linalg.inv(hessian)
    sandwich = inverse @ gradient @ gradient.T @ inverse
    assert found.standard_errors == pytest.approx(tuple(np.sqrt(np.diag(sandwich))), rel=1e-9)
    assert found.inverse == pytest.approx(inverse, rel=1e-9)
    leverage = (gradient * (inverse @ gradient)).sum(axis=0)
    corrected = losses(z, y, 0.0, 1.0) - losses(z, y, found.intercept, found.slope) - leverage
    assert found.optimism == pytest.approx(leverage.mean(), rel=1e-9)
    assert found.gain_in_sample - found.optimism == pytest.approx(corrected.mean(), rel=1e-9)
    gain = losses(z, y, 0.0, 1.0) - losses(z, y, found.intercept, found.slope)
    assert found.standard_error == pytest.approx(gain.std(ddof=1) / math.sqrt(300), rel=1e-9)


def test_the_correction_is_close_to_leaving_each_row_out() -> None:
    z, y = sample(300)
    found = fit(groups_of(z, y), intercept=True, slope=True)
    out = []
    for i in range(300):
        without = fit(groups_of(np.delete(z, i), np.delete(y, i)), intercept=True, slope=True)
        out.append(losses(z[i : i + 1], y[i : i + 1], without.intercept, without.slope)[0])
    gain = float(losses(z, y, 0.0, 1.0).mean() - np.mean(out))
    assert found.optimism > 0.005
    assert found.gain_in_sample - found.optimism == pytest.approx(gain, abs=0.05 * found.optimism)


@given(
    st.lists(st.tuples(st.floats(-20.0, 20.0), st.integers(0, 1)), min_size=4, max_size=40),
    st.booleans(),
    st.booleans(),
)
def test_a_fit_is_the_best_there_is_or_there_is_none(
    rows: list[tuple[float, int]], intercept: bool, slope: bool
) -> None:
    assume(intercept or slope)
    z, y = np.array([z for z, _ in rows]), np.array([y for _, y in rows])
    try:
        found = fit(groups_of(z, y), intercept=intercept, slope=slope)
    except NoOverlap:
        zeros, ones = z[y == 0], z[y == 1]
        one_class = not (zeros.size and ones.size)
        apart = not one_class and (zeros.max() <= ones.min() or ones.max() <= zeros.min())
        signs = (2 * y - 1) * z
        assert {
            (True, False): one_class,
            (True, True): one_class or apart,
            (False, True): signs.min() >= 0.0 or signs.max() <= 0.0,
        }[intercept, slope]
        return
    except NotSettled:
        assert 0.0 < np.abs(z).max() < 1e-150  # their squares are 0
        return
    now = losses(z, y, found.intercept, found.slope).sum()
    for a, b in ((1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3)):
        moved = losses(z, y, found.intercept + a * intercept, found.slope + b * slope).sum()
        assert moved >= now - 1e-9 * max(1.0, now)


def test_scores_in_cells_give_nearly_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    z, y = sample(4000)
    exact = fit(groups_of(z, y), intercept=True, slope=True)
    monkeypatch.setattr("celoss_cli.state.scores.MOST_DISTINCT", 100)
    cells = fit(groups_of(z, y), intercept=True, slope=True)
    assert cells.slope == pytest.approx(exact.slope, abs=2e-6)
    assert cells.intercept == pytest.approx(exact.intercept, abs=2e-6)
    assert cells.gain_in_sample == pytest.approx(exact.gain_in_sample, abs=2e-7)


def test_right_rows_at_the_ends_count_and_change_no_fit() -> None:
    z, y = sample(200)
    plain = fit(groups_of(z, y), intercept=True, slope=True)
    ends = fit(groups_of([*z, math.inf, -math.inf], [*y, 1, 0]), intercept=True, slope=True)
    assert (ends.slope, ends.intercept) == pytest.approx((plain.slope, plain.intercept), rel=1e-12)
    assert ends.gain_in_sample == pytest.approx(plain.gain_in_sample * 200 / 202, rel=1e-9)
    assert ends.p_value == pytest.approx(plain.p_value, rel=1e-9)


def test_the_interval_reaches_from_below_the_gain_to_above_the_one_in_sample() -> None:
    low, high = interval(0.01, 0.02, 0.001)
    assert low == pytest.approx(0.01 - 0.00196, abs=1e-6)
    assert high == pytest.approx(0.02 + 0.00196, abs=1e-6)
