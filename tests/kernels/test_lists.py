"""Sums of lists laid flat: those of rows of as many classes, by NumPy and by the core at every level."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.kernels import elementary, functions, lists
from celoss_cli.kernels.compiled import CORE, KERNELS
from celoss_cli.state.exact_sum import CORE_CHUNKS, CORE_LIMBS, Accumulator, ExactSums, units_of

needs_a_core = pytest.mark.skipif(CORE is None, reason="the kernels of this installation are not compiled")

LEVELS = () if CORE is None else tuple(CORE.levels())
LENGTHS = [0, 1, 2, 3, 63, 64, 65, 127, 128, 129, 130, 136, 255, 256, 257, 1000]


def offsets_of(lengths: list[int], first: int = 0) -> np.ndarray:
    return np.concatenate([[first], first + np.cumsum(lengths, dtype=np.int64)]).astype(np.int64)


@settings(deadline=None)
@given(
    lengths=st.lists(st.sampled_from(LENGTHS), max_size=30),
    first=st.integers(0, 5),
    spread=st.sampled_from([0, 3, 200]),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_list_is_summed_as_a_row_of_as_many_classes(lengths: list[int], first: int, spread: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    offsets = offsets_of(lengths, first)
    values = rng.exponential(size=int(offsets[-1]) + 3) * 10.0 ** rng.integers(-spread, spread + 1, offsets[-1] + 3)
    mine = lists.sum_over_lists(values, offsets)
    rows = [values[a:b] for a, b in pairwise(offsets)]
    assert mine.tolist() == elementary_sums(rows)
    assert mine.tolist() == functions.sum_over_lists(values, offsets).tolist()
    assert mine.tolist() == pytest.approx([math.fsum(row) for row in rows], rel=1e-13)


def test_a_long_list_and_one_without_end() -> None:
    values = np.random.default_rng(3).exponential(size=70_000)
    values[5] = np.inf
    offsets = np.array([0, 0, 7, 69_990, 70_000])
    mine = lists.sum_over_lists(values, offsets)
    assert mine[:2].tolist() == [0.0, math.inf]
    assert mine[2:].tolist() == elementary_sums([values[a:b] for a, b in pairwise(offsets)])[2:]
    assert mine.tolist() == functions.sum_over_lists(values, offsets).tolist()
    assert lists.sum_over_lists(np.full(400, 1.7e308), np.array([0, 2, 400])).tolist() == [math.inf, math.inf]


def elementary_sums(rows: list[np.ndarray]) -> list[float]:
    return [float(elementary.sum_over_classes(row[np.newaxis], 1)[0]) if row.size else 0.0 for row in rows]


class Found:
    """What the core makes of lists."""

    def __init__(
        self, values: np.ndarray, offsets: np.ndarray, worth: float, least: float, most: float, start: int = 0
    ) -> None:
        n = offsets.shape[0] - 1
        self.loss, self.lead = np.full(n, -7.0), np.full(n, 9, dtype=np.uint8)
        limbs, chunks = np.zeros((1, len(CORE_LIMBS)), dtype=np.int64), np.zeros((1, CORE_CHUNKS), dtype=np.int64)
        self.end, self.low, self.high = CORE.add_lists(
            values, values.dtype.char, offsets, worth, least, most, start, n, self.loss, self.lead, limbs, chunks
        )
        self.total = ExactSums(units_of(limbs, chunks))


@needs_a_core
@settings(deadline=None)
@given(
    lengths=st.lists(st.sampled_from([*LENGTHS, 4095, 4096, 4097, 9000]), min_size=1, max_size=20),
    led=st.lists(st.booleans(), min_size=20, max_size=20),
    dtype=st.sampled_from(["float32", "float64"]),
    worth=st.sampled_from([1.0, math.log(2.0), math.log(10.0), -1.0]),
    first=st.integers(0, 4),
    confident=st.booleans(),
    level=st.sampled_from(LEVELS or ("none",)),
    seed=st.integers(0, 2**32 - 1),
)
def test_ordinary_lists_are_scored_and_added_up_as_by_numpy(
    lengths: list[int],
    led: list[bool],
    dtype: str,
    worth: float,
    first: int,
    confident: bool,
    level: str,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    offsets = offsets_of(lengths, first)
    size = int(offsets[-1]) + 2
    scores = np.minimum(rng.exponential(4.0, size), 98.0) * (10.0 ** rng.integers(-14, 1, size) if confident else 1.0)
    values = (scores if worth < 0 else -scores).astype(dtype)
    lead = np.array([flag and length > 1 for flag, length in zip(led, lengths, strict=False)])
    values[offsets[:-1][lead]] = np.nan
    CORE.use(level)
    try:
        found = Found(values, offsets, worth, *((0.0, 98.5) if worth < 0 else (-98.5, 0.0)))
    finally:
        CORE.use(KERNELS.level)
    losses = 0.0 - values.astype(np.float64) * worth
    losses[offsets[:-1][lead]] = 0.0
    there = losses[offsets[0] : offsets[-1]]
    assert found.end == len(lengths)
    assert found.lead.tolist() == lead.astype(int).tolist()
    assert found.loss.tolist() == lists.sum_over_lists(losses, offsets).tolist()
    assert float(found.total.total()) == math.fsum(there)
    whole = Accumulator(1)
    for start in range(0, there.size, 1000):
        whole.add(there[start : start + 1000])
    assert found.total == whole.finish()
    seen = values[offsets[0] : offsets[-1]]
    seen = seen[~np.isnan(seen)]
    assert (found.low, found.high) == ((seen.min(), seen.max()) if seen.size else (math.inf, -math.inf))


@needs_a_core
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("odd", [np.nan, -np.inf, np.inf, 1e-9, -99.0, -1e4])
@pytest.mark.parametrize("length", [7, 300, 9000])
def test_a_list_with_a_value_that_does_not_fit_adds_nothing(level: str, odd: float, length: int) -> None:
    """NumPy goes on from there: what were half added would be counted twice."""
    values = np.full(5000 + length + 10, -0.5)
    offsets = np.array([0, 5000, 5000 + length, 5000 + length + 10])
    values[5000 + length - 1] = odd
    CORE.use(level)
    try:
        found = Found(values, offsets, 1.0, math.nextafter(-99.0, 0.0), 0.0)
        after = Found(values, offsets, 1.0, math.nextafter(-99.0, 0.0), 0.0, start=2)
        alone = Found(values, offsets, 1.0, math.nextafter(-99.0, 0.0), 0.0, start=1)
    finally:
        CORE.use(KERNELS.level)
    assert (found.end, float(found.total.total()), found.low, found.high) == (1, 2500.0, -0.5, -0.5)
    assert (after.end, float(after.total.total()), after.loss[2]) == (3, 5.0, 5.0)
    assert (alone.end, float(alone.total.total()), alone.low) == (1, 0.0, math.inf)


@needs_a_core
def test_only_a_first_value_may_be_missing_and_not_the_only_one() -> None:
    for values in ([np.nan], [np.nan, np.nan, -1.0], [-1.0, np.nan]):
        assert Found(np.array(values), np.array([0, len(values)]), 1.0, -9.0, 0.0).end == 0


@needs_a_core
@pytest.mark.parametrize(
    "odd",
    [
        {"offsets": np.array([0, 5, 3, 8])},
        {"offsets": np.array([0, 2, 5, 9])},
        {"offsets": np.array([-1, 2, 5, 8])},
        {"offsets": np.zeros(0, dtype=np.int64)},
        {"loss": np.zeros(2)},
        {"lead": np.zeros(2, dtype=np.uint8)},
        {"limbs": np.zeros(2, dtype=np.int64)},
        {"chunks": np.zeros(67, dtype=np.int64)},
        {"stop": 4},
        {"start": -1},
        {"start": 3, "stop": 2},
        {"type": "e"},
        {"type": "l"},
        {"values": np.frombuffer(b"\0" * 65, dtype=np.float64, offset=1)},
    ],
)
def test_lists_that_are_not_there_are_not_read(odd: dict[str, object]) -> None:
    given = {
        "values": np.full(8, -1.0), "type": "d", "offsets": np.array([0, 2, 5, 8]), "worth": 1.0, "least": -9.0,
        "most": 0.0, "start": 0, "stop": 3, "loss": np.zeros(3), "lead": np.zeros(3, dtype=np.uint8),
        "limbs": np.zeros(3, dtype=np.int64), "chunks": np.zeros(68, dtype=np.int64),
    } | odd  # fmt: skip
    with pytest.raises(ValueError, match="wrong number of bytes, or is not aligned"):
        CORE.add_lists(*given.values())
    if "offsets" in odd or "loss" in odd or "values" in odd:
        with pytest.raises(ValueError, match="wrong number of bytes, or is not aligned"):
            CORE.sum_lists(given["values"], given["offsets"], given["loss"])
    assert not any(np.any(given[name]) for name in ("loss", "lead", "limbs", "chunks"))
