"""Columns of a batch as NumPy arrays."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from celoss_cli.tables.arrow.batch import ArrowBatch

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
