"""Numbers for people say enough and nothing false."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.render import numbers

POSITIVE = st.floats(min_value=1e-300, max_value=1e300)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.42445788, "0.424458"),
        (2546750.25, "2,546,750"),
        (0.0, "0"),
        (-0.0, "0"),
        (9.9999999, "10.0000"),
        (1.5e-18, "1.5e-18"),
        (-2.5, "-2.50000"),
        (1e300, "1e300"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (math.nan, "nan"),
    ],
)
def test_significant(value: float, text: str) -> None:
    assert numbers.significant(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0%"),
        (1.0, "100%"),
        (0.58032, "58.0%"),
        (0.99999, "99.999%"),
        (1e-9, "1e-7%"),
        (-0.25, "-25.0%"),
        (math.nan, "nan%".removesuffix("%")),
    ],
)
def test_percent(share: float, text: str) -> None:
    assert numbers.percent(share) == text


@given(st.floats(min_value=0, max_value=1))
def test_only_the_whole_is_shown_as_the_whole(share: float) -> None:
    for shown in (numbers.percent(share), numbers.tabled_percent(share)):
        number = float(shown.rstrip("%").replace(",", ""))
        assert (number == 100) == (100.0 * share == 100 or share == 1)
        assert (number == 0) == (share == 0)
    assert (float(numbers.probability(share)) == 1) == (share == 1)
    assert (float(numbers.probability(share)) == 0) == (share == 0)


@given(POSITIVE, POSITIVE)
def test_a_shown_value_stands_to_the_limit_as_it_does(value: float, limit: float) -> None:
    for other in (limit, value, math.nextafter(value, math.inf), math.nextafter(value, 0)):
        shown = float(numbers.significant(value, numbers.digits_beside(value, other)).replace(",", ""))
        assert (shown > other) == (value > other)
        assert (shown < other) == (value < other)
        assert float(numbers.exactly(other)) == other


def test_a_column_has_one_number_of_decimals() -> None:
    assert numbers.column([0.5, 12.25, None, math.inf, 0.0]) == ["0.500", "12.250", "–", "inf", "0.000"]
    assert numbers.column([1e-9, 0.5]) == ["1e-9", "0.50000"]
    assert numbers.column([None, math.nan]) == ["–", "nan"]


@given(st.lists(st.floats() | st.none(), max_size=5), st.floats() | st.none())
def test_any_column_can_be_shown(values: list[float | None], like: float | None) -> None:
    assert len(numbers.column(values, like=like)) == len(values)
