"""``--tag key=value`` travels into every report, and tells the series of many reports apart."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import junitparser
import pytest
from prometheus_client.parser import text_string_to_metric_families

import celoss_cli
from celoss_cli.render.forms.findings import Origin
from celoss_cli.render.forms.metrics import labels_of
from running import run, write

REPORTS = [word for end in ("json", "xml", "html", "md", "prom") for word in ("--report", f"r.{end}")]
TAGS = ("--tag", "model=l=r", "--tag", "the week=<3>")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rows = "1,0.8\n0,0.3\n1,0.6\n0,0.1\n" * 5
    write(tmp_path, {"a.csv": "y,p\n" + rows, "b.csv": "y,p\n" + rows.replace("0.8", "0.7")})


def series(*paths: str) -> list[Any]:
    return [
        (sample.name, tuple(sorted(sample.labels.items())))
        for path in paths
        for family in text_string_to_metric_families(Path(path).read_text())
        for sample in family.samples
    ]


@pytest.mark.parametrize(
    "command", [["eval", "a.csv"], ["compare", "a.csv", "b.csv"], ["diagnose", "a.csv"], ["batch", "a.csv"]]
)
def test_every_report_has_them(command: list[str]) -> None:
    assert run(*command, *TAGS, *REPORTS, "-q").code == 0
    document = json.loads(Path("r.json").read_text())
    document = document["evaluations"][0] if command[0] == "batch" else document
    assert document["tags"] == {"model": "l=r", "the week": "<3>"}, "split at the first ="
    [suite] = junitparser.JUnitXml.fromfile("r.xml")
    properties = {one.name: one.value for one in suite.properties()}
    assert (properties["tag_model"], properties["tag_the week"]) == ("l=r", "<3>")
    assert all(("tag_model", "l=r") in labels and ("tag_the_week", "<3>") in labels for _, labels in series("r.prom"))
    assert Path("r.md").read_text().partition("\n")[0].endswith("`model=l=r` `the week=<3>`")
    assert "model=l=r · the week=&lt;3&gt;</title>" in Path("r.html").read_text()


def test_an_error_has_them_too() -> None:
    assert run("eval", "gone.csv", *TAGS, "--report", "r.prom").code == 3
    assert all(("tag_model", "l=r") in labels for _, labels in series("r.prom"))


def test_what_a_batch_could_not_score_has_them_too() -> None:
    """Those that all have stand in the title, those of one in its section."""
    rows = 'predictions,tag\na.csv,model=a\ngone.csv,"model=b,week=3"\nb.csv,"model=c,week=3"\n'
    write(Path(), {"m.csv": rows.replace("a.csv,model=a", 'a.csv,"model=a,week=3"')})
    done = run("batch", "--manifest", "m.csv", *REPORTS, "--format", "json")
    assert done.code == 3
    documents = json.loads(done.out)["evaluations"]
    assert [one["tags"] for one in documents] == [{"model": name, "week": "3"} for name in "abc"]
    names = {value for _, labels in series("r.prom") for key, value in labels if key == "tag_model"}
    assert names == {"a", "b", "c"}
    for suite, name in zip(junitparser.JUnitXml.fromfile("r.xml"), "abc", strict=True):
        assert ("tag_model", name) in [(one.name, one.value) for one in suite.properties()]
    assert Path("r.md").read_text().partition("\n")[0].endswith("`week=3`")
    page = Path("r.html").read_text()
    assert "week=3</title>" in page
    assert "model=a" in page
    assert page.count("week=3") < page.count("model=") + 3


def test_many_reports_have_no_series_twice() -> None:
    names = []
    for place in range(100):
        name = f"{place}.csv"
        Path(name).write_bytes(Path("a.csv").read_bytes())
        names.append(f"{place}.prom")
        assert run("eval", name, "-q", "--report", names[-1]).code == 0
    for command in (
        ["diagnose", "0.csv"],
        ["compare", "0.csv", "1.csv"],
        ["eval", "gone.csv"],
        ["eval", "0.csv", "--tag", "x=1"],
    ):
        names.append(f"{len(names)}.prom")
        run(*command, "-q", "--report", names[-1])
    found = series(*names)
    assert len(found) > 1000
    assert len(set(found)) == len(found)


def test_json_has_no_time_and_pages_have() -> None:
    run("eval", "a.csv", "-q", *REPORTS)
    first = Path("r.json").read_bytes()
    assert not re.search(rb"20\d\d-\d\d-\d\d", first)
    assert re.search(r'timestamp="20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d"', Path("r.xml").read_text())
    assert re.search(r" 20\d\d, \d\d:\d\d UTC", Path("r.html").read_text())
    run("eval", "a.csv", "-q", *REPORTS)
    assert Path("r.json").read_bytes() == first


def test_keys_become_labels() -> None:
    keys = ("week", "file", "a b", "a_b", "9", "__x", "")
    labels = labels_of(Origin("eval", "1", ("f.csv",), tags=tuple((key, key) for key in keys)))
    names = [name for name, _ in labels]
    assert names == ["file", "week", "tag_file", "tag_a_b", "a_b", "tag_9", "tag___x", "tag_"]
    same = labels_of(Origin("eval", "1", ("f.csv",), tags=(("a b", "1"), ("a-b", "2"))))
    assert [name for name, _ in same] == ["file", "tag_a_b", "tag_a_b_"]


def test_a_batch_that_did_not_end_is_no_evaluation() -> None:
    assert dict(labels_of(Origin("batch", "1", ("f.csv", "g.csv")))) == {"file": "f.csv", "command": "batch"}
    assert dict(labels_of(Origin("batch", "1", ("f.csv",), "f"))) == {"name": "f", "file": "f.csv"}


@pytest.mark.parametrize("tag", ["alone", "=value", "key=", " =x"])
def test_what_is_no_tag(tag: str) -> None:
    done = run("eval", "a.csv", "--tag", tag)
    assert done.code == 2
    assert "is not NAME=VALUE" in done.err


def test_python() -> None:
    assert celoss_cli.evaluate("a.csv", tag={"week": 3}).tags == {"week": "3"}
    assert celoss_cli.compare("a.csv", "b.csv", tag="week=3").tags == {"week": "3"}
    assert celoss_cli.diagnose("a.csv", tag=["week=3"]).tags == {"week": "3"}
