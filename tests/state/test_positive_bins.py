"""The bins of the positive class and their variances: against plain loops, with one score a row and with two."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import oracles
from celoss_cli.kernels.binary import outcome_from_probabilities
from celoss_cli.kernels.multiclass import outcome_from_probabilities as outcome_from_two
from celoss_cli.kernels.multiclass import true_index
from celoss_cli.state.calibration import BINS, Bins, CalibrationAccumulator, CalibrationState

EDGES = [k / 15 for k in range(16)]
NEAR = [float(np.clip(np.nextafter(edge, to), 0.0, 1.0)) for edge in EDGES for to in (0.0, 1.0)]
TENTHS = [k / 10 for k in range(11)]
SMALL = [5e-324, 1e-20, 2.0**-60, 1.0 - 2.0**-53]

probabilities = st.floats(0.0, 1.0) | st.sampled_from([*EDGES, *NEAR, *TENTHS, *SMALL])
rows = st.lists(st.tuples(probabilities, st.integers(0, 1)), min_size=1, max_size=30)
EVERY = [(p, y) for p in (*EDGES, *NEAR, *TENTHS, *SMALL) for y in (0, 1)]


def added(p: np.ndarray, y: np.ndarray, weights: np.ndarray | None, *, columns: int) -> CalibrationState:
    accumulator = CalibrationAccumulator(2, binary=True, single=columns == 1)
    if columns == 1:
        outcome = outcome_from_probabilities(p.copy(), y.astype(np.float64))
    else:
        outcome = outcome_from_two(np.stack([1.0 - p, p]), true_index(y, 2, 0), 0)
    accumulator.add(outcome, y, weights)
    return accumulator.finish()


def check(bins: Bins, p: np.ndarray, hit: np.ndarray, s: np.ndarray) -> None:
    places = np.array([min(BINS, max(1, math.ceil(x * BINS))) for x in p.tolist()])
    for b in range(BINS):
        mine = places == b + 1
        assert bins.weight.fraction(b) == oracles.exact_sum(s[mine])
        assert bins.hits.fraction(b) == oracles.exact_sum(s[mine & hit])
        claimed = oracles.exact_sum((s * p)[mine])
        assert abs(bins.claimed.fraction(b) - claimed) <= len(p) * Fraction(1, 2**52)
        spread = oracles.exact_sum((s * s * (p * (1.0 - p)))[mine])
        assert abs(bins.spread.fraction(b) - spread) <= len(p) * Fraction(1, 2**39)


@pytest.mark.parametrize("columns", [1, 2])
@pytest.mark.parametrize("weighted", [False, True])
@given(rows=rows)
@example(rows=EVERY)
@settings(max_examples=60)
def test_bins_of_both_probabilities(columns: int, weighted: bool, rows: list[tuple[float, int]]) -> None:
    p, y = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    s = 1.0 + np.arange(len(rows)) % 3 if weighted else np.ones(len(rows))
    state = added(p, y, s if weighted else None, columns=columns)
    assert state.positive is not None
    check(state.positive, p, y == 1, s)
    confidence = np.abs(p - 0.5) + 0.5 if columns == 1 else np.maximum(p, 1.0 - p)
    right = (p > 0.5) == (y == 1) if columns == 1 else np.where(p > 1.0 - p, y == 1, y == 0)
    check(state.top, confidence, right, s)
    for c in range(2):
        assert state.correct.fraction(c) == oracles.exact_sum(s[right & (y == c)])


@given(a=rows, b=rows)
@settings(max_examples=30)
def test_a_merge_is_the_state_of_both(a: list[tuple[float, int]], b: list[tuple[float, int]]) -> None:
    def of(part: list[tuple[float, int]]) -> CalibrationState:
        return added(np.array([row[0] for row in part]), np.array([row[1] for row in part]), None, columns=1)

    empty = CalibrationState.empty(2, binary=True)
    assert of(a).merge(of(b)) == of(a + b) == of(b).merge(of(a))
    assert empty.merge(of(a)) == of(a)
