"""Several candidates: against scipy's paired t-test and a Holm written out, and what cannot change a rank."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import celoss_cli
import oracles
from celoss_cli.errors import InvalidLabels, MisalignedData, UsageError
from celoss_cli.results.comparison import Comparison, Standing

Array = np.ndarray[Any, Any]


def truth(n: int) -> Array:
    return np.random.default_rng(5).integers(0, 2, n)


def scores(y: Array, seed: int, noise: float) -> Array:
    """Probabilities of class 1, the worse the more ``noise``."""
    z = np.where(y, 1.5, -1.5) + noise * np.random.default_rng([seed, 9]).normal(size=len(y))
    return 1 / (1 + np.exp(-z))


def frame(y: Array, p: Array, **more: Any) -> pd.DataFrame:
    return pd.DataFrame({"label": y, "p": p, **more})


def losses(y: Array, p: Array) -> Array:
    return -np.log(np.where(y == 1, p, 1 - p))


def models(n: int, noises: tuple[float, ...]) -> tuple[Array, list[Array]]:
    y = truth(n)
    return y, [scores(y, seed, noise) for seed, noise in enumerate(noises)]


def by_path(found: Comparison) -> dict[str, Standing]:
    return {row.path: row for row in found.leaderboard}


def holm_by_hand(p_values: list[float]) -> list[float]:
    """The adjusted p-value of each is the largest, over those at most as large, of p times how many are no smaller."""
    ranked = sorted(p_values)
    return [min(1.0, max((len(ranked) - k) * q for k, q in enumerate(ranked) if q <= p)) for p in p_values]


@pytest.mark.parametrize("best", [0, 1, 3])
def test_the_paired_t_tests_of_scipy_and_holm(best: int) -> None:
    noises = [0.9, 0.7, 1.1, 0.75]
    noises[best] = 0.5
    y, p = models(800, tuple(noises))
    found = celoss_cli.compare(frame(y, p[0]), [frame(y, one) for one in p[1:]])
    names = ["baseline", "candidate 1", "candidate 2", "candidate 3"]
    loss = dict(zip(names, (losses(y, one) for one in p), strict=True))
    ranked = sorted(names, key=lambda name: float(loss[name].mean()))
    assert [row.path for row in found.leaderboard] == ranked
    assert ranked[0] == names[best]
    assert [row.rank for row in found.leaderboard] == [1, 2, 3, 4]
    tests = {name: scipy.stats.ttest_rel(loss[name], loss[ranked[0]]) for name in ranked[1:]}
    adjusted = dict(zip(tests, holm_by_hand([test.pvalue for test in tests.values()]), strict=True))
    rows = by_path(found)
    for name in names:
        assert rows[name].mean == pytest.approx(loss[name].mean(), rel=1e-12)
    for name, test in tests.items():
        to_best = rows[name].to_best
        assert to_best is not None
        assert to_best.mean == pytest.approx((loss[name] - loss[ranked[0]]).mean(), rel=1e-9)
        assert to_best.standard_error == pytest.approx(scipy.stats.sem(loss[name] - loss[ranked[0]]), rel=1e-9)
        expected = oracles.interval_of_mean(loss[name] - loss[ranked[0]])
        assert to_best.interval == pytest.approx(expected, rel=1e-7)
        assert to_best.p_value == pytest.approx(test.pvalue, rel=1e-7)
        assert to_best.p_adjusted == pytest.approx(adjusted[name], rel=1e-7)
        assert rows[name].indistinguishable == (adjusted[name] >= 0.05)
    assert rows[ranked[0]].to_best is None
    assert rows[ranked[0]].indistinguishable
    for name in names[1:]:
        difference = rows[name].difference
        test = scipy.stats.ttest_rel(loss[name], loss["baseline"])
        assert difference is not None
        assert difference.p_value == pytest.approx(test.pvalue, rel=1e-7)
        expected = oracles.interval_of_mean(loss[name] - loss["baseline"])
        assert difference.interval == pytest.approx(expected, rel=1e-7)
    assert rows["baseline"].difference is None


def test_one_candidate_has_no_leaderboard_and_a_list_of_one_is_one() -> None:
    y, (a, b) = models(50, (0.5, 0.6))
    alone, listed = (celoss_cli.compare(frame(y, a), c) for c in (frame(y, b), [frame(y, b)]))
    assert alone == listed
    assert alone.leaderboard == ()
    assert alone.inputs.others == ()


def test_each_difference_is_that_of_the_candidate_alone() -> None:
    y, (a, b, c) = models(300, (0.9, 0.5, 0.8))
    kept: dict[str, Any] = {"max_regression": "5%", "bootstrap": 200, "confidence": 0.9}
    found = celoss_cli.compare(frame(y, a), [frame(y, b), frame(y, c)], **kept)
    for path, one in (("candidate 1", b), ("candidate 2", c)):
        alone = celoss_cli.compare(frame(y, a), frame(y, one), **kept)
        row = by_path(found)[path]
        assert row.difference == alone.difference
        assert (row.outcome, row.text, row.passed) == (
            alone.verdict.outcome,
            alone.verdict.text,
            alone.verdict.passed,
        )
    first = celoss_cli.compare(frame(y, a), frame(y, b), **kept)
    assert (found.rows, found.per_class, found.change) == (first.rows, first.per_class, first.change)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(4)), st.integers(2, 60), st.booleans())
def test_the_order_of_candidates_changes_nothing(order: list[int], n: int, clustered: bool) -> None:
    y = np.arange(n) % 2
    p = [scores(y, seed, 0.4 + 0.1 * seed) for seed in range(5)]
    p[3][n // 2] = 1.0 - y[n // 2]  # an infinite loss
    group = {"group": [f"g{i % 5}" for i in range(n)]} if clustered else {}
    asked: dict[str, Any] = {"cluster": "group"} if clustered else {}

    def found(places: list[int]) -> list[tuple[int, Any, Any, bool]]:
        comparison = celoss_cli.compare(
            frame(y, p[0], **group), [frame(y, p[k + 1], **group) for k in places], pred="p", **asked
        )
        names = {"baseline": -1} | {f"candidate {i}": k for i, k in enumerate(places, start=1)}
        return [(names[row.path], row.mean, row.to_best, row.indistinguishable) for row in comparison.leaderboard]

    assert repr(found(order)) == repr(found([0, 1, 2, 3]))


def test_only_rows_of_all_models_count() -> None:
    y, p = models(200, (0.6, 0.7, 0.5, 0.8))
    lost = [one.copy() for one in p]
    lost[0][:10] = np.nan
    lost[2][5:30] = np.nan
    lost[3][190:] = np.nan
    found = celoss_cli.compare(frame(y, lost[0]), [frame(y, one) for one in lost[1:]], invalid="drop")
    kept = np.arange(30, 190)
    for (_, row), one in zip(sorted(by_path(found).items()), p, strict=True):
        assert row.mean == pytest.approx(losses(y, one)[kept].mean(), rel=1e-12)
    assert found.rows.paired == len(kept)
    notices = [notice.message for notice in found.warnings if notice.code == "unpaired_rows"]
    assert notices == ["40 rows are scored under some models and not under all: the differences are without them"]


def test_rows_pair_by_id_for_the_best_too() -> None:
    y, p = models(120, (0.9, 0.8, 0.4, 0.7))
    ids = np.arange(120)
    shuffled = [np.random.default_rng(k).permutation(120) for k in range(4)]
    straight = celoss_cli.compare(frame(y, p[0]), [frame(y, one) for one in p[1:]])
    mixed = [frame(y, one, id=ids).iloc[by].reset_index(drop=True) for one, by in zip(p, shuffled, strict=True)]
    found = celoss_cli.compare(mixed[0], mixed[1:], id="id", pred="p")
    assert found.leaderboard == straight.leaderboard


def test_weights_and_macro_means() -> None:
    y, p = models(400, (0.9, 0.5, 0.6))
    weight = np.random.default_rng(1).uniform(0, 2, 400)
    found = celoss_cli.compare(
        frame(y, p[0], w=weight), [frame(y, one, w=weight) for one in p[1:]], pred="p", sample_weight="w"
    )
    rows = by_path(found)
    for path, one in zip(("baseline", "candidate 1", "candidate 2"), p, strict=True):
        assert rows[path].mean == pytest.approx(np.average(losses(y, one), weights=weight), rel=1e-12)
    macro = celoss_cli.compare(frame(y, p[0]), [frame(y, one) for one in p[1:]], average="macro")
    for path, one in zip(("baseline", "candidate 1", "candidate 2"), p, strict=True):
        mean = np.mean([losses(y, one)[y == c].mean() for c in (0, 1)])
        assert by_path(macro)[path].mean == pytest.approx(mean, rel=1e-12)


def test_slices_are_of_the_first_candidate() -> None:
    y, p = models(90, (0.9, 0.5, 0.6))
    of = {"region": [("north", "south", "east")[i % 3] for i in range(90)], "who": [i % 7 for i in range(90)]}
    found = celoss_cli.compare(
        frame(y, p[0], **of), [frame(y, one) for one in p[1:]], pred="p", slice="region", cluster="who"
    )
    alone = celoss_cli.compare(frame(y, p[0], **of), frame(y, p[1]), pred="p", slice="region", cluster="who")
    assert found.slices == alone.slices
    assert found.clusters == alone.clusters
    assert len(found.leaderboard) == 3


def test_infinite_losses_rank_last() -> None:
    y, p = models(60, (0.6, 0.5, 0.7))
    p[1][7] = 1.0 - y[7]
    found = celoss_cli.compare(frame(y, p[0]), [frame(y, one) for one in p[1:]], max_regression=100)
    last = found.leaderboard[-1]
    assert (last.path, last.mean, last.indistinguishable, last.passed) == ("candidate 1", np.inf, False, False)
    assert found.verdict.passed is False
    best = found.leaderboard[0]
    assert best.indistinguishable


@pytest.mark.parametrize("rows", [300_000])
def test_threads_change_no_byte(tmp_path: Path, rows: int) -> None:
    y, p = models(rows, (0.6, 0.5, 0.5))
    paths = []
    for number, one in enumerate(p):
        paths.append(str(tmp_path / f"{number}.parquet"))
        pq.write_table(pa.table({"label": y, "p": one}), paths[-1], row_group_size=40_000)
    documents = {
        json.dumps(celoss_cli.compare(paths[0], paths[1:], threads=threads).to_dict(), sort_keys=True)
        for threads in (1, 2, 5)
    }
    assert len(documents) == 1


def test_what_several_candidates_must_agree_on() -> None:
    y, (a, b, c) = models(40, (0.5, 0.6, 0.7))
    with pytest.raises(InvalidLabels, match="candidate 2"):
        celoss_cli.compare(frame(y, a), [frame(y, b), frame(1 - y, c)])
    with pytest.raises(MisalignedData, match="candidate 2"):
        celoss_cli.compare(frame(y, a), [frame(y, b), frame(y[:-1], c[:-1])])
    one = frame(y, b)
    with pytest.raises(UsageError, match="twice"):
        celoss_cli.compare(frame(y, a), [one, one])
    with pytest.raises(UsageError, match="no candidate"):
        celoss_cli.compare(frame(y, a), [])


def test_equal_models_stand_in_the_order_given() -> None:
    y, (b, a) = models(200, (1.5, 0.5))
    found = celoss_cli.compare(frame(y, b), [frame(y, a), frame(y, b), frame(y, a)])
    assert [row.path for row in found.leaderboard] == ["candidate 1", "candidate 3", "baseline", "candidate 2"]
    tied = by_path(found)["candidate 3"].to_best
    assert tied is not None
    assert (tied.mean, tied.p_adjusted) == (0.0, 1.0)
    assert all(x.mean <= y.mean for x, y in itertools.pairwise(found.leaderboard))
