"""The bootstrap against scipy's, within what chance allows, and the same for any number of threads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import celoss_cli
from celoss_cli.statistics.bootstrap import Resampled, estimate, percentile_interval

SAMPLES = 4000


def frames(n: int, **columns: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(n)
    y = np.arange(n) % 2
    p, q = rng.beta(2, 2, n), rng.beta(2, 2, n)
    d = -np.log(np.where(y == 1, q, 1 - q)) + np.log(np.where(y == 1, p, 1 - p))
    return pd.DataFrame({"label": y, "p": p, **columns}), pd.DataFrame({"label": y, "p": q, **columns}), d


def monte_carlo_error(estimates: np.ndarray) -> float:
    """About the standard error of the 2.5 % point of so many normal estimates: sqrt(α(1−α)/N) / density."""
    return float(estimates.std() * np.sqrt(0.025 * 0.975 / SAMPLES) / scipy.stats.norm.pdf(1.96))


@pytest.mark.parametrize("n", [8, 60, 700])
def test_rows_as_scipy_does_it(n: int) -> None:
    a, b, d = frames(n)
    found = celoss_cli.compare(a, b, bootstrap=SAMPLES, seed=3).difference
    theirs = scipy.stats.bootstrap(
        (d,), np.mean, n_resamples=SAMPLES, method="percentile", rng=np.random.default_rng(1)
    )
    error = monte_carlo_error(theirs.bootstrap_distribution)
    assert found.bootstrap is not None
    assert found.interval == found.bootstrap.interval
    assert found.interval == pytest.approx(tuple(theirs.confidence_interval), abs=6 * error)
    assert found.ci95 != found.interval


def test_weighted_means_are_ratios() -> None:
    s = np.random.default_rng(9).uniform(0.1, 3.0, 200)
    a, b, d = frames(200, s=s)
    found = celoss_cli.compare(a, b, sample_weight="s", bootstrap=SAMPLES, base=2).difference
    theirs = scipy.stats.bootstrap(
        (d / np.log(2), s), lambda x, v, axis: (x * v).sum(axis) / v.sum(axis), paired=True, vectorized=True,
        n_resamples=SAMPLES, method="percentile", rng=np.random.default_rng(1),
    )  # fmt: skip
    error = monte_carlo_error(theirs.bootstrap_distribution)
    assert found.interval == pytest.approx(tuple(theirs.confidence_interval), abs=6 * error)


def test_clusters_are_drawn_whole() -> None:
    user = np.random.default_rng(2).integers(0, 25, 500)
    a, b, d = frames(500, user=user)
    found = celoss_cli.compare(a, b, cluster="user", bootstrap=SAMPLES).difference
    sums, sizes = np.bincount(user, d), np.bincount(user).astype(float)
    theirs = scipy.stats.bootstrap(
        (sums, sizes), lambda x, v, axis: x.sum(axis) / v.sum(axis), paired=True, vectorized=True,
        n_resamples=SAMPLES, method="percentile", rng=np.random.default_rng(1),
    )  # fmt: skip
    error = monte_carlo_error(theirs.bootstrap_distribution)
    assert found.interval == pytest.approx(tuple(theirs.confidence_interval), abs=6 * error)


def test_the_same_for_any_number_of_threads_and_another_for_another_seed() -> None:
    a, b, _ = frames(300)
    found = {
        celoss_cli.compare(a, b, bootstrap=500, seed=7, threads=threads).difference.interval for threads in (1, 2, 5)
    }
    assert len(found) == 1
    assert celoss_cli.compare(a, b, bootstrap=500, seed=8).difference.interval not in found


def test_rows_that_are_not_paired_are_not_drawn() -> None:
    a, b, _ = frames(100)
    b.loc[40:, "p"] = np.nan
    short = celoss_cli.compare(a[:40], b[:40], bootstrap=300).difference.interval
    assert celoss_cli.compare(a, b, bootstrap=300, invalid="drop").difference.interval == short


def test_the_gate_goes_by_the_bootstrap() -> None:
    a, b, _ = frames(40)
    found = celoss_cli.compare(a, b, bootstrap=500, max_regression=10)
    assert found.verdict.checks[0].value == found.difference.bootstrap.interval[1]


def test_samples_draw_every_unit_alike() -> None:
    n = 1000
    counts = np.zeros(n)
    for unit in (0, 1, n - 1):
        one = np.zeros(n)
        one[unit] = 1.0
        counts[unit] = np.mean([estimate(Resampled(one, None, 1.0), 5, r) for r in range(3000)])
    assert counts[[0, 1, n - 1]] == pytest.approx(1.0, abs=5 / np.sqrt(3000))


def test_samples_of_more_than_one_draw() -> None:
    n = 100_000
    change = np.random.default_rng(1).normal(size=n)
    estimates = [estimate(Resampled(change, None, n), 1, r) for r in range(200)]
    assert np.std(estimates) == pytest.approx(1 / np.sqrt(n), rel=0.25)
    assert estimate(Resampled(change, np.full(n, 2.0), 0.0), 1, 3) == pytest.approx(estimates[3] / 2)


def test_percentiles() -> None:
    assert percentile_interval(list(range(101)), 0.9) == pytest.approx((5.0, 95.0))
