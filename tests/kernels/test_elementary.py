"""log, exp, log1p, softplus and log(1 − exp x): right to the last place, and the same bits compiled as in NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from celoss_cli.kernels import elementary, functions
from celoss_cli.kernels.compiled import CORE, KERNELS

FUNCTIONS = ("log", "exp", "log1p", "softplus", "log1mexp")
LEVELS = () if CORE is None else tuple(CORE.levels())

SPECIALS = np.array(
    [
        *(0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 2.0**-1022, 1.7976931348623157e308),
        *(-745.13, -745.14, -746.0, -746.1, 709.78, 709.79, 710.0, 710.1, -708.4, -math.log(2.0), math.sqrt(0.5)),
        *(math.nextafter(math.sqrt(0.5), 0.0), math.nextafter(math.sqrt(2.0), 9.0), 2.0**-53, -(2.0**-53), 1e16, -1e16),
    ]
)

needs_a_core = pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest) -> Iterator[str]:
    CORE.use(request.param)
    yield request.param
    CORE.use(KERNELS.level)


def compiled(name: str, x: np.ndarray) -> np.ndarray:
    out = np.empty_like(x)
    getattr(CORE, name)(x, out)
    return out


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays agree to the bit; of NaN there is one."""
    return bool(((a.view(np.uint64) == b.view(np.uint64)) | (np.isnan(a) & np.isnan(b))).all())


@needs_a_core
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_level_has_the_bits_of_the_definition(level: str, name: str) -> None:
    random = np.random.default_rng(5)
    anything = random.integers(0, 1 << 64, 50_000, dtype=np.uint64).view(np.float64)
    ordinary = random.normal(0.0, 10.0, 50_000)
    near_one = 1.0 + random.normal(0.0, 1e-4, 5_000)
    for x in (SPECIALS, anything, ordinary, -np.abs(ordinary), near_one, random.uniform(-750.0, 715.0, 20_000)):
        assert same_bits(compiled(name, x), getattr(elementary, name)(x)), level


@needs_a_core
@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=hnp.arrays(np.float64, st.integers(1, 40), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_any_doubles(name: str, x: np.ndarray) -> None:
    for each in LEVELS:
        CORE.use(each)
        assert same_bits(compiled(name, x), getattr(elementary, name)(x)), each
    CORE.use(KERNELS.level)


@needs_a_core
@given(x=hnp.arrays(np.float32, st.integers(1, 40), elements=st.floats(width=32)))
def test_any_floats(x: np.ndarray) -> None:
    wide = x.astype(np.float64)
    for name in FUNCTIONS:
        assert same_bits(compiled(name, wide), getattr(elementary, name)(wide))


@needs_a_core
def test_the_output_may_be_the_input() -> None:
    x = np.random.default_rng(1).uniform(0.1, 3.0, 1000)
    for name in FUNCTIONS:
        here = x.copy()
        getattr(CORE, name)(here, here)
        assert same_bits(here, getattr(elementary, name)(x))


@needs_a_core
@given(
    block=hnp.arrays(np.float64, st.tuples(st.sampled_from([1, 2, 64, 65, 128, 129, 200]), st.integers(1, 5))).filter(
        lambda block: bool(np.isfinite(block).all())
    )
)
def test_sums_over_classes_do_not_depend_on_how_they_lie(block: np.ndarray) -> None:
    wanted = elementary.sum_over_classes(block, 0)
    lists = np.ascontiguousarray(block.T)
    assert same_bits(elementary.sum_over_classes(lists, 1), wanted)
    for each in LEVELS:
        CORE.use(each)
        for whole, axis in ((block, 0), (lists, 1)):
            sums = np.empty(block.shape[1])
            CORE.sum_classes(whole, block.shape[0], block.shape[1], axis == 1, sums)
            assert same_bits(sums, wanted), (each, axis)
    CORE.use(KERNELS.level)


def test_many_classes_add_up_to_few_units_in_the_last_place() -> None:
    block = np.random.default_rng(2).exponential(size=(50_000, 3))
    for total, column in zip(elementary.sum_over_classes(block, 0), block.T, strict=True):
        exact = math.fsum(column)
        assert abs(total - exact) <= 20 * math.ulp(exact)


ORACLES: dict[str, tuple[Callable[[Any], Any], float, tuple[np.ndarray, ...]]] = {}


def _oracles() -> None:
    random = np.random.default_rng(9)
    n = 1500
    ORACLES["log"] = (
        mpmath.log,
        1.0,
        (np.exp(random.uniform(-700, 700, n)), random.uniform(0.3, 2.0, n), random.random(100) * 1e-310),
    )
    ORACLES["exp"] = (
        mpmath.exp,
        1.0,
        (random.uniform(-700, 700, n), random.uniform(-1, 1, n), random.uniform(-745, -708, n)),
    )
    ORACLES["log1p"] = (
        mpmath.log1p,
        1.0,
        (random.uniform(-0.99, 1, n), 10.0 ** random.uniform(-20, 3, n), -(10.0 ** random.uniform(-20, 0, n))),
    )
    ORACLES["softplus"] = (
        lambda x: mpmath.log1p(mpmath.exp(x)),
        1.5,
        (random.normal(0, 5, n), random.uniform(-1, 1, n), random.uniform(-700, 700, n)),
    )
    ORACLES["log1mexp"] = (
        lambda x: mpmath.log1p(-mpmath.exp(x)),
        2.0,
        (-(10.0 ** random.uniform(-16, 2.5, n)), random.uniform(-2, 0, n)),
    )


_oracles()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_error_is_within_its_bound(name: str) -> None:
    exact, units, sets = ORACLES[name]
    with mpmath.workprec(1200):
        for x in sets:
            for value, found in zip(x.tolist(), getattr(elementary, name)(x).tolist(), strict=True):
                error = abs(exact(mpmath.mpf(value)) - mpmath.mpf(found)) / mpmath.mpf(math.ulp(found))
                assert error <= units, (value, found, float(error))


def test_what_stands_at_the_ends() -> None:
    x = np.array([0.0, -0.0, -1.0, math.inf, math.nan])
    assert repr(elementary.log(x).tolist()) == "[-inf, -inf, nan, inf, nan]"
    assert repr(elementary.exp(np.array([-math.inf, math.inf, 0.0, -0.0])).tolist()) == "[0.0, inf, 1.0, 1.0]"
    assert repr(elementary.log1p(np.array([-1.0, -1.1, math.inf, 0.0])).tolist()) == "[-inf, nan, inf, 0.0]"
    assert repr(elementary.softplus(np.array([-math.inf, math.inf])).tolist()) == "[0.0, inf]"
    assert repr(elementary.log1mexp(np.array([0.0, -math.inf, 0.1])).tolist()) == "[-inf, 0.0, nan]"


@pytest.mark.parametrize(("shape", "axis"), [((2, 0), 0), ((2, 0), 1), ((0, 3), 0), ((0, 3), 1), ((65, 0), 0)])
def test_sums_of_nothing(shape: tuple[int, int], axis: int) -> None:
    sums = functions.sum_over_classes(np.empty(shape), axis)
    assert sums.tolist() == [0.0] * shape[1 - axis]


def test_a_sum_beyond_all_doubles_is_infinite() -> None:
    block = np.full((200, 3), 1e307)
    assert functions.sum_over_classes(block, 0).tolist() == [np.inf] * 3
    assert elementary.sum_over_classes(block, 0).tolist() == [np.inf] * 3
