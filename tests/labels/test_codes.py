"""Class codes of labels: missing ones, unknown ones, and whole numbers by the short way and the long one."""

from __future__ import annotations

import numpy as np
import pytest

from celoss_cli.labels.classes import ClassMap
from celoss_cli.labels.codes import class_codes, integer_codes
from celoss_cli.tables.batch import MISSING, UNKNOWN, Categories


@pytest.mark.parametrize("values", [[0, 1, 2], [2, 2, 0], [5, 0], [-1, 1], [3], []])
@pytest.mark.parametrize(
    "names", [("0", "1", "2"), ("2", "1", "0"), ("1", "2", "3"), ("10", "2", "1"), ("0", "1", "a")]
)
def test_the_short_way_for_integers_agrees_with_the_long_one(values: list[int], names: tuple[str, ...]) -> None:
    classes = ClassMap(names, {name: code for code, name in enumerate(names)})
    found = integer_codes(np.array(values, dtype=np.int64), classes)
    distinct = tuple(dict.fromkeys(str(value) for value in values))
    codes = np.array([distinct.index(str(value)) for value in values], dtype=np.int32)
    expected = class_codes(Categories(codes, distinct), classes)
    if found is None:
        assert not values or UNKNOWN in expected or "a" in names
    else:
        assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("kind", ["i1", "i2", "<i4", ">i4", "i8", "u1", "u8"])
def test_integers_that_are_no_class_are_left_to_the_long_way(kind: str) -> None:
    classes = ClassMap(("0", "1", "2"), {"0": 0, "1": 1, "2": 2})
    limits = np.iinfo(kind)
    for odd in {3, limits.max, *((-1, limits.min) if limits.min else ())}:
        assert integer_codes(np.array([0, odd, 2], dtype=kind), classes) is None
    backwards = integer_codes(np.array([0, 1, 2], dtype=kind)[::-1], classes)
    assert backwards is not None
    assert backwards.tolist() == [2, 1, 0]


def test_a_missing_label_has_a_code_of_its_own() -> None:
    classes = ClassMap(("a", "b"), {"a": 0, "b": 1})
    codes = class_codes(Categories(np.array([0, -1, 1, 2], dtype=np.int32), ("b", "a", "c")), classes)
    assert codes.tolist() == [1, MISSING, 0, UNKNOWN]
