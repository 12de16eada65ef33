"""The sums of slices: laws, and the same for any cut into partitions and blocks."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.state.exact_sum import UNIT_BITS
from celoss_cli.state.slices import MOST_SLICES, ColumnAccumulator, SlicedRows, SliceState
from row_sets import Cut, RowSet, cuts, in_one, row_sets

VALUES = ("a", "b", "c", "d")
EMPTY = SliceState(({},))


def partition(rows: RowSet, blocks: list[np.ndarray]) -> SliceState:
    """Return the state of blocks of rows, each a batch of its own; the last class stands for rows without a value."""
    column = ColumnAccumulator()
    for block in blocks:
        part = rows.take(block)
        column.begin(np.where(part.codes == 3, -1, part.codes), VALUES, None)
        if part.size:
            weighted = part.loss if part.weights is None else np.where(part.weights > 0, part.loss, 0.0) * part.weights
            column.add(slice(0, part.size), SlicedRows(weighted, part.weights, part.weights, part.outcome.correct))
    return SliceState((column.finish(),))


def folded(rows: RowSet, cut: Cut) -> SliceState:
    total = EMPTY
    for blocks in cut:
        total = total.merge(partition(rows, blocks))
    return total


@given(data=st.data(), rows=row_sets())
@settings(max_examples=80)
def test_the_same_for_any_cut(data: st.DataObject, rows: RowSet) -> None:
    assert folded(rows, data.draw(cuts(rows.size))) == folded(rows, in_one(rows.size))


@given(a=row_sets(weighted=True), b=row_sets(weighted=True), c=row_sets(weighted=True))
@settings(max_examples=50)
def test_laws(a: RowSet, b: RowSet, c: RowSet) -> None:
    x, y, z = (partition(rows, [np.arange(rows.size)]) for rows in (a, b, c))
    copies = copy.deepcopy((x, y))
    assert x.merge(EMPTY) == x == EMPTY.merge(x)
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert (x, y) == copies
    assert pickle.loads(pickle.dumps(x)) == x


@given(rows=row_sets(finite=True))
@settings(max_examples=80)
def test_sums_are_exact(rows: RowSet) -> None:
    (slices,) = partition(rows, [np.arange(rows.size)]).columns
    assert slices is not None
    for value, sums in slices.items():
        chosen = rows.take(np.flatnonzero(rows.codes == (3 if value is None else VALUES.index(value))))
        weights = np.ones(chosen.size) if chosen.weights is None else chosen.weights
        weighted = weights * chosen.loss
        triples = [
            (sums.loss, weighted, np.ones(chosen.size)),
            (sums.weight, weights, np.ones(chosen.size)),
            (sums.sampled, weights, np.ones(chosen.size)),
            (sums.correct, weights, chosen.outcome.correct),
        ]
        assert (sums.rows, sums.scored, sums.infinite) == (chosen.size, chosen.size, 0)
        for units, a, b in triples:
            expected = sum(
                (Fraction(x) * Fraction(y) for x, y in zip(a.tolist(), b.tolist(), strict=True)), Fraction(0)
            )
            assert Fraction(units, 1 << UNIT_BITS) == expected


def keys(first: int, count: int) -> SliceState:
    column = ColumnAccumulator()
    column.begin(np.arange(count), tuple(f"k{first + i}" for i in range(count)), None)
    column.add(slice(0, count), SlicedRows(np.ones(count), None, None, None))
    return SliceState((column.finish(),))


def test_too_many_are_too_many_however_they_were_cut() -> None:
    half = MOST_SLICES // 2
    assert keys(0, MOST_SLICES).columns[0] is not None
    assert keys(0, MOST_SLICES + 1).columns == (None,)
    assert keys(0, half).merge(keys(half, half)).columns[0] is not None
    assert keys(0, half).merge(keys(half, half + 1)).columns == (None,)
    assert keys(0, half).merge(keys(0, half)).columns[0] is not None
    assert (
        keys(0, MOST_SLICES + 1).merge(keys(0, 1)).columns == (None,) == keys(0, 1).merge(SliceState((None,))).columns
    )


def test_rows_that_are_not_to_be_scored_make_no_slice() -> None:
    column = ColumnAccumulator()
    column.begin(np.array([0, 1, 2, -1]), ("a", "b", "c"), np.array([True, False, True, False]))
    column.add(np.array([2]), SlicedRows(np.array([0.5]), None, None, np.array([1.0])))
    slices = column.finish()
    assert slices is not None
    assert {value: (sums.rows, sums.scored) for value, sums in slices.items()} == {"a": (1, 0), "c": (1, 1)}
