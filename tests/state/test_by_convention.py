"""ByConvention: the laws of a mergeable state, and its sums and counts against plain ones."""

from __future__ import annotations

import copy
import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
from celoss_cli.kernels.rules import RowLosses
from celoss_cli.state.by_convention import ByConvention, RuleAccumulator, RuleState
from row_sets import Cut, RowSet, cuts, in_one, row_sets


def row_losses(rows: RowSet) -> RowLosses:
    """Masks that any rows may have, made from what is at hand."""
    loss = rows.loss
    return RowLosses(loss, loss == 0.5, loss > 2.0, loss < 0.1, rows.outcome.correct > 0.5)


def state_of(rows: RowSet, cut: Cut) -> ByConvention:
    total = ByConvention.empty(1, rows.classes)
    for partition in cut:
        accumulator = RuleAccumulator(rows.classes)
        for block in partition:
            part = rows.take(block)
            accumulator.add(row_losses(part), part.codes, part.weights)
        total = total.merge(ByConvention((accumulator.finish(),)))
    return total


@given(data=st.data(), rows=row_sets())
@settings(max_examples=80)
def test_the_same_bits_however_the_rows_are_cut(data: st.DataObject, rows: RowSet) -> None:
    assert state_of(rows, data.draw(cuts(rows.size))) == state_of(rows, in_one(rows.size))


@given(a=row_sets(), b=row_sets(), c=row_sets())
@settings(max_examples=60)
def test_laws(a: RowSet, b: RowSet, c: RowSet) -> None:
    x, y, z = (state_of(RowSet(4, r.codes, r.weights, r.outcome), in_one(r.size)) for r in (a, b, c))
    copies = copy.deepcopy((x, y))
    empty = ByConvention.empty(1, 4)
    assert x.merge(empty) == x == empty.merge(x)
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert (x, y) == copies
    assert pickle.loads(pickle.dumps(x)) == x


@given(rows=row_sets())
@settings(max_examples=60)
def test_sums_and_counts(rows: RowSet) -> None:
    (state,) = state_of(rows, in_one(rows.size)).rules
    made = row_losses(rows)
    s = np.ones(rows.size) if rows.weights is None else rows.weights
    finite = np.isfinite(rows.loss)
    for c in range(rows.classes):
        mine = (rows.codes == c) & (s > 0.0)
        products = s[mine & finite] * rows.loss[mine & finite]
        assert state.loss.fraction(c) == oracles.exact_sum(products)
        assert state.infinite[c] == (mine & ~finite).sum()
        for counted, mask in (
            (state.zero, made.zero),
            (state.raised, made.raised),
            (state.lowered, made.lowered),
            (state.renormalised, made.renormalised),
        ):
            assert counted[c] == (mask & mine).sum()


def test_the_range_of_what_a_zero_costs() -> None:
    nothing = np.zeros(3, dtype=bool)
    zero = np.array([True, True, False])
    accumulator = RuleAccumulator(2)
    accumulator.add(RowLosses(np.array([15.9, 16.1, 99.0]), zero, nothing, nothing, nothing), np.array([0, 1, 1]), None)
    state = accumulator.finish()
    assert (state.cheapest_zero, state.dearest_zero) == (15.9, 16.1)
    assert RuleState.empty(2).merge(state) == state


def test_the_losses_are_left_alone() -> None:
    loss, nothing = np.array([1.0, np.inf]), np.zeros(2, dtype=bool)
    RuleAccumulator(2).add(RowLosses(loss, nothing, nothing, nothing, nothing), np.array([0, 1]), None)
    assert loss.tolist() == [1.0, np.inf]
