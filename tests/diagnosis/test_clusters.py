"""``celoss diagnose --cluster``: intervals and verdicts against formulas, repeated rows and simulation."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.stats

import celoss_cli
from celoss_cli.request import InputKind
from diagnosed_files import binary, diagnosed, fix_of, reasons, several

Floats = npt.NDArray[np.float64]


def clustered(n: int = 1200, t: float = 1.5, spread: float = 1.0, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    doc = rng.integers(0, 60, n)
    z = rng.normal(-0.5, 1.5, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-z - rng.normal(0, spread, 60)[doc]))).astype(np.int64)
    return {"p": 1 / (1 + np.exp(-t * z)), "label": y, "doc": [f"d{i}" for i in doc], "w": rng.gamma(2.0, 1.0, n)}


def summed(columns: dict[str, Any], values: Floats) -> Floats:
    names = np.unique(columns["doc"], return_inverse=True)[1]
    return np.stack([np.bincount(names, row) for row in np.atleast_2d(values)])


@pytest.mark.parametrize("weighted", [False, True])
def test_a_logistic_is_as_sure_as_the_formulas_make_it(weighted: bool, tmp_path: Path) -> None:
    columns = clustered()
    options: dict[str, Any] = {"sample_weight": "w"} if weighted else {}
    found = diagnosed(tmp_path / "a.parquet", columns, cluster="doc", **options)
    p, y = columns["p"], columns["label"]
    w = columns["w"] if weighted else np.ones(1200)
    z = np.log(p) - np.log1p(-p)
    logistic = fix_of(found, "logistic")
    theta = np.array([logistic.parameters["intercept"], logistic.parameters["slope"]])
    q = 1 / (1 + np.exp(-(theta[0] + theta[1] * z)))
    design = np.stack([np.ones_like(z), z])
    inverse = np.linalg.inv((design * (w * q * (1 - q))) @ design.T)
    gradient = summed(columns, w * (q - y) * design)
    m = gradient.shape[1]
    covariance = m / (m - 1) * inverse @ gradient @ gradient.T @ inverse
    quantile = float(scipy.stats.t.ppf(0.975, m - 1))
    assert found.cox is not None
    half = quantile * math.sqrt(covariance[1, 1])
    assert found.cox.slope_ci95 == pytest.approx((theta[1] - half, theta[1] + half), rel=1e-8)
    distance = theta - [0.0, 1.0]
    wald = float(distance @ np.linalg.inv(covariance) @ distance)
    assert logistic.p_value == pytest.approx(float(scipy.stats.f.sf(wald / 2, 2, m - 1)), rel=1e-7)
    assert logistic.optimism == pytest.approx(float((gradient * (inverse @ gradient)).sum() / w.sum()), rel=1e-7)
    sign = 2 * y - 1
    gain = np.logaddexp(0, -sign * z) - np.logaddexp(0, -sign * (theta[0] + theta[1] * z))
    saved, weight = summed(columns, np.stack([w * gain, w]))
    error = math.sqrt(m / (m - 1) * ((saved - saved.sum() / weight.sum() * weight) ** 2).sum()) / weight.sum()
    assert logistic.gain is not None
    assert logistic.gain_in_sample is not None
    assert logistic.gain_ci95 == pytest.approx(
        (logistic.gain - quantile * error, logistic.gain_in_sample + quantile * error), rel=1e-8
    )
    off, weight = summed(columns, np.stack([w * (y - p), w]))
    error = math.sqrt(m / (m - 1) * ((off - off.sum() / weight.sum() * weight) ** 2).sum()) / weight.sum()
    assert found.in_the_large is not None
    assert found.in_the_large.ratio_ci95 is not None
    low, high = found.in_the_large.ratio_ci95
    assert 0.5 * (high - low) == pytest.approx(quantile * error / float((w * p).sum() / w.sum()), rel=1e-8)
    assert found.in_the_large.z is None


@pytest.mark.parametrize("make", [binary, several])
def test_rows_that_stand_four_times_are_as_sure_as_once(make: Any, tmp_path: Path) -> None:
    columns = {name: column[:600] for name, column in make().items()}
    once = diagnosed(tmp_path / "a.parquet", {**columns, "doc": np.arange(600)}, cluster="doc")
    again = {name: np.tile(column, 4) for name, column in columns.items()}
    four = diagnosed(tmp_path / "b.parquet", {**again, "doc": np.tile(np.arange(600), 4)}, cluster="doc")
    blind = diagnosed(tmp_path / "c.parquet", again)
    for fix in once.fixes:
        other = fix_of(four, fix.name)
        assert other.optimism == pytest.approx(fix.optimism, rel=1e-6)
        assert other.gain_ci95 == pytest.approx(fix.gain_ci95, rel=1e-6, abs=1e-12)
        assert other.p_value == pytest.approx(fix.p_value, rel=1e-5)
        assert other.verdict == fix.verdict
        assert fix_of(blind, fix.name).optimism == pytest.approx(0.25 * (fix.optimism or 0.0), rel=0.02)
    assert once.temperature is not None
    assert four.temperature is not None
    assert four.temperature.t_ci95 == pytest.approx(once.temperature.t_ci95, rel=1e-6)


@pytest.mark.parametrize("make", [binary, several])
def test_clusters_of_one_row_are_rows(make: Any, tmp_path: Path) -> None:
    columns = make()
    n = len(columns["label"])
    plain = diagnosed(tmp_path / "a.parquet", columns)
    found = diagnosed(tmp_path / "a.parquet", {**columns, "doc": np.arange(n)}, cluster="doc")
    for fix in found.fixes:
        other = fix_of(plain, fix.name)
        assert fix.gain == pytest.approx(other.gain, rel=1e-5, abs=1e-9)
        assert fix.optimism == pytest.approx(other.optimism, rel=2e-4)  # summed at the best β, there 1e-4 beside it
        assert fix.gain_ci95 == pytest.approx(other.gain_ci95, rel=5e-3, abs=1e-5)  # Student's t
    left_out = {"isotonic"} if make is binary else {"class_biases", "temperature_biases"}
    assert {part for part, reason in reasons(found).items() if reason == "clusters"} == left_out
    assert "chance_by_row" in {notice.code for notice in found.warnings}


@pytest.mark.parametrize("make", [clustered, several])
def test_cut_order_and_threads_do_not_change_a_bit(make: Any, tmp_path: Path) -> None:
    columns = {"doc": np.arange(2000) // 7, **make()}
    columns["doc"] = np.asarray(columns["doc"])[: len(columns["label"])]
    n = len(columns["label"])
    order = np.random.default_rng(5).permutation(n)
    shuffled = {name: np.asarray(column)[order] for name, column in columns.items()}
    whole = diagnosed(tmp_path / "a.parquet", columns, cluster="doc", threads=1)
    for other, size, threads in ((columns, 131, 2), (shuffled, 450, 2)):
        found = diagnosed(tmp_path / "a.parquet", other, size, cluster="doc", threads=threads)
        assert (found.fixes, found.cox, found.in_the_large, found.temperature) == (
            (whole.fixes, whole.cox, whole.in_the_large, whole.temperature)
        )


def test_after_a_floor_the_fixes_are_judged_by_cluster_too(tmp_path: Path) -> None:
    columns = clustered()
    columns["p"] = np.where(columns["p"] < 0.02, 0.0, columns["p"])
    assert (columns["label"][columns["p"] == 0.0] == 1).any()
    found = diagnosed(tmp_path / "a.parquet", columns, cluster="doc")
    floor, temperature = fix_of(found, "floor"), fix_of(found, "temperature")
    raised = np.maximum(columns["p"], floor.parameters["epsilon"])
    raised = raised / (raised + np.maximum(1 - columns["p"], floor.parameters["epsilon"]))
    again = diagnosed(tmp_path / "b.parquet", {**columns, "p": raised}, cluster="doc")
    wanted = fix_of(again, "temperature")
    assert temperature.gain_ci95 == pytest.approx(wanted.gain_ci95, rel=1e-6)
    assert temperature.p_value == pytest.approx(wanted.p_value, rel=1e-6)
    assert found.cox is not None
    kept = {name: np.asarray(column)[columns["p"] > 0.0] for name, column in columns.items()}
    finite = diagnosed(tmp_path / "c.parquet", kept, cluster="doc")
    assert finite.cox is not None
    assert found.cox.slope_ci95 == pytest.approx(finite.cox.slope_ci95, rel=1e-6)


def test_one_cluster_tells_nothing(tmp_path: Path) -> None:
    for make in (binary, several):
        columns = make()
        found = diagnosed(tmp_path / "a.parquet", {**columns, "doc": ["a"] * len(columns["label"])}, cluster="doc")
        assert found.fixes == ()
        assert reasons(found)["temperature"] == "too_few_clusters"
        assert found.temperature is None
        assert found.ece is not None


def test_the_places_of_one_index_of_an_array_belong_together() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(80, 3, 10))
    y = np.repeat(rng.integers(0, 3, (80, 1)), 10, axis=1)
    z += 1.5 * (y[:, None, :] == np.arange(3)[None, :, None])
    found = celoss_cli.diagnose(3.0 * z, y, input=InputKind.LOGITS)
    names = np.repeat(np.arange(80), 10)
    flat = np.moveaxis(3.0 * z, 1, 2).reshape(-1, 3)
    wanted = celoss_cli.diagnose(flat, y.reshape(-1), cluster=names, input=InputKind.LOGITS)
    assert [fix.name for fix in found.fixes] == ["temperature"]
    assert found.fixes[0].gain_ci95 == pytest.approx(wanted.fixes[0].gain_ci95, rel=1e-9)
    assert reasons(found)["class_biases"] == "clusters"


def test_calibrated_models_are_flagged_as_often_as_stated_where_rows_belong_together(tmp_path: Path) -> None:
    blind = sure = 0
    for seed in range(150):
        rng = np.random.default_rng([9, seed])
        doc = np.repeat(np.arange(50), 12)
        z = rng.normal(-0.5, 1.5, 50)[doc]
        common, own = rng.normal(size=50)[doc], rng.normal(size=600)
        y = (scipy.stats.norm.cdf(0.95 * common + math.sqrt(1 - 0.95**2) * own) < 1 / (1 + np.exp(-z))).astype(int)
        columns = {"p": 1 / (1 + np.exp(-z)), "label": y, "doc": doc}
        blind += (fix_of(diagnosed(tmp_path / "a.parquet", columns), "logistic").p_value or 0.0) < 0.01
        sure += (fix_of(diagnosed(tmp_path / "a.parquet", columns, cluster="doc"), "logistic").p_value or 0.0) < 0.01
    assert blind > 50
    assert sure <= 12  # the sandwich of 50 clusters is somewhat small: 1 % stated, 3 % found
