"""The truth table of the comparison's gate, and of what it is called."""

from __future__ import annotations

import math

import pytest

from celoss_cli.gate.regression import outcome_of, passes
from celoss_cli.request import OnInconclusive
from celoss_cli.results.comparison import ComparisonOutcome

INF, NAN = math.inf, math.nan
PASS, FAIL = OnInconclusive.PASS, OnInconclusive.FAIL

# interval, margin, infinite → passed if the inconclusive fails, if it passes; outcome
TABLE = [
    ((-0.2, -0.1), 0.0, False, True, True, ComparisonOutcome.BETTER),
    ((-0.2, -0.1), 0.1, False, True, True, ComparisonOutcome.BETTER),
    ((-0.2, -5e-324), 0.0, False, True, True, ComparisonOutcome.BETTER),
    ((-0.2, 0.0), 0.0, False, True, True, ComparisonOutcome.NO_WORSE),
    ((0.0, 0.0), 0.0, False, True, True, ComparisonOutcome.NO_WORSE),
    ((-0.1, 0.05), 0.1, False, True, True, ComparisonOutcome.NO_WORSE),
    ((-0.1, 0.1), 0.1, False, True, True, ComparisonOutcome.NO_WORSE),
    ((0.02, 0.05), 0.1, False, True, True, ComparisonOutcome.NO_WORSE),
    ((-0.1, math.nextafter(0.1, 1)), 0.1, False, False, True, ComparisonOutcome.UNDECIDED),
    ((0.02, 0.2), 0.1, False, False, True, ComparisonOutcome.UNDECIDED),
    ((0.1, 0.2), 0.1, False, False, True, ComparisonOutcome.UNDECIDED),
    ((math.nextafter(0.1, 1), 0.2), 0.1, False, False, False, ComparisonOutcome.WORSE),
    ((0.2, 0.3), 0.0, False, False, False, ComparisonOutcome.WORSE),
    ((-0.1, 0.1), 0.0, False, False, True, ComparisonOutcome.UNDECIDED),
    (None, 0.1, False, False, False, ComparisonOutcome.UNDECIDED),
    ((NAN, NAN), 0.1, False, False, False, ComparisonOutcome.UNDECIDED),
    ((-INF, INF), 0.1, False, False, False, ComparisonOutcome.UNDECIDED),
    ((-INF, 0.0), 0.1, False, False, False, ComparisonOutcome.UNDECIDED),
    ((-0.2, -0.1), 0.1, True, False, False, ComparisonOutcome.INFINITE),
    (None, 0.1, True, False, False, ComparisonOutcome.INFINITE),
]


@pytest.mark.parametrize(("interval", "margin", "infinite", "strict", "lenient", "outcome"), TABLE)
def test_truth_table(
    interval: tuple[float, float] | None,
    margin: float,
    infinite: bool,
    strict: bool,
    lenient: bool,
    outcome: ComparisonOutcome,
) -> None:
    assert passes(interval, margin, infinite=infinite, inconclusive=FAIL) is strict
    assert passes(interval, margin, infinite=infinite, inconclusive=PASS) is lenient
    assert outcome_of(interval, margin, infinite=infinite) is outcome


@pytest.mark.parametrize(
    ("interval", "outcome"),
    [
        ((-0.2, -0.1), ComparisonOutcome.BETTER),
        ((0.1, 0.2), ComparisonOutcome.WORSE),
        ((-0.1, 0.1), ComparisonOutcome.UNDECIDED),
        ((-0.1, 0.0), ComparisonOutcome.UNDECIDED),
        ((0.0, 0.1), ComparisonOutcome.UNDECIDED),
        (None, ComparisonOutcome.UNDECIDED),
    ],
)
def test_without_a_margin(interval: tuple[float, float] | None, outcome: ComparisonOutcome) -> None:
    assert outcome_of(interval, None, infinite=False) is outcome


def test_ties_everywhere() -> None:
    assert outcome_of((0.0, 0.0), 0.0, infinite=False, tied=True) is ComparisonOutcome.SAME
    assert outcome_of((0.0, 0.0), None, infinite=True, tied=True) is ComparisonOutcome.INFINITE
    assert outcome_of(None, None, infinite=False, tied=True) is ComparisonOutcome.UNDECIDED


def test_a_margin_that_is_nan_or_infinite_never_passes() -> None:
    for margin in (NAN, INF):
        assert not passes((-1.0, -0.5), margin, infinite=False, inconclusive=PASS)
