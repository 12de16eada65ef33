"""The sample of ids obeys the laws of a mergeable state, and counts what it keeps without a miss."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.state import row_sample
from celoss_cli.state.row_sample import RowSample

Rows = list[tuple[int, int]]

rows = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=60)


def sample(some: Rows) -> RowSample:
    prints, codes = (np.array([row[i] for row in some]) for i in (0, 1))
    return RowSample.of(prints.astype(np.uint64), codes.astype(np.intp))


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_sample, "MOST_IDS", 12)  # so that ids have to go


@given(rows, rows, rows)
def test_merge_is_associative_and_commutative_and_empty_is_its_identity(a: Rows, b: Rows, c: Rows) -> None:
    x, y, z = sample(a), sample(b), sample(c)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert x.merge(y) == y.merge(x)
    assert x.merge(RowSample()) == x == RowSample().merge(x)


@given(rows, st.lists(st.integers(0, 60), max_size=5))
def test_any_cut_leaves_the_same_sample(some: Rows, cuts: list[int]) -> None:
    whole, parts = sample(some), RowSample()
    edges = [0, *sorted(cuts), len(some)]
    for start, end in itertools.pairwise(edges):
        parts = parts.merge(sample(some[start:end]))
    assert parts == whole


@given(rows)
def test_ids_kept_are_counted_in_full(some: Rows) -> None:
    kept = sample(some)
    counts = Counter(name for name, _ in some)
    assert kept.prints.tolist() == sorted(counts)[:12]
    assert kept.counts.tolist() == [counts[name] for name in kept.prints.tolist()]
    truths = {name: {code for other, code in some if other == name} for name in counts}
    assert kept.varying == sum(len(truths[name]) > 1 for name in kept.prints.tolist())
    assert kept.repeated == sum(counts[name] > 1 for name in kept.prints.tolist())
