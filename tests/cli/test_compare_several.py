"""``celoss compare`` with several candidates: the gate, every form and report, and what goes wrong."""

from __future__ import annotations

import csv
import io
import itertools
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import celoss_cli
from celoss_cli.render.comparison import table as comparison_table
from running import run

PARTS = {
    "base": ".8,.3,.7,.4,.45",  # one error
    "better": ".95,.1,.9,.1,.48",  # every row
    "worse": ".5,.6,.5,.6,.4",
    "unclear": ".99,.3,.2,.1,.45",
    "infinite": "0,.1,.9,.1,.45",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, scores in PARTS.items():
        rows = "".join(f"{label},{p}\n" for label, p in zip((1, 0, 1, 0, 1), scores.split(","), strict=True))
        (tmp_path / f"{name}.csv").write_text("label,p\n" + rows * 3)
    monkeypatch.chdir(tmp_path)
    return tmp_path


VERDICTS = {
    ("better", "fail"): True,
    ("better", "pass"): True,
    ("worse", "fail"): False,
    ("worse", "pass"): False,
    ("unclear", "fail"): False,
    ("unclear", "pass"): True,
    ("infinite", "fail"): False,
    ("infinite", "pass"): False,
}


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("inconclusive", ["pass", "fail"])
def test_the_gate_fails_if_any_candidate_does(inconclusive: str) -> None:
    for first, second in itertools.permutations(("better", "worse", "unclear", "infinite"), 2):
        found = celoss_cli.compare(
            "base.csv", [f"{first}.csv", f"{second}.csv"], max_regression=0.01, inconclusive=inconclusive
        )
        expected = [VERDICTS[name, inconclusive] for name in (first, second)]
        assert [(check.subject, check.passed) for check in found.verdict.checks] == [
            (f"{name}.csv", passed) for name, passed in zip((first, second), expected, strict=True)
        ]
        assert found.verdict.passed is all(expected)
        assert {row.path: row.passed for row in found.leaderboard if row.passed is not None} == {
            f"{name}.csv": passed for name, passed in zip((first, second), expected, strict=True)
        }


@pytest.mark.usefixtures("here")
def test_the_exit_code_and_the_candidate_that_fails() -> None:
    command = ("compare", "base.csv", "better.csv", "--candidate", "worse.csv", "--max-regression", "0.01")
    failed = run(*command, "-q")
    assert failed.code == 1
    warning, gate = failed.err.splitlines()  # said once: it is so for both
    assert warning.startswith("warning: 15 independent rows are few")
    assert gate.startswith("gate failed: worse.csv: worse")
    assert len(failed.out.splitlines()) == 2
    passed = run(
        "compare", "base.csv", "better.csv", "--candidate", "unclear.csv", *command[-2:], "--inconclusive=pass"
    )
    assert passed.code == 0
    assert run(*command[:5]).code == 0


@pytest.mark.usefixtures("here")
def test_quiet_is_one_difference_a_line_in_the_order_given() -> None:
    found = run("compare", "base.csv", "worse.csv", "--candidate", "better.csv", "-q")
    assert [float(line) for line in found.out.split()] == [
        celoss_cli.compare("base.csv", path).difference.mean for path in ("worse.csv", "better.csv")
    ]


@pytest.mark.usefixtures("here")
def test_json_has_what_the_contract_names() -> None:
    command = ("compare", "base.csv", "worse.csv", "--candidate", "better.csv", "--format", "json")
    document = json.loads(run(*command).out)
    board = document["leaderboard"]
    assert [(row["rank"], row["path"]) for row in board] == [(1, "better.csv"), (2, "base.csv"), (3, "worse.csv")]
    assert board[0]["to_best"] is None
    assert board[1]["difference"] is None
    assert {"mean", "standard_error", "interval", "p_value", "p_adjusted"} == board[2]["to_best"].keys()
    assert board[2]["difference"] == document["difference"]
    assert [row["indistinguishable"] for row in board] == [True, False, False]
    assert [source["path"] for source in document["inputs"]["others"]] == ["better.csv"]
    assert len(document["spec"]["others"]) == 1
    assert json.loads(run(*command[:3], "--format", "json").out)["leaderboard"] == []


@pytest.mark.usefixtures("here")
def test_csv_is_one_row_a_model() -> None:
    shown = run("compare", "base.csv", "worse.csv", "--candidate", "better.csv", "--format", "csv").out
    rows = list(csv.DictReader(io.StringIO(shown)))
    board = celoss_cli.compare("base.csv", ["worse.csv", "better.csv"]).leaderboard
    assert [row["model"] for row in rows] == [row.path for row in board]
    assert [float(row["mean"]) for row in rows] == [row.mean for row in board]
    assert rows[1]["difference"] == ""
    assert [row["indistinguishable"] for row in rows] == ["true", "false", "false"]


@pytest.mark.usefixtures("here")
def test_reports_have_every_candidate() -> None:
    reports = ["r.json", "r.md", "r.html", "r.xml", "r.prom", "r.csv", "r.metrics.json"]
    options = [option for name in reports for option in ("--report", name)]
    command = ("compare", "base.csv", "better.csv", "--candidate", "worse.csv", "--max-regression", "0.01", *options)
    assert run(*command).code == 1
    texts = {name: Path(name).read_text(encoding="utf-8") for name in reports}
    for name in ("r.json", "r.md", "r.html", "r.xml", "r.prom", "r.csv"):
        assert "better.csv" in texts[name], name
        assert "worse.csv" in texts[name], name
    cases = ET.fromstring(texts["r.xml"]).findall(".//testcase")
    failing = [case.get("name") for case in cases if case.find("failure") is not None]
    assert failing == ["max_regression[worse.csv]"]
    assert len([case for case in cases if (case.get("name") or "").startswith("max_regression")]) == 2
    assert 'model="worse.csv"' in texts["r.prom"]
    assert "Leaderboard" in texts["r.md"]


@pytest.mark.usefixtures("here")
def test_a_narrow_terminal_loses_nothing() -> None:
    found = celoss_cli.compare("base.csv", ["worse.csv", "infinite.csv"], max_regression=0.01)
    for width in (20, 40, 79, 200):
        shown = comparison_table.render(found, width=width)
        assert "Leaderboard" in shown
        assert "infinite losses" in " ".join(shown.split())
    assert "−" not in comparison_table.render(found, encoding="ascii")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "files",
    [
        ("base.csv", "better.csv", "better.csv"),
        ("base.csv", "better.csv", "./better.csv"),
        ("base.csv", "better.csv", "base.csv"),
        ("base.csv", "-", "-"),
        ("-", "better.csv", "-"),
    ],
)
def test_a_model_given_twice_is_usage(files: tuple[str, str, str]) -> None:
    found = run("compare", *files[:2], "--candidate", files[2])
    assert (found.code, found.out) == (2, "")
    assert "twice" in found.err


@pytest.mark.usefixtures("here")
def test_a_second_candidate_that_cannot_be_read_is_named_and_never_a_verdict() -> None:
    Path("short.csv").write_text("label,p\n1,.5\n")
    Path("broken.parquet").write_bytes(b"PAR1 and nothing else")
    for bad in ("none.csv", "short.csv", "broken.parquet"):
        command = (
            "compare",
            "base.csv",
            "better.csv",
            "--candidate",
            bad,
            "--max-regression",
            "100",
            "--report",
            "r.json",
        )
        found = run(*command)
        assert (found.code, found.out) == (3, "")
        assert bad in found.err
        assert json.loads(Path("r.json").read_text())["schema"] == "celoss.error"


@pytest.mark.usefixtures("here")
def test_no_report_takes_the_place_of_a_candidate() -> None:
    found = run("compare", "base.csv", "better.csv", "--candidate", "worse.csv", "--report", "worse.csv")
    assert found.code == 2
    assert Path("worse.csv").read_text().startswith("label,p\n")
