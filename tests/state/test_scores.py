"""Scores as counts obey the laws of a mergeable state in both forms, and cells keep what a fit needs of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.state import scores
from celoss_cli.state.scores import ScoreAccumulator, ScoreState

Rows = list[tuple[float, int]]

values = st.one_of(
    st.sampled_from([-math.inf, math.inf, 0.0, -0.0, -40.5, 40.5, 1e300, -32.0, 32.0]),
    st.integers(-20, 20).map(lambda k: k / 4),
    st.floats(-50.0, 50.0),
)

rows = st.lists(st.tuples(values, st.integers(0, 1)), max_size=40)


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "MOST_DISTINCT", 6)  # so that both forms occur


def state(some: Rows) -> ScoreState:
    z, outcome = np.array([z for z, _ in some], dtype=float), np.array([y for _, y in some], dtype=np.intp)
    return ScoreState.of(z, outcome)


@given(rows, rows, rows)
def test_merge_is_associative_and_commutative_and_empty_is_its_identity(a: Rows, b: Rows, c: Rows) -> None:
    x, y, z = state(a), state(b), state(c)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert x.merge(y) == y.merge(x)
    assert x.merge(ScoreState()) == x == ScoreState().merge(x)


@given(rows, st.randoms(use_true_random=False), st.integers(1, 7))
def test_any_order_and_any_cut_leave_the_same_state(some: Rows, random: object, size: int) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    whole = ScoreState()
    for start in range(0, len(shuffled), size):
        taken = ScoreAccumulator()
        part = shuffled[start : start + size]
        taken.add(np.array([z for z, _ in part]), np.array([y for _, y in part]))
        whole = whole.merge(taken.finish())
    assert whole == state(some)


@given(rows)
def test_the_form_depends_on_the_distinct_scores_alone(some: Rows) -> None:
    found = state(some)
    assert (found.values is not None) == (len({z + 0.0 for z, _ in some}) <= 6)
    assert found.rows == len(some)


@given(rows)
def test_points_keep_counts_and_sums(some: Rows) -> None:
    points = state(some).points()
    assert (points.z[1:] >= points.z[:-1]).all()  # means of two cells may meet where they touch
    for outcome in (0, 1):
        mine = [z for z, y in some if y == outcome]
        counts = points.counts[:, outcome]
        assert counts.sum() == len(mine)
        for end in (-math.inf, math.inf):
            assert counts[points.z == end].sum() == mine.count(end)
        finite = np.isfinite(points.z) & (counts > 0)
        expected = math.fsum(z for z in mine if math.isfinite(z))
        found = math.fsum((points.of_outcome[finite, outcome] * counts[finite]).tolist())
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_rows_that_come_in_many_blocks_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "_HELD", 100)
    rng = np.random.default_rng(5)
    z, y = rng.normal(size=1000), rng.integers(0, 2, 1000)
    taken = ScoreAccumulator()
    for start in range(0, 1000, 64):
        taken.add(z[start : start + 64], y[start : start + 64])
    assert taken.finish() == ScoreState.of(z, y)


def test_inputs_are_left_alone() -> None:
    a, b = state([(0.5, 1), (0.25, 0)]), state([(0.5, 0)])
    before = (a.counts.copy(), b.counts.copy())
    a.merge(b)
    assert np.array_equal(a.counts, before[0])
    assert np.array_equal(b.counts, before[1])


def test_the_core_counts_as_numpy_does(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    near = rng.integers(-32 * 256, 32 * 256, 3000) / 256 + rng.choice([0.0, 2.0**-50, -(2.0**-50), 2.0**-9], 3000)
    z = np.concatenate([rng.normal(scale=8.0, size=4001), np.clip(near, -32.0, np.nextafter(32.0, 0.0))])
    outcome = rng.integers(0, 2, z.size)

    def counted() -> ScoreState:
        cells = scores._Cells()
        for start in range(0, z.size, 1501):
            cells.add(z[start : start + 1501], outcome[start : start + 1501], None)
        cells.add(np.append(z[:9], 40.0), outcome[:10], None)  # a score that lies outside goes the general way
        return cells.finish()

    compiled = counted()
    monkeypatch.setattr(scores, "CORE", None)
    assert counted() == compiled
    assert int(compiled.counts.sum()) == z.size + 10
