"""Limits as people write them: what is understood, and what is refused before anything is read."""

from __future__ import annotations

from typing import Any

import pytest

from celoss_cli.errors import UsageError
from celoss_cli.gate.limits import Limit, Limits, Margin, column_of, read_limits, read_margin


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ()),
        (0.5, (Limit(0.5),)),
        (0, (Limit(0.0),)),
        ("0.5", (Limit(0.5),)),
        ("a=0.5", (Limit(0.5, "a"),)),
        ("a=b=1e-3", (Limit(0.001, "a=b"),)),
        ("region==1", (Limit(1.0, "region="),)),
        (["0.5", "a=0.25", 2], (Limit(0.5), Limit(0.25, "a"), Limit(2.0))),
        ({"a=b": 0.5, 1: 2}, (Limit(0.5, "a=b"), Limit(2.0, "1"))),
        ((), ()),
        ({}, ()),
    ],
)
def test_limits_by_name(given: Any, expected: tuple[Limit, ...]) -> None:
    assert read_limits("--max-class-loss", given) == expected


@pytest.mark.parametrize("given", ["", "a", "a=", "=0.5", "a=b", ["0.5", "x"], {"a": "x"}, {"a": None}, object()])
def test_limits_that_are_none(given: Any) -> None:
    with pytest.raises(UsageError, match="--max-class-loss") as caught:
        read_limits("--max-class-loss", given)
    assert caught.value.code == "limit_form"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, None),
        ("0.01", Margin(0.01)),
        (0.01, Margin(0.01)),
        ("2%", Margin(0.02, relative=True)),
        (" 2 % ", Margin(0.02, relative=True)),
        ("-1e-3", Margin(-0.001)),
        ("0", Margin(0.0)),
    ],
)
def test_margins(given: Any, expected: Margin | None) -> None:
    assert read_margin(given) == expected


@pytest.mark.parametrize("given", ["", "%", "a", "2%%", "1/2"])
def test_margins_that_are_none(given: str) -> None:
    with pytest.raises(UsageError):
        read_margin(given)


@pytest.mark.parametrize(
    "given",
    [
        {"min_accuracy": 95},
        {"min_accuracy": -0.1},
        {"max_ece": 1.5},
        {"max_brier": 2.5},
        {"max_brier": -1},
        {"min_skill": 1.1},
        {"max_infinite": -1},
        {"max_infinite": 0.5},
        {"min_rows": 1.5},
        {"slice_min_rows": -2},
    ],
)
def test_a_limit_that_means_nothing_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(UsageError) as caught:
        Limits(**given)
    assert caught.value.code == "limit_range"
    assert caught.value.hint


def test_the_column_that_a_limit_speaks_of() -> None:
    assert column_of("a", ["a", "b"]) == "a"
    assert column_of("a=x", ["a", "b"]) == "a"
    assert column_of("a=x=y", ["a", "a=x"]) == "a=x"
    assert column_of("c=x", ["a", "b"]) is None
    assert column_of("ab=x", ["a"]) is None


@pytest.mark.parametrize(
    ("given", "slices", "baseline", "code"),
    [
        ({"max_slice_loss": (Limit(0.5),)}, [], False, "limit_without_slices"),
        ({"max_slice_loss": (Limit(0.5, "g=a"),)}, ["h"], False, "limit_without_slices"),
        ({"slice_min_rows": 5}, ["g"], False, "slice_min_rows_alone"),
        ({"slice_min_rows": 5, "max_slice_loss": (Limit(0.5, "g=a"),)}, ["g"], False, "slice_min_rows_alone"),
        ({"max_regression": Margin(0.0)}, [], False, "regression_without_baseline"),
        ({"max_slice_loss": (Limit(0.5),)}, ["g"], False, None),
        ({"slice_min_rows": 5, "max_slice_loss": (Limit(0.5, "g"),)}, ["g"], False, None),
        ({"max_regression": Margin(0.0)}, [], True, None),
        ({}, [], True, None),
    ],
)
def test_limits_on_what_was_not_asked_for(
    given: dict[str, Any], slices: list[str], baseline: bool, code: str | None
) -> None:
    limits = Limits(**given)
    if code is None:
        limits.check_asked(slices, baseline=baseline)
        return
    with pytest.raises(UsageError) as caught:
        limits.check_asked(slices, baseline=baseline)
    assert caught.value.code == code
