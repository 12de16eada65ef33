"""Sample: the laws on disjoint rows, and the same rows from everywhere however the file was cut and stored."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.state import sample
from celoss_cli.state.sample import (
    FIRST_ROWS,
    MOST_ROWS,
    RUN,
    Sample,
    SampleAccumulator,
    Span,
    first_rows,
    most_rows,
    spread_keys,
)
from row_sets import cuts

_WIDTH = 300


def file_of(size: int, width: int = _WIDTH) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(size)
    return rng.normal(size=(width, size)), rng.integers(0, width, size)


def gathered(
    size: int, cut: list[list[np.ndarray]], axis: int, *, all_scored: bool = True, width: int = _WIDTH
) -> tuple[Sample, Sample]:
    """Feed rows in file order, cut up; each partition numbers its rows from 0 and is shifted to its place."""
    scores, codes = file_of(size, width)
    spread, first, done = Sample(), Sample(), 0
    for partition in cut:
        start = done
        rows = sum(len(block) for block in partition)
        accumulator = SampleAccumulator(width, Span(start, rows, all_scored))
        for block in partition:
            part = slice(done, done + len(block))
            stored = scores[:, part].copy() if axis == 0 else np.ascontiguousarray(scores[:, part].T)
            accumulator.add(stored, axis, codes[part], done - start)
            stored[:] = np.nan  # scratch: what is kept must be a copy
            done += len(block)
        mine, theirs = accumulator.finish()
        spread, first = spread.merge(mine.shifted(start)), first.merge(theirs.shifted(start))
    return spread, first


def expected(size: int, width: int = _WIDTH) -> tuple[Sample, Sample]:
    """The definition: of all rows those with the smallest keys; and the first ones."""
    scores, codes = file_of(size, width)
    rows = np.arange(size)
    keys = spread_keys(rows)
    kept = np.argsort(keys)[: most_rows(width)]
    spread = Sample(scores[:, kept], codes[kept], kept, keys[kept])
    first = rows[: first_rows(width)]
    return spread, Sample(scores[:, first], codes[first], first)


@given(data=st.data(), size=st.sampled_from([1, 7, 40, 900, 5000]), axis=st.sampled_from([0, 1]), all_=st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_same_rows_however_the_file_is_cut(data: st.DataObject, size: int, axis: int, all_: bool) -> None:
    found = gathered(size, data.draw(cuts(size, permuted=False)), axis, all_scored=all_)
    assert found == expected(size)


@pytest.mark.parametrize("width", [1, 10])
@pytest.mark.parametrize("all_scored", [True, False])
def test_the_same_rows_of_a_large_file(width: int, all_scored: bool) -> None:
    size = 300_000
    blocks = np.array_split(np.arange(size), 23)
    in_one = gathered(size, [blocks], 0, all_scored=all_scored, width=width)
    in_many = gathered(size, [[block] for block in blocks], 0, all_scored=all_scored, width=width)
    assert in_one == in_many == expected(size, width)


@pytest.mark.parametrize("most", [8, 131, MOST_ROWS])
def test_enough_rows_lie_below_the_bound_for_any_end_of_a_partition(most: int) -> None:
    """What is left out beforehand could not have been kept: tried on files of up to thirty million rows."""
    width = {8: 1 << 17, 131: 1000, MOST_ROWS: 1}[most]
    assert most_rows(width) == most
    for rows in np.unique(np.geomspace(1, 3e7, 25).astype(int)).tolist():
        slots = sample._slots(Span(0, rows, True), 1, most, 0)
        assert len(slots.numbers) == len(slots.keys) >= min(rows, most)


def test_rows_come_from_everywhere() -> None:
    size, parts = 1_000_000, 10
    found, first = expected(size, 1)
    assert found.size == MOST_ROWS
    assert first.rows.tolist() == list(range(FIRST_ROWS))
    counts = np.bincount(found.rows * parts // size, minlength=parts)
    assert counts.min() > 0.5 * MOST_ROWS / parts
    assert counts.max() < 1.5 * MOST_ROWS / parts
    for period in (64, 1000, 2048, 2584, 4096):  # a file that goes round in two classes
        half = np.count_nonzero(found.rows % period < period // 2)
        assert abs(half - MOST_ROWS / 2) < 0.15 * MOST_ROWS
    neighbours = (np.diff(np.sort(found.rows)) == 1).mean()
    assert neighbours == pytest.approx((RUN - 1) / RUN, abs=0.01)


def sample_of(rows: list[int], size: int, most: int) -> Sample:
    if not rows:
        return Sample()
    numbers = np.array(rows, dtype=np.intp)
    keys = spread_keys(numbers)
    kept = np.argsort(keys)[:most]
    return Sample(numbers[None, kept] / size, numbers[kept] % 3, numbers[kept], keys[kept], most)


@given(sides=st.lists(st.integers(0, 3), min_size=1, max_size=60), most=st.integers(1, 30))
def test_laws(sides: list[int], most: int) -> None:
    x, y, z = (sample_of([row for row, side in enumerate(sides) if side == k], len(sides), most) for k in range(3))
    assert x.merge(Sample()) == x == Sample().merge(x)
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert x.merge(y) == sample_of([row for row, side in enumerate(sides) if side in (0, 1)], len(sides), most)
    assert x.shifted(5).shifted(7) == x.shifted(12)
    assert pickle.loads(pickle.dumps(x)) == x
    assert np.array_equal(x.in_file_order().rows, np.sort(x.rows))


def test_rows_left_out_keep_their_numbers() -> None:
    accumulator = SampleAccumulator(1, Span(0, 10, False))
    accumulator.add(np.array([[0.1, 0.2]]), 0, np.array([0, 1]), np.array([3, 7]))
    spread, first = accumulator.finish()
    assert spread.in_file_order().rows.tolist() == first.rows.tolist() == [3, 7]


@pytest.mark.parametrize(("width", "rows"), [(1, MOST_ROWS), (10, MOST_ROWS), (1000, 131), (100_000, 8)])
def test_a_sample_is_bounded(width: int, rows: int) -> None:
    assert most_rows(width) == rows
    assert first_rows(width) == min(rows, FIRST_ROWS)


@pytest.mark.parametrize("bound", [1, 2**51, 2**58, 2**64 - 1])
def test_the_core_finds_the_rows_that_numpy_finds(bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = [
        sample._of_runs_below(bound, start, stop) for start, stop in ((0, 70_000), (5, 5), (123_456_789, 123_489_000))
    ]
    monkeypatch.setattr(sample, "CORE", None)
    for (rows, keys), (start, stop) in zip(compiled, ((0, 70_000), (5, 5), (123_456_789, 123_489_000)), strict=True):
        if start < stop:
            wanted, their_keys = sample._of_runs_below(bound, start, stop)
            assert (rows.tolist(), keys.tolist()) == (wanted.tolist(), their_keys.tolist())
    if bound > 2**63:
        assert compiled[0][0].tolist() == list(range(70_000 * RUN))


@pytest.mark.parametrize("size", [500, 3_000, 150_000])
def test_slots_that_are_filled_in_are_the_rows_of_whole_blocks(size: int) -> None:
    scores, codes = file_of(size, 2)
    accumulator = SampleAccumulator(2, Span(0, size, all_scored=True))
    slots = accumulator.slots
    assert slots is not None
    assert np.array_equal(slots.keys, spread_keys(slots.numbers))
    slots.scores[:] = scores[:, slots.numbers]
    slots.codes[:] = codes[slots.numbers]
    assert accumulator.finish() == expected(size, 2)


@pytest.mark.parametrize("size", [500, 3_000, 150_000])
def test_rows_named_one_by_one_fill_in_the_same_slots(size: int) -> None:
    """Blocks may leave rows out that no reading can score: those after them have numbers of their own."""
    scores, codes = file_of(size, 2)
    kept = np.flatnonzero(np.arange(size) % 7)
    accumulator = SampleAccumulator(2, Span(0, size, all_scored=True))
    for rows in np.array_split(kept, 5):
        accumulator.add(np.ascontiguousarray(scores[:, rows].T), 1, codes[rows], rows)
    spread, first = accumulator.finish()
    for found in (spread, first):
        assert (found.rows % 7).all()
        assert np.array_equal(found.scores, scores[:, found.rows])
        assert np.array_equal(found.codes, codes[found.rows])
    assert first.rows.tolist() == [row for row in range(min(size, first_rows(2))) if row % 7]


@given(data=st.data(), size=st.sampled_from([7, 900, 5000, 40_000]))
@settings(max_examples=40, deadline=None)
def test_the_same_rows_whether_the_size_of_the_file_is_known(data: st.DataObject, size: int) -> None:
    """Where it is, fewer rows are looked at; a part of a file only knows that there are as many at least."""
    scores, codes = file_of(size, 3)
    spread, first = Sample(), Sample()
    for partition in data.draw(cuts(size, permuted=False)):
        for block in partition:
            rows = len(block)
            start = int(block[0]) if rows else 0
            known = data.draw(st.sampled_from([0, start, size]))
            accumulator = SampleAccumulator(3, Span(start, rows, all_scored=True, of=known))
            accumulator.add(scores[:, block], 0, codes[block], 0)
            mine, theirs = accumulator.finish()
            spread, first = spread.merge(mine.shifted(start)), first.merge(theirs.shifted(start))
    assert (spread, first) == expected(size, 3)
