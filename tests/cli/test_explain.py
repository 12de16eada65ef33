"""``celoss explain`` and ``--compat``, through the installed console script and in this process."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from running import run, run_script, write

HALF = -math.log(0.5)

# Two rows: a truth of probability 0, and one of a half. The costs are those of the semantics' table.
ZERO = "y,p\n1,0\n1,0.5\n"
COSTS = {
    "sklearn": 36.043653,
    "sklearn-1.1": 34.538776,
    "spark": 34.538776,
    "kaggle": 34.538776,
    "torch": 100.0,
    "keras": 16.118095,
    "keras-metric": 16.118095,
    "xgboost": 36.841362,
    "lightgbm": 34.538776,
    "lightgbm-cross_entropy": 27.631021,
    "mljar": 15.942385,
    "mljar-1.1": 13.815511,
}


def matched(out: str) -> set[str]:
    return {row["name"] for row in json.loads(out)["conventions"] if row["matches_expected"]}


def test_through_the_console_script(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ZERO})
    number = f"{(COSTS['sklearn'] + HALF) / 2:.4f}"
    done = run_script("explain", tmp_path / "f.csv", "--expect", number)
    assert done.code == 0, done.err
    assert f"{number} is" in done.out
    assert "clipped to 2.2e-16 (float64 eps)" in done.out
    document = run_script("explain", tmp_path / "f.csv", "--expect", number, "--format", "json")
    assert json.loads(document.out)["schema"] == "celoss.explanation"
    assert matched(document.out) == {"sklearn"}


@pytest.mark.parametrize("name", COSTS)
def test_the_expected_number_names_the_convention(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ZERO})
    number = f"{(COSTS[name] + HALF) / 2:.5f}"
    names = matched(run("explain", tmp_path / "f.csv", "--expect", number, "--format", "json").out)
    assert names == {other for other, cost in COSTS.items() if cost == COSTS[name]}


@pytest.mark.parametrize(
    ("kind", "cost"), [("float64", "36.043653"), ("float32", "15.942385"), ("float16", "6.929688")]
)
def test_the_type_of_the_file_decides_for_scikit_learn(kind: str, cost: str, tmp_path: Path) -> None:
    p = np.zeros(2, dtype=kind)
    write(tmp_path, {"f.parquet": pa.table({"p": p, "y": [1, 1]})})
    out = run("explain", tmp_path / "f.parquet", "--input", "probs", "--expect", cost, "--format", "json").out
    assert "sklearn" in matched(out)
    mean = run("eval", tmp_path / "f.parquet", "--input", "probs", "--compat", "sklearn", "-q").mean
    assert mean == pytest.approx(float(cost), abs=5.1e-7)


def test_rows_that_do_not_sum_to_1(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p_0,p_1\n1,.2,.3\n1,.2,.3\n"})
    divided = matched(run("explain", tmp_path / "f.csv", "--expect", "0.5108256", "--format", "json").out)
    assert divided == {"sklearn-1.1", "keras", "keras-metric", "kaggle", "mljar-1.1"}
    as_they_are = matched(run("explain", tmp_path / "f.csv", "--expect", "1.2039728", "--format", "json").out)
    assert {"exact", "sklearn", "torch", "xgboost", "lightgbm", "spark", "catboost"} <= as_they_are
    assert not as_they_are & divided


def test_weighted_denominators(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p,w\n0,.1,1\n1,.9,2\n1,.4,3\n"})
    command = ["explain", tmp_path / "f.csv", "--sample-weight", "w", "--format", "json", "--expect"]
    assert matched(run(*command, "1.02165").out) == {"torch", "keras"}
    assert matched(run(*command, "1.0216513").out) == {"torch", "keras"}  # as float32 has it
    assert {"exact", "sklearn", "xgboost", "lightgbm", "catboost"} <= matched(run(*command, "0.5108256").out)


def test_bits_and_negatives(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p\n0,.25\n1,.4\n"})
    mean = -(math.log(0.75) + math.log(0.4)) / 2
    out = run("explain", tmp_path / "f.csv", "--expect", f"{mean / math.log(2):.5f}", "--format", "json").out
    assert matched(out) == {"perf"}
    out = run("explain", tmp_path / "f.csv", f"--expect={-mean:.5f}", "--format", "json").out
    assert matched(out) == {"autogluon"}


@pytest.mark.parametrize("name", COSTS)
def test_compat_on_the_command_line(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ZERO})
    done = run("eval", tmp_path / "f.csv", "--compat", name, "--format", "json")
    document = json.loads(done.out)
    assert document["loss"]["mean"] == pytest.approx((COSTS[name] + HALF) / 2, abs=5e-7)
    decision = next(item for item in document["spec"]["decisions"] if item["what"] == "compat")
    assert (decision["value"], decision["how"]) == (name, "given")
    assert name in run("eval", tmp_path / "f.csv", "--compat", name).out


def test_what_is_explicit_wins_and_is_said(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ZERO})
    done = run("eval", tmp_path / "f.csv", "--compat", "sklearn", "--clip", "0.1", "-q")
    assert done.mean == pytest.approx((-math.log(0.1) + HALF) / 2, rel=1e-14)
    assert "--clip 0.1 was given beside --compat sklearn and won" in done.err


def test_an_unknown_convention_is_a_usage_error(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ZERO})
    done = run("eval", tmp_path / "f.csv", "--compat", "sklern")
    assert done.code == 2
    assert done.err.startswith("error: --compat 'sklern' is no convention that celoss knows: sklearn, ")
    assert "did you mean --compat sklearn?" in done.err


def test_exit_codes(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ZERO, "bad.csv": "y,p\n1,0.5\n1,\n"})
    assert run("explain", tmp_path / "f.csv", "--expect", "loss").code == 2
    assert run("explain", tmp_path / "f.csv", "--format", "xml").code == 2
    assert run("explain", tmp_path / "none.csv").code == 3
    assert run("explain", tmp_path / "bad.csv").code == 3
    assert run("explain", tmp_path / "f.csv", "--strict").code == 3  # the input is a guess
    assert run("explain", tmp_path / "f.csv", "--strict", "--input", "probs", "--label", "y", "--pred", "p").code == 0
    assert run("explain", tmp_path / "f.csv", "--expect", "123").code == 0  # nothing gives it: that is an answer


def test_the_data_options_are_those_of_eval(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "id,a,b,fold\nx,.7,.3,1\ny,.1,.9,2\nz,.5,.5,1\n", "l.csv": "id,t\nz,b\nx,a\ny,a\n"})
    options = ["--id", "id", "--label", "t", "--pred", "a,b", "--where", "fold=1", "--class-weight", "a=1,b=3"]
    explained = json.loads(run("explain", tmp_path / "p.csv", tmp_path / "l.csv", *options, "--format", "json").out)
    mean = run("eval", tmp_path / "p.csv", tmp_path / "l.csv", *options, "-q").mean
    assert explained["conventions"][0]["mean"] == mean
    assert explained["rows"] == 2
    assert [notice["code"] for notice in explained["warnings"]] == ["rows_ignored"]
