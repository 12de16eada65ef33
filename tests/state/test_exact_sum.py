"""Exact sums: equal to Fractions and to math.fsum, whatever the size of the values, their order and their cuts."""

from __future__ import annotations

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
from celoss_cli.state.exact_sum import MAX_BLOCK, UNIT_BITS, Accumulator, ExactSums

RANDOM = np.random.default_rng(11)
N = 3000

VALUES = {
    "1e-18": RANDOM.exponential(1e-18, N),
    "1e-9": RANDOM.exponential(1e-9, N),
    "1": RANDOM.exponential(1.0, N),
    "1e7": RANDOM.exponential(1e7, N),
    "mixed": 10.0 ** RANDOM.uniform(-300, 250, N),
    "denormal": RANDOM.integers(0, 1000, N) * 5e-324,
    "above 2^900": RANDOM.uniform(1.0, 2.0, N) * 2.0 ** RANDOM.integers(850, 1000, N).astype(float),
    "negative": RANDOM.normal(size=N) * 10.0 ** RANDOM.integers(-20, 20, N).astype(float),
    "limb borders": np.ldexp(1.0, RANDOM.integers(-1074, 900, N)) * RANDOM.choice([-1.0, 1.0], N),
    "halves of quanta": (RANDOM.integers(-(2**50), 2**50, N) + 0.5) * 2.0**-20,
    "zeros": np.zeros(N),
    "one in a thousand": np.where(RANDOM.uniform(size=N) < 1e-3, 1e-30, 3.0),
}


def summed(values: np.ndarray, groups: np.ndarray | None, size: int, block: int = MAX_BLOCK) -> ExactSums:
    accumulator = Accumulator(size)
    for i in range(0, len(values), block):
        accumulator.add(values[i : i + block], None if groups is None else groups[i : i + block])
    return accumulator.finish()


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("size", [1, 2, 10, 1000])
def test_sums_are_exact(name: str, size: int) -> None:
    values = VALUES[name]
    groups = np.random.default_rng(size).integers(0, size, N)
    sums = summed(values, groups, size)
    assert len(sums.units) == size
    for g in range(size) if size <= 10 else range(0, size, 37):
        mine = values[groups == g]
        assert sums.fraction(g) == oracles.exact_sum(mine)
    assert sums.total() == oracles.exact_sum(values)
    assert float(sums.total()) == math.fsum(values)


@pytest.mark.parametrize("name", VALUES)
def test_one_sum_needs_no_groups(name: str) -> None:
    sums = summed(VALUES[name], None, 1, block=700)
    assert sums.fraction(0) == oracles.exact_sum(VALUES[name])


def test_the_sum_of_a_full_block_is_exact() -> None:
    values = np.random.default_rng(5).uniform(2.0**17, 2.0**18, MAX_BLOCK)
    groups = np.zeros(MAX_BLOCK, dtype=np.intp)
    for size in (1, 2, 3):
        assert summed(values, groups, size).fraction(0) == oracles.exact_sum(values)
    assert summed(-values, None, 1).fraction(0) == -oracles.exact_sum(values)


def test_many_full_blocks_do_not_overflow_the_limbs() -> None:
    values = np.full(MAX_BLOCK, np.nextafter(2.0**18, 0.0))
    accumulator = Accumulator(1)
    for _ in range(1100):  # 2^25 rows: twice what the int64 limbs can take
        accumulator.add(values)
    assert accumulator.finish().fraction(0) == 1100 * MAX_BLOCK * Fraction(values[0])


def test_naive_sums_depend_on_the_order_and_lose_digits() -> None:
    values = VALUES["mixed"]
    assert float(np.sum(np.sort(values))) != float(np.sum(np.sort(values)[::-1]))
    pair = np.array([1e16, 1.0, -1e16])
    assert float(np.sum(pair)) != 1.0
    assert summed(pair, None, 1).fraction(0) == 1


def test_two_fixed_limbs_would_lose_tiny_losses() -> None:
    values = VALUES["1e-18"]
    coarse = np.rint(values * 2.0**20)
    fine = np.rint((values - coarse * 2.0**-20) * 2.0**60)
    assert abs(fine.sum() * 2.0**-60 / math.fsum(values) - 1.0) > 1e-3
    assert float(summed(values, None, 1).fraction(0)) == math.fsum(values)


def test_peak_only_saves_a_pass() -> None:
    for values in VALUES.values():
        accumulator = Accumulator(1)
        accumulator.add(values, peak=float(np.abs(values).max()))
        assert accumulator.finish() == summed(values, None, 1)


def test_the_values_are_left_alone() -> None:
    values = VALUES["mixed"].copy()
    summed(values, None, 1)
    assert values.tolist() == VALUES["mixed"].tolist()


def test_an_accumulator_goes_on_after_finish() -> None:
    accumulator = Accumulator(2)
    accumulator.add(np.array([1.5, 2.0**-60]), np.array([0, 1]))
    first = accumulator.finish()
    assert accumulator.finish() == first
    accumulator.add(np.array([2.5]), np.array([0]))
    assert first.fraction(0) == Fraction(3, 2)
    assert accumulator.finish().fraction(0) == 4
    assert accumulator.finish().fraction(1) == Fraction(1, 2**60)


def test_nothing_added_is_zero() -> None:
    accumulator = Accumulator(3)
    accumulator.add(np.array([]), np.array([], dtype=np.intp))
    assert accumulator.finish() == ExactSums.zeros(3)


def test_whole_numbers() -> None:
    assert ExactSums.of_integers((3, 0, 10**18)).units == (3 << UNIT_BITS, 0, 10**18 << UNIT_BITS)
    assert ExactSums.of_integers((3, 4)).total() == 7


finite = st.floats(allow_nan=False, allow_infinity=False)
several = st.lists(
    st.tuples(finite | st.floats(0.0, 50.0) | st.floats(0.0, 1e-12), st.integers(0, 3)), min_size=1, max_size=40
)


@given(rows=several, data=st.data(), size=st.sampled_from([1, 2, 4]))
@settings(max_examples=80)
def test_any_order_and_any_split_gives_the_same_units(
    rows: list[tuple[float, int]], data: st.DataObject, size: int
) -> None:
    values = np.array([value for value, _ in rows])
    groups = np.array([group % size for _, group in rows])
    whole = summed(values, groups, size)
    assert whole.total() == oracles.exact_sum(values)
    order = data.draw(st.permutations(range(len(rows))))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4)))
    parts = np.split(np.array(order), cuts)
    accumulator, merged = Accumulator(size), ExactSums.zeros(size)
    for part in parts:
        accumulator.add(values[part], groups[part])
        merged = merged.merge(summed(values[part], groups[part], size))
    assert accumulator.finish() == whole
    assert merged == whole


units = st.lists(st.integers(-(2**2200), 2**2200), min_size=3, max_size=3).map(lambda u: ExactSums(tuple(u)))


@given(a=units, b=units, c=units)
@settings(max_examples=40)
def test_laws(a: ExactSums, b: ExactSums, c: ExactSums) -> None:
    before = (a.units, b.units)
    assert a.merge(ExactSums.zeros(3)) == a == ExactSums.zeros(3).merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(b) == b.merge(a)
    assert (a.units, b.units) == before
    assert pickle.loads(pickle.dumps(a)) == a


def test_sums_of_different_sizes_do_not_merge() -> None:
    with pytest.raises(ValueError):
        ExactSums.zeros(2).merge(ExactSums.zeros(3))


def test_a_huge_value_does_not_change_what_the_grid_makes_of_its_neighbours() -> None:
    for fine in (3e-15, 2.0**-41, 3 * 2.0**-41, 0.3):
        apart, together = Accumulator(1, grid=-40), Accumulator(1, grid=-40)
        apart.add(np.array([fine]))
        apart.add(np.array([1e300]))
        together.add(np.array([fine, 1e300]))
        assert apart.finish() == together.finish()
