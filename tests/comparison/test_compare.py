"""Comparisons against scipy's paired t-test and plain formulas, and what two files must agree on."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.special
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import celoss_cli
import oracles
from celoss_cli.comparison.compare import compare
from celoss_cli.comparison.options import Comparing
from celoss_cli.errors import AmbiguousData, DataError, InvalidLabels, InvalidWeights, MisalignedData, UsageError
from celoss_cli.render.progress import SilentMeter
from celoss_cli.request import ReadOptions, Request
from celoss_cli.results.comparison import ComparisonOutcome
from celoss_cli.tables.inputs import open_input

C = 3
LOGITS = [f"logit_{c}" for c in range(C)]


def truth(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, C, n)


def logits(y: np.ndarray, seed: int, strength: float = 1.0) -> np.ndarray:
    z = np.random.default_rng([seed, 1]).normal(size=(len(y), C))
    z[np.arange(len(y)), y] += strength
    return z


def losses(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    return scipy.special.logsumexp(z, axis=1) - z[np.arange(len(y)), y]


def frame(z: np.ndarray, y: np.ndarray, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame(z, columns=LOGITS).assign(label=y, **columns)


@pytest.mark.parametrize("n", [2, 3, 40, 5000])
def test_the_paired_t_test_of_scipy(n: int) -> None:
    y = np.arange(n) % C
    a, b = logits(y, 1), logits(y, 2, 1.2)
    found = celoss_cli.compare(frame(a, y), frame(b, y), classes=["0", "1", "2"])
    la, lb = losses(a, y), losses(b, y)
    test = scipy.stats.ttest_rel(lb, la)
    d = found.difference
    assert d.mean == pytest.approx(np.mean(lb - la), rel=1e-12)
    assert d.mean == pytest.approx(found.candidate.mean - found.baseline.mean, rel=1e-9)
    assert d.standard_error == pytest.approx(scipy.stats.sem(lb - la), rel=1e-10)
    assert d.p_value == pytest.approx(test.pvalue, rel=1e-9)
    assert d.ci95 == d.interval == pytest.approx(oracles.interval_of_mean(lb - la), rel=1e-8)
    low, high = test.confidence_interval()
    assert d.interval[0] <= low * (1 - 1e-12 * np.sign(low)) or d.interval[0] == pytest.approx(low)
    assert d.interval[1] >= high * (1 - 1e-12 * np.sign(high)) or d.interval[1] == pytest.approx(high)
    assert d.degrees_of_freedom == n - 1
    assert (found.rows.won, found.rows.lost, found.rows.tied) == ((lb < la).sum(), (lb > la).sum(), 0)


def test_each_loss_is_that_of_its_evaluation() -> None:
    y = truth(500)
    a, b = frame(logits(y, 1), y), frame(logits(y, 2), y)
    found = celoss_cli.compare(a, b)
    assert found.baseline == celoss_cli.evaluate(a).loss
    assert found.candidate == celoss_cli.evaluate(b).loss


def test_confidence_and_base() -> None:
    y = truth(300)
    a, b = logits(y, 1), logits(y, 2)
    found = celoss_cli.compare(frame(a, y), frame(b, y), confidence=0.8, base=2)
    d = losses(b, y) - losses(a, y)
    assert found.difference.unit == "bits"
    assert found.difference.interval == pytest.approx(np.array(oracles.interval_of_mean(d, 0.8)) / np.log(2), rel=1e-8)
    assert found.difference.ci95 == pytest.approx(np.array(oracles.interval_of_mean(d)) / np.log(2), rel=1e-8)
    assert found.difference.p_value == pytest.approx(scipy.stats.ttest_1samp(d, 0.0).pvalue, rel=1e-9)


def weighted_oracle(d: np.ndarray, v: np.ndarray, denominator: float | None = None) -> tuple[float, float]:
    """The ratio estimator of SEMANTICS and its standard error, in plain floats."""
    n = len(d)
    if denominator is not None:
        mean = (v * d).sum() / denominator
        return mean, np.sqrt(n / (n - 1) * ((v * d - (v * d).mean()) ** 2).sum()) / denominator
    mean = (v * d).sum() / v.sum()
    return mean, np.sqrt(n / (n - 1) * (v**2 * (d - mean) ** 2).sum()) / v.sum()


@pytest.mark.parametrize("denominator", ["weights", "count"])
@pytest.mark.parametrize("classes", [None, "balanced", {"0": 1.0, "1": 0.25, "2": 3.0}])
@pytest.mark.parametrize("sample", [False, True])
def test_weighted_means_and_their_error(denominator: str, classes: Any, sample: bool) -> None:
    n = 400
    y = np.random.default_rng(3).choice(C, n, p=[0.6, 0.3, 0.1])
    a, b = logits(y, 1), logits(y, 2)
    s = np.random.default_rng(4).uniform(0.1, 2.0, n) if sample else np.ones(n)
    w = np.ones(C)
    if classes == "balanced":
        w = n / (C * np.bincount(y))
    elif classes is not None:
        w = np.array([1.0, 0.25, 3.0])
    found = celoss_cli.compare(
        frame(a, y, s=s), frame(b, y, s=s), sample_weight="s" if sample else None, class_weight=classes,
        denominator=denominator,
    )  # fmt: skip
    d = losses(b, y) - losses(a, y)
    mean, error = weighted_oracle(d, s * w[y], n if denominator == "count" else None)
    assert found.difference.mean == pytest.approx(mean, rel=1e-10)
    if classes == "balanced":  # another sample would have other weights: only the spread within classes is noise
        v = s * w[y]
        u, below = (v * d, n) if denominator == "count" else (v * (d - mean), v.sum())
        error = np.sqrt(sum(u[y == c].var(ddof=1) * (y == c).sum() for c in range(C))) / below
    assert found.difference.standard_error == pytest.approx(error, rel=1e-9)
    for c, row in enumerate(found.per_class):
        mine = y == c
        mean, error = weighted_oracle(d[mine], s[mine])
        assert (row.count, row.difference, row.standard_error) == pytest.approx((mine.sum(), mean, error), rel=1e-9)


def test_rows_of_no_weight_contribute_nothing() -> None:
    y = truth(50)
    a, b = logits(y, 1), logits(y, 2)
    s = np.where(np.arange(50) < 30, 1.0, 0.0)
    found = celoss_cli.compare(frame(a, y, s=s), frame(b, y, s=s), sample_weight="s")
    alone = celoss_cli.compare(frame(a[:30], y[:30]), frame(b[:30], y[:30]))
    assert found.difference == alone.difference
    assert found.rows.won + found.rows.lost == 30
    assert found.rows.paired == 50


def test_macro_average_counts_classes_the_same() -> None:
    y = np.random.default_rng(3).choice(C, 300, p=[0.7, 0.2, 0.1])
    a, b = logits(y, 1), logits(y, 2)
    d = losses(b, y) - losses(a, y)
    found = celoss_cli.compare(frame(a, y), frame(b, y), average="macro")
    assert found.difference.mean == pytest.approx(np.mean([d[y == c].mean() for c in range(C)]), rel=1e-10)
    error = np.sqrt(sum(d[y == c].var(ddof=1) / (y == c).sum() for c in range(C))) / C
    assert found.difference.standard_error == pytest.approx(error, rel=1e-9)
    with pytest.raises(UsageError, match="class weights of its own"):
        celoss_cli.compare(frame(a, y), frame(b, y), average="macro", bootstrap=1000)
    assert found.difference.mean == pytest.approx(found.candidate.mean - found.baseline.mean, rel=1e-10)


@pytest.mark.parametrize("beside_label", [False, True])
def test_clusters_count_once(beside_label: bool) -> None:
    n = 600
    y = truth(n)
    group = np.random.default_rng(5).integers(0, 40, n)
    a, b = logits(y, 1), logits(y, 2)
    names = pd.Series([f"user {g}" for g in group])
    if beside_label:
        labels = pd.DataFrame({"label": y, "user": names})
        found = celoss_cli.compare(
            pd.DataFrame(a, columns=LOGITS), pd.DataFrame(b, columns=LOGITS), labels, cluster="user"
        )
    else:
        found = celoss_cli.compare(frame(a, y, user=names), frame(b, y), cluster="user")
    d = losses(b, y) - losses(a, y)
    sums, sizes = np.bincount(group, d), np.bincount(group)
    k = len(sizes)
    error = np.sqrt(k / (k - 1) * ((sums - d.mean() * sizes) ** 2).sum()) / n
    assert found.difference.mean == pytest.approx(d.mean(), rel=1e-11)
    assert found.difference.standard_error == pytest.approx(error, rel=1e-10)
    assert found.difference.degrees_of_freedom == k - 1
    assert found.clusters is not None
    assert (found.clusters.column, found.clusters.count) == ("user", k)


OWN_LOSSES: dict[str, dict[str, Any]] = {
    "clusters": {"cluster": "user"},
    "clusters, weights": {"cluster": "user", "sample_weight": "w", "base": "2"},
    "clusters, weights by the count": {"cluster": "user", "sample_weight": "w", "denominator": "count"},
    "clusters, counts": {"cluster": "user", "count": "n"},
    "clusters, balanced": {"cluster": "user", "class_weight": "balanced"},
    "clusters, smoothed": {"cluster": "user", "label_smoothing": 0.1, "class_weight": {"0": 1, "1": 2, "2": 4}},
    "weights": {"sample_weight": "w"},
    "weights by the count": {"sample_weight": "w", "denominator": "count"},
    "weights, smoothed": {"sample_weight": "w", "label_smoothing": 0.1},
}


@pytest.mark.parametrize("options", OWN_LOSSES.values(), ids=list(OWN_LOSSES))
@pytest.mark.parametrize("shuffled", [False, True])
def test_each_loss_has_the_spread_of_its_evaluation(options: dict[str, Any], shuffled: bool) -> None:
    n = 60
    rng = np.random.default_rng(21)
    y, user = truth(n, 21), np.arange(n) // 5
    shift = np.linspace(-2.0, 2.0, 12)[user, None]
    beside = {"user": [f"u{k}" for k in user], "w": rng.exponential(size=n) * (np.arange(n) % 9 > 0), "n": 1 + user % 3}
    a, b = (
        frame(logits(y, seed) + shift * [1, 0, 0], y, id=[f"r{k:02}" for k in range(n)], **beside) for seed in (1, 2)
    )
    if shuffled:  # and the classes stand in another order
        b = b.sample(frac=1.0, random_state=1)[["id", "label", *reversed(LOGITS), "user", "w", "n"]]
        b = b.reset_index(drop=True)
    found = celoss_cli.compare(a, b, id="id", **options)
    assert found.baseline == celoss_cli.evaluate(a, **options).loss
    assert found.candidate == celoss_cli.evaluate(b, **options).loss
    assert found.baseline.standard_error is not None


@pytest.mark.parametrize("labels", ["one of several", "several", "soft"])
def test_each_loss_has_the_spread_of_its_evaluation_beside_shared_labels(labels: str) -> None:
    n = 40
    y, rng = truth(n), np.random.default_rng(3)
    beside: dict[str, Any] = {"user": np.arange(n) // 4, "w": rng.exponential(size=n)}
    if labels == "one of several":
        beside["label"] = y
    else:
        t = rng.integers(0, 2, (n, C)) if labels == "several" else rng.dirichlet(np.ones(C), n)
        beside |= {f"true_{c}": t[:, c] for c in range(C)}
    a, b = (pd.DataFrame(logits(y, seed), columns=LOGITS) for seed in (1, 2))
    options: dict[str, Any] = {"cluster": "user", "sample_weight": "w", "input": "logits"}
    if labels != "one of several":
        options["label"] = ["true_0", "true_1", "true_2"]
    found = celoss_cli.compare(a, b, pd.DataFrame(beside), **options)
    assert found.baseline == celoss_cli.evaluate(a, pd.DataFrame(beside), **options).loss
    assert found.candidate == celoss_cli.evaluate(b, pd.DataFrame(beside), **options).loss


@pytest.mark.parametrize("per", ["token", "sequence"])
def test_each_loss_of_sequences_has_the_spread_of_its_evaluation(per: str) -> None:
    rng = np.random.default_rng(4)
    lengths = rng.integers(1, 6, 30)
    a, b = (
        pd.DataFrame({"logprobs": [-rng.exponential(size=k) for k in lengths], "doc": np.arange(30) // 3})
        for _ in range(2)
    )
    options: dict[str, Any] = {"truth": "logprobs", "input": "logprobs", "cluster": "doc", "skip": 1, "per": per}
    found = celoss_cli.compare(a, b, **options)
    assert found.baseline == celoss_cli.evaluate(a, **options).loss
    assert found.candidate == celoss_cli.evaluate(b, **options).loss
    assert found.baseline.standard_error is not None
    assert found.rows.paired == np.count_nonzero(lengths > 1)  # of the others nothing is scored


def test_a_loss_with_a_row_of_no_known_cluster_has_no_spread() -> None:
    n = 30
    y = truth(n)
    ids = [f"r{k:02}" for k in range(n)]
    a, b = frame(logits(y, 1), y, id=ids, user=np.arange(n) // 3), frame(logits(y, 2), y, id=ids)
    found = celoss_cli.compare(a[:27], b, cluster="user", id="id", unmatched="drop")
    assert found.baseline == celoss_cli.evaluate(a[:27], cluster="user").loss
    own = celoss_cli.evaluate(b).loss
    assert found.candidate == own._replace(standard_error=None, ci95=None)
    assert found.difference.standard_error is not None


def test_clusters_of_one_row_are_rows() -> None:
    y = truth(100)
    a, b = frame(logits(y, 1), y, user=np.arange(100)), frame(logits(y, 2), y)
    assert celoss_cli.compare(a, b, cluster="user").difference == celoss_cli.compare(a, b).difference


def test_a_row_without_a_cluster_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,p,user\n0,.1,x\n1,.7,\n1,.6,y\n")
    (tmp_path / "b.csv").write_text("label,p\n0,.2\n1,.6\n1,.6\n")
    with pytest.raises(DataError, match=r"row 1 .*cluster"):
        celoss_cli.compare(str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), cluster="user")


def test_places_of_an_array_are_clusters() -> None:
    rng = np.random.default_rng(6)
    y = rng.integers(0, C, (30, 7))
    a, b = (rng.normal(size=(30, 7, C)) for _ in range(2))
    found = celoss_cli.compare(a.transpose(0, 2, 1), b.transpose(0, 2, 1), y)
    d = (losses(b.reshape(-1, C), y.reshape(-1)) - losses(a.reshape(-1, C), y.reshape(-1))).reshape(30, 7).mean(axis=1)
    assert found.difference.mean == pytest.approx(d.mean(), rel=1e-10)
    assert found.difference.standard_error == pytest.approx(scipy.stats.sem(d), rel=1e-9)
    assert found.difference.degrees_of_freedom == 29


def test_places_of_an_array_are_in_the_clusters_of_a_column() -> None:
    rng = np.random.default_rng(6)
    n, places = 12, 4
    y, doc = rng.integers(0, C, n * places), np.arange(n * places) // 6
    a, b = (rng.normal(size=(n, C, places)) for _ in range(2))
    labels = pd.DataFrame({"label": y, "doc": doc})
    found = celoss_cli.compare(a, b, labels, cluster="doc", label="label")
    la, lb = (losses(z.transpose(0, 2, 1).reshape(-1, C), y) for z in (a, b))
    assert found.difference.standard_error == pytest.approx(scipy.stats.sem((lb - la).reshape(-1, 6).mean(axis=1)))
    for scores, loss in ((a, found.baseline), (b, found.candidate)):
        assert loss == celoss_cli.evaluate(scores, labels, cluster="doc", label="label").loss


def test_classes_pair_by_name() -> None:
    y = truth(200)
    names = np.array(["cat", "dog", "owl"])
    a, b = logits(y, 1), logits(y, 2)
    one = pd.DataFrame(a, columns=["cat", "dog", "owl"]).assign(label=names[y])
    other = pd.DataFrame(b[:, [2, 0, 1]], columns=["owl", "cat", "dog"]).assign(label=names[y])
    found = celoss_cli.compare(one, other)
    d = losses(b, y) - losses(a, y)
    assert found.difference.mean == pytest.approx(d.mean(), rel=1e-11)
    assert {r.class_: r.difference for r in found.per_class} == pytest.approx(
        {name: d[y == c].mean() for c, name in enumerate(names)}, rel=1e-10
    )


def test_each_file_is_read_by_itself() -> None:
    y = truth(200) % 2
    z = np.random.default_rng(2).normal(size=200) + 2 * y
    p = np.random.default_rng(3).uniform(0.05, 0.95, 200)
    one = pd.DataFrame({"label": y, "logit": z})
    other = pd.DataFrame({"label": y, "prob_1": p, "prob_0": 1 - p})
    found = celoss_cli.compare(one, other)
    assert (found.spec.baseline.input, found.spec.candidate.input) == ("logits", "probs")
    d = -np.log(np.where(y == 1, p, 1 - p)) - np.logaddexp(0, np.where(y == 1, -z, z))
    assert found.difference.mean == pytest.approx(d.mean(), rel=1e-9)


def test_rows_pair_by_id() -> None:
    y = truth(120)
    a, b = logits(y, 1), logits(y, 2)
    order = np.random.default_rng(8).permutation(120)
    ids = np.array([f"r{i}" for i in range(120)])
    one, other = frame(a, y, id=ids), frame(b, y, id=ids).iloc[order].reset_index(drop=True)
    expected = celoss_cli.compare(frame(a, y), frame(b, y))
    for options in ({}, {"id": "id"}):
        found = celoss_cli.compare(one, other, **options)
        assert found.pairing.by == "id"
        assert found.difference == expected.difference
        assert [row.row for row in found.change.worsened] == [row.row for row in expected.change.worsened]
        assert [row.id for row in found.change.worsened] == [f"r{row.row}" for row in found.change.worsened]


def test_each_file_finds_its_labels_by_id() -> None:
    y = truth(80)
    a, b = logits(y, 1), logits(y, 2)
    rng = np.random.default_rng(8)
    ids = np.arange(100, 180)
    parts = [pd.DataFrame(a, columns=LOGITS).assign(id=ids), pd.DataFrame(b, columns=LOGITS).assign(id=ids)]
    labels = pd.DataFrame({"id": ids, "label": y, "user": ids // 7})
    shuffled = [part.iloc[rng.permutation(80)].reset_index(drop=True) for part in (*parts, labels)]
    found = celoss_cli.compare(*shuffled, cluster="user")
    expected = celoss_cli.compare(*parts, labels, cluster="user")
    assert found.difference.mean == expected.difference.mean
    assert found.difference.standard_error == pytest.approx(expected.difference.standard_error, rel=1e-12)
    assert found.rows == expected.rows


def test_ids_without_a_partner_are_refused() -> None:
    y = truth(20)
    one, other = frame(logits(y, 1), y, id=range(20)), frame(logits(y, 2), np.roll(y, -1), id=range(1, 21))
    with pytest.raises(MisalignedData, match="the id '0' is not in candidate; the id '20' of candidate is not in"):
        celoss_cli.compare(one, other)
    found = celoss_cli.compare(one, other, unmatched="drop")
    a, b = losses(logits(y, 1), y)[1:], losses(logits(y, 2), np.roll(y, -1))[:-1]
    assert (found.rows.paired, found.rows.baseline_only, found.rows.candidate_only) == (19, 1, 1)
    assert found.difference.mean == pytest.approx((b - a).mean(), rel=1e-11)


def test_labels_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,p\n0,.1\n1,.7\n1,.6\n")
    (tmp_path / "b.csv").write_text("label,p\n0,.2\n1,.6\n0,.6\n")
    with pytest.raises(InvalidLabels, match=r"b\.csv row 2 \(line 4\).*'0' here, and '1' in row 2 of .*a\.csv"):
        celoss_cli.compare(str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))


def test_weights_that_contradict_each_other_are_refused() -> None:
    y = truth(20)
    s = np.ones(20)
    with pytest.raises(InvalidWeights, match="row 3"):
        celoss_cli.compare(
            frame(logits(y, 1), y, s=s), frame(logits(y, 2), y, s=np.where(np.arange(20) < 3, s, 2.0)),
            sample_weight="s",
        )  # fmt: skip


def test_other_rows_and_other_classes_are_refused() -> None:
    y = truth(20)
    with pytest.raises(MisalignedData, match="19 rows, but 20"):
        celoss_cli.compare(frame(logits(y, 1), y), frame(logits(y[:19], 2), y[:19]))
    other = frame(logits(y, 2), y).rename(columns={"logit_2": "logit_7"}).replace({"label": {2: 7}})
    with pytest.raises(AmbiguousData, match="classes"):
        celoss_cli.compare(frame(logits(y, 1), y), other)


def test_rows_that_one_file_lacks_are_counted_and_left_out() -> None:
    y = truth(100)
    a, b = logits(y, 1), logits(y, 2)
    one, other = frame(a, y), frame(b, y)
    one.loc[3, "logit_1"] = np.nan
    other.loc[[3, 5, 7], "logit_0"] = np.nan
    found = celoss_cli.compare(one, other, invalid="drop")
    left = ~np.isin(np.arange(100), [3, 5, 7])
    assert found.difference.mean == pytest.approx((losses(b, y) - losses(a, y))[left].mean(), rel=1e-11)
    assert (found.rows.paired, found.rows.baseline_only, found.rows.candidate_only) == (97, 2, 0)
    assert "unpaired_rows" in {notice.code for notice in found.warnings}
    found = celoss_cli.compare(frame(a, y, split=y), frame(b, y, split=y), where={"split": 1})
    assert found.rows.paired == (y == 1).sum()


def test_ignored_rows_need_no_agreement() -> None:
    y = truth(30)
    one, other = frame(logits(y, 1), y), frame(logits(y, 2), y)
    one.loc[4, "label"], other.loc[4, "label"] = -100, -100
    assert celoss_cli.compare(one, other, ignore_index=-100).rows.paired == 29


@pytest.mark.parametrize(
    ("a", "b", "mean", "counts"),
    [
        ([0.0, 0.5, 0.5], [0.5, 0.5, 0.5], -np.inf, (1, 0)),
        ([0.5, 0.5, 0.5], [0.0, 0.5, 0.5], np.inf, (0, 1)),
        ([0.0, 0.5, 0.5], [0.0, 0.5, 0.5], np.nan, (1, 1)),
    ],
)
def test_infinite_losses_are_never_a_pass(a: list[float], b: list[float], mean: float, counts: tuple[int, int]) -> None:
    y = [1, 0, 1]
    one, other = (pd.DataFrame({"label": y, "p": p}) for p in (a, b))
    found = celoss_cli.compare(one, other, input="probs", max_regression=100, inconclusive="pass")
    assert found.difference.mean == pytest.approx(mean, nan_ok=True)
    assert found.difference.interval is None
    assert (found.rows.infinite_baseline, found.rows.infinite_candidate) == counts
    assert found.verdict.outcome is ComparisonOutcome.INFINITE
    assert found.verdict.passed is False
    assert json.dumps(found.to_dict())


def test_one_row_is_never_a_pass() -> None:
    one = pd.DataFrame({"label": [1], "p": [0.5]})
    found = celoss_cli.compare(one, one, max_regression=1, inconclusive="pass", task="binary", input="probs")
    assert found.verdict.passed is False
    assert found.difference.standard_error is None


def test_the_same_file_passes_any_margin() -> None:
    y = truth(50)
    one = frame(logits(y, 1), y)
    found = celoss_cli.compare(one, one, max_regression=0)
    assert found.verdict.outcome is ComparisonOutcome.SAME
    assert found.verdict.passed is True
    assert (found.difference.standard_error, found.difference.p_value) == (0.0, 1.0)
    assert found.difference.interval == (0.0, 0.0)


@pytest.mark.parametrize(("better", "worse"), [(0.4, 0.25), (0.45, 0.4)])
def test_where_all_rows_differ_by_the_same_nothing_is_told(better: float, worse: float) -> None:
    y = np.zeros(10, dtype=int)
    y[5:] = 1
    one, other = (pd.DataFrame({"label": y, "p": np.where(y == 1, p, 1 - p)}) for p in (better, worse))
    for baseline, candidate in ((one, other), (other, one)):
        found = celoss_cli.compare(baseline, candidate, max_regression="10%", input="probs")
        assert found.difference.standard_error == pytest.approx(0.0, abs=1e-16)
        assert found.difference.p_value is None
        assert found.verdict.outcome is ComparisonOutcome.UNDECIDED
        assert found.verdict.passed is False
        assert found.verdict.text.startswith("not enough rows to tell: all rows differ by the same")
        passed = celoss_cli.compare(baseline, candidate, max_regression="10%", input="probs", inconclusive="pass")
        assert passed.verdict.passed is True


def sure(y: np.ndarray, seed: int, sharpness: float, errors: int = 0) -> pd.DataFrame:
    """A model that is right but for the first ``errors`` rows."""
    z = np.clip(np.random.default_rng(seed).normal(4.0, 1.0, len(y)), 0.1, None) * np.where(y == 1, 1, -1) * sharpness
    z[:errors] *= -1
    return pd.DataFrame({"label": y, "logit": z})


def test_two_models_without_an_error_are_not_told_apart() -> None:
    y = np.arange(400) % 2
    plain, sharp = sure(y, 1, 1.0), sure(y, 1, 2.0)
    for baseline, candidate in ((plain, sharp), (sharp, plain)):
        found = celoss_cli.compare(baseline, candidate, max_regression=0.5)
        assert found.difference.p_value is None
        assert found.verdict.outcome is ComparisonOutcome.UNDECIDED
        assert found.verdict.text.startswith("not enough rows to tell: neither model has an error in 400 rows")
        assert (found.verdict.passed, found.verdict.rows_needed) == (False, None)
    assert celoss_cli.compare(plain, plain).verdict.outcome is ComparisonOutcome.SAME
    # One error among them is enough to go by.
    assert celoss_cli.compare(sure(y, 1, 1.0, 1), sharp).verdict.text.count("neither") == 0
    ranked = celoss_cli.compare(plain, [sharp, sure(y, 2, 1.0)]).leaderboard
    assert [row.indistinguishable for row in ranked] == [True, True, True]


def test_errors_of_rows_without_a_weight_are_none() -> None:
    y = np.arange(60) % 2
    weights = np.ones(60)
    weights[:3] = 0.0
    one, other = (sure(y, 1, s, 3).assign(weight=weights) for s in (1.0, 2.0))
    found = celoss_cli.compare(one, other, sample_weight="weight")
    assert found.verdict.outcome is ComparisonOutcome.UNDECIDED
    assert celoss_cli.compare(one, other).verdict.text.count("neither") == 0


@pytest.mark.parametrize("denominator", ["weights", "count"])
def test_the_skewness_of_weighted_differences(denominator: str) -> None:
    """Weights that are all 2 change nothing; others turn the interval as the skewness of v (d − m) asks."""
    y = truth(60)
    a, b = logits(y, 1), logits(y, 2, 2.0)
    plain = celoss_cli.compare(frame(a, y), frame(b, y))
    twice = np.full(60, 2.0)
    same = celoss_cli.compare(
        frame(a, y, w=twice), frame(b, y, w=twice), sample_weight="w", denominator=denominator
    ).difference
    scale = 2.0 if denominator == "count" else 1.0
    assert same.interval == pytest.approx(np.array(plain.difference.interval) * scale, rel=1e-9)
    v = np.random.default_rng(3).exponential(size=60)
    found = celoss_cli.compare(frame(a, y, w=v), frame(b, y, w=v), sample_weight="w", denominator=denominator)
    d = losses(b, y) - losses(a, y)
    u = v * d if denominator == "count" else v * (d - (v * d).sum() / v.sum())
    low, high = oracles.interval_of_mean(u)
    middle = u.mean()
    ratio = found.difference.standard_error / (np.sqrt((u - middle) @ (u - middle) / 59 / 60))
    expected = found.difference.mean + (np.array([low, high]) - middle) * ratio
    assert found.difference.interval == pytest.approx(expected, rel=1e-6)


def test_a_relative_margin_is_of_the_baseline() -> None:
    y = truth(4000)
    a = logits(y, 1)
    found = celoss_cli.compare(frame(a, y), frame(a * 1.001, y), max_regression="2%")
    assert found.verdict.margin == pytest.approx(0.02 * found.baseline.mean)
    assert found.verdict.checks[0].limit == found.verdict.margin
    assert found.verdict.passed is True


def test_rows_needed_are_said_where_nothing_is_decided() -> None:
    y = truth(300)
    a, b = frame(logits(y, 1), y), frame(logits(y, 2), y)
    found = celoss_cli.compare(a, b, max_regression=0.001)
    assert found.verdict.outcome is ComparisonOutcome.UNDECIDED
    sd = found.difference.standard_error * np.sqrt(300)
    z = scipy.stats.norm.ppf(0.975) + scipy.stats.norm.ppf(0.8)
    assert found.verdict.rows_needed == pytest.approx((z * sd / 0.001) ** 2, rel=1e-3)
    assert f"{found.verdict.rows_needed:,} rows" in found.verdict.text


def test_smoothed_and_soft_targets_and_labels() -> None:
    y = truth(200)
    a, b = logits(y, 1), logits(y, 2)
    eps = 0.1
    t = (1 - eps) * np.eye(C)[y] + eps / C

    def cross(z: np.ndarray) -> np.ndarray:
        return -(t * scipy.special.log_softmax(z, axis=1)).sum(axis=1)

    test = scipy.stats.ttest_rel(cross(b), cross(a))
    smoothed = celoss_cli.compare(frame(a, y), frame(b, y), label_smoothing=eps)
    soft = celoss_cli.compare(
        pd.DataFrame(a, columns=LOGITS), pd.DataFrame(b, columns=LOGITS),
        pd.DataFrame(t, columns=[f"label_{c}" for c in range(C)]), label="label_*",
    )  # fmt: skip
    for found in (smoothed, soft):
        assert found.difference.mean == pytest.approx(np.mean(cross(b) - cross(a)), rel=1e-9)
        assert found.difference.p_value == pytest.approx(test.pvalue, rel=1e-8)
    assert sum(row.count for row in smoothed.per_class) == 200


def soft_frame(z: np.ndarray, t: np.ndarray, order: list[int]) -> pd.DataFrame:
    scores = pd.DataFrame(z[:, order], columns=[f"pred_{c}" for c in order])
    return scores.assign(**{f"label_{c}": t[:, c] for c in order})


def test_soft_targets_beside_the_scores_must_agree() -> None:
    rng = np.random.default_rng(1)
    t = rng.dirichlet(np.ones(C), 40)
    a, b = rng.normal(size=(40, C)), rng.normal(size=(40, C))
    options = {"label": "label_*", "input": "logits"}
    found = celoss_cli.compare(soft_frame(a, t, [0, 1, 2]), soft_frame(b, t, [2, 0, 1]), **options)
    assert found.rows.paired == 40
    other = t.copy()
    other[7] = [0.2, 0.5, 0.3]
    with pytest.raises(InvalidLabels, match="row 7"):
        celoss_cli.compare(soft_frame(a, t, [0, 1, 2]), soft_frame(b, other, [2, 0, 1]), **options)


def test_several_labels_a_row() -> None:
    rng = np.random.default_rng(2)
    t = rng.integers(0, 2, (100, C))
    a, b = rng.normal(size=(100, C)), rng.normal(size=(100, C))
    frames = [pd.DataFrame(z, columns=LOGITS).assign(**{f"label_{c}": t[:, c] for c in range(C)}) for z in (a, b)]
    found = celoss_cli.compare(*frames, task="multilabel", label="label_*", input="logits")
    row = [np.logaddexp(0, np.where(t == 1, -z, z)).mean(axis=1) for z in (a, b)]
    test = scipy.stats.ttest_rel(row[1], row[0])
    assert found.difference.mean == pytest.approx(np.mean(row[1] - row[0]), rel=1e-9)
    assert found.difference.p_value == pytest.approx(test.pvalue, rel=1e-8)
    assert [part.won for part in found.per_class] == [None] * C


@given(n=st.integers(2, 60), seed=st.integers(0, 1000), ties=st.booleans())
@settings(max_examples=30, deadline=None)
def test_swapping_the_models_turns_every_sign(n: int, seed: int, ties: bool) -> None:
    y = np.arange(n) % C
    a = logits(y, seed)
    b = np.where(np.arange(n)[:, None] % 2 == 0, a, logits(y, seed + 1)) if ties else logits(y, seed + 1)
    classes = ["0", "1", "2"]
    one = celoss_cli.compare(frame(a, y), frame(b, y), classes=classes, input="logits")
    other = celoss_cli.compare(frame(b, y), frame(a, y), classes=classes, input="logits")
    assert one.difference.mean == -other.difference.mean
    assert one.difference.standard_error == other.difference.standard_error
    assert one.difference.p_value == other.difference.p_value
    assert (one.rows.won, one.rows.lost, one.rows.tied) == (other.rows.lost, other.rows.won, other.rows.tied)
    assert [row.row for row in one.change.improved] == [row.row for row in other.change.worsened]


def test_the_same_bytes_however_the_files_are_cut_and_the_work_is_shared(tmp_path: Path) -> None:
    n = 300_000  # more than one run of rows
    y = truth(n)
    tables = {
        name: pa.Table.from_pandas(frame(logits(y, seed), y, user=np.arange(n) % 977, part=y * 2))
        for name, seed in (("a", 1), ("b", 2))
    }
    for name, table in tables.items():
        for groups in (1000, 70_000, n):
            pq.write_table(table, tmp_path / f"{name}{groups}.parquet", row_group_size=groups)
        (tmp_path / f"{name}_shards").mkdir()
        for i, start in enumerate(range(0, n, 130_001)):
            pq.write_table(table.slice(start, 130_001), tmp_path / f"{name}_shards" / f"part-{i}.parquet")
    options: dict[str, Any] = {"slice": "part", "cluster": "user"}
    seen = set()
    for threads, a, b in (
        (1, "a1000.parquet", "b70000.parquet"),
        (2, f"a{n}.parquet", "b1000.parquet"),
        (7, "a_shards", "b_shards"),
        (3, "a70000.parquet", f"b{n}.parquet"),
    ):
        found = celoss_cli.compare(str(tmp_path / a), str(tmp_path / b), threads=threads, **options).to_dict()
        del found["inputs"], found["spec"]
        seen.add(json.dumps(found))
    assert len(seen) == 1


def test_a_pass_that_was_contradicted_is_spooled_anew(tmp_path: Path) -> None:
    """The first labels are 0 and 1, later ones are shares: another pass, and the rows of the first are forgotten."""
    n = 3000
    t = np.where(np.arange(n) < 1500, np.arange(n) % 2, 0.25)
    p = np.random.default_rng(1).uniform(0.1, 0.9, n)
    pd.DataFrame({"p": p, "label": t}).to_csv(tmp_path / "a.csv", index=False)
    passes = []

    def progress(total: int) -> contextlib.nullcontext[SilentMeter]:
        passes.append(total)
        return contextlib.nullcontext(SilentMeter())

    path = str(tmp_path / "a.csv")
    request = Request(predictions=path)
    found = compare(request, [path], Comparing(), open_input(ReadOptions()), progress)
    assert len(passes) == 4
    assert found.rows.tied == n
    assert found.baseline.mean == pytest.approx(-(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(), rel=1e-12)


def test_slices_are_comparisons_of_their_own() -> None:
    y = truth(400)
    region = np.array(["north", "south", None])[np.random.default_rng(1).integers(0, 3, 400)]
    a, b = logits(y, 1), logits(y, 2)
    found = celoss_cli.compare(
        frame(a, y, region=region), frame(b, y), slice="region", class_weight={"0": 2, "1": 1, "2": 1}
    )
    assert [row.value for row in found.slices] == ["north", "south", None]
    for row in found.slices:
        mine = region == row.value if row.value is not None else pd.isna(region)
        v = np.where(y[mine] == 0, 2.0, 1.0)
        mean, error = weighted_oracle((losses(b, y) - losses(a, y))[mine], v)
        assert (row.count, row.difference, row.standard_error) == pytest.approx((mine.sum(), mean, error), rel=1e-9)


def test_the_warnings_of_both_models() -> None:
    y = truth(10)
    found = celoss_cli.compare(frame(logits(y, 1), y), frame(logits(y, 2), y), classes=["0", "1", "2"])
    assert "few_rows" in {notice.code for notice in found.warnings}
    y = truth(500)
    a, b = logits(y, 1), logits(y, 1)
    b[17, y[17]] -= 50.0
    found = celoss_cli.compare(frame(a, y), frame(b, y))
    assert "heavy_tail" in {notice.code for notice in found.warnings}
    assert [row.row for row in found.change.worsened] == [17]
    assert found.change.top_percent_share == pytest.approx(1.0)


def test_options_that_make_no_sense() -> None:
    y = truth(10)
    one = frame(logits(y, 1), y)
    for options in (
        {"confidence": 1.0}, {"confidence": 0.0}, {"confidence": float("nan")}, {"bootstrap": 10},
        {"bootstrap": 100, "confidence": 0.999}, {"seed": -1}, {"top": -1}, {"max_regression": -1.0},
        {"inconclusive": "perhaps"},
    ):  # fmt: skip
        with pytest.raises(UsageError):
            celoss_cli.compare(one, one, **options)
    with pytest.raises(TypeError, match="per_sample"):
        celoss_cli.compare(one, one, per_sample="x.csv")  # type: ignore[call-arg]


def test_one_model_as_probabilities_and_as_logits_is_the_same_but_for_rounding() -> None:
    y = truth(300)
    z = logits(y, 1)
    p = np.exp(z - scipy.special.logsumexp(z, axis=1)[:, None])
    found = celoss_cli.compare(frame(z, y), frame(p, y))
    assert abs(found.difference.mean) < 1e-15
    assert found.verdict.outcome == "same"
    assert "but for rounding" in found.verdict.text
    other = celoss_cli.compare(frame(z, y), frame(z * (1 + 1e-9), y))
    assert other.verdict.outcome != "same"
    several = celoss_cli.compare(frame(z, y), [frame(p, y), frame(-z, y)])
    assert [standing.indistinguishable for standing in several.leaderboard] == [True, True, False]
