"""Where the level of a series changed: found where it was put, and in quiet series at most at the stated rate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ttest_ind

from celoss_cli.statistics.independent import difference_of_means
from celoss_cli.statistics.level_change import FEWEST, LEVEL, level_changes

SERIES = 600


@pytest.mark.parametrize("kind", ["normal", "skewed", "rounded"])
@pytest.mark.parametrize("runs", [8, 12, 30])
def test_quiet_series_are_called_changed_at_most_at_the_stated_rate(kind: str, runs: int) -> None:
    draw = np.random.default_rng(runs)
    values = {
        "normal": draw.normal(0.5, 0.02, (SERIES, runs)),
        "skewed": draw.lognormal(0.0, 1.5, (SERIES, runs)),
        "rounded": np.round(draw.normal(0.5, 0.02, (SERIES, runs)), 2),
    }[kind]
    found = sum(bool(level_changes(row.tolist())) for row in values)
    most = LEVEL * SERIES + 3 * (SERIES * LEVEL * (1 - LEVEL)) ** 0.5  # three standard deviations of what chance makes
    assert found <= most


@pytest.mark.parametrize("place", [2, 10, 28])
def test_a_change_is_found_where_it_is(place: int) -> None:
    draw = np.random.default_rng(place)
    right = 0
    for _ in range(50):
        values = draw.normal(0.5, 0.01, 30)
        values[place:] += 0.06
        found = level_changes(values.tolist())
        right += [change.place for change in found] == [place]
    assert right >= 45


def test_several_changes() -> None:
    values = [0.5, 0.51, 0.49] * 5 + [0.7, 0.71, 0.69] * 5 + [0.6, 0.61, 0.59] * 5
    found = level_changes(values)
    assert [change.place for change in found] == [15, 30]
    assert [round(change.after, 6) for change in found] == [0.7, 0.6]
    assert found[1].before == found[0].after


def test_what_is_too_short_or_even_has_no_change() -> None:
    assert level_changes([1.0, 1.0, 9.0, 9.0, 9.0][:FEWEST]) == []
    assert level_changes([0.1 + 0.2] * 10 + [0.3] * 10) == []
    assert level_changes([]) == []


def test_the_same_numbers_give_the_same_answer() -> None:
    values = np.random.default_rng(2).normal(size=40)
    values[20:] += 1.1
    found = level_changes(values.tolist())
    assert found[0].p_value > 0.002  # a few of the orders that are drawn can be split as well
    assert level_changes(values.tolist()) == found


@pytest.mark.parametrize(("first", "second"), [((40, 1.0), (60, 2.0)), ((5, 0.1), (500, 3.0)), ((2, 1e-9), (3, 1e-9))])
def test_a_difference_of_means_is_that_of_welch(first: tuple[int, float], second: tuple[int, float]) -> None:
    draw = np.random.default_rng(1)
    samples = [draw.normal(1.0, spread, n) for n, spread in (first, second)]
    means = (float(samples[0].mean()), float(samples[1].mean()))
    errors = (float(samples[0].std(ddof=1) / first[0] ** 0.5), float(samples[1].std(ddof=1) / second[0] ** 0.5))
    found = difference_of_means(means, errors, (first[0], second[0]))
    other = ttest_ind(samples[1], samples[0], equal_var=False)
    assert found is not None
    assert found.df == pytest.approx(other.df, rel=1e-9)
    assert found.p_value == pytest.approx(other.pvalue, rel=1e-9)
    interval = other.confidence_interval(0.95)
    assert found.interval == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_a_difference_that_nothing_is_known_of() -> None:
    assert difference_of_means((1.0, 2.0), (0.1, 0.1), (1, 50)) is None
    assert difference_of_means((float("inf"), 2.0), (0.1, 0.1), (50, 50)) is None
    exact = difference_of_means((1.0, 2.0), (0.0, 0.0), (50, 50))
    assert exact is not None
    assert (exact.interval, exact.p_value) == ((1.0, 1.0), 0.0)
