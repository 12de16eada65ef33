"""Ranks, and who is told from the best: ties, infinite means, too few rows, and the gate's truth table."""

from __future__ import annotations

import math

import pytest
import scipy.stats

from celoss_cli.comparison.difference import PairedMeans
from celoss_cli.comparison.leaderboard import Entry, best_of, standings

INF = math.inf


def beside(mean: float, best: float, error: float | None, units: int = 100) -> PairedMeans:
    return PairedMeans(best, mean, mean - best, error, units)


def test_the_smallest_mean_is_the_best_and_the_first_of_equal_ones() -> None:
    assert best_of([0.3, 0.2, 0.2]) == 1
    assert best_of([INF, 0.5]) == 1
    assert best_of([INF, INF]) is None


def test_equal_means_keep_their_order_and_infinite_ones_are_last() -> None:
    entries = [Entry("inf", INF), Entry("b", 0.4), Entry("a", 0.4), Entry("best", 0.3), Entry("inf 2", INF)]
    means = [beside(INF, 0.3, None), beside(0.4, 0.3, 0.2), beside(0.4, 0.3, 0.2), None, beside(INF, 0.3, None)]
    found = standings(entries, means, 0.95)
    assert [row.path for row in found] == ["best", "b", "a", "inf", "inf 2"]
    assert [row.rank for row in found] == [1, 2, 3, 4, 5]
    assert [row.indistinguishable for row in found] == [True, True, True, False, False]
    assert found[0].to_best is None
    assert found[3].to_best is not None
    assert (found[3].to_best.p_value, found[3].to_best.p_adjusted) == (None, None)


def test_holm_counts_the_models_that_are_tested() -> None:
    entries = [Entry("best", 0.0), *(Entry(name, mean) for name, mean in (("x", 2.3), ("y", 2.0), ("z", INF)))]
    found = standings(entries, [None, beside(2.3, 0, 1.0), beside(2.0, 0, 1.0), beside(INF, 0, None)], 0.95)
    by_name = {row.path: row.to_best for row in found}
    p = {t: 2 * scipy.stats.t.sf(t, 99) for t in (2.3, 2.0)}
    x, y = by_name["x"], by_name["y"]
    assert x is not None
    assert y is not None
    assert x.p_adjusted == pytest.approx(2 * p[2.3], rel=1e-10)
    assert y.p_adjusted == pytest.approx(max(p[2.0], 2 * p[2.3]), rel=1e-10)
    assert [row.indistinguishable for row in found] == [True, False, False, False]
    assert [row.indistinguishable for row in standings(entries[:3], [None, *(
        beside(mean, 0, 1.0) for mean in (2.3, 2.0))], 0.98)] == [True, True, True]  # fmt: skip


def test_no_best_and_no_test() -> None:
    none = standings([Entry("a", INF), Entry("b", INF)], [None, None], 0.95)
    assert [(row.path, row.to_best, row.indistinguishable) for row in none] == [("a", None, False), ("b", None, False)]
    one_row = standings([Entry("a", 0.1), Entry("b", 0.9)], [None, beside(0.9, 0.1, None, 1)], 0.95)
    assert [row.indistinguishable for row in one_row] == [True, True]
