"""WorstState: the laws on disjoint rows, and the same rows as sorting all of them would give."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.state.worst import Candidate, WorstAccumulator, WorstState
from row_sets import cuts

losses = st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, np.inf]) | st.floats(0.0, 5.0), max_size=40)


def candidate(row: int, loss: float) -> Candidate:
    return Candidate(row, loss, row % 3, float(np.exp(-loss)), (row + 1) % 3, 0.5, f"id{row}")


def sorted_rows(loss: np.ndarray, size: int) -> list[int]:
    return sorted(range(len(loss)), key=lambda row: (-loss[row], row))[:size]


def gathered(loss: np.ndarray, size: int, cut: list[list[np.ndarray]]) -> WorstState:
    """Feed rows in file order, cut up; each partition numbers its rows from 0 and is shifted to its place."""
    total, done = WorstState(size), 0
    for partition in cut:
        accumulator = WorstAccumulator(size)
        start = done
        for block in partition:
            if len(block):
                part = loss[block]
                first = done - start
                accumulator.add(
                    part,
                    float(part.max()),
                    lambda chosen, part=part, first=first: [candidate(first + i, float(part[i])) for i in chosen],
                )
            done += len(block)
        total = total.merge(accumulator.finish().shifted(start))
    return total


@given(data=st.data(), values=losses, size=st.integers(0, 7))
@settings(max_examples=150)
def test_the_same_rows_however_the_file_is_cut(data: st.DataObject, values: list[float], size: int) -> None:
    loss = np.array(values)
    state = gathered(loss, size, data.draw(cuts(len(values), permuted=False)))
    expected = sorted_rows(loss, size)
    assert [row.row for row in state.rows] == expected
    assert [row.loss for row in state.rows] == [loss[row] for row in expected]


rows = st.dictionaries(st.integers(0, 1000), st.sampled_from([0.5, 1.0, np.inf]) | st.floats(0.0, 9.0), max_size=12)


@given(found=rows, size=st.integers(0, 5), data=st.data())
@settings(max_examples=80)
def test_laws(found: dict[int, float], size: int, data: st.DataObject) -> None:
    side = {row: data.draw(st.integers(0, 2)) for row in found}
    x, y, z = (
        WorstState(size).merge(WorstState(size, tuple(candidate(r, loss) for r, loss in found.items() if side[r] == s)))
        for s in range(3)
    )
    copies = copy.deepcopy((x, y))
    empty = WorstState(size)
    assert x.merge(empty) == x == empty.merge(x)
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert (x, y) == copies
    assert pickle.loads(pickle.dumps(x)) == x
    expected = sorted(found, key=lambda row: (-found[row], row))[:size]
    assert [row.row for row in x.merge(y).merge(z).rows] == expected


def test_only_rows_that_may_be_among_the_worst_are_described() -> None:
    accumulator = WorstAccumulator(2)
    asked: list[list[int]] = []

    def describe(chosen: list[int]) -> list[Candidate]:
        asked.append(chosen)
        return [candidate(i, float(loss[i])) for i in chosen]

    loss = np.array([1.0, 5.0, 3.0, 5.0, 5.0])
    accumulator.add(loss, 5.0, describe)
    assert asked == [[1, 3]]
    accumulator.add(np.array([5.0, 2.0]), 5.0, describe)  # ties go to the earlier rows
    assert asked == [[1, 3]]
    assert [row.row for row in accumulator.finish().rows] == [1, 3]


def test_shifting_moves_the_rows_and_nothing_else() -> None:
    state = WorstState(3, (candidate(4, 2.0), candidate(1, 1.0)))
    moved = state.shifted(10)
    assert [row.row for row in moved.rows] == [14, 11]
    assert [row.id for row in moved.rows] == ["id4", "id1"]
    assert moved.shifted(-10) == state


@pytest.mark.parametrize("size", [0, 1, 3])
def test_fewer_rows_than_asked_for(size: int) -> None:
    assert [row.row for row in gathered(np.array([1.0, 2.0]), size, [[np.arange(2)]]).rows] == [1, 0][:size]
