"""Columns of a batch as NumPy arrays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.tables import batch as batches
from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.batch import _distinct

INTEGERS = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("where", ["near zero", "lowest", "highest", "everywhere"])
def test_whole_numbers_as_categories(dtype: type[np.integer], where: str) -> None:
    """Numbers close together go through a table, others are sorted: the names and codes are the same."""
    info = np.iinfo(dtype)
    low, high = {
        "near zero": (0, 10),
        "lowest": (info.min, min(info.max, info.min + 100)),
        "highest": (max(info.min, info.max - 100), info.max),
        "everywhere": (info.min, info.max),
    }[where]
    numbers = np.random.default_rng(0).integers(low, high, 300, dtype=dtype, endpoint=True)
    found = ArrowBatch({"x": pa.array(numbers)}, 300).categories("x")
    assert list(found.values) == [str(value) for value in sorted(set(numbers.tolist()))]
    assert [found.values[code] for code in found.codes] == [str(value) for value in numbers.tolist()]
    assert found.codes.dtype == np.int32


def test_no_rows() -> None:
    found = ArrowBatch({"x": pa.array([], type=pa.int32())}, 0).categories("x")
    assert (found.codes.tolist(), found.values) == ([], ())


@pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "u4", "i8", "u8"])
@pytest.mark.parametrize("span", [1, 2, 15, 16, 17])
def test_whole_numbers_close_together_are_told_apart_at_both_ends_of_a_type(dtype: str, span: int) -> None:
    ends = np.iinfo(dtype)
    for low in (ends.min, ends.max - span + 1, min(2**31 - 8, ends.max - span + 1)):
        numbers = np.array([low + place * 7 % span for place in range(2 * span)], dtype=dtype)
        for some in (numbers, numbers[::2], numbers[:1]):
            values, codes = _distinct(some)
            assert [int(values[code]) for code in codes] == some.tolist()
            assert values.tolist() == sorted(set(some.tolist()))


def test_a_number_that_is_missing_behind_the_first_rows_is_no_value() -> None:
    numbers = np.array([0, 1] * 1000 + [4, 0])
    values, codes = _distinct(numbers)
    assert values.tolist() == [0, 1, 4]
    assert (values[codes] == numbers).all()


@given(
    numbers=st.lists(
        st.sampled_from([-1, 0, 1, 2, 3, 7, 127, 255, 65_535, 65_536, 2**31 - 1, 2**31, 2**63 - 1]), max_size=50
    ),
    dtype=st.sampled_from(["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", ">i4"]),
    often=st.sampled_from([1, 30]),
)
def test_the_core_and_numpy_tell_the_same_numbers_apart(numbers: list[int], dtype: str, often: int) -> None:
    fitting = [number for number in numbers if np.iinfo(dtype).min <= number <= np.iinfo(dtype).max]
    array = np.array(fitting * often, dtype=dtype)
    with pytest.MonkeyPatch.context() as patch:
        found = [part.tolist() for part in _distinct(array)]
        patch.setattr(batches, "CORE", None)
        assert found == [part.tolist() for part in _distinct(array)]
