"""Values as JSON and back: the same to the last bit, and nothing but what the hints allow."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.state.codec import Codec
from celoss_cli.state.exact_sum import ExactSums, Floats
from celoss_cli.state.loss import LossState
from celoss_cli.state.sample import Sample
from celoss_cli.state.worst import Candidate, WorstState

CODEC = Codec({})


class Colour(Enum):
    RED = "red"


class Held(NamedTuple):
    number: int
    share: float
    either: float | str
    named: Mapping[Colour | None, tuple[int, ...]]
    values: Floats
    nothing: int | None = None


def back(value: Any, hint: Any) -> Any:
    return CODEC.decode(json.loads(json.dumps(CODEC.encode(value, hint), allow_nan=False)), hint)


@given(st.integers(-(2**4000), 2**4000))
def test_whole_numbers_of_any_size(number: int) -> None:
    assert back(number, int) == number
    assert back(number << 1074, int) == number << 1074


@given(st.floats())
def test_every_double(number: float) -> None:
    found = back(number, float)
    assert (
        math.isnan(found)
        if math.isnan(number)
        else (found, math.copysign(1, found)) == (number, math.copysign(1, number))
    )
    assert type(found) is float


@given(st.one_of(st.floats(allow_nan=False), st.text()))
def test_a_text_that_looks_like_a_number_stays_one(value: float | str) -> None:
    found = back(value, float | str)
    assert (found, type(found)) == (value, type(value))


def test_tuples_mappings_enums_and_arrays() -> None:
    held = Held(1 << 70, -math.inf, "inf", {None: (1, 2), Colour.RED: ()}, np.array([[0.1, np.nan], [-0.0, np.inf]]))
    found = back(held, Held)
    assert found[:4] == held[:4]
    assert found.nothing is None
    assert found.values.tobytes() == held.values.tobytes()


def test_states() -> None:
    sums = ExactSums((3 << 1074, -(5 << 900), 0))
    state = LossState.empty(3, 1)._replace(scored=7, loss=sums)
    assert back(state, LossState) == state
    worst = WorstState(2, (Candidate(4, math.inf, (0, 2), 0.0, 1, 1.0, "a"), Candidate(1, 2.5, 1, 0.1, 0, 0.9)))
    assert back(worst, WorstState) == worst
    rng = np.random.default_rng(0)
    sample = Sample(rng.normal(size=(3, 40)), rng.integers(0, 3, 40), np.arange(40), most=50)
    assert back(sample, Sample) == sample
    assert back(sample, Sample).most == 50
    assert back(Sample(), Sample) == Sample()


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (True, int),
        (1.5, int),
        ("0xzz", int),
        ("0x1p99999", int),
        ("one", float),
        (None, float),
        ([1, 2], tuple[int, int, int]),
        ([[0]], Mapping[str, int]),
        ("blue", Colour),
        ([2, "a"], float | str),
        ("a", float | str),
        ({"units": [1], "more": 1}, ExactSums),
        ({}, ExactSums),
        ({"dtype": "<f8", "shape": [9], "zlib": False, "base64": "AAAA"}, Floats),
        ({"dtype": "<f8", "shape": [1 << 40], "zlib": True, "base64": ""}, Floats),
        ({"dtype": "<i8", "shape": [1], "zlib": False, "base64": "AAAAAAAAAAA="}, Floats),
        ({"dtype": "|O", "shape": [1], "zlib": False, "base64": "AAAAAAAAAAA="}, Floats),
        ({"dtype": "<f8", "shape": [1], "zlib": True, "base64": "AAAAAAAAAAA="}, Floats),
        ({"dtype": "<f8", "shape": [1], "zlib": False, "base64": "*"}, Floats),
    ],
    ids=str,
)
def test_what_is_none_is_a_value_error(data: Any, hint: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        CODEC.decode(data, hint)


@pytest.mark.parametrize(("value", "hint"), [(True, int), (object(), ExactSums), (b"x", str), ([1], float | str)])
def test_a_value_of_another_type_is_a_type_error(value: Any, hint: Any) -> None:
    with pytest.raises(TypeError):
        CODEC.encode(value, hint)
