"""Verdicts and intervals are right as often as is stated: the simulation of ``benchmarks.simulate``, with few draws."""

from __future__ import annotations

import pytest
from benchmarks.simulate import FAR, STATED, Case, off_by, simulate


@pytest.mark.parametrize("t", [1.0, 1.5])
def test_rates_are_those_that_are_stated(t: float) -> None:
    found = simulate(Case("temperature", 200, t, 250), seed=3)
    stated = STATED[Case("temperature", 200, t, 3000)]
    for name, rate in stated.items():
        assert abs(off_by(getattr(found.rates, name), rate, 250)) <= FAR, name
    assert found.in_sample - found.corrected == pytest.approx(0.005, abs=0.0005)  # 1/n per parameter
    assert found.corrected == pytest.approx(found.real, abs=0.004)  # four standard errors at T = 1.5


@pytest.mark.parametrize(
    ("fix", "n", "t", "stated", "draws"),
    [("isotonic", 200, 1.0, 1500, 150), ("class_biases", 200, 1.5, 1500, 150)],
)
def test_curves_and_biases_are_as_sure_as_is_stated(fix: str, n: int, t: float, stated: int, draws: int) -> None:
    found = simulate(Case(fix, n, t, draws), seed=3)
    for name, rate in STATED[Case(fix, n, t, stated)].items():
        assert abs(off_by(getattr(found.rates, name), rate, draws)) <= FAR, name
    assert found.corrected == pytest.approx(found.real, abs=0.008)
    assert found.in_sample > found.real + 0.03  # what a fit to the same rows flatters itself by


def test_a_rate_far_off_is_told() -> None:
    assert abs(off_by(0.10, 0.01, 250)) > FAR
    assert abs(off_by(0.02, 0.01, 250)) < FAR
