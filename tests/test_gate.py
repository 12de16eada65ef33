"""The gate's truth table: equality passes, what is not finite or not there never does."""

from __future__ import annotations

import math
from dataclasses import fields

import pytest

from celoss_cli.errors import ExitCode, UsageError
from celoss_cli.evaluation import Counts, DenominatorUsed, Evaluation, Input, Inputs, Loss
from celoss_cli.gate import RULES, Limits, judge
from celoss_cli.spec import Columns, InputKind, Spec, Task

INF, NAN = math.inf, math.nan


def _evaluation(mean: float, scored: int = 6) -> Evaluation:
    return Evaluation(
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


@pytest.mark.parametrize(
    ("value", "limit", "scored", "passed"),
    [
        (0.4, 0.5, 6, True),
        (0.5, 0.5, 6, True),
        (0.6, 0.5, 6, False),
        (0.0, 0.0, 6, True),
        (-0.0, 0.0, 6, True),
        (math.nextafter(0.5, 1), 0.5, 6, False),
        (math.nextafter(0.5, 0), 0.5, 6, True),
        (NAN, 0.5, 6, False),
        (INF, 0.5, 6, False),
        (-INF, 0.5, 6, False),
        (0.5, INF, 6, True),
        (INF, INF, 6, False),
        (NAN, INF, 6, False),
        (0.5, -INF, 6, False),
        (0.4, 0.5, 1, True),
        (0.4, 0.5, 0, False),
        (0.0, INF, 0, False),
        (NAN, 0.5, 0, False),
    ],
)
def test_truth_table(value: float, limit: float, scored: int, passed: bool) -> None:
    verdict = judge(_evaluation(value, scored), Limits(max_loss=limit))

    assert verdict is not None
    assert verdict.passed is passed
    (check,) = verdict.checks
    assert check.passed is passed
    assert check.name == "max_loss"
    assert check.limit == limit
    assert check.value == value or math.isnan(value)


def test_no_limit_is_no_verdict() -> None:
    assert judge(_evaluation(0.4), Limits()) is None


def test_a_nan_limit_is_refused_as_usage() -> None:
    with pytest.raises(UsageError, match="--max-loss is nan") as caught:
        Limits(max_loss=NAN)
    assert caught.value.exit_code is ExitCode.USAGE


def test_every_limit_has_one_rule_of_its_name() -> None:
    assert [rule.name for rule in RULES] == [field.name for field in fields(Limits)]
    for rule in RULES:
        assert rule.option == f"--{rule.name.replace('_', '-')}"
        assert rule.limit(Limits(**{rule.name: 0.25})) == 0.25
