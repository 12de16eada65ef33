"""What may be said of a fix, as a truth table; which one is recommended, and which is no better than a simpler one."""

from __future__ import annotations

import numpy as np
import pytest

from celoss_cli.diagnosis.verdicts import (
    FixVerdict,
    Gained,
    ahead,
    no_better_than,
    of_all,
    recommended,
    verdict_of,
)

N = 400


def gained(
    name: str = "temperature",
    degrees: int = 1,
    in_sample: float = 0.05,
    optimism: float = 0.002,
    error: float = 0.01,
    p: float | None = 1e-4,
    seed: int = 0,
) -> Gained:
    noise = np.random.default_rng(seed).normal(0.0, error * N**0.5, N)
    noise += in_sample - optimism - noise.mean()
    return Gained(name, degrees, in_sample, optimism, error, p, noise, *of_all(N))


@pytest.mark.parametrize(
    ("fix", "verdict"),
    [
        (gained(), FixVerdict.HELPS),
        (gained(error=0.03), FixVerdict.PROBABLY_HELPS),
        (gained(p=0.01, error=0.03), FixVerdict.TOO_FEW_ROWS),
        (gained(p=0.0099, error=0.03), FixVerdict.PROBABLY_HELPS),
        (gained(optimism=0.025, error=0.02), FixVerdict.TOO_FEW_ROWS),  # G = opt is not more than it
        (gained(optimism=0.0249, error=0.02), FixVerdict.PROBABLY_HELPS),
        (gained(in_sample=0.002, error=0.001), FixVerdict.NOTHING_TO_GAIN),
        (gained(in_sample=0.002, error=0.005), FixVerdict.TOO_FEW_ROWS),
        (gained(p=None), FixVerdict.HELPS),
        (gained(p=None, error=0.03), FixVerdict.TOO_FEW_ROWS),
        (gained(p=None, in_sample=0.05, optimism=0.06, error=0.001), FixVerdict.NOTHING_TO_GAIN),
        (gained(p=float("nan")), FixVerdict.TOO_FEW_ROWS),
        (gained(error=float("nan")), FixVerdict.PROBABLY_HELPS),
    ],
)
def test_one_fix(fix: Gained, verdict: FixVerdict) -> None:
    assert verdict_of(fix, 0.5) is verdict


def test_the_interval_of_a_fit_reaches_to_above_the_gain_in_sample() -> None:
    low, high = gained().ci95
    assert (low, high) == pytest.approx((0.048 - 0.0196, 0.05 + 0.0196), abs=1e-4)
    low, high = gained(p=None).ci95
    assert (low, high) == pytest.approx((0.048 - 0.0196, 0.048 + 0.0196), abs=1e-4)


def test_the_simplest_that_nothing_is_clearly_ahead_of_is_recommended() -> None:
    one, two = gained(), gained("logistic", 2, in_sample=0.051)
    verdicts = [FixVerdict.HELPS, FixVerdict.HELPS]
    assert no_better_than([one, two], verdicts) == [None, None]  # the same noise: 0.001 ahead on every row
    best = recommended([one, two], verdicts)
    assert best is not None
    assert best.name == "logistic"
    other = gained("logistic", 2, in_sample=0.051, seed=1)
    assert no_better_than([one, other], verdicts) == [None, "temperature"]
    best = recommended([one, other], [FixVerdict.HELPS, FixVerdict.NO_BETTER])
    assert best is not None
    assert best.name == "temperature"


def test_nothing_is_recommended_that_may_not_help() -> None:
    fixes = [gained(), gained("shift")]
    assert recommended(fixes, [FixVerdict.TOO_FEW_ROWS, FixVerdict.NOTHING_TO_GAIN]) is None
    assert no_better_than(fixes, [FixVerdict.TOO_FEW_ROWS, FixVerdict.NOTHING_TO_GAIN]) == [None, None]
    best = recommended(fixes, [FixVerdict.TOO_FEW_ROWS, FixVerdict.PROBABLY_HELPS])
    assert best is not None
    assert best.name == "shift"


def test_the_paired_difference_has_the_error_of_the_differences() -> None:
    one, other = gained(seed=1), gained(seed=2)
    found = ahead(one, other)
    difference = one.corrected - other.corrected
    assert found.mean == pytest.approx(difference.mean(), abs=1e-12)
    assert found.standard_error == pytest.approx(difference.std(ddof=1) / N**0.5, rel=1e-12)
