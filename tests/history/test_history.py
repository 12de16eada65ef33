"""``--history`` appends whole lines, whoever else does, and ``celoss history`` says what they come to."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import celoss_cli
from celoss_cli.outputs.appended import append_lines
from running import run, write

WRITER = """
import sys
from celoss_cli.outputs.appended import append_lines
for place in range(200):
    append_lines(sys.argv[1], (f"{sys.argv[2]} {place} " + "x" * 5000) + "\\n")
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def week(place: int, skill: float = 0.6, rows: int = 400) -> str:
    draw = random.Random(place)
    lines = ["y,p"]
    for _ in range(rows):
        y = draw.randint(0, 1)
        lines.append(f"{y},{min(max(0.5 + (y - 0.5) * skill + draw.gauss(0, 0.15), 0.01), 0.99):.5f}")
    return "\n".join(lines) + "\n"


def keep(*weeks: tuple[int, float], name: str = "model.csv", options: tuple[str, ...] = ()) -> None:
    for place, skill in weeks:
        write(Path(), {name: week(place, skill)})
        os.environ["SOURCE_DATE_EPOCH"] = str(1_700_000_000 + 604_800 * place)
        try:
            assert run("eval", name, "-q", "--history", "h.jsonl", "--tag", f"week={place}", *options).code in (0, 1)
        finally:
            del os.environ["SOURCE_DATE_EPOCH"]


def document(*options: object) -> Any:
    done = run("history", "h.jsonl", *options, "--format", "json")
    assert done.code in (0, 1), done.err
    return json.loads(done.out)


def test_a_run_is_a_line() -> None:
    keep((0, 0.6), options=("--max-loss", "0.001"))
    [line] = Path("h.jsonl").read_text().splitlines()
    kept, whole = json.loads(line), json.loads(run("eval", "model.csv", "--format", "json").out)
    assert (kept["schema"], kept["schema_version"]) == ("celoss.run", "1.0")
    assert (kept["mean"], kept["standard_error"], kept["ci95"]) == tuple(
        whole["loss"][name] for name in ("mean", "standard_error", "ci95")
    )
    assert (kept["digest"], kept["convention"]) == (whole["digest"], whole["convention"])
    assert (kept["passed"], kept["failed"], kept["tags"]) == (False, ["max_loss"], {"week": "0"})
    assert (kept["name"], kept["time"]) == ("model.csv", "2023-11-14T22:13:20Z")


def test_what_fails_appends_nothing() -> None:
    write(Path(), {"bad.csv": "y,p\n1,0.5\n0,many\n"})
    assert run("eval", "bad.csv", "-q", "--history", "h.jsonl").code == 3
    assert not Path("h.jsonl").exists()


def test_a_batch_appends_each() -> None:
    write(Path(), {"a.csv": week(1), "b.csv": week(2), "bad.csv": "y,p\n"})
    assert run("batch", "a.csv", "bad.csv", "b.csv", "-q", "--history", "h.jsonl").code == 3
    assert [one["name"] for one in document()["series"]] == ["a.csv", "b.csv"]


def test_two_writers_leave_whole_lines() -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, "h.txt", name]) for name in ("one", "two", "three")]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    lines = Path("h.txt").read_text().splitlines()
    assert len(lines) == 600
    for name in ("one", "two", "three"):
        mine = [line.split() for line in lines if line.startswith(f"{name} ")]
        assert [int(number) for _, number, _ in mine] == list(range(200))
        assert {len(text) for _, _, text in mine} == {5000}


def test_half_a_line_of_another_writer_is_closed() -> None:
    Path("h.txt").write_text('{"half": ')
    append_lines("h.txt", "whole\n")
    assert Path("h.txt").read_text() == '{"half": \nwhole\n'


def test_what_cannot_be_written_whole_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    append_lines("h.txt", "first\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(celoss_cli.OutputError, match="No space left"):
        append_lines("h.txt", "second\n")
    assert Path("h.txt").read_text() == "first\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("y,p\n1,0.5\n", "h.jsonl: is no history: line 1 is no JSON, and no other line is a run"),
        ('{\n  "schema": "celoss.evaluation"\n}\n', "h.jsonl: is no history: line 1 is no JSON"),
        ('{"schema": "celoss.run", "sche', "h.jsonl: is no history: line 1 is no JSON"),
        ('{"schema": "celoss.run", "schema_version": "2.0"}\n', "is of the schema celoss.run 2.0"),
        ('{"schema": "celoss.evaluation", "schema_version": "1.1"}\n', "is of the schema celoss.evaluation 1.1"),
        ("[1]\n", "is no run"),
        ("", "the history has no runs"),
    ],
)
def test_another_kind_of_file_is_no_history(content: str, said: str) -> None:
    write(Path(), {"h.jsonl": content, "model.csv": week(0)})
    done = run("history", "h.jsonl")
    assert done.code == 3
    assert said in done.err
    assert "delete" not in done.err, "of what is no history nothing is to be deleted"
    if content:
        assert "hint: celoss eval and celoss batch write one with --history FILE" in done.err
        assert run("eval", "model.csv", "-q", "--history", "h.jsonl").code == 3
        assert Path("h.jsonl").read_text() == content, "nothing is appended to it"


def test_a_line_that_was_changed_is_named() -> None:
    keep((0, 0.6), (1, 0.6))
    lines = [json.loads(line) for line in Path("h.jsonl").read_text().splitlines()]
    lines[1]["mean"] = "low"
    Path("h.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    done = run("history", "h.jsonl")
    assert done.code == 3
    assert done.err.startswith("error: h.jsonl (line 2): has 'low' as mean")
    lines[1] |= {"mean": 0.3, "standard_error": -0.01}
    Path("h.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run("history", "h.jsonl").err.startswith("error: h.jsonl (line 2): has -0.01 as standard_error")


@pytest.mark.parametrize("cut", [0, 1])
def test_a_line_that_was_cut_beside_runs_is_to_be_deleted(cut: int) -> None:
    keep((0, 0.6), (1, 0.6))
    lines = Path("h.jsonl").read_text().splitlines()
    lines[cut] = lines[cut][:40]
    Path("h.jsonl").write_text("\n".join(lines) + "\n")
    done = run("history", "h.jsonl")
    assert done.code == 3
    assert done.err.startswith(f"error: h.jsonl (line {cut + 1}): is no JSON\nhint: delete line {cut + 1}, which")


def test_a_planted_regression_is_found_in_its_week() -> None:
    keep(*((place, 0.6 if place < 8 else 0.35) for place in range(12)))
    [series] = document()["series"]
    [change] = series["changes"]
    assert change["run"] == 8
    assert change["after"] > change["before"]
    assert series["runs"][8]["tags"] == {"week": "8"}
    shown = run("history", "h.jsonl").out
    assert "level changed at 2024-01-09 22:13, with run 9 of 12: the mean of the runs rose from" in shown
    assert "▁" in shown
    assert "█" in shown


def test_the_last_run_beside_others() -> None:
    keep((0, 0.6), (1, 0.7), (2, 0.5), options=("--max-loss", "0.42"))
    [series] = document()["series"]
    runs, beside = series["runs"], {one["of"]: one for one in series["beside"]}
    assert beside["before"]["run"] == 1
    best = min((0, 1), key=lambda place: runs[place]["mean"])
    assert beside["best"]["run"] == best
    assert beside["best"]["difference"] == runs[2]["mean"] - runs[best]["mean"]
    errors = [runs[place]["standard_error"] for place in (best, 2)]
    assert beside["best"]["standard_error"] == pytest.approx((errors[0] ** 2 + errors[1] ** 2) ** 0.5)
    assert not beside["best"]["same_rows"]


@pytest.mark.parametrize(("against", "code"), [("last", 1), ("best", 1), ("median", 1)])
def test_the_gate(against: str, code: int) -> None:
    keep(*((place, 0.6) for place in range(6)), (6, 0.2))
    options = ("--against", against, "--max-regression", "5%")
    done = run("history", "h.jsonl", *options, "-q", "--report", "h.xml")
    assert done.code == code
    assert "gate failed: model.csv: " in done.err
    assert ElementTree.parse("h.xml").getroot().get("failures") == "1"
    assert run("history", "h.jsonl", "--against", against, "--max-regression", "500%").code == 0


def test_only_accepted_runs_are_a_reference() -> None:
    keep((0, 0.6), options=("--max-loss", "9"))
    keep((1, 0.95), options=("--max-loss", "0.0001"))
    keep((2, 0.6))
    [series] = document()["series"]
    assert {one["of"]: one["run"] for one in series["beside"]} == {"before": 1, "best": 0, "last": 0, "median": None}


def test_the_same_rows_are_judged_by_their_difference() -> None:
    keep((0, 0.6), (0, 0.6))
    [series] = document("--max-regression", "0")["series"]
    assert series["beside"][0]["same_rows"]
    assert series["verdict"]["passed"]
    keep((1, 0.6))
    assert not document("--max-regression", "0")["verdict"]["passed"], "of other rows the interval has to end below it"


def test_runs_that_mean_something_else_are_left_out() -> None:
    keep((0, 0.6), (1, 0.6))
    keep((2, 0.6), options=("--base", "2"))
    found = document()
    assert [len(one["runs"]) for one in found["series"]] == [1]
    assert found["series"][0]["left_out"] == 2
    assert [one["code"] for one in found["warnings"]] == ["runs_left_out"]


@pytest.mark.parametrize(
    ("options", "differs"),
    [(("--base", "2"), "base e there, 2 here"), (("--where", "g=a"), "where none there, g=a here")],
)
def test_a_gate_that_has_nothing_to_judge_by_is_an_error(options: tuple[str, ...], differs: str) -> None:
    keep((0, 0.6), (1, 0.6))
    text = week(2).replace("y,p", "y,p,g").replace("\n", ",a\n").replace("p,g,a", "p,g")
    write(Path(), {"model.csv": text})
    assert run("eval", "model.csv", "-q", "--history", "h.jsonl", *options, "--tag", "kind=other").code == 0
    done = run("history", "h.jsonl", "--max-regression", "0", "-q", "--report", "h.json")
    assert (done.code, done.out) == (3, "")
    assert "h.jsonl: --max-regression has nothing to hold the last run against: model.csv: the run before" in done.err
    assert differs in done.err
    assert "--tag KEY=VALUE or --name NAME" in done.err
    assert json.loads(Path("h.json").read_text())["error"]["code"] == "no_reference"
    with pytest.raises(celoss_cli.MisalignedData):
        celoss_cli.read_history("h.jsonl", max_regression=0)
    assert run("history", "h.jsonl", "-q").code == 0, "without the gate it is shown"
    for _ in range(2):
        assert run("eval", "model.csv", "-q", "--history", "h.jsonl", *options).code == 0
    assert run("history", "h.jsonl", "--max-regression", "0", "-q").code == 0, "the next such run has its reference"


def test_a_gate_beside_another_task_says_the_classes() -> None:
    write(Path(), {"model.csv": "y,p_a,p_b,p_c\na,0.5,0.3,0.2\nb,0.2,0.5,0.3\nc,0.1,0.1,0.8\n"})
    for _ in range(3):
        assert run("eval", "model.csv", "-q", "--history", "h.jsonl", "--tag", "kind=three").code == 0
    keep((3, 0.6))
    done = run("history", "h.jsonl", "--max-regression", "0", "-q")
    assert done.code == 3
    assert "'a', 'b', 'c' only there" in done.err
    assert "task multiclass there, binary here" in done.err
    assert run("history", "h.jsonl", "--max-regression", "0", "-q", "--tag", "kind=three").code == 0
    assert run("history", "h.jsonl", "--max-regression", "0", "-q", "--tag", "week=3").code == 0, "a first run"


def test_a_gate_beside_failed_runs_alone_is_an_error() -> None:
    keep((0, 0.6), (1, 0.6), options=("--max-loss", "0.0001"))
    done = run("history", "h.jsonl", "--max-regression", "0", "-q")
    assert done.code == 3
    assert "of the earlier runs that mean the same, none passed its gate with a finite mean" in done.err


def test_a_first_run_passes_its_gate() -> None:
    keep((0, 0.6))
    done = run("history", "h.jsonl", "--max-regression", "0", "-q")
    assert done.code == 0
    assert "model.csv: this is its first run" in done.err
    keep((1, 0.6), options=("--base", "2"))
    assert "model.csv: 1 run means something else" in run("history", "h.jsonl", "-q").err


def test_a_clock_that_goes_backwards_is_told() -> None:
    keep((5, 0.6), (3, 0.6), (6, 0.6))
    found = document()
    assert [one["tags"]["week"] for one in found["series"][0]["runs"]] == ["5", "3", "6"], "as they were appended"
    assert [one["code"] for one in found["warnings"]] == ["clock_backwards"]


def test_names_and_tags_choose() -> None:
    keep((0, 0.6), (1, 0.6))
    keep((2, 0.6), name="other.csv")
    keep((3, 0.6), name="week3.csv", options=("--tag", "name=model.csv"))
    assert [(one["name"], len(one["runs"])) for one in document()["series"]] == [("model.csv", 3), ("other.csv", 1)]
    assert [one["name"] for one in document("--name", "other.csv")["series"]] == ["other.csv"]
    assert [len(one["runs"]) for one in document("--tag", "week=1")["series"]] == [1]
    assert run("history", "h.jsonl", "--name", "nothing").code == 3
    assert run("history", "h.jsonl", "--last", "3").code == 2
    assert run("history", "h.jsonl", "--max-regression", "-1").code == 2


def test_a_tag_of_a_batch_makes_no_series_of_many_models() -> None:
    for name in ("a.csv", "b.csv"):
        write(Path(), {name: week(0)})
    for files in (("a.csv", "b.csv"), ("a.csv",)):
        assert run("batch", *files, "--history", "h.jsonl", "--tag", "name=churn", "-q").code == 0
    assert [(one["name"], len(one["runs"])) for one in document("--tag", "name=churn")["series"]] == [
        ("a.csv", 2),
        ("b.csv", 1),
    ]
    kept = celoss_cli.evaluate("a.csv", tag={"name": "churn"})
    celoss_cli.append_history(kept, "python.jsonl")
    celoss_cli.append_history(kept, "python.jsonl", "other")
    assert [one.name for one in celoss_cli.read_history("python.jsonl").series] == ["churn", "other"]


def test_a_tag_or_a_name_that_no_run_has() -> None:
    keep((10, 0.6), (9, 0.6))
    done = run("history", "h.jsonl", "--tag", "week=3")
    assert (done.code, done.out) == (3, "")
    assert done.err == "error: h.jsonl: no run is tagged week=3\nhint: --tag takes some of 'week=9', 'week=10'\n"
    assert "hint: --name takes some of 'model.csv'" in run("history", "h.jsonl", "--name", "x").err
    run("eval", "model.csv", "-q", "--history", "plain.jsonl")
    assert "hint: no run here has a tag: leave --tag out" in run("history", "plain.jsonl", "--tag", "week=3").err


def test_the_forms() -> None:
    keep(*((place, 0.6) for place in range(3)))
    rows = list(csv.DictReader(io.StringIO(run("history", "h.jsonl", "--format", "csv").out)))
    assert [row["tags"] for row in rows] == ["week=0", "week=1", "week=2"]
    page = run("history", "h.jsonl", "--format", "html").out
    assert "<svg" in page
    assert "<script" not in page
    assert run("history", "h.jsonl", "--format", "markdown").out.startswith("### Cross-entropy 0.")
    assert run("history", "h.jsonl", "--plots", "p").code == 0
    assert [path.name for path in Path("p").iterdir()] == ["trend.svg"]
    assert float(run("history", "h.jsonl", "-q").out) == float(rows[-1]["mean"])


def test_infinite_runs_stand_in_the_history() -> None:
    write(Path(), {"model.csv": "y,p\n1,0\n0,0.5\n"})
    assert run("eval", "model.csv", "-q", "--history", "h.jsonl").code == 0
    keep((1, 0.6))
    assert document()["series"][0]["runs"][0]["mean"] == "inf"
    assert run("history", "h.jsonl").code == 0
    assert run("history", "h.jsonl", "--format", "html").code == 0


def test_a_hostile_name_is_shown_as_what_it_is() -> None:
    write(Path(), {"m.csv": "predictions,name\na.csv,<b>\x1b[31m-q\n", "a.csv": week(0)})
    for _ in range(2):
        assert run("batch", "--manifest", "m.csv", "-q", "--history", "h.jsonl").code == 0
    for form in ("table", "html", "markdown"):
        shown = run("history", "h.jsonl", "--format", form).out
        assert "\x1b" not in shown
        assert form not in ("html",) or "<b>" not in shown


def test_python() -> None:
    write(Path(), {"a.csv": week(0), "b.csv": week(1)})
    celoss_cli.append_history(celoss_cli.evaluate("a.csv"), "h.jsonl", name="mine")
    celoss_cli.append_history(celoss_cli.evaluate_many(["a.csv", "b.csv"]), "h.jsonl")
    found = celoss_cli.read_history("h.jsonl", max_regression="5%", against="best")
    assert [series.name for series in found.series] == ["mine", "a.csv", "b.csv"]
    assert list(found.frame()["name"]) == ["mine", "a.csv", "b.csv"]
    assert found.verdict is None, "a first run has nothing to be held against"
    with pytest.raises(celoss_cli.UsageError):
        celoss_cli.append_history(3, "h.jsonl")  # type: ignore[arg-type]


def test_a_page_begins_with_what_is_urgent() -> None:
    for name, last in (("quiet.csv", 0.6), ("loud.csv", 0.0)):
        keep(*((place, 0.6) for place in range(8)), *((place, last) for place in range(8, 12)), name=name)
    page = run("history", "h.jsonl", "--max-regression", "10%", "--against", "best", "--format", "markdown").out
    title, first, second = (line for line in page.split("\n") if line.startswith("#"))
    assert title == "### 24 runs of 2 names, the level changed in 1: FAIL"
    assert (first, second) == ("#### `loud.csv`", "#### `quiet.csv`")
    rows = [line for line in page.split("\n") if line.startswith("| `")]
    assert "rose with run 9" in rows[0]
    assert "**FAIL**" in rows[0]
    assert "loud.csv: the mean may have changed by +" in page


def test_a_page_of_one_name_begins_with_its_last_loss() -> None:
    keep(*((place, 0.6) for place in range(3)))
    [series] = document()["series"]
    title = run("history", "h.jsonl", "--format", "markdown").out.partition("\n")[0]
    assert title == f"### Cross-entropy {series['runs'][-1]['mean']:.6f} nats after 3 runs of model.csv"
