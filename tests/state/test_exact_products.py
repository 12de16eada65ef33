"""Products added up without rounding, and the sum of a block with that of its squares."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import oracles
from celoss_cli.kernels.compiled import CORE, KERNELS
from celoss_cli.state import exact_products, exact_sum
from celoss_cli.state.exact_products import add_with_squares, exact_product
from celoss_cli.state.exact_sum import MAX_BLOCK, UNIT_BITS, Accumulator

RANDOM = np.random.default_rng(12)
N = 3000

moderate = st.floats(-1e100, 1e100).filter(lambda x: x == 0.0 or abs(x) > 1e-100)

VALUES = {
    "losses": -np.log(RANDOM.uniform(size=N)),
    "confident": np.maximum(RANDOM.uniform(size=N) ** 40, 1e-100),
    "a few tiny": np.where(RANDOM.uniform(size=N) < 5e-3, 1e-60, 3.7),
    "1e-18": RANDOM.exponential(1e-18, N),
    "1e9": RANDOM.exponential(1e9, N),
    "negative": RANDOM.normal(size=N) * 10.0 ** RANDOM.integers(-9, 9, N).astype(float),
    "mixed": 10.0 ** RANDOM.uniform(-120, 140, N),
    "large": RANDOM.exponential(1e160, N),
    "tiny": RANDOM.exponential(1e-70, N),
    "limb borders": np.ldexp(1.0, RANDOM.integers(-60, 5, N)) * (1.0 - 2.0**-53),
    "zeros": np.zeros(N),
    "one": np.array([0.6931471805599453]),
}


def moments(values: np.ndarray, groups: np.ndarray | None, size: int) -> tuple[list[Fraction], Fraction]:
    sums, squares = Accumulator(size), Accumulator(1)
    add_with_squares(sums, squares, values, groups, peak=float(np.abs(values).max()))
    done = sums.finish()
    return [done.fraction(i) for i in range(size)], squares.finish().fraction(0)


def exact_squares(values: np.ndarray) -> Fraction:
    return sum((Fraction(value) ** 2 for value in values.tolist()), Fraction(0))


@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("size", [1, 2, 7])
def test_both_sums_are_exact(name: str, size: int) -> None:
    values = VALUES[name]
    before = values.copy()
    groups = np.random.default_rng(size).integers(0, size, values.shape[0])
    sums, squares = moments(values, None if size == 1 else groups, size)
    assert sums == [oracles.exact_sum(values[groups == group]) for group in range(size)]
    assert squares == exact_squares(values)
    assert values.tolist() == before.tolist()


@pytest.mark.parametrize("peak", [np.nextafter(2.0**5, 0.0), 2.0**5, 2.0**5 - 2.0**-13, 1.5 * 2.0**-100])
def test_a_full_block_of_the_largest_values_does_not_overflow(peak: float) -> None:
    values = np.full(MAX_BLOCK, peak)
    groups = np.ones(MAX_BLOCK, dtype=np.intp)
    for size in (2, 3):
        sums, squares = moments(values, groups, size)
        assert sums[1] == MAX_BLOCK * Fraction(peak)
        assert squares == MAX_BLOCK * Fraction(peak) ** 2
    assert moments(-values, None, 1) == ([-MAX_BLOCK * Fraction(peak)], MAX_BLOCK * Fraction(peak) ** 2)


@given(
    values=st.lists(st.floats(-1e100, 1e100) | st.floats(0.0, 50.0) | st.floats(0.0, 1e-12), min_size=1, max_size=60)
)
def test_any_values(values: list[float]) -> None:
    large = np.array([value for value in values if value == 0.0 or abs(value) > 1e-100] or [0.0])
    (total,), squares = moments(large, None, 1)
    assert total == oracles.exact_sum(large)
    assert squares == exact_squares(large)


def test_equal_losses_have_no_spread_at_all() -> None:
    values = np.full(1000, -np.log(0.3))
    (total,), squares = moments(values, None, 1)
    assert squares * 1000 == total**2


@given(pairs=st.lists(st.tuples(moderate, moderate), min_size=1, max_size=10))
def test_products_are_exact(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array([x for x, _ in pairs]), np.array([y for _, y in pairs])
    hi, lo = exact_product(a, b)
    assert hi.tolist() == (a * b).tolist()
    for x, y, high, low in zip(a.tolist(), b.tolist(), hi.tolist(), lo.tolist(), strict=True):
        assert Fraction(high) + Fraction(low) == Fraction(x) * Fraction(y)


def test_a_square_is_exact_too_and_the_rounded_one_is_not() -> None:
    a = np.random.default_rng(9).exponential(size=1000)
    hi, lo = exact_product(a, a)
    errors = [Fraction(x) ** 2 - Fraction(h) for x, h in zip(a.tolist(), hi.tolist(), strict=True)]
    assert [Fraction(x) for x in lo.tolist()] == errors
    assert np.count_nonzero(lo) > 900


@pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")
@given(
    values=hnp.arrays(
        np.float64,
        st.integers(1, 30),
        elements=st.one_of(
            st.floats(0.0, 2.0**499),
            st.floats(0.0, 20.0),
            st.floats(0.0, 1e-140),
            st.sampled_from([16.0, math.nextafter(16.0, 0.0), 2.0**-24, 2.0**-76, 5e-324, 2.0**-537]),
        ),
    )
)
def test_the_core_adds_values_and_their_squares_as_whole_numbers_do(values: np.ndarray) -> None:
    expected = sum(int(Fraction(x) ** 2 * 2**UNIT_BITS) for x in values.tolist())
    for level in CORE.levels():
        CORE.use(level)
        sums, squares = Accumulator(2), Accumulator(1)
        groups = np.arange(values.shape[0]) % 2
        add_with_squares(sums, squares, values, groups, peak=float(values.max()))
        sums.add(-values, groups)
        sums.add(values, groups)
        units = [sum(int(Fraction(x) * 2**UNIT_BITS) for x in values[first::2].tolist()) for first in (0, 1)]
        assert sums.finish().units == tuple(units)
        assert squares.finish().units == (expected,)
    CORE.use(KERNELS.level)


def test_numpy_adds_the_squares_that_the_core_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    values = np.concatenate([random.exponential(size=500), 10.0 ** random.uniform(-320, 100, 500), [0.0, 5e-324]])
    expected = sum(int(Fraction(x) ** 2 * 2**UNIT_BITS) for x in values.tolist())
    for module in (exact_sum, exact_products):
        monkeypatch.setattr(module, "CORE", None)
    for peak in (1e100, float(values.max())):
        sums, squares = Accumulator(1), Accumulator(1)
        add_with_squares(sums, squares, values, None, peak=peak)
        assert squares.finish().units == (expected,)
        assert sums.finish().fraction(0) == sum(map(Fraction, values.tolist()))
