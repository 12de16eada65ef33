"""What the interval and the gate promise, by simulation: false alarms at the stated rate, real differences found."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

import celoss_cli
from celoss_cli.results.comparison import Comparison, ComparisonOutcome

RUNS = 400


def compared(
    n: int, runs: int, *, worse: float = 0.0, seed: int = 0, margin: float | None = None
) -> Iterator[Comparison]:
    """Two noisy readings of the same truth, the candidate's the noisier by ``worse``."""
    rng = np.random.default_rng(seed)
    for _ in range(runs):
        y = np.arange(n) % 2
        shared = rng.normal(size=n) + np.where(y == 1, 1.0, -1.0)
        a, b = (shared + rng.normal(size=n) * (0.5 + extra) for extra in (0.0, worse))
        yield celoss_cli.compare(
            pd.DataFrame({"label": y, "logit": a}),
            pd.DataFrame({"label": y, "logit": b}),
            max_regression=margin,
            threads=1,
        )


@pytest.mark.parametrize("n", [40, 300])
def test_equal_models_differ_as_often_as_stated(n: int) -> None:
    alarms = sum(found.difference.p_value < 0.05 for found in compared(n, RUNS, seed=n))
    assert alarms / RUNS == pytest.approx(0.05, abs=4 * math.sqrt(0.05 * 0.95 / RUNS))


def test_a_real_difference_is_found_at_the_stated_power() -> None:
    first = next(compared(20_000, 1, worse=0.5, seed=1)).difference
    needed = next(compared(20_000, 1, worse=0.5, seed=1))
    sd = first.standard_error * math.sqrt(20_000)
    n = 2 * round(((1.96 + 0.8416) * sd / first.mean) ** 2 / 2)
    assert needed.verdict.outcome is ComparisonOutcome.WORSE
    worse = sum(found.verdict.outcome is ComparisonOutcome.WORSE for found in compared(n, RUNS, worse=0.5, seed=2))
    assert worse / RUNS == pytest.approx(0.8, abs=4 * math.sqrt(0.8 * 0.2 / RUNS) + 0.03)


def test_equal_models_pass_the_margin_at_the_stated_power() -> None:
    margin = 0.05
    tried = next(compared(100, 1, seed=3, margin=margin))
    pilot = next(compared(20_000, 1, seed=4)).difference
    n = 2 * round(((1.96 + 0.8416) * pilot.standard_error * math.sqrt(20_000) / margin) ** 2 / 2)
    assert tried.verdict.rows_needed == pytest.approx(n, rel=0.6)
    passed = sum(found.verdict.passed is True for found in compared(n, RUNS, seed=5, margin=margin))
    assert passed / RUNS == pytest.approx(0.8, abs=4 * math.sqrt(0.8 * 0.2 / RUNS) + 0.03)
