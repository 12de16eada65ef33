"""The truth table of --max-miscalibration: equality passes, what is not finite or not there never does."""

from __future__ import annotations

import math

import pytest

from celoss_cli.errors import ExitCode, UsageError
from celoss_cli.gate.limits import Margin, read_margin
from celoss_cli.gate.miscalibration import check_saved, judge, judged, miscalibration_of, recalibration_of
from celoss_cli.request import Task
from celoss_cli.results.diagnosis import DiagnosedLoss, Diagnosis
from diagnoses import a_fix, binary, infinite, multiclass

INF, NAN = math.inf, math.nan
AFTER, BEFORE = math.nextafter(0.01, 1), math.nextafter(0.01, 0)


def saving(gain: float | None, mean: float = 0.5, rows: int = 100) -> Diagnosis:
    """Two classes, of which a logistic would save so much."""
    return binary()._replace(fixes=(a_fix("logistic", gain),), loss=DiagnosedLoss(mean, rows, 0))


@pytest.mark.parametrize(
    ("gain", "limit", "passed"),
    [
        (0.01, 0.01, True),
        (BEFORE, 0.01, True),
        (AFTER, 0.01, False),
        (0.0, 0.0, True),
        (-0.5, 0.0, True),  # new rows would lose by it: there is nothing to mend
        (1e-300, 0.0, False),
        (0.01, INF, True),
        (INF, INF, False),
        (INF, 0.01, False),
        (NAN, INF, False),
        (NAN, 0.01, False),
        (None, INF, False),
        (None, 0.0, False),
    ],
)
def test_an_amount(gain: float | None, limit: float, passed: bool) -> None:
    verdict = judge(saving(gain), Margin(limit))
    (check,) = verdict.checks
    assert verdict.passed is check.passed is passed
    assert (check.name, check.limit, check.subject) == ("max_miscalibration", limit, None)
    expected = NAN if gain is None or math.isnan(gain) else max(0.0, gain)
    assert check.value == pytest.approx(expected, nan_ok=True, rel=0, abs=0)


@pytest.mark.parametrize(
    ("gain", "mean", "text", "limit", "passed"),
    [
        (0.01, 0.5, "2%", 0.01, True),
        (0.01, 0.5, "1.9%", 0.0095, False),
        (0.0, 0.0, "2%", 0.0, True),
        (0.01, 0.0, "2%", 0.0, False),
        (0.0, 0.5, "0%", 0.0, True),
        (0.6, 0.5, "0.6", 0.6, True),
    ],
)
def test_a_share_is_of_the_loss(gain: float, mean: float, text: str, limit: float, passed: bool) -> None:
    allowed = read_margin(text, "--max-miscalibration")
    assert allowed is not None
    verdict = judge(saving(gain, mean), allowed)
    assert verdict.checks[0].limit == pytest.approx(limit)
    assert verdict.passed is passed


@pytest.mark.parametrize("text", ["1000", "1e300", "50%", "1e300%"])
def test_an_infinite_loss_never_passes(text: str) -> None:
    allowed = read_margin(text)
    assert allowed is not None
    verdict = judge(infinite(), allowed)
    assert verdict.passed is False
    assert verdict.checks[0].value == INF


def test_nothing_scored_never_passes() -> None:
    assert judge(saving(0.0, rows=0), Margin(1.0)).passed is False


def test_a_missing_fix_never_passes() -> None:
    """As a missing value of any other limit: it is a failed check with NaN, not an error."""
    for one in (binary()._replace(fixes=()), multiclass()._replace(fixes=(a_fix("class_biases", 0.0),))):
        assert miscalibration_of(one) is None
        verdict = judge(one, Margin(INF))
        assert verdict.passed is False
        assert math.isnan(verdict.checks[0].value)


def test_two_classes_are_judged_by_the_logistic_and_more_by_the_temperature() -> None:
    fixes = (a_fix("temperature", 0.01), a_fix("logistic", 0.02), a_fix("isotonic", 0.03), a_fix("shift", 0.04))
    assert miscalibration_of(binary()._replace(fixes=fixes)) == 0.02
    assert miscalibration_of(multiclass()._replace(fixes=fixes)) == 0.01


def test_two_columns_of_two_classes_are_two_classes() -> None:
    two = binary()._replace(spec=binary().spec._replace(task=Task.MULTICLASS))
    assert recalibration_of(two) == recalibration_of(binary())


def test_what_comes_after_a_floor_is_not_what_is_judged() -> None:
    """It is about other predictions than those in the file."""
    after = multiclass()._replace(fixes=(a_fix("temperature", 0.0, after="floor"),))
    assert miscalibration_of(after) is None


def test_without_a_limit_there_is_no_verdict() -> None:
    assert judged(binary(), None) == binary()
    assert judged(binary(), Margin(0.01)).verdict == judge(binary(), Margin(0.01))


@pytest.mark.parametrize(("text", "code"), [("nan", "limit_nan"), ("nan%", "limit_nan"), ("-1%", "limit_range")])
def test_limits_that_make_no_sense_are_refused(text: str, code: str) -> None:
    allowed = read_margin(text)
    assert allowed is not None
    with pytest.raises(UsageError) as found:
        check_saved(allowed)
    assert found.value.code == code
    assert found.value.hint
    assert found.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("text", ["0", "0%", "1e-9", "1e300"])
def test_limits_that_make_sense_are_taken(text: str) -> None:
    allowed = read_margin(text)
    assert allowed is not None
    check_saved(allowed)
