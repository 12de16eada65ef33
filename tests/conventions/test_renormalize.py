"""--renormalize divides every row by its sum, also where printed digits or the dtype explain why it is not 1."""

from __future__ import annotations

import csv
import math
import os
from pathlib import Path

import numpy as np
import pytest

from celoss_cli.api.functions import evaluate
from running import run, run_script

HEADER = "p_a,p_b,p_c,label\n"
SECOND = "0.33,0.33,0.33,c\n0.5,0.3,0.2,a\n"
THIRDS = f"{HEADER}0.33,0.33,0.33,a\n0.67,0.17,0.17,b\n{SECOND}"
MIXED = f"{HEADER}0.33,0.33,0.33,a\n0.68,0.17,0.18,b\n{SECOND}"  # a sum of 1.03, which two digits do not explain
PERCENT = f"{HEADER}33,33,33,a\n67,17,17,b\n33,33,33,c\n50,30,20,a\n"

OF_THIRDS = [-math.log(0.33 / 0.99), -math.log(0.17 / 1.01), -math.log(0.33 / 0.99), -math.log(0.5)]
OF_MIXED = [OF_THIRDS[0], -math.log(0.17 / 1.03), *OF_THIRDS[2:]]


def written(tmp_path: Path, content: str, name: str = "p.csv") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("content", "losses"), [(THIRDS, OF_THIRDS), (MIXED, OF_MIXED), (PERCENT, OF_THIRDS)], ids=["few", "far", "percent"]
)
@pytest.mark.parametrize(
    "options",
    [
        ("--renormalize",),
        ("--renormalize", "--compat", "sklearn"),
        ("--compat", "kaggle"),
        ("--renormalize", "--label-smoothing", "1e-300"),  # the way of targets for every class
    ],
)
def test_every_row_is_divided_by_its_sum(
    tmp_path: Path, content: str, losses: list[float], options: tuple[str, ...]
) -> None:
    found = run("eval", written(tmp_path, content), "-q", *options)
    assert found.mean == pytest.approx(math.fsum(losses) / 4, rel=1e-15)
    assert "changed nothing" not in found.err


@pytest.mark.parametrize("kernels", ["auto", "numpy"])
def test_both_kernels_divide_alike(tmp_path: Path, kernels: str) -> None:
    options = {"env": {**os.environ, "CELOSS_KERNELS": kernels}} if kernels == "numpy" else {}
    found = run_script("eval", written(tmp_path, THIRDS), "-q", "--renormalize", **options)
    assert found.mean == pytest.approx(math.fsum(OF_THIRDS) / 4, rel=1e-15)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("logs", [False, True])
def test_rounding_to_a_narrow_type_is_divided_out(dtype: type[np.floating], logs: bool) -> None:
    rng = np.random.default_rng(5)
    y = rng.integers(0, 4, 3000)
    p = rng.dirichlet(np.ones(4), 3000)
    stored = (np.log(p) if logs else p).astype(dtype)
    wide = np.exp(stored.astype(np.float64)) if logs else stored.astype(np.float64)
    expected = -np.log(wide[np.arange(3000), y] / wide.sum(axis=1))
    found = evaluate(stored, y, renormalize=True, input="logprobs" if logs else "probs")
    assert found.loss.mean == pytest.approx(math.fsum(expected) / 3000, rel=1e-13)
    assert not {"renormalize_no_effect", "rows_not_normalised"} & {notice.code for notice in found.warnings}


def test_rows_that_sum_to_1_but_for_the_last_bits_are_left_alone() -> None:
    rows, y = np.array([[0.1, 0.2, 0.7], [0.7, 0.2, 0.1], [1e-12, 0.3, 0.7 - 1e-12]]), np.array([2, 0, 1])
    assert (rows.sum(axis=1) != 1.0).any()
    divided = evaluate(rows, y, renormalize=True)
    assert divided.loss == evaluate(rows, y).loss
    assert "renormalize_no_effect" in [notice.code for notice in divided.warnings]


def test_no_loss_is_below_0() -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(0.2, 1.0, 20_000)
    rows = np.stack([p, p * 1e-17], axis=1)
    found = evaluate(rows, np.zeros(20_000, dtype=int), renormalize=True, per_row=True, input="probs")
    assert found.per_row is not None
    assert min(found.per_row.loss) >= 0.0


def test_the_losses_and_the_gradients_of_rows_are_those_of_divided_rows(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    assert run("eval", written(tmp_path, THIRDS), "-q", "--renormalize", "--per-sample", out).code == 0
    with out.open(encoding="utf-8") as file:
        assert [float(row["loss"]) for row in csv.DictReader(file)] == pytest.approx(OF_THIRDS, rel=1e-15)
    graded = ("--renormalize", "--gradients", "--per-sample", out)
    assert run("eval", written(tmp_path, THIRDS), "-q", *graded).code == 0
    with out.open(encoding="utf-8") as file:
        second = list(csv.DictReader(file))[1]
    expected = [0.67 / 1.01, 0.17 / 1.01 - 1.0, 0.17 / 1.01]
    assert [float(second[f"grad_{name}"]) for name in "abc"] == pytest.approx(expected, rel=1e-14)


def test_compare_and_merged_states_divide_every_row(tmp_path: Path) -> None:
    one, other = written(tmp_path, THIRDS), written(tmp_path, MIXED, "q.csv")
    both = run("compare", one, other, "--renormalize", "--format", "json").document
    assert both["difference"]["mean"] == pytest.approx((OF_MIXED[1] - OF_THIRDS[1]) / 4, rel=1e-13)
    for place, content in enumerate((THIRDS, MIXED)):
        path, state = written(tmp_path, content, f"{place}.csv"), tmp_path / f"{place}.state"
        assert run("state", path, "-o", state, "--renormalize", "--part", f"{place + 1}/2").code == 0
    merged = run("merge", tmp_path / "0.state", tmp_path / "1.state", "-q")
    assert merged.mean == pytest.approx(math.fsum(OF_THIRDS + OF_MIXED) / 8, rel=1e-15)


def test_the_warning_tells_the_mean_that_the_option_gives(tmp_path: Path) -> None:
    """Where other rows are off by what digits explain, it says that the option divides them too."""
    found = run("eval", written(tmp_path, MIXED), "-q", "--input", "probs")
    one_divided = math.fsum([-math.log(0.33), OF_MIXED[1], -math.log(0.33), -math.log(0.5)]) / 4
    said = f"with it divided by the sum the mean would be {one_divided:.10g} (--renormalize divides every row)"
    assert said in found.err
    plain = math.fsum([-math.log(0.33), -math.log(0.17), -math.log(0.33), -math.log(0.5)]) / 4
    assert f"as it stands the mean would be {plain:.10g}" in run("eval", tmp_path / "p.csv", "-q", "--renormalize").err
