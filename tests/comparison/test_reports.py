"""Two reports are compared as results of independent rows: by Welch's t, with the same three-way verdict."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from scipy.stats import ttest_ind

from celoss_cli.comparison.options import Comparing
from celoss_cli.comparison.reports import compare_reports
from celoss_cli.results.comparison import ComparisonOutcome
from running import run, write


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def report(name: str, skill: float, rows: int, seed: int, *options: str) -> list[float]:
    """Write the report of some rows, and return their losses."""
    draw = random.Random(seed)
    lines, losses = ["y,p"], []
    for _ in range(rows):
        y = draw.randint(0, 1)
        p = round(min(max(0.5 + (y - 0.5) * skill + draw.gauss(0, 0.2), 0.01), 0.99), 6)
        lines.append(f"{y},{p}")
        losses.append(-float(np.log(p if y else 1 - p)))
    write(Path(), {f"{name}.csv": "\n".join(lines) + "\n"})
    done = run("eval", f"{name}.csv", "-q", "--report", f"{name}.json", *options)
    assert done.code == 0, done.err
    return losses


def test_the_difference_is_that_of_welch() -> None:
    old, new = report("old", 0.5, 300, 1), report("new", 0.3, 180, 2)
    found = json.loads(run("compare", "old.json", "new.json", "--format", "json").out)
    other = ttest_ind(new, old, equal_var=False)
    assert found["difference"]["mean"] == pytest.approx(np.mean(new) - np.mean(old), rel=1e-12)
    assert found["difference"]["df"] == pytest.approx(other.df, rel=1e-9)
    assert found["difference"]["p_value"] == pytest.approx(other.pvalue, rel=1e-6)
    interval = other.confidence_interval(0.95)
    assert found["difference"]["interval"] == pytest.approx([interval.low, interval.high], rel=1e-9)
    assert (found["schema"], found["verdict"]["outcome"], found["same_rows"]) == ("celoss.unpaired", "worse", False)


@pytest.mark.parametrize(
    ("new", "margin", "outcome", "code"),
    [
        ((0.3, 2), "0.01", "worse", 1),
        ((0.5, 3), "5", "no_worse", 0),
        ((0.9, 4), "0", "better", 0),
        ((0.5, 3), "0.000001", "undecided", 1),
    ],
)
def test_the_gate(new: tuple[float, int], margin: str, outcome: str, code: int) -> None:
    report("old", 0.5, 300, 1)
    report("new", new[0], 250, new[1])
    done = run("compare", "old.json", "new.json", "--max-regression", margin, "--format", "json", "--report", "r.xml")
    assert (json.loads(done.out)["verdict"]["outcome"], done.code) == (outcome, code)
    assert ElementTree.parse("r.xml").getroot().get("failures") == str(code)
    assert ("gate failed: " in done.err) == bool(code)
    open_gate = run("compare", "old.json", "new.json", "--max-regression", margin, "--inconclusive", "pass")
    assert open_gate.code == (0 if outcome == "undecided" else code)


def test_equal_models_are_called_worse_at_the_stated_rate() -> None:
    draw = np.random.default_rng(5)
    document = {
        "schema": "celoss.evaluation", "schema_version": "1.1", "convention": {}, "per_class": [],
        "spec": {"task": "binary", "classes": ["0", "1"]},
    }  # fmt: skip
    worse = 0
    for place in range(400):
        for name in ("a", "b"):
            losses = draw.exponential(0.3, 200)
            loss = {"mean": losses.mean(), "unit": "nats", "standard_error": losses.std(ddof=1) / 200**0.5}
            held = {**document, "loss": loss, "counts": {"rows": 200, "scored": 200}, "digest": f"{name}{place}"}
            Path(f"{name}.json").write_text(json.dumps(held))
        worse += compare_reports("a.json", "b.json", Comparing()).verdict.outcome is ComparisonOutcome.WORSE
    assert worse <= 0.025 * 400 + 3 * (400 * 0.025 * 0.975) ** 0.5


def test_the_same_rows_are_told() -> None:
    report("old", 0.5, 100, 1)
    done = run("compare", "old.json", "old.json")
    assert done.code == 0
    assert "both reports are of the same rows" in done.out


def test_forms() -> None:
    report("old", 0.5, 100, 1, "--tag", "week=1")
    report("new", 0.4, 100, 2)
    [row] = csv.DictReader(io.StringIO(run("compare", "old.json", "new.json", "--format", "csv").out))
    assert float(row["difference"]) == float(run("compare", "old.json", "new.json", "-q").out)
    title = run("compare", "old.json", "new.json", "--format", "markdown").out.partition("\n")[0]
    assert re.fullmatch(r"### Cross-entropy 0\.\d+ instead of 0\.\d+ nats, 0\.\d+ (better|worse)", title)
    reports = [word for end in ("html", "md", "prom", "metrics.json") for word in ("--report", f"r.{end}")]
    assert run("compare", "old.json", "new.json", "--tag", "a=b", *reports).code == 0
    assert "a=b" in Path("r.html").read_text()
    assert Path("r.html").read_text().count("<svg") == 1
    assert run("compare", "old.json", "new.json", "-q", "--plots", "plots").code == 0
    assert [path.name for path in Path("plots").iterdir()] == ["means.svg"]
    assert json.loads(Path("r.metrics.json").read_text())["difference"] == float(row["difference"])


def test_what_cannot_be_compared() -> None:
    report("old", 0.5, 100, 1)
    report("new", 0.5, 100, 2, "--base", "2")
    done = run("compare", "old.json", "new.json")
    assert done.code == 3
    assert "new.json: cannot be compared with old.json: base e there, 2 here" in done.err
    for option in (
        ["--label", "y"],
        ["--slice", "p"],
        ["--bootstrap", "200"],
        ["--clip", "0.1"],
        ["--invalid", "drop"],
    ):
        refused = run("compare", "old.json", "old.json", *option)
        assert refused.code == 2
        assert f"{option[0]} says something of rows" in refused.err
    assert run("compare", "old.json", "old.json", "--confidence", "2").code == 2
    assert run("compare", "old.json", "old.csv").code == 3, "a report and a file of predictions"


def test_of_infinite_means_there_is_no_difference() -> None:
    report("fine", 0.5, 100, 1)
    write(Path(), {"i.csv": "y,p\n1,0\n0,0.5\n1,0.4\n"})
    assert run("eval", "i.csv", "-q", "--report", "i.json").code == 0
    done = run("compare", "i.json", "i.json", "--report", "r.html", "--max-regression", "1")
    assert done.code == 1
    assert "none that is a number, between inf and inf" in done.out
    assert "no interval: a mean is not finite" in done.out
    assert "no verdict: neither mean is finite, and there is no difference between them" in done.out
    for text in (done.out, Path("r.html").read_text()):
        assert re.search(r"\bnan\b", text) is None
    for pair, whose in ((("i.json", "fine.json"), "baseline"), (("fine.json", "i.json"), "candidate")):
        assert f"no verdict: the mean of the {whose} is not finite" in " ".join(run("compare", *pair).out.split())


def test_a_standard_error_below_zero_is_none() -> None:
    report("old", 0.5, 100, 1)
    held = json.loads(Path("old.json").read_text())
    held["loss"]["standard_error"] *= -1
    Path("new.json").write_text(json.dumps(held))
    done = run("compare", "old.json", "new.json")
    assert (done.code, done.out) == (3, "")
    assert "new.json: the report has -" in done.err
    assert "as loss.standard_error, and a number from 0 up, or null, is needed" in done.err


def test_a_configuration_of_rows_does_not_keep_reports_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is set for the files of an evaluation is no setting of two reports; what is asked for on top is refused."""
    report("old", 0.5, 300, 1)
    report("new", 0.3, 180, 2)
    plain = run("compare", "old.json", "new.json", "--format", "json", "--tag", "week=3")
    rows = "label = 'y'\npred = 'p'\nslice = ['when=month']\nbootstrap = 500\nbase = 2\ntop = 3\n"
    write(Path(), {"celoss.toml": rows + "tag = ['week=3']\n"})
    monkeypatch.setenv("CELOSS_CLIP", "1e-6")
    found = run("compare", "old.json", "new.json", "--format", "json")
    assert (found.code, found.out) == (plain.code, plain.out)
    assert found.err == "configured: tag (celoss.toml)\n"
    done = run("compare", "old.json", "new.json", "--label", "y")
    assert (done.code, done.err.splitlines()[-2]) == (2, "error: --label says something of rows, and reports have none")
    done = run("compare", "old.csv", "new.csv")
    assert "hint: --slice takes one of these names; --slice is set in celoss.toml" in done.err, "of files they hold"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (("old.json", "gone.json"), "gone.json: there is no such file"),
        (("gone.json", "old.json"), "gone.json: there is no such file"),
        (("old.json", "old.csv"), "old.csv: is no report of celoss, and old.json is one"),
        (("rows.json", "old.json"), "rows.json: is no report of celoss, and old.json is one"),
        (("old.json", "cut.json"), "cut.json: the report is no JSON: "),
        (("old.json", "night.json"), "night.json: the report is of the schema celoss.batch 1.0, not celoss.evaluation"),
    ],
)
def test_the_file_that_is_no_report_is_named(files: tuple[str, str], said: str) -> None:
    report("old", 0.5, 300, 1)
    text = Path("old.json").read_text()
    night = run("batch", "old.csv", "--format", "json").out
    write(Path(), {"rows.json": '[{"y": 1, "p": 0.4}]', "cut.json": text[:1000], "night.json": night})
    done = run("compare", *files)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith(f"error: {said}")
    assert "--baseline" not in done.err
