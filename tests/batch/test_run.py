"""``celoss batch``: each evaluation is what ``celoss eval`` says of it, and one that fails costs only itself."""

from __future__ import annotations

import json
import random
from pathlib import Path
from xml.etree import ElementTree

import junitparser
import pytest
from prometheus_client.parser import text_string_to_metric_families

import celoss_cli
from celoss_cli.outputs.named import path_for
from celoss_cli.tables.text import csv as csv_reader
from running import Run, run, write

ROWS = 240
FOLDS = ("1", "2", "10")


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three models as files and as columns of one file, stacked in another, labels apart, and a file that is none."""
    monkeypatch.chdir(tmp_path)
    draw = random.Random(18)
    truth = [draw.randint(0, 1) for _ in range(ROWS)]
    models = {
        name: [min(max(0.5 + (y - 0.5) * skill + draw.gauss(0, 0.2), 0.01), 0.99) for y in truth]
        for name, skill in (("lr", 0.3), ("rf", 0.5), ("gb", 0.7))
    }
    folds = [FOLDS[i % 3] for i in range(ROWS)]
    contents = {f"runs/{name}.csv": "p\n" + "".join(f"{p!r}\n" for p in column) for name, column in models.items()}
    contents["labels.csv"] = "y\n" + "".join(f"{y}\n" for y in truth)
    contents["bad.csv"] = "p\n0.5\nmany\n"
    wide = zip(truth, folds, *models.values(), strict=True)
    contents["wide.csv"] = "y,fold,p_lr,p_rf,p_gb\n" + "".join(f"{','.join(map(str, row))}\n" for row in wide)
    contents["long.csv"] = "model,y,p\n" + "".join(
        f"{name},{y},{p!r}\n" for name, column in models.items() for y, p in zip(truth, column, strict=True)
    )
    write(tmp_path, contents)
    return tmp_path


def alone(*arguments: object) -> float:
    return run("eval", *arguments, "-q").mean


def means(done: Run) -> dict[str, float]:
    pairs = (line.split("\t") for line in done.out.splitlines())
    return {name: float(mean) for name, mean in pairs}


def test_every_mean_is_that_of_eval() -> None:
    done = run("batch", "runs/*.csv", "--labels", "labels.csv", "-q")
    assert done.code == 0, done.err
    assert means(done) == {f"runs/{name}.csv": alone(f"runs/{name}.csv", "labels.csv") for name in ("gb", "lr", "rf")}
    assert list(means(done)) == ["runs/gb.csv", "runs/lr.csv", "runs/rf.csv"]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_document_of_each_is_that_of_eval(threads: int) -> None:
    options = ("--labels", "labels.csv", "--max-loss", "0.5", "--threads", threads)
    found = json.loads(run("batch", "runs/gb.csv", "runs/lr.csv", *options, "--format", "json").out)
    assert (found["schema"], found["schema_version"]) == ("celoss.batch", "1.0")
    for one in found["evaluations"]:
        single = run("eval", one["name"], "labels.csv", "--max-loss", "0.5", "--format", "json")
        assert {"name": one["name"], **json.loads(single.out)} == one


def test_models_are_columns_and_groups_are_values() -> None:
    models = ("--model", "lr=p_lr", "--model", "gb=p_g*")
    found = means(run("batch", "wide.csv", "--label", "y", *models, "-q"))
    assert found == {
        f"wide.csv:{name}": alone("wide.csv", "--label", "y", "--pred", f"p_{name}") for name in ("lr", "gb")
    }
    found = means(run("batch", "long.csv", "--by", "model", "-q"))
    assert found == {f"long.csv:{name}": alone("long.csv", "--where", f"model={name}") for name in ("gb", "lr", "rf")}
    found = means(run("batch", "wide.csv", "--label", "y", *models, "--by", "fold", "-q"))
    assert list(found) == [f"wide.csv:{name}:{fold}" for name in ("lr", "gb") for fold in FOLDS], "2 before 10"
    one = alone("wide.csv", "--label", "y", "--pred", "p_gb", "--where", "fold=10")
    assert found["wide.csv:gb:10"] == one


def test_a_name_is_the_same_however_many_files_there_are(files: Path) -> None:
    """The night that a file is missing its series alone has a gap."""
    write(files, {"more/a.csv": (files / "wide.csv").read_text(), "more/b.csv": (files / "wide.csv").read_text()})
    given = ("--label", "y", "--model", "lr=p_lr", "--model", "gb=p_gb", "-q")
    both = means(run("batch", "more/*.csv", *given))
    (files / "more/b.csv").unlink()
    one = means(run("batch", "more/*.csv", *given))
    assert list(one) == ["more/a.csv:lr", "more/a.csv:gb"]
    assert one.items() <= both.items()
    assert means(run("batch", "more/a.csv", *given)) == one


def test_what_by_leaves_out_is_no_warning() -> None:
    assert "left out" not in run("batch", "long.csv", "--by", "model", "-q").err
    assert "left out" in run("batch", "wide.csv", "--label", "y", "--pred", "p_lr", "--where", "fold=1", "-q").err


def test_rows_without_a_value_of_by_are_told(files: Path) -> None:
    text = (files / "long.csv").read_text()
    (files / "long.csv").write_text(text + ",1,0.7\n,0,0.3\n")
    done = run("batch", "long.csv", "--by", "model", "-q")
    assert done.code == 0
    assert "warning: long.csv: 2 rows have no value of 'model'" in done.err


def _with_groups_beside(files: Path) -> None:
    lines = ["id,g,y"]
    scores = ["id,p"]
    for place in range(40):
        lines.append(f"{place},{('a', '/c')[place % 2] if place else ''},{place // 2 % 2}")
        scores.append(f"{place},{0.2 + place / 80!r}")
    write(files, {"beside.csv": "\n".join(lines) + "\n", "scores.csv": "\n".join(scores) + "\n"})


def test_the_column_of_by_may_be_in_the_label_file(files: Path) -> None:
    _with_groups_beside(files)
    options = ("--labels", "beside.csv", "-q")
    done = run("batch", "scores.csv", *options, "--by", "g")
    assert means(done) == {
        f"scores.csv:{value}": alone("scores.csv", "beside.csv", "--where", f"g={value}") for value in ("/c", "a")
    }
    assert "warning: scores.csv: 1 row has no value of 'g', and belongs to no evaluation" in done.err
    one = means(run("batch", "scores.csv", *options, "--by", "g", "--where", "y=1"))
    assert one["scores.csv:a"] == alone("scores.csv", "beside.csv", "--where", "g=a", "--where", "y=1")
    refused = run("batch", "scores.csv", *options, "--by", "h")
    assert refused.code == 3
    assert "hint: its columns are 'id', 'p'; those of beside.csv are 'g', 'id', 'y'" in refused.err


def test_a_group_that_where_names_as_well_is_told_once(files: Path) -> None:
    _with_groups_beside(files)
    done = run("batch", "scores.csv", "--labels", "beside.csv", "-q", "--by", "g", "--where", "g=a")
    assert list(means(done)) == ["scores.csv:a"]
    assert "21 rows of 40 left out (g=a)" in done.err


def test_a_slash_in_a_value_of_by_makes_no_directory(files: Path) -> None:
    _with_groups_beside(files)
    options = ("--labels", "beside.csv", "-q", "--by", "g")
    assert run("batch", "scores.csv", *options, "--per-sample", "psn", "--save-baseline", "base").code == 0
    assert sorted(path.name for path in Path("psn").iterdir()) == ["scores.csv%3A%2Fc.csv", "scores.csv%3Aa.csv"]
    assert sorted(path.name for path in Path("base").iterdir()) == ["scores.csv%3A%2Fc.json", "scores.csv%3Aa.json"]
    assert run("batch", "scores.csv", *options, "--baseline", "base", "--max-regression", "0").code == 0


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("runs/lr.csv", "d/runs/lr.csv.json"),
        ("runs/lr.csv:a/b:c", "d/runs/lr.csv%3Aa%2Fb%3Ac.json"),
        ("runs/lr.csv:..", "d/runs/lr.csv%3A...json"),
        ("../lr.csv:/", "d/%2E%2E/lr.csv%3A%2F.json"),
        ("s3://x/lr.csv:a/b", "d/s3%3A/%/x/lr.csv%3Aa%2Fb.json"),
    ],
)
def test_the_file_of_a_name(name: str, path: str) -> None:
    assert path_for("d", name, ".json") == path


def test_one_that_cannot_be_scored_costs_only_itself() -> None:
    done = run("batch", "runs/lr.csv", "bad.csv", "gone.csv", "runs/gb.csv", "--labels", "labels.csv", "-q")
    assert done.code == 3
    assert list(means(done)) == ["runs/lr.csv", "runs/gb.csv"]
    assert "error: bad.csv: " in done.err
    assert "error: gone.csv: there is no such file" in done.err
    document = json.loads(run("batch", "runs/lr.csv", "bad.csv", "--labels", "labels.csv", "--format", "json").out)
    broken = document["evaluations"][1]
    assert set(broken) == {"name", "inputs", "tags", "error"}
    assert broken["error"]["message"]
    assert document["verdict"] == {"passed": False, "failed": [], "errors": ["bad.csv"]}
    assert document["counts"]["errors"] == 1


def test_an_option_that_one_file_makes_no_sense_of_costs_that_file_alone(files: Path) -> None:
    rows = "".join(f"{i % 2},{i % 3 // 2},0.{i % 9 + 1},0.{i % 7 + 1}\n" for i in range(60))
    one = "".join(f"{i % 2},0.{i % 9 + 1}\n" for i in range(60))
    write(files, {"several.csv": "label_a,label_b,prob_a,prob_b\n" + rows, "one.csv": "y,p\n" + one})
    done = run("batch", "one.csv", "several.csv", "--label-smoothing", "0.1", "-q")
    assert (done.code, list(means(done))) == (3, ["one.csv"])
    assert "error: several.csv: --label-smoothing is not defined for multilabel" in done.err
    assert run("batch", "several.csv", "--label-smoothing", "0.1", "-q").code == 2, "as eval says of it"


def test_two_stars_lead_into_every_directory(files: Path) -> None:
    for place in ("0.csv", "a/1.csv", "a/deep/2.csv"):
        write(files, {f"nest/{place}": "y,p\n" + "1,0.8\n0,0.3\n" * 20})
    for pattern in ("nest/**/*.csv", "nest/**"):
        found = list(means(run("batch", pattern, "-q")))
        assert found == ["nest/0.csv", "nest/a/1.csv", "nest/a/deep/2.csv"]


def test_an_error_goes_before_a_limit() -> None:
    limits = ("--labels", "labels.csv", "--max-loss", "0.0001")
    assert run("batch", "runs/lr.csv", "bad.csv", *limits).code == 3
    failed = run("batch", "runs/lr.csv", "runs/gb.csv", *limits, "-q")
    assert failed.code == 1
    assert "runs/lr.csv: gate failed: --max-loss 0.0001" in failed.err
    assert run("batch", "runs/lr.csv", "runs/gb.csv", "--labels", "labels.csv", "--max-loss", "9").code == 0


def test_fail_fast_stops() -> None:
    done = run("batch", "runs/lr.csv", "bad.csv", "runs/gb.csv", "--labels", "labels.csv", "--fail-fast", "-q")
    assert done.code == 3
    assert list(means(done)) == ["runs/lr.csv"]
    assert "1 not tried" in done.err


def test_labels_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    original = csv_reader.CsvTable.partitions

    def partitions(self: csv_reader.CsvTable) -> object:
        opened.append(self.path)
        return original(self)

    monkeypatch.setattr(csv_reader.CsvTable, "partitions", partitions)
    done = run("batch", "runs/*.csv", "--labels", "labels.csv", "-q")
    assert done.code == 0
    assert opened.count("labels.csv") == 1
    assert opened.count("runs/lr.csv") == 1


def test_a_directory_of_shards_is_one_evaluation(files: Path) -> None:
    lines = (files / "long.csv").read_text().splitlines(keepends=True)
    head, rows = lines[0], lines[1 : ROWS + 1]
    write(files, {"parts/a.csv": head + "".join(rows[:100]), "parts/b.csv": head + "".join(rows[100:])})
    found = means(run("batch", "parts", "wide.csv", "--label", "y", "--pred", "p*", "-q"))
    assert found["parts"] == alone("wide.csv", "--label", "y", "--pred", "p_lr")


def test_a_glob_leaves_the_labels_out(files: Path) -> None:
    write(files, {"runs/labels.csv": (files / "labels.csv").read_text()})
    done = run("batch", "runs/*.csv", "--labels", "runs/labels.csv", "-q")
    assert (done.code, len(means(done))) == (0, 3)


@pytest.mark.parametrize(
    ("key", "first"), [("loss", "runs/gb.csv"), ("name", "runs/gb.csv"), ("accuracy", "runs/gb.csv")]
)
def test_sorted(key: str, first: str) -> None:
    given = ("runs/rf.csv", "bad.csv", "runs/lr.csv", "runs/gb.csv", "--labels", "labels.csv", "--sort", key)
    found = json.loads(run("batch", *given, "--format", "json").out)["evaluations"]
    assert [one["name"] for one in found][::3] == [first, "bad.csv"]


def test_the_forms() -> None:
    given = ("batch", "runs/lr.csv", "runs/gb.csv", "bad.csv", "--labels", "labels.csv", "--max-loss", "0.45")
    table = run(*given)
    assert "2 of 3 scored, 1 could not be scored, 1 misses a limit" in table.out
    lines = [json.loads(line) for line in run(*given, "--format", "jsonl").out.splitlines()]
    assert [line["name"] for line in lines] == ["runs/lr.csv", "runs/gb.csv", "bad.csv"]
    assert lines == json.loads(run(*given, "--format", "json").out)["evaluations"]
    rows = run(*given, "--format", "csv").out.splitlines()
    assert rows[0].startswith("name,rows,scored,mean,")
    assert len(rows) == 4
    assert run(*given, "--format", "markdown").out.startswith("### Cross-entropy of 3 evaluations: FAIL")


def test_reports() -> None:
    names = ("r.json", "r.xml", "r.html", "r.prom", "r.metrics.json", "r.md", "r.csv")
    reports = [word for name in names for word in ("--report", name)]
    given = ("runs/lr.csv", "runs/gb.csv", "bad.csv", "--labels", "labels.csv", "--max-loss", "0.45")
    assert run("batch", *given, *reports).code == 3
    suites = list(junitparser.JUnitXml.fromfile("r.xml"))
    assert [(suite.name, suite.failures, suite.errors) for suite in suites] == [
        ("celoss batch runs/lr.csv", 1, 0),
        ("celoss batch runs/gb.csv", 0, 0),
        ("celoss batch bad.csv", 0, 1),
    ]
    root = ElementTree.parse("r.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("3", "1", "1")
    series = [
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in text_string_to_metric_families(Path("r.prom").read_text())
        for sample in family.samples
    ]
    assert len(set(series)) == len(series)
    flat = json.loads(Path("r.metrics.json").read_text())
    assert flat["runs/lr.csv/loss"] == alone("runs/lr.csv", "labels.csv")
    assert flat["bad.csv/scored"] == 0
    page = Path("r.html").read_text()
    assert page.count("<h2>") == 3, "one for what could not be scored, and one for each that was"


def test_per_sample_and_baselines() -> None:
    given = ("runs/lr.csv", "runs/gb.csv", "--labels", "labels.csv")
    assert run("batch", *given, "--per-sample", "rows", "--save-baseline", "base").code == 0
    run("eval", "runs/lr.csv", "labels.csv", "--per-sample", "one.csv")
    assert Path("rows/runs/lr.csv.csv").read_bytes() == Path("one.csv").read_bytes()
    judged = ("--baseline", "base", "--max-regression", "0.001")
    assert run("batch", *given, *judged).code == 0
    Path("runs/gb.csv").write_bytes(Path("runs/rf.csv").read_bytes())
    assert run("batch", *given, *judged, "--save-baseline", "base", "-q").code == 1
    assert json.loads(Path("base/runs/gb.csv.json").read_text())["verdict"] is None, "the failed one did not replace it"
    new = run("batch", *given, "runs/rf.csv", *judged, "-q")
    assert new.code == 3
    assert "base/runs/rf.csv.json: the baseline cannot be read" in new.err


def test_names_stay_in_the_directory(files: Path) -> None:
    write(
        files,
        {"m.csv": "predictions,name,label,pred\nwide.csv,../../up,y,p_lr\nwide.csv,-q,y,p_rf\nwide.csv,<b>/x,y,p_gb\n"},
    )
    assert (
        run("batch", "--manifest", "m.csv", "--per-sample", "rows", "--report", "r.html", "--report", "r.md").code == 0
    )
    found = {
        path.relative_to(files).as_posix() for path in Path(files).rglob("*.csv") if path.is_relative_to(files / "rows")
    }
    assert found == {"rows/%2E%2E/%2E%2E/up.csv", "rows/-q.csv", "rows/%3Cb%3E/x.csv"}
    assert "<b>" not in Path("r.html").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("runs/lr.csv", "runs/lr.csv"),
        ("wide.csv", "--model", "lr"),
        ("wide.csv", "--model", "lr=p_lr", "--model", "lr=p_rf"),
        ("wide.csv", "--model", "lr=p_lr", "--pred", "p_rf"),
        ("wide.csv", "--model", "lr=,"),
        ("wide.csv", "--max-regression", "0.1"),
        ("wide.csv", "--report", "wide.csv"),
        ("wide.csv", "--label-smoothing", "2"),
        ("wide.csv", "--threads", "0"),
        ("runs/lr.csv", "runs/gb.csv", "--labels", "labels.csv", "--delimiter", "abc"),
        ("runs/lr.csv", "gone.csv", "--labels", "labels.csv", "--compat", "nothing"),
        ("wide.csv", "-q", "--format", "json"),
    ],
)
def test_bad_options(arguments: tuple[str, ...]) -> None:
    done = run("batch", *arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")


@pytest.mark.parametrize("column", ["nothing", "p", "none"])
def test_a_bad_column_for_by(files: Path, column: str) -> None:
    (files / "long.csv").write_text("model,none,y,p\n" + "".join(f"a,,1,{i / 20_000!r}\n" for i in range(1, 10_010)))
    done = run("batch", "long.csv", "--by", column)
    assert done.code == 3
    assert "hint: " in done.err


def test_python(files: Path) -> None:
    found = celoss_cli.evaluate_many("runs/*.csv", "labels.csv", sort="loss", max_loss=0.45)
    assert found.evaluations[0].name == "runs/gb.csv"
    assert found.verdict is not None
    assert found.verdict.failed
    assert found.frame()["mean"].is_monotonic_increasing
    assert found.metrics()["runs/lr.csv/loss"] == alone("runs/lr.csv", "labels.csv")
    truth = [int(line) for line in (files / "labels.csv").read_text().split()[1:]]
    scores = {
        name: [float(line) for line in (files / f"runs/{name}.csv").read_text().split()[1:]] for name in ("lr", "gb")
    }
    in_memory = celoss_cli.evaluate_many({**scores, "none": [0.5]}, truth)
    assert [item.evaluation.loss.mean for item in in_memory.evaluations[:2] if item.evaluation] == [
        alone(f"runs/{name}.csv", "labels.csv") for name in scores
    ]
    assert in_memory.evaluations[2].error is not None
    columns = celoss_cli.evaluate_many("wide.csv", label="y", model={"lr": "p_lr", "both": ["p_rf"]})
    assert [item.name for item in columns.evaluations] == ["wide.csv:lr", "wide.csv:both"]
    celoss_cli.write_report(found, files / "r.json")
    assert json.loads((files / "r.json").read_text())["schema"] == "celoss.batch"
    with pytest.raises(celoss_cli.UsageError, match="have no name"):
        celoss_cli.evaluate_many([scores["lr"]], truth)


def test_two_columns_of_one_file_are_compared(files: Path) -> None:
    given = ("compare", "wide.csv", "--label", "y", "--model", "lr=p_lr", "--model", "gb=p_gb")
    found = json.loads(run(*given, "--format", "json").out)
    apart = json.loads(run("compare", "runs/lr.csv", "runs/gb.csv", "labels.csv", "--format", "json").out)
    assert found["difference"] == apart["difference"]
    assert found["inputs"]["candidate"]["path"] == "wide.csv:gb"
    write(
        files,
        {"scores.csv": "\n".join(line.partition(",")[2] for line in (files / "wide.csv").read_text().split()) + "\n"},
    )
    beside = run("compare", "scores.csv", "labels.csv", *given[4:], "-q")
    assert float(beside.out) == found["difference"]["mean"], beside.err
    assert run(*given, "--model", "rf=p_rf", "-q").out.count("\n") == 2
    assert (
        celoss_cli.compare("wide.csv", label="y", model={"lr": "p_lr", "gb": "p_gb"}).difference.mean
        == found["difference"]["mean"]
    )
    for bad in (
        ["wide.csv"],
        ["wide.csv", "--model", "lr=p_lr"],
        ["wide.csv", "a", "b", "--model", "x=p_lr", "--model", "y=p_rf"],
    ):
        assert run("compare", *bad).code == 2


def test_versions_that_are_one_number_are_no_two_groups(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,p,ver\n1,.8,1.10\n0,.3,1.1\n1,.6,1.10\n0,.2,1.1\n"})
    done = run("batch", tmp_path / "f.csv", "--by", "ver", "-q")
    assert done.code == 3
    assert "column 'ver' has '1.1' and '1.10', which are the same number: one group, or two?" in done.err
