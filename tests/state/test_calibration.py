"""CalibrationState: the laws, and its sums against plain loops."""

from __future__ import annotations

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
from celoss_cli.kernels.outcome import Outcome
from celoss_cli.state.calibration import BINS, CalibrationAccumulator, CalibrationState
from row_sets import Cut, RowSet, cuts, in_one, row_sets


def state_of(rows: RowSet, cut: Cut) -> CalibrationState:
    total = CalibrationState.empty(rows.classes)
    for partition in cut:
        accumulator = CalibrationAccumulator(rows.classes)
        for block in partition:
            part = rows.take(block)
            if part.size:
                counts = accumulator.add(part.outcome, part.codes, part.weights)
                assert counts.tolist() == np.bincount(part.codes, minlength=rows.classes).tolist()
        total = total.merge(accumulator.finish())
    return total


def outcome(confidence: list[float], correct: list[float], brier: list[float] | None = None) -> Outcome:
    n = len(confidence)
    values = np.array(confidence)
    return Outcome(np.zeros(n), values.copy(), values, np.array(correct, dtype=bool), np.array(brier or [0.0] * n))


@given(data=st.data(), rows=row_sets())
@settings(max_examples=100)
def test_the_same_bits_however_the_rows_are_cut(data: st.DataObject, rows: RowSet) -> None:
    assert state_of(rows, data.draw(cuts(rows.size))) == state_of(rows, in_one(rows.size))


@given(a=row_sets(), b=row_sets(), c=row_sets())
@settings(max_examples=50)
def test_laws(a: RowSet, b: RowSet, c: RowSet) -> None:
    x, y, z = (state_of(RowSet(4, r.codes, r.weights, r.outcome), in_one(r.size)) for r in (a, b, c))
    copies = copy.deepcopy((x, y))
    empty = CalibrationState.empty(4)
    assert x.merge(empty) == x == empty.merge(x)
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert (x, y) == copies
    assert pickle.loads(pickle.dumps(x)) == x


@given(rows=row_sets())
@settings(max_examples=80)
def test_sums(rows: RowSet) -> None:
    state = state_of(rows, in_one(rows.size))
    s = np.ones(rows.size) if rows.weights is None else rows.weights
    found, right = rows.outcome, rows.outcome.correct == 1.0
    for c in range(rows.classes):
        assert state.correct.fraction(c) == oracles.exact_sum(s[right & (rows.codes == c)])
    bins = np.array([min(BINS, max(1, math.ceil(x * BINS))) for x in found.confidence.tolist()], dtype=int)
    for b in range(BINS):
        mine = bins == b + 1
        assert state.top.weight.fraction(b) == oracles.exact_sum(s[mine])
        assert state.top.hits.fraction(b) == oracles.exact_sum(s[mine & right])
        sure = oracles.exact_sum(s[mine] * found.confidence[mine])
        assert abs(state.top.claimed.fraction(b) - sure) <= rows.size * Fraction(1, 2**60)
    brier = oracles.exact_sum(s * found.brier)
    assert abs(state.brier.total() - brier) <= rows.size * Fraction(1, 2**60)


def test_bins_are_open_below_and_closed_above() -> None:
    accumulator = CalibrationAccumulator(2)
    edges = [0.0, 1 / 15, np.nextafter(3 / 15, 1.0), 0.5, 0.8, 1.0]
    accumulator.add(outcome(edges, [1.0] * 6), np.zeros(6, dtype=np.intp), None)
    counts = [accumulator.finish().top.weight.fraction(b) for b in range(BINS)]
    assert counts == [2, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1]


@pytest.mark.parametrize("weights", [None, [1.0, 1.0, 1.0]])
@pytest.mark.parametrize("above", [np.nextafter(1.0, 2.0), 1.0000001])
def test_a_confidence_that_rounding_took_above_1_is_in_the_last_bin(above: float, weights: list[float] | None) -> None:
    accumulator = CalibrationAccumulator(2)
    found = outcome([above, 1.0, above], [1.0, 0.0, 1.0])
    counts = accumulator.add(found, np.array([0, 0, 1]), None if weights is None else np.array(weights))
    assert counts.tolist() == [2, 1]
    state = accumulator.finish()
    assert state.top.weight.fraction(BINS - 1) == 3
    assert [state.correct.fraction(c) for c in range(2)] == [1, 1]


@pytest.mark.parametrize("scale", [1e-300, 1e-18, 1e-9, 1e6])
def test_tiny_weights_lose_nothing(scale: float) -> None:
    found = outcome([0.7, 0.9, 0.6], [1.0, 0.0, 1.0], [0.1, 1.7, 0.3])
    accumulator = CalibrationAccumulator(2)
    accumulator.add(found, np.array([0, 1, 0]), scale * np.array([1.0, 2.0, 3.0]))
    state = accumulator.finish()
    assert float(state.brier.total()) == pytest.approx(scale * (0.1 + 3.4 + 0.9), rel=1e-14, abs=0.0)
    assert float(state.top.claimed.total()) == pytest.approx(scale * (0.7 + 1.8 + 1.8), rel=1e-14, abs=0.0)


def test_an_accumulator_goes_on_after_finish() -> None:
    for weights in (None, np.array([2.0])):
        accumulator = CalibrationAccumulator(2)
        accumulator.add(outcome([0.5], [1.0], [0.5]), np.array([1]), weights)
        first = accumulator.finish()
        assert accumulator.finish() == first
        accumulator.add(outcome([0.5], [1.0], [0.5]), np.array([1]), weights)
        assert accumulator.finish() == first.merge(first)
