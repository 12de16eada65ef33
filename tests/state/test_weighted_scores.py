"""Scores of weighted rows: the sums are those of the rows, whatever the weights' size, and merging has its laws."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.state.weighted_scores import Quanta, WeightedScoreAccumulator, WeightedScores

Floats = npt.NDArray[np.float64]


def state_of(z: Floats, y: npt.NDArray[np.int64], w: Floats, quanta: Quanta) -> WeightedScores:
    accumulator = WeightedScoreAccumulator(quanta)
    accumulator.add(z, y, w)
    return accumulator.finish()


def drawn(n: int = 500, seed: int = 0) -> tuple[Floats, npt.NDArray[np.int64], Floats, Quanta]:
    rng = np.random.default_rng(seed)
    z, y, w = np.round(rng.normal(0, 3, n), 1), rng.integers(0, 2, n), rng.gamma(1.0, 1.0, n)
    return z, y, w, Quanta(float(w.sum()), float((w * w).sum()))


def test_sums_are_those_of_the_rows() -> None:
    z, y, w, quanta = drawn()
    found = state_of(z, y, w, quanta)
    assert np.array_equal(found.values, np.unique(z))
    for outcome in (0, 1):
        for place, value in enumerate(found.values):
            rows = w[(z == value) & (y == outcome)]
            count, weight, square = found.sums[place, outcome]
            assert count == rows.size
            assert weight * quanta.weight == pytest.approx(rows.sum(), rel=1e-14)
            assert square * quanta.square == pytest.approx((rows * rows).sum(), rel=1e-14)


@pytest.mark.parametrize("most", [1 << 17, 20])
@given(cuts=st.lists(st.integers(0, 500), max_size=4), seed=st.integers(0, 5))
def test_cut_and_order_do_not_change_a_bit(most: int, cuts: list[int], seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("celoss_cli.state.weighted_scores.MOST_DISTINCT", most)
        z, y, w, quanta = drawn()
        whole = state_of(z, y, w, quanta)
        assert whole.coarse == (most == 20)
        order = np.random.default_rng(seed).permutation(500)
        parts = WeightedScores()
        for places in np.split(order, sorted(cuts)):
            parts = parts.merge(state_of(z[places], y[places], w[places], quanta))
        assert parts == whole
        assert whole.merge(WeightedScores()) == whole == WeightedScores().merge(whole)


@pytest.mark.parametrize("power", [-900, -60, 0, 60, 480])
def test_weights_may_be_of_any_size(power: int) -> None:
    z, y, w, _ = drawn()
    w = np.ldexp(w, power)
    quanta = Quanta(float(w.sum()), max(float((w * w).sum()), 5e-324))
    found = state_of(z, y, w, quanta)
    assert (found.sums[:, :, 1].sum() * quanta.weight) == pytest.approx(w.sum(), rel=1e-14)


def test_rows_without_weight_are_not_there() -> None:
    z, y, w, quanta = drawn()
    w[::3] = 0.0
    kept = w > 0.0
    assert state_of(z, y, w, quanta) == state_of(z[kept], y[kept], w[kept], quanta)


def test_infinite_and_huge_scores_keep_their_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("celoss_cli.state.weighted_scores.MOST_DISTINCT", 3)
    z = np.array([-np.inf, -1.7976931348623157e308, -40.03, 0.0001, 31.9999, 1e300, np.inf])
    found = state_of(z, np.zeros(7, dtype=np.int64), np.ones(7), Quanta(7.0, 7.0))
    assert found.coarse
    assert found.values[[0, -1]].tolist() == [-np.inf, np.inf]
    assert np.isfinite(found.values[1:-1]).all()
    assert found.values[2:-1] == pytest.approx(z[2:-1], rel=2e-3, abs=2.5e-4)
