"""What is fitted, and that it is what a diagnosis says; on other rows it saves what was promised."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from scipy import special

import celoss_cli
from calibrated_files import SAMPLES, csv, halves, parquet, several, two
from running import run, write


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fitted(*arguments: object) -> dict[str, Any]:
    done = run("calibrate", "fit", *arguments, "-o", "fix.json", "--format", "json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    assert json.loads(Path("fix.json").read_text(encoding="utf-8")) == found
    return found


@pytest.mark.parametrize(
    ("columns", "options", "method"),
    [
        (two(), (), "logistic"),
        (two(), ("--method", "temperature"), "temperature"),
        (several(), (), "temperature"),
        ({**two(), "w": np.random.default_rng(1).random(2000)}, ("--sample-weight", "w"), "logistic"),
        ({**several(), "w": np.random.default_rng(1).random(2000)}, ("--sample-weight", "w"), "temperature"),
    ],
    ids=["two", "two, temperature", "several", "weights", "several weights"],
)
def test_on_its_own_rows_it_saves_what_the_diagnosis_says(
    columns: dict[str, Any], options: tuple[str, ...], method: str, place: Path
) -> None:
    parquet(place / "v.parquet", columns, rows_per_group=300)
    fix = fitted("v.parquet", *options)
    assert fix["method"] == method
    reading = [option for option in options if option not in ("--method", "temperature")]
    diagnosis = json.loads(run("diagnose", "v.parquet", "--format", "json", *reading).out)
    (same,) = [one for one in diagnosis["fixes"] if one["name"] == method]
    assert fix["parameters"] == same["parameters"]
    promise = fix["promise"]
    assert (promise["gain"], promise["verdict"]) == (same["gain"], same["verdict"])
    before = run("eval", "v.parquet", "-q", *reading).mean
    after = run("eval", "v.parquet", "-q", *reading, "--calibration", "fix.json", "--allow", "fitted_rows").mean
    assert after == pytest.approx(before - promise["gain_in_sample"], abs=1e-9)
    assert before == pytest.approx(promise["loss"], abs=1e-12)


def kept(fix: dict[str, Any], other_rows: str) -> bool:
    """Whether what a fix saves on other rows is what was promised, but for chance in both: four standard errors."""
    low, high = fix["promise"]["gain_ci95"]
    difference = celoss_cli.compare(other_rows, other_rows, calibration="fix.json").difference
    assert difference.standard_error is not None
    error = math.hypot((high - low) / 2 / 1.96, difference.standard_error)
    return abs(fix["promise"]["gain"] + difference.mean) < 4.0 * error


@pytest.mark.parametrize("columns", [two(6000), several(6000)], ids=["two", "several"])
def test_on_other_rows_it_saves_what_was_promised(columns: dict[str, Any], place: Path) -> None:
    validation, other = halves(columns)
    parquet(place / "v.parquet", validation)
    parquet(place / "t.parquet", other)
    fix = fitted("v.parquet")
    assert kept(fix, "t.parquet")
    gain = run("eval", "t.parquet", "-q").mean - run("eval", "t.parquet", "-q", "--calibration", "fix.json").mean
    assert gain == pytest.approx(-celoss_cli.compare("t.parquet", "t.parquet", calibration="fix.json").difference.mean)
    assert gain > 0.05


@pytest.mark.parametrize("name", ["digits_logits.parquet", "wine_probs.parquet", "cancer_boosted.csv"])
def test_fitted_on_one_half_of_the_sample_data_and_judged_on_the_other(name: str, place: Path) -> None:
    read = pq.read_table if name.endswith("parquet") else pyarrow.csv.read_csv
    table = read(SAMPLES / name)
    rows = np.random.default_rng(0).permutation(table.num_rows)
    half = table.num_rows // 2
    pq.write_table(table.take(rows[:half]), place / "v.parquet")
    pq.write_table(table.take(rows[half:]), place / "t.parquet")
    assert kept(fitted("v.parquet"), "t.parquet")


def test_the_bytes_depend_on_rows_alone(place: Path) -> None:
    columns = two()
    parquet(place / "v.parquet", columns)
    whole = fitted("v.parquet")
    parquet(place / "v.parquet", columns, rows_per_group=123)
    for threads in (1, 3):
        assert fitted("v.parquet", "--threads", threads) == whole


def test_the_positive_class_and_the_order_of_columns_change_nothing(place: Path) -> None:
    one = two()
    both = {"y": one["y"], "p_no": 1.0 - one["p_yes"], "p_yes": one["p_yes"]}
    parquet(place / "v.parquet", both)
    fix = fitted("v.parquet")
    assert fitted("v.parquet", "--positive", "no")["parameters"] == pytest.approx(fix["parameters"], rel=1e-9)
    fitted("v.parquet")
    other = two(500, seed=9)
    turned = {"y": other["y"], "p_yes": other["p_yes"], "p_no": 1.0 - other["p_yes"]}
    parquet(place / "one.parquet", other)
    parquet(place / "two.parquet", turned)
    means = [run("eval", f"{name}.parquet", "-q", "--calibration", "fix.json").mean for name in ("one", "two")]
    assert means[0] == pytest.approx(means[1], abs=1e-12)
    assert means[0] < run("eval", "one.parquet", "-q").mean - 0.05


def test_what_the_rows_do_not_show_is_said(place: Path) -> None:
    rows = two(60, seed=8)
    rows["p_yes"] = special.expit((special.logit(rows["p_yes"]) - 0.7) / 2.0)  # as they should be
    csv(place / "v.csv", rows)
    fix = fitted("v.csv", "--method", "temperature")
    assert fix["promise"]["verdict"] == "too_few_rows"
    assert "calibration_unproven" in [one["code"] for one in fix["warnings"]]
    done = run("calibrate", "fit", "v.csv", "--method", "temperature", "-o", "fix.json")
    assert "the rows are too few to tell" in done.out


# What cannot be fitted


THREE = "y,p_a,p_b,p_c\n" + "a,.5,.3,.2\nb,.2,.5,.3\nc,.1,.7,.2\n" * 9
APART = "y,p\n" + "0,.2\n0,.3\n1,.6\n1,.8\n" * 9
REVERSED = "y,p\n" + "".join(f"{y},{p}\n" for y, p in [(0, 0.9), (0, 0.7), (1, 0.2), (1, 0.4), (1, 0.8), (0, 0.3)] * 9)


@pytest.mark.parametrize(
    ("text", "options", "code", "says"),
    [
        (THREE, ("--method", "logistic"), 2, "is for two classes, and these rows have 3"),
        (APART, (), 3, "no logistic can be fitted: the classes do not overlap"),
        (APART, ("--method", "temperature"), 3, "no temperature can be fitted: "),
        (REVERSED, (), 3, "the slope would be -"),
        ("y,p\n" + "0,.2\n1,.3\n1,0\n0,.8\n1,.7\n" * 9, (), 3, "9 of 45 rows have probability 0 for what is true"),
        ("y_a,y_b,p_a,p_b\n" + ".5,.5,.4,.6\n.2,.8,.3,.7\n" * 9, ("--label", "y_*", "--pred", "p_*"), 3, "a number"),
        (APART, ("--class-weight", "balanced"), 2, "No such option"),
        (APART, ("--label", "nope"), 3, "no column"),
    ],
)
def test_what_cannot_be_fitted(text: str, options: tuple[str, ...], code: int, says: str, place: Path) -> None:
    write(place, {"v.csv": text, "fix.json": "old"})
    done = run("calibrate", "fit", "v.csv", *options, "-o", "fix.json")
    assert (done.code, done.out) == (code, ""), done.err
    assert says in done.err
    assert "\nhint: " in done.err
    assert (place / "fix.json").read_text() == "old"


def test_where_the_fix_may_be_written(place: Path) -> None:
    csv(place / "v.csv", two(200))
    for options, code, says in (
        ((), 2, "-o says where the fix is written"),
        (("-o", "v.csv"), 2, "v.csv is an input, and would be overwritten"),
        (("-o", "no/fix.json"), 3, "its directory does not exist"),
    ):
        done = run("calibrate", "fit", "v.csv", *options)
        assert (done.code, done.out) == (code, "")
        assert says in done.err


def test_a_name_that_is_markup(place: Path) -> None:
    rows = two(400)
    named = {"y": np.where(rows["y"] == "yes", "<b>&amp;", "'\x1b[31m"), "p": rows["p_yes"]}
    parquet(place / "v.parquet", named)
    done = run("calibrate", "fit", "v.parquet", "-o", "fix.json", "--positive", "<b>&amp;")
    assert done.code == 0, done.err
    assert "\x1b" not in done.out + (place / "fix.json").read_text()
    assert celoss_cli.evaluate("v.parquet", positive="<b>&amp;", calibration="fix.json", allow="fitted_rows").loss.mean
