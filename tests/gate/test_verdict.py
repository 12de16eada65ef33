"""The gate's truth table: equality passes, what is not finite or not there never does, whatever is limited."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from celoss_cli.errors import DataError, ExitCode, UsageError
from celoss_cli.gate.limits import Limit, Limits, Margin
from celoss_cli.gate.verdict import RULES, judge, needs_details
from celoss_cli.request import InputKind, Task
from celoss_cli.results.evaluation import (
    Baselines,
    BaselineUsed,
    Check,
    ClassResult,
    Counts,
    DenominatorUsed,
    Evaluation,
    Input,
    Inputs,
    Loss,
    Skipped,
    SliceResult,
)
from celoss_cli.results.metrics import Metrics
from celoss_cli.spec import Columns, Spec

INF, NAN = math.inf, math.nan
AFTER, BEFORE = math.nextafter(0.5, 1), math.nextafter(0.5, 0)


def _evaluation(mean: float = 0.4, scored: int = 6, **more: Any) -> Evaluation:
    evaluation = Evaluation(
        celoss_version="0.1.0",
        inputs=Inputs(Input("p.csv", "csv", scored), None),
        spec=Spec(Task.BINARY, InputKind.PROBS, ("0", "1"), "1", Columns(("p",), "y"), ()),
        loss=Loss(mean, mean, None, None, "nats", 1.0, 0.0, DenominatorUsed("weights", 1.0)),
        counts=Counts(scored, scored, 0, 0, 0),
        baselines=None,
        metrics=None,
        per_class=(),
        worst=(),
        warnings=(),
    )
    return evaluation._replace(**more)


def _class(name: str, mean: float | None, count: int = 3) -> ClassResult:
    return ClassResult(name, count, 1.0, mean, None, None)


def _slice(column: str, value: str | None, mean: float | None, scored: int = 3, rows: int = 3) -> SliceResult:
    return SliceResult(column, value, rows, scored, float(scored), mean, None, None, 0, None)


def _upper(bound: float | None) -> Evaluation:
    plain = _evaluation()
    return plain._replace(loss=plain.loss._replace(ci95=None if bound is None else (0.0, bound)))


def _count(name: str, value: Any) -> Evaluation:
    plain = _evaluation()
    return plain._replace(counts=plain.counts._replace(**{name: value}))


def _skill(value: float | None) -> Evaluation:
    return _evaluation(baselines=Baselines(1.0, 1.0, value))


def _metrics(**known: Any) -> Evaluation:
    return _evaluation(metrics=Metrics(**{"accuracy": None, "brier": 0.0, "ece": None, **known}))


# How an evaluation is made in which the rule of that name reads a value; ``None`` where it has none.
HOLDING: dict[str, Callable[[Any], Evaluation]] = {
    "max_loss": _evaluation,
    "max_upper_bound": _upper,
    "min_skill": _skill,
    "max_brier": lambda value: _evaluation() if value is None else _metrics(brier=value),
    "max_ece": lambda value: _metrics(ece=value),
    "min_accuracy": lambda value: _metrics(accuracy=value),
    "max_infinite": lambda value: _count("infinite", value),
    "min_rows": lambda value: _count("scored", value),
    "max_class_loss": lambda value: _evaluation(per_class=(_class("a", 0.0), _class("b", value))),
    "max_slice_loss": lambda value: _evaluation(slices=(_slice("g", "a", 0.0), _slice("g", "b", value))),
    "max_regression": lambda value: _evaluation(baseline=BaselineUsed("b.json", 0.4, value)),
}
NAMED = {"max_class_loss": "b", "max_slice_loss": "g=b"}
COUNTS = ("max_infinite", "min_rows")
LOWEST = ("min_skill", "min_accuracy", "min_rows")


def _limits(name: str, limit: float) -> Limits:
    given: Any = limit
    if name in NAMED:
        given = (Limit(limit, NAMED[name]),)
    elif name == "max_regression":
        given = Margin(limit)
    return Limits(**{name: given})


def _verdict(name: str, value: Any, limit: float) -> Check:
    verdict = judge(HOLDING[name](value), _limits(name, limit))
    assert verdict is not None
    (check,) = verdict.checks
    assert verdict.passed is check.passed
    assert check.name == name
    assert check.limit == limit
    assert check.subject == NAMED.get(name)
    return check


# value, limit, whether it passes where the value must be at most the limit, and at least
TRUTH = [
    (0.4, 0.5, True, False),
    (0.5, 0.5, True, True),
    (0.6, 0.5, False, True),
    (AFTER, 0.5, False, True),
    (BEFORE, 0.5, True, False),
    (0.0, 0.0, True, True),
    (-0.0, 0.0, True, True),
    (0.0, 1.0, True, False),
    (1.0, 0.0, False, True),
    (NAN, 0.5, False, False),
    (INF, 0.5, False, False),
    (-INF, 0.5, False, False),
    (None, 0.5, False, False),
    (None, 0.0, False, False),
    (NAN, 1.0, False, False),
    (INF, 1.0, False, False),
    (-INF, 0.0, False, False),
]


@pytest.mark.parametrize("name", [rule.name for rule in RULES if rule.name not in COUNTS])
@pytest.mark.parametrize(("value", "limit", "at_most", "at_least"), TRUTH)
def test_truth_table(name: str, value: float | None, limit: float, at_most: bool, at_least: bool) -> None:
    if value is None and name == "max_loss":
        return  # an evaluation always has a mean
    check = _verdict(name, value, limit)
    assert check.passed is (at_least if name in LOWEST else at_most)
    assert check.value == value or (math.isnan(check.value) and (value is None or math.isnan(value)))


@pytest.mark.parametrize(
    ("name", "value", "limit", "passed"),
    [
        ("max_infinite", 0, 0, True),
        ("max_infinite", 1, 0, False),
        ("max_infinite", 2, 2, True),
        ("max_infinite", 3, 2, False),
        ("max_infinite", 3, INF, None),
        ("min_rows", 6, 6, True),
        ("min_rows", 6, 7, False),
        ("min_rows", 7, 6, True),
        ("min_rows", 0, 0, False),
        ("min_rows", 0, 1, False),
        ("min_rows", 1, 0, True),
    ],
)
def test_truth_table_of_counts(name: str, value: int, limit: float, passed: bool | None) -> None:
    if passed is None:
        with pytest.raises(UsageError, match="can be no limit"):
            _limits(name, limit)
        return
    check = _verdict(name, value, limit)
    assert check.passed is passed
    assert check.value == value


@pytest.mark.parametrize(
    ("value", "limit", "passed"),
    [(0.5, INF, True), (INF, INF, False), (NAN, INF, False), (0.5, -INF, False), (-INF, -INF, False)],
)
@pytest.mark.parametrize("name", ["max_loss", "max_upper_bound", "max_class_loss", "max_slice_loss", "max_regression"])
def test_truth_table_of_infinite_limits(name: str, value: float, limit: float, passed: bool) -> None:
    assert _verdict(name, value, limit).passed is passed


@pytest.mark.parametrize("name", [rule.name for rule in RULES])
def test_nothing_scored_never_passes(name: str) -> None:
    held = HOLDING[name](0 if name in COUNTS else 0.5)
    empty = held._replace(counts=held.counts._replace(scored=0))
    verdict = judge(empty, _limits(name, 0 if name in LOWEST else 1))
    assert verdict is not None
    assert not verdict.passed


@pytest.mark.parametrize("name", [rule.name for rule in RULES if rule.details and rule.name not in NAMED])
def test_what_was_not_computed_never_passes(name: str) -> None:
    """An evaluation of the mean alone has none of the other numbers."""
    verdict = judge(_evaluation(), _limits(name, 0.0 if name in LOWEST else 1.0))
    assert verdict is not None
    assert not verdict.passed
    assert math.isnan(verdict.checks[0].value)


# The worst class and the worst slice


@pytest.mark.parametrize(
    ("means", "limit", "passed", "worst"),
    [
        ([0.1, 0.5, 0.3], 0.5, True, "b"),
        ([0.1, AFTER, 0.3], 0.5, False, "b"),
        ([0.6, 0.6, 0.1], 0.5, False, "a"),
        ([0.1, INF, 0.3], 0.5, False, "b"),
        ([0.1, INF, 0.3], INF, False, "b"),
        ([0.1, NAN, 0.3], 0.5, False, "b"),
        ([NAN, 0.1, 0.3], 0.5, False, "a"),
        ([0.1, -INF, 0.3], 0.5, False, "b"),
        ([0.1, None, 0.3], 0.5, True, "c"),
        ([None, None, None], 0.5, False, None),
        ([], 0.5, False, None),
    ],
)
def test_the_worst_class_and_slice(means: list[float | None], limit: float, passed: bool, worst: str | None) -> None:
    """Classes without rows, and slices that weigh nothing, are passed over; if there is no other, nothing passes."""
    named = list(zip("abc", means, strict=False))
    classes = _evaluation(per_class=tuple(_class(name, mean, 0 if mean is None else 3) for name, mean in named))
    slices = _evaluation(slices=tuple(_slice("g", name, mean) for name, mean in named))
    by_class = judge(classes, Limits(max_class_loss=(Limit(limit),)))
    by_slice = judge(slices, Limits(max_slice_loss=(Limit(limit),)))
    for verdict, subject in ((by_class, worst), (by_slice, worst and f"g={worst}")):
        assert verdict is not None
        assert verdict.passed is passed
        assert verdict.checks[0].subject == subject


def test_a_slice_of_which_no_row_could_be_scored_is_the_worst() -> None:
    slices = (_slice("g", "a", 0.1), _slice("g", None, None, scored=0, rows=2))
    verdict = judge(_evaluation(slices=slices), Limits(max_slice_loss=(Limit(0.5),)))
    assert verdict is not None
    assert verdict.checks[0].subject == "g=(missing)"
    assert not verdict.passed


def test_a_class_named_that_has_no_rows_never_passes() -> None:
    held = _evaluation(per_class=(_class("a", 0.1), _class("b", None, 0)))
    assert judge(held, Limits(max_class_loss=(Limit(0.5),))).passed  # type: ignore[union-attr]
    assert not judge(held, Limits(max_class_loss=(Limit(0.5, "b"),))).passed  # type: ignore[union-attr]
    assert not judge(held, Limits(max_class_loss=(Limit(0.5), Limit(0.5, "b")))).passed  # type: ignore[union-attr]


SLICES = (
    _slice("g", "a", 0.1, scored=100),
    _slice("g", "b", 0.9, scored=2),
    _slice("h", "x=y", 0.4, scored=50),
    _slice("h", None, 0.6, scored=1),
)


@pytest.mark.parametrize(
    ("limits", "min_rows", "expected", "skipped"),
    [
        ([Limit(0.5)], 0, [("g=b", False)], []),
        ([Limit(0.5)], 3, [("h=x=y", True)], ["g=b", "h=(missing)"]),
        ([Limit(0.5, "g")], 0, [("g=b", False)], []),
        ([Limit(0.5, "g")], 3, [("g=a", True)], ["g=b"]),
        ([Limit(0.5, "h")], 2, [("h=x=y", True)], ["h=(missing)"]),
        ([Limit(0.5, "h=x=y")], 0, [("h=x=y", True)], []),
        ([Limit(0.5, "h=(missing)")], 0, [("h=(missing)", False)], []),
        ([Limit(0.5), Limit(1.0, "g=b")], 3, [("h=x=y", True), ("g=b", True)], ["h=(missing)"]),
        ([Limit(0.5)], 101, [(None, False)], ["g=a", "g=b", "h=x=y", "h=(missing)"]),
    ],
)
def test_small_slices_are_listed(
    limits: list[Limit], min_rows: int, expected: list[tuple[str | None, bool]], skipped: list[str]
) -> None:
    verdict = judge(_evaluation(slices=SLICES), Limits(max_slice_loss=tuple(limits), slice_min_rows=min_rows))
    assert verdict is not None
    assert [(check.subject, check.passed) for check in verdict.checks] == expected
    assert [part.subject for part in verdict.skipped] == skipped
    assert all(part == Skipped("max_slice_loss", part.subject, part.scored) for part in verdict.skipped)


def test_a_class_or_slice_that_is_not_there_is_an_error() -> None:
    with pytest.raises(DataError, match="no class 'c'; the classes are 'a', 'b'") as caught:
        judge(HOLDING["max_class_loss"](0.1), Limits(max_class_loss=(Limit(0.5, "c"),)))
    assert (caught.value.code, caught.value.exit_code) == ("limit_unknown_class", ExitCode.DATA)
    with pytest.raises(DataError, match="'g=c'; there are 'g=a', 'g=b'") as caught:
        judge(_evaluation(slices=SLICES), Limits(max_slice_loss=(Limit(0.5, "g=c"),)))
    assert (caught.value.code, caught.value.exit_code) == ("limit_unknown_slice", ExitCode.DATA)


# The baseline


@pytest.mark.parametrize(
    ("mean", "baseline", "margin", "passed"),
    [
        (0.5, 0.5, Margin(0.0), True),
        (AFTER, 0.5, Margin(0.0), False),
        (0.4, 0.5, Margin(-0.05), True),
        (0.46, 0.5, Margin(-0.05), False),
        (0.75, 0.5, Margin(0.25), True),
        (0.625, 0.5, Margin(0.25, relative=True), True),
        (0.626, 0.5, Margin(0.25, relative=True), False),
        (0.5, 0.0, Margin(0.25, relative=True), False),
        (0.0, 0.0, Margin(0.25, relative=True), True),
        (0.5, INF, Margin(1.0), False),
        (0.5, INF, Margin(0.02, relative=True), False),
        (INF, INF, Margin(1.0), False),
        (INF, 0.5, Margin(INF), False),
        (0.5, NAN, Margin(1.0), False),
    ],
)
def test_truth_table_of_regressions(mean: float, baseline: float, margin: Margin, passed: bool) -> None:
    used = BaselineUsed("b.json", baseline, mean - baseline)
    verdict = judge(_evaluation(mean, baseline=used), Limits(max_regression=margin))
    assert verdict is not None
    assert verdict.passed is passed


# All of them


def test_one_failure_is_enough_and_every_check_is_listed() -> None:
    verdict = judge(_evaluation(0.4), Limits(max_loss=0.5, max_infinite=0, min_rows=7))
    assert verdict is not None
    assert [(check.name, check.passed) for check in verdict.checks] == [
        ("max_loss", True),
        ("max_infinite", True),
        ("min_rows", False),
    ]
    assert not verdict.passed


def test_no_limit_is_no_verdict() -> None:
    assert judge(_evaluation(0.4), Limits()) is None


def test_a_nan_limit_is_refused_as_usage() -> None:
    for name in HOLDING:
        with pytest.raises(UsageError, match=f"--{name.replace('_', '-')} is nan") as caught:
            _limits(name, NAN)
        assert caught.value.exit_code is ExitCode.USAGE


def test_every_limit_has_one_rule_of_its_name() -> None:
    assert {rule.name for rule in RULES} == {field.name for field in fields(Limits)} - {"slice_min_rows"}
    assert len(RULES) == len({rule.name for rule in RULES}) == len(HOLDING)
    for rule in RULES:
        assert rule.option == f"--{rule.name.replace('_', '-')}"
        assert rule.lowest is rule.name.startswith("min_")


def test_what_needs_more_than_the_mean() -> None:
    assert not needs_details(Limits(max_loss=1, max_infinite=0, min_rows=5))
    assert needs_details(Limits(max_ece=0.0))
    assert needs_details(Limits(max_class_loss=(Limit(0.0),)))
