"""``celoss eval --cluster``: standard error and interval over clusters, for every kind of target and weight."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

import celoss_cli
from celoss_cli.errors import ExitCode
from running import run

Floats = npt.NDArray[np.float64]


def rows(n: int = 400, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    doc = rng.integers(0, 40, n)
    z = rng.normal(-0.5, 1.5, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-z - rng.normal(0, 1.2, 40)[doc]))).astype(int)
    return pd.DataFrame(
        {"doc": [f"d{i}" for i in doc], "p": 1 / (1 + np.exp(-1.4 * z)), "y": y, "w": rng.gamma(2, 1, n)}
    )


def losses(frame: pd.DataFrame) -> Floats:
    return -np.log(np.where(frame["y"] == 1, frame["p"], 1 - frame["p"]))


def error_over(frame: pd.DataFrame, weighted: Floats, weight: Floats) -> float:
    """The standard error of Σ v·l / Σ v over documents, by its formula."""
    sums = pd.DataFrame({"doc": frame["doc"], "d": weighted, "v": weight}).groupby("doc").sum()
    apart = sums["d"] - weighted.sum() / weight.sum() * sums["v"]
    m = len(sums)
    return math.sqrt(m / (m - 1) * float((apart**2).sum())) / float(weight.sum())


def scored(frame: pd.DataFrame, **options: Any) -> Any:
    return celoss_cli.evaluate(frame, label="y", pred="p", cluster="doc", **options)


def test_rows_without_weights() -> None:
    frame = rows()
    found = scored(frame)
    assert found.loss.standard_error == pytest.approx(error_over(frame, losses(frame), np.ones(400)), rel=1e-12)
    assert (found.clusters.column, found.clusters.count) == ("doc", 40)
    assert found.loss.mean == celoss_cli.evaluate(frame, label="y", pred="p").loss.mean


@pytest.mark.parametrize("denominator", ["weights", "count"])
def test_sample_weights(denominator: str) -> None:
    frame = rows()
    w = frame["w"].to_numpy()
    found = scored(frame, sample_weight="w", denominator=denominator)
    counted = np.ones(400) if denominator == "count" else w
    assert found.loss.standard_error == pytest.approx(error_over(frame, w * losses(frame), counted), rel=1e-12)


def test_class_weights() -> None:
    frame = rows()
    v = np.where(frame["y"] == 1, 3.0, 0.5)
    found = scored(frame, class_weight=[0.5, 3.0])
    assert found.loss.standard_error == pytest.approx(error_over(frame, v * losses(frame), v), rel=1e-12)
    share = frame["y"].mean()
    v = np.where(frame["y"] == 1, 0.5 / share, 0.5 / (1 - share))
    found = scored(frame, class_weight="balanced")
    assert found.loss.standard_error == pytest.approx(error_over(frame, v * losses(frame), v), rel=1e-12)


def test_label_smoothing_and_soft_labels() -> None:
    frame = rows()
    p, t = frame["p"], np.where(frame["y"] == 1, 0.95, 0.05)
    loss = -(t * np.log(p) + (1 - t) * np.log(1 - p)).to_numpy()
    found = scored(frame, label_smoothing=0.1)
    assert found.loss.standard_error == pytest.approx(error_over(frame, loss, np.ones(400)), rel=1e-12)


def test_several_labels() -> None:
    frame = rows()
    frame["q"], frame["x"] = frame["p"][::-1].to_numpy(), frame["y"][::-1].to_numpy()
    other = -np.log(np.where(frame["x"] == 1, frame["q"], 1 - frame["q"]))
    found = celoss_cli.evaluate(
        frame, label=["y", "x"], pred=["p", "q"], task="multilabel", cluster="doc", input="probs"
    )
    loss = 0.5 * (losses(frame) + other)
    assert found.loss.mean == pytest.approx(loss.mean(), rel=1e-12)
    assert found.loss.standard_error == pytest.approx(error_over(frame, loss, np.ones(400)), rel=1e-12)


def test_clusters_of_one_row_are_rows() -> None:
    frame = rows(150)
    frame["doc"] = np.arange(150)
    found, plain = scored(frame), celoss_cli.evaluate(frame, label="y", pred="p")
    assert found.loss.standard_error == pytest.approx(plain.loss.standard_error, rel=1e-12)
    assert found.loss.ci95 == pytest.approx(plain.loss.ci95, rel=2e-3)  # the rows' skewness is from a histogram


def test_cut_order_and_threads_do_not_change_a_bit(tmp_path: Path) -> None:
    frame = rows(3000)
    found = []
    for size, threads, order in ((3000, 1, 0), (113, 2, 0), (700, 2, 1)):
        shuffled = frame.sample(frac=1, random_state=order) if order else frame
        shuffled.to_parquet(tmp_path / "a.parquet", row_group_size=size)
        found.append(
            celoss_cli.evaluate(str(tmp_path / "a.parquet"), label="y", pred="p", cluster="doc", threads=threads)
        )
    assert found[0].loss == found[1].loss == found[2].loss


def test_the_column_may_be_of_the_label_file(tmp_path: Path) -> None:
    frame = rows()
    frame[["p"]].to_csv(tmp_path / "p.csv", index=False)
    frame[["y", "doc"]].to_csv(tmp_path / "y.csv", index=False)
    done = run(
        "eval", str(tmp_path / "p.csv"), str(tmp_path / "y.csv"), "--label", "y", "--cluster", "doc", "--format", "json"
    )
    assert json.loads(done.out)["loss"]["standard_error"] == scored(frame).loss.standard_error


def test_slices_have_no_error_of_their_own_and_the_gate_judges_the_wider_interval() -> None:
    frame = rows()
    frame["part"] = np.where(np.arange(400) % 2, "a", "b")
    found = scored(frame, slice="part")
    assert [(one.column, one.standard_error) for one in found.slices] == [("part", None)] * 2
    plain = celoss_cli.evaluate(frame, label="y", pred="p")
    assert found.loss.ci95[1] > plain.loss.ci95[1] + 0.01


def test_one_cluster_and_rows_without_one(tmp_path: Path) -> None:
    frame = rows(20)
    frame["doc"] = "only"
    found = scored(frame)
    assert found.loss.standard_error is None
    frame.to_csv(tmp_path / "a.csv", index=False)
    shown = run("eval", str(tmp_path / "a.csv"), "--label", "y", "--pred", "p", "--cluster", "doc")
    assert "one cluster: no standard error" in shown.out
    frame.loc[7, "doc"] = None
    frame.to_csv(tmp_path / "a.csv", index=False)
    for command in ("eval", "diagnose"):
        done = run(command, str(tmp_path / "a.csv"), "--label", "y", "--pred", "p", "--cluster", "doc")
        assert done.code == ExitCode.DATA
        assert "row 7" in done.err
        assert "belongs to no cluster" in done.err


def test_weighted_rows_have_the_interval_of_their_skewness() -> None:
    frame = rows()
    w = frame["w"].to_numpy()
    found = celoss_cli.evaluate(frame, label="y", pred="p", sample_weight="w").loss
    apart = w * (losses(frame) - found.mean)
    a = float((apart**3).mean() / (apart**2).mean() ** 1.5) * math.sqrt(400 * 399) / 398 / math.sqrt(400)
    assert a > 0.05

    def turned(x: float) -> float:
        return 3 / a * (float(np.cbrt(1 + a * (x - a / 6))) - 1)

    low, high = ((found.mean - x * found.standard_error) for x in (1.959963984540054, turned(-1.959963984540054)))
    assert found.ci95 == pytest.approx((low, high), rel=1e-9)
