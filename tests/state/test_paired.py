"""PairedState: the laws on disjoint rows, and the sums of plain rational arithmetic."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.state.paired import PairedAccumulator, PairedState
from row_sets import Cut, cuts, in_one, losses, weights

GROUPS, TOP = 3, 4
Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray | None]


@st.composite
def pairs(draw: st.DrawFn) -> Rows:
    n = draw(st.integers(0, 30))

    def column(values: st.SearchStrategy[Any]) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=n, max_size=n)), dtype=np.float64)

    a, b = column(losses), column(losses)
    same = column(st.booleans()).astype(bool)
    codes = column(st.integers(0, GROUPS - 1)).astype(np.intp)
    return a, np.where(same, a, b), codes, column(weights) if draw(st.booleans()) else None


def weighed(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    a, b, _, s = rows
    if s is None:
        return a, b
    return tuple(np.multiply(s, x, out=np.zeros_like(x), where=s > 0) for x in (a, b))  # type: ignore[return-value]


def gathered(rows: Rows, cut: Cut) -> PairedState:
    a, b = weighed(rows)
    total = PairedAccumulator(GROUPS, top=TOP).finish()
    for partition in cut:
        accumulator = PairedAccumulator(GROUPS, top=TOP)
        for block in partition:
            block = np.sort(block)
            accumulator.add(block, a[block], b[block], rows[2][block], None if rows[3] is None else rows[3][block])
        total = total.merge(accumulator.finish())
    return total


@given(data=st.data(), rows=pairs())
@settings(max_examples=150)
def test_the_same_however_the_rows_are_cut_and_ordered(data: st.DataObject, rows: Rows) -> None:
    n = len(rows[0])
    assert gathered(rows, data.draw(cuts(n))) == gathered(rows, in_one(n))


@given(rows=pairs(), others=pairs())
def test_merge_has_an_identity_and_leaves_its_inputs_alone(rows: Rows, others: Rows) -> None:
    none = PairedAccumulator(GROUPS, top=TOP).finish()
    a, b = gathered(rows, in_one(len(rows[0]))), gathered(others, in_one(len(others[0])))
    before = copy.deepcopy((a, b))
    assert a.merge(none) == none.merge(a) == a
    left, right = a.merge(b), b.merge(a)
    assert (left.rows, left.squares, left.spread) == (right.rows, right.squares, right.spread)
    assert (a, b) == before
    assert pickle.loads(pickle.dumps(a)) == a


@given(rows=pairs())
def test_sums_are_those_of_rational_arithmetic(rows: Rows) -> None:
    state = gathered(rows, in_one(len(rows[0])))
    a, b = weighed(rows)
    s = np.ones(len(a)) if rows[3] is None else rows[3]
    for group in range(GROUPS):
        mine = [i for i in range(len(a)) if rows[2][i] == group and s[i] > 0]
        finite = [i for i in mine if np.isfinite(a[i]) and np.isfinite(b[i])]
        change = [Fraction(float(b[i] - a[i])) for i in finite]
        assert state.rows[group] == len(mine)
        assert state.scored[group] == np.count_nonzero(rows[2] == group)
        assert state.won[group] == sum(b[i] < a[i] for i in mine)
        assert state.lost[group] == sum(b[i] > a[i] for i in mine)
        assert state.tied[group] == sum(b[i] == a[i] for i in mine)
        assert state.infinite_both[group] == sum(np.isinf(a[i]) and np.isinf(b[i]) for i in mine)
        assert state.weight.fraction(group) == sum((Fraction(s[i]) for i in mine), Fraction(0))
        assert state.baseline.fraction(group) == sum((Fraction(a[i]) for i in mine if a[i] < np.inf), Fraction(0))
        assert state.candidate.fraction(group) == sum((Fraction(b[i]) for i in mine if b[i] < np.inf), Fraction(0))
        assert state.change.fraction(group) == sum(change, Fraction(0))
        weight = [Fraction(s[i]) for i in finite]
        assert float(state.squares.fraction(group)) == pytest.approx(float(sum((d * d for d in change), Fraction(0))))
        assert float(state.cross.fraction(group)) == pytest.approx(
            float(sum((v * d for v, d in zip(weight, change, strict=True)), Fraction(0))), rel=1e-12, abs=1e-300
        )


@given(rows=pairs())
def test_the_most_changed_rows_are_those_that_sorting_finds(rows: Rows) -> None:
    state = gathered(rows, in_one(len(rows[0])))
    a, b = weighed(rows)
    with np.errstate(invalid="ignore"):
        change = np.where(np.isinf(a) & np.isinf(b), 0.0, b - a)
    if rows[3] is not None:
        change = np.where(rows[3] > 0, change, 0.0)
    for sign, held in ((-1.0, state.most.improved), (1.0, state.most.worsened)):
        ranked = sorted((i for i in range(len(a)) if sign * change[i] > 0), key=lambda i: (-abs(change[i]), i))
        assert [row.row for row in held] == ranked[:TOP]
        assert [(row.baseline, row.candidate, row.change) for row in held] == [
            (a[i], b[i], change[i]) for i in ranked[:TOP]
        ]


def test_many_rows_keep_the_first_of_equal_changes() -> None:
    accumulator = PairedAccumulator(1, top=2)
    for start in (0, 1000):
        rows = np.arange(start, start + 1000)
        accumulator.add(rows, np.ones(1000), np.full(1000, 0.5), np.zeros(1000, dtype=np.intp), None)
    state = accumulator.finish()
    assert [row.row for row in state.most.improved] == [0, 1]
    assert state.most.worsened == ()
    assert state.spread.share_of_worst(0.01) == pytest.approx(0.01)


def test_no_top_holds_nothing() -> None:
    accumulator = PairedAccumulator(1, top=0)
    accumulator.add(np.arange(2), np.array([1.0, np.inf]), np.array([2.0, 1.0]), np.zeros(2, dtype=np.intp), None)
    assert accumulator.finish().most.improved == ()
