"""Sample: the laws on disjoint rows, and the same first rows however the file was cut and stored."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.state.sample import MOST_ROWS, Sample, SampleAccumulator, most_rows
from row_sets import cuts

_WIDTH = 300


def file_of(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(size)
    return rng.normal(size=(_WIDTH, size)), rng.integers(0, _WIDTH, size)


def gathered(size: int, cut: list[list[np.ndarray]], axis: int) -> Sample:
    """Feed rows in file order, cut up; each partition numbers its rows from 0 and is shifted to its place."""
    scores, codes = file_of(size)
    total, done = Sample(), 0
    for partition in cut:
        accumulator, start = SampleAccumulator(_WIDTH), done
        for block in partition:
            if len(block):
                part = slice(done, done + len(block))
                stored = scores[:, part] if axis == 0 else np.ascontiguousarray(scores[:, part].T)
                accumulator.add(stored, axis, codes[part], done - start)
                stored[:] = np.nan  # scratch: what is kept must be a copy
                scores, codes = file_of(size)
            done += len(block)
        total = total.merge(accumulator.finish().shifted(start))
    return total


@given(data=st.data(), size=st.sampled_from([1, 7, 40, 900]), axis=st.sampled_from([0, 1]))
@settings(max_examples=40)
def test_the_first_rows_however_the_file_is_cut(data: st.DataObject, size: int, axis: int) -> None:
    found = gathered(size, data.draw(cuts(size, permuted=False)), axis)
    scores, codes = file_of(size)
    most = min(size, most_rows(_WIDTH))
    assert found == Sample(scores[:, :most], codes[:most], np.arange(most))


def sample_of(rows: list[int], size: int) -> Sample:
    kept = np.array(sorted(rows), dtype=np.intp)[: most_rows(1)]
    return Sample(kept[None, :] / size, kept % 3, kept) if rows else Sample()


@given(sides=st.lists(st.integers(0, 3), min_size=1, max_size=60))
def test_laws(sides: list[int]) -> None:
    x, y, z = (sample_of([row for row, side in enumerate(sides) if side == k], len(sides)) for k in range(3))
    assert x.merge(Sample()) == x == Sample().merge(x)
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert x.shifted(5).shifted(7) == x.shifted(12)
    assert pickle.loads(pickle.dumps(x)) == x


def test_rows_left_out_keep_their_numbers() -> None:
    accumulator = SampleAccumulator(1)
    accumulator.add(np.array([[0.1, 0.2]]), 0, np.array([0, 1]), np.array([3, 7]))
    assert accumulator.finish().rows.tolist() == [3, 7]


@pytest.mark.parametrize(("width", "rows"), [(1, MOST_ROWS), (10, MOST_ROWS), (1000, 131), (100_000, 8)])
def test_a_sample_is_bounded(width: int, rows: int) -> None:
    assert most_rows(width) == rows
