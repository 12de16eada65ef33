"""The gate on the command line: what is printed, what is said on stderr, and the exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from celoss_cli.api.functions import evaluate
from celoss_cli.errors import ExitCode
from running import run, write

pytestmark = pytest.mark.usefixtures("here")

ROWS = "y,p,region\n1,0.9,EU\n0,0.2,EU\n1,0.7,US\n0,0.4,US\n1,0.55,\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {"p.csv": ROWS, "inf.csv": "y,p\n1,0.0\n0,0.4\n1,0.9\n"})
    monkeypatch.chdir(tmp_path)
    return tmp_path


PASSING = [
    ["--max-loss", "0.5"],
    ["--max-upper-bound", "1"],
    ["--min-skill", "0.2"],
    ["--min-accuracy", "1"],
    ["--max-brier", "0.3"],
    ["--max-ece", "0.5"],
    ["--max-infinite", "0"],
    ["--min-rows", "5"],
    ["--max-class-loss", "0.5"],
    ["--max-class-loss", "0=0.4", "--max-class-loss", "1=0.5"],
    ["--max-slice-loss", "0.6", "--slice", "region"],
    ["--max-slice-loss", "region=EU=0.2", "--slice", "region"],
    ["--max-slice-loss", "region=0.5", "--slice", "region", "--slice-min-rows", "2"],
]
FAILING = [
    (["--max-loss", "0.3"], "gate failed: --max-loss 0.3, and the value is 0.35"),
    (["--max-upper-bound", "0.3"], "gate failed: --max-upper-bound 0.3, and the value is 0.6"),
    (["--min-skill", "0.9"], "gate failed: --min-skill 0.9, and the value is 0.4"),
    (["--max-brier", "0.1"], "gate failed: --max-brier 0.1, and the value is 0.2"),
    (["--max-ece", "0.1"], "gate failed: --max-ece 0.1, and the value is 0.2"),
    (["--min-rows", "6"], "gate failed: --min-rows 6, and the value is 5"),
    (["--max-class-loss", "0.3"], "gate failed: --max-class-loss 0.3, and the value of 0 is 0.3"),
    (["--max-class-loss", "0=0.3"], "gate failed: --max-class-loss 0.3, and the value of 0 is 0.36"),
    (["--max-slice-loss", "0.5", "--slice", "region"], "0.5, and the value of region=(missing) is 0.59"),
    (["--max-slice-loss", "region=US=.3", "--slice", "region"], "--max-slice-loss 0.3, and the value of region=US is"),
]


@pytest.mark.parametrize("options", PASSING)
def test_limits_that_are_met(options: list[str]) -> None:
    plain, quiet = run("eval", "p.csv", "-q"), run("eval", "p.csv", "-q", *options)
    assert (quiet.code, quiet.out) == (plain.code, plain.out)
    shown = run("eval", "p.csv", *options)
    assert shown.code == ExitCode.OK
    assert shown.out.count("PASS  ") == sum(option.startswith(("--max", "--min")) for option in options)


@pytest.mark.parametrize(("options", "said"), FAILING)
def test_limits_that_are_not(options: list[str], said: str) -> None:
    quiet = run("eval", "p.csv", "-q", *options)
    assert quiet.code == ExitCode.GATE_FAILED
    assert quiet.out == run("eval", "p.csv", "-q").out
    assert said in quiet.err
    shown = run("eval", "p.csv", *options)
    assert shown.code == ExitCode.GATE_FAILED
    assert "FAIL  " in shown.out
    assert options[0] in shown.out
    document = json.loads(run("eval", "p.csv", "--format", "json", *options).out)
    (check,) = document["verdict"]["checks"]
    assert check["passed"] is False is document["verdict"]["passed"]
    assert f"--{check['name'].replace('_', '-')}" == options[0]


def test_the_reports_are_written_when_the_gate_fails(here: Path) -> None:
    done = run("eval", "p.csv", "-q", "--max-loss", "0.1", "--report", "r.json", "--report", "r.md")
    assert done.code == ExitCode.GATE_FAILED
    assert json.loads((here / "r.json").read_text())["verdict"]["passed"] is False
    assert "FAIL" in (here / "r.md").read_text()


def test_infinite_losses() -> None:
    for options in (
        ["--max-loss", "1e300"],
        ["--max-infinite", "0"],
        ["--max-class-loss", "1e300"],
        ["--min-skill", "-9"],
    ):
        assert run("eval", "inf.csv", "-q", *options).code == ExitCode.GATE_FAILED
    assert run("eval", "inf.csv", "-q", "--max-infinite", "1").code == ExitCode.OK


def test_a_rounded_display_never_contradicts_the_verdict() -> None:
    mean = evaluate("p.csv").loss.mean
    for digits in range(1, 17):
        limit = f"{mean:.{digits}f}"
        shown = run("eval", "p.csv", "--max-loss", limit)
        met = mean <= float(limit)
        assert shown.code == (ExitCode.OK if met else ExitCode.GATE_FAILED)
        line = next(line for line in shown.out.splitlines() if "--max-loss" in line)
        value = float(line.split("mean loss ")[1].split()[0])
        assert (value <= float(limit)) is met
        assert line.startswith("PASS" if met else "FAIL")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--max-class-loss", "cat=0.5"], ExitCode.DATA),
        (["--max-slice-loss", "region=UE=0.5", "--slice", "region"], ExitCode.DATA),
        (["--max-slice-loss", "region=EU=9", "--slice", "region", "--where", "region=US"], ExitCode.DATA),
        (["--max-slice-loss", "0.5"], ExitCode.USAGE),
        (["--max-slice-loss", "other=EU=0.5", "--slice", "region"], ExitCode.USAGE),
        (["--max-class-loss", "x"], ExitCode.USAGE),
        (["--max-loss", "nan"], ExitCode.USAGE),
        (["--min-accuracy", "95"], ExitCode.USAGE),
        (["--max-infinite", "0.5"], ExitCode.USAGE),
        (["--slice-min-rows", "5", "--slice", "region"], ExitCode.USAGE),
    ],
)
def test_limits_that_cannot_be_judged(here: Path, options: list[str], code: ExitCode) -> None:
    done = run("eval", "p.csv", *options, "--per-sample", "rows.csv")
    assert done.code == code
    assert done.out == ""
    assert not (here / "rows.csv").exists()


def test_small_slices_are_named() -> None:
    options = ["--slice", "region", "--max-slice-loss", "0.5", "--slice-min-rows", "2"]
    shown = run("eval", "p.csv", *options)
    assert shown.code == ExitCode.OK
    assert "NOT JUDGED  1 slice with fewer rows than --slice-min-rows: region=(missing) (1 row)" in shown.out
    document = json.loads(run("eval", "p.csv", "--format", "json", *options).out)
    assert document["verdict"]["skipped"] == [{"name": "max_slice_loss", "subject": "region=(missing)", "scored": 1}]
    quiet = run("eval", "p.csv", "-q", *options)
    assert "region=(missing)" in quiet.err
    everything = [*options[:-1], "9"]
    assert run("eval", "p.csv", "-q", *everything).code == ExitCode.GATE_FAILED


def test_soft_labels_have_no_accuracy(here: Path) -> None:
    write(here, {"soft.csv": "y,p\n0.5,0.4\n1,0.9\n0.25,0.3\n"})
    shown = run("eval", "soft.csv", "--label", "y", "--min-accuracy", "0")
    assert shown.code == ExitCode.GATE_FAILED
    assert "there is no accuracy here, and what is missing never passes" in shown.out


def test_the_python_api_offers_the_same() -> None:
    result = evaluate(
        "p.csv",
        slice="region",
        max_loss=0.5,
        max_class_loss={"1": 0.5},
        max_slice_loss=[0.1, "region=EU=0.3"],
        min_skill=0.1,
        min_rows=5,
    )
    assert result.verdict is not None
    assert [(check.name, check.subject, check.passed) for check in result.verdict.checks] == [
        ("max_loss", None, True),
        ("min_skill", None, True),
        ("min_rows", None, True),
        ("max_class_loss", "1", True),
        ("max_slice_loss", "region=(missing)", False),
        ("max_slice_loss", "region=EU", True),
    ]
    assert not result.verdict.passed


@pytest.mark.parametrize("form", [["-q"], ["--format", "json"], ["--format", "csv"]])
def test_a_calibration_error_that_fails_stands_beside_what_chance_shows(form: list[str]) -> None:
    metrics = json.loads(run("eval", "p.csv", "--format", "json").out)["metrics"]
    failed = run("eval", "p.csv", *form, "--max-ece", "0.1")
    assert failed.code == ExitCode.GATE_FAILED
    (line,) = (line for line in failed.err.splitlines() if line.startswith("gate failed"))
    found = re.search(r"value is ([\d.]+); a calibrated model would show ([\d.]+) ± ([\d.]+) by chance$", line)
    assert found is not None
    value, mean, sd = map(float, found.groups())
    assert value == metrics["ece"]
    assert (mean, sd) == pytest.approx((metrics["ece_null"]["mean"], metrics["ece_null"]["sd"]), rel=0.05)
