"""LossState: the laws of a mergeable state, and its sums against Fractions, with and without weights."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
from celoss_cli.state.loss import LossAccumulator, LossState
from row_sets import Cut, RowSet, cuts, in_one, row_sets

FULL = {"by_class": True, "moments": True, "moments_by_class": False}
SHAPES = [
    FULL,
    {"by_class": True, "moments": True, "moments_by_class": True},
    {"by_class": True, "moments": False, "moments_by_class": False},
    {"by_class": False, "moments": False, "moments_by_class": False},
]


def state_of(rows: RowSet, cut: Cut, shape: dict[str, bool], *, clipped: int = 0) -> LossState:
    groups = rows.classes if shape["moments_by_class"] else 1
    total = LossState.empty(rows.classes, groups)
    for partition in cut:
        accumulator = LossAccumulator(rows.classes, **shape)
        for block in partition:
            part = rows.take(block)
            if part.size:
                counts = np.bincount(part.codes, minlength=rows.classes)
                accumulator.add(part.loss, part.codes, counts, part.weights, clipped, float(part.loss.max()))
        total = total.merge(accumulator.finish())
    return total


@given(data=st.data(), rows=row_sets(), shape=st.sampled_from(SHAPES))
@settings(max_examples=120)
def test_the_same_bits_however_the_rows_are_cut(data: st.DataObject, rows: RowSet, shape: dict[str, bool]) -> None:
    assert state_of(rows, data.draw(cuts(rows.size)), shape) == state_of(rows, in_one(rows.size), shape)


@given(a=row_sets(), b=row_sets(), c=row_sets(), shape=st.sampled_from(SHAPES))
@settings(max_examples=60)
def test_laws(a: RowSet, b: RowSet, c: RowSet, shape: dict[str, bool]) -> None:
    x, y, z = (state_of(RowSet(4, r.codes, r.weights, r.outcome), in_one(r.size), shape) for r in (a, b, c))
    copies = copy.deepcopy((x, y))
    empty = LossState.empty(4, 4 if shape["moments_by_class"] else 1)
    assert x.merge(empty) == x == empty.merge(x)
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert (x, y) == copies
    assert pickle.loads(pickle.dumps(x)) == x


@given(rows=row_sets(weighted=False))
@settings(max_examples=60)
def test_sums_without_weights(rows: RowSet) -> None:
    state = state_of(rows, in_one(rows.size), FULL)
    finite = np.isfinite(rows.loss)
    for c in range(rows.classes):
        mine = rows.codes == c
        assert state.rows[c] == mine.sum()
        assert state.weight.fraction(c) == mine.sum()
        assert state.infinite[c] == state.infinite_weight.fraction(c) == (mine & ~finite).sum()
        assert state.loss.fraction(c) == oracles.exact_sum(rows.loss[mine & finite])
    assert state.plain.fraction(0) == oracles.exact_sum(rows.loss[finite])
    assert state.cross.fraction(0) == state.plain.fraction(0)
    assert state.weight_squares.fraction(0) == finite.sum()
    squares = sum((Fraction(x) ** 2 for x in rows.loss[finite].tolist()), Fraction(0))
    assert abs(state.squares.fraction(0) - squares) <= squares * Fraction(1, 10**25) + Fraction(1, 10**300)


@given(rows=row_sets(weighted=True))
@settings(max_examples=60)
def test_sums_with_weights(rows: RowSet) -> None:
    state = state_of(rows, in_one(rows.size), {**FULL, "moments_by_class": True})
    assert rows.weights is not None
    scored = np.isfinite(rows.loss)
    infinite = ~scored & (rows.weights > 0.0)
    small = Fraction(1, 10**300)
    for c in range(rows.classes):
        mine = rows.codes == c
        assert state.rows[c] == mine.sum()
        assert state.weight.fraction(c) == oracles.exact_sum(rows.weights[mine])
        assert state.infinite[c] == (mine & infinite).sum()
        assert state.infinite_weight.fraction(c) == oracles.exact_sum(rows.weights[mine & infinite])
        terms = [
            (Fraction(s), Fraction(x))
            for s, x in zip(rows.weights[mine & scored].tolist(), rows.loss[mine & scored].tolist(), strict=True)
        ]
        product = sum((s * x for s, x in terms), Fraction(0))
        assert abs(state.loss.fraction(c) - product) <= product * Fraction(1, 2**53) + small
        for sums, exact in (
            (state.squares, sum(((s * x) ** 2 for s, x in terms), Fraction(0))),
            (state.cross, sum((s * s * x for s, x in terms), Fraction(0))),
            (state.weight_squares, sum((s * s for s, _ in terms), Fraction(0))),
        ):
            assert abs(sums.fraction(c) - exact) <= exact * Fraction(1, 2**50) + small
    assert state.plain.fraction(0) == oracles.exact_sum(rows.loss[scored])


def test_an_infinite_row_of_weight_0_contributes_nothing() -> None:
    accumulator = LossAccumulator(2, **FULL)
    loss, codes, s = np.array([np.inf, 1.5, np.inf]), np.array([0, 0, 1]), np.array([0.0, 2.0, 3.0])
    accumulator.add(loss, codes, np.array([2, 1]), s, 0, np.inf)
    state = accumulator.finish()
    assert state.rows == (2, 1)
    assert state.infinite == (0, 1)
    assert state.infinite_weight.fraction(1) == 3
    assert state.loss.total() == 3


def test_clipped_rows_and_normalizers_are_counted() -> None:
    shape = {**FULL, "moments": False}
    accumulator = LossAccumulator(2, **shape)
    codes = np.array([0, 1, 1])
    accumulator.add(np.array([1.0, 2.0, 3.0]), codes, np.array([1, 2]), None, 2, 3.0)
    accumulator.add_normalizer(np.array([0.0, 0.25, -0.5]), codes, None)
    one = accumulator.finish()
    assert one.clipped == 2
    assert one.normalizer.fraction(1) == Fraction(-1, 4)
    both = one.merge(one)
    assert both.clipped == 4
    assert both.normalizer.fraction(1) == Fraction(-1, 2)
    weighted = LossAccumulator(2, **shape)
    weighted.add_normalizer(np.array([0.0, 0.25, -0.5]), codes, np.array([1.0, 4.0, 2.0]))
    assert weighted.finish().normalizer.fraction(1) == 0


def test_the_mean_alone_keeps_the_whole_loss_and_the_rows_of_each_class() -> None:
    rows = RowSet(3, np.array([0, 2, 2]), None, _outcome([1.0, 0.5, 0.25]))
    state = state_of(rows, in_one(3), SHAPES[3])
    assert state.rows == (1, 0, 2)
    assert state.loss.total() == Fraction(7, 4)


def test_states_of_different_classes_do_not_merge() -> None:
    with pytest.raises(ValueError):
        LossState.empty(2, 1).merge(LossState.empty(3, 1))


def _outcome(loss: list[float]):
    from celoss_cli.kernels.outcome import Outcome

    values = np.array(loss)
    return Outcome(values, np.exp(-values), np.exp(-values), np.ones(len(loss), dtype=bool), np.zeros(len(loss)))
