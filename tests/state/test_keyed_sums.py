"""Sums by key: those of the rows, with the laws of a mergeable state."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.state.keyed_sums import KeyedAccumulator, KeyedSums, quantum_of

RNG = np.random.default_rng(0)
KEYS = RNG.integers(0, 30, 400).astype(np.uint64) * np.uint64(2**58)
TERMS = RNG.normal(size=(400, 2)) * [1e-30, 1e40]
QUANTA = tuple(quantum_of(float(total)) for total in np.abs(TERMS).sum(axis=0))


def sums_of(places: np.ndarray) -> KeyedSums:
    accumulator = KeyedAccumulator(QUANTA)
    for start in range(0, places.shape[0], 64):
        part = places[start : start + 64]
        accumulator.add(KEYS[part], tuple(TERMS[part].T))
    return accumulator.finish()


def test_sums_are_those_of_the_rows() -> None:
    found = sums_of(np.arange(400))
    assert np.array_equal(found.keys, np.unique(KEYS))
    for key, sums in zip(found.keys, found.sums * np.array(QUANTA), strict=True):
        assert sums == pytest.approx(TERMS[key == KEYS].sum(axis=0), rel=1e-12)


@given(cuts=st.lists(st.integers(0, 400), max_size=5), seed=st.integers(0, 5))
def test_cut_and_order_do_not_change_a_bit(cuts: list[int], seed: int) -> None:
    whole, parts = sums_of(np.arange(400)), KeyedSums()
    for places in np.split(np.random.default_rng(seed).permutation(400), sorted(cuts)):
        parts = parts.merge(sums_of(places))
    assert parts == whole == whole.merge(KeyedSums())


def test_the_first_row_without_a_key_is_kept() -> None:
    accumulator = KeyedAccumulator((1.0,))
    accumulator.lose(9)
    accumulator.lose(4)
    one = accumulator.finish()
    assert one.lost == 4
    assert one.shifted(10).merge(KeyedSums(lost=12)).lost == 12
    assert KeyedSums().merge(one).lost == 4
