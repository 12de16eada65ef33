"""Inspection: what files hold, what was decided and what came second, and a command line that pins all of it down."""

from __future__ import annotations

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import Inspection, UsageError, evaluate, inspect
from celoss_cli.results.inspection import InspectedColumn, InspectedFile
from running import SCRIPT, run, run_script

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "sample_data"
LAYOUTS = ROOT / "tests" / "layouts"

PAIRS = [
    ("digits_probs_by_id.parquet", "digits_labels_by_id.csv"),
    ("iris_logits.csv", "iris_species.csv"),
    ("digits_logits.npy", "digits_labels.npy"),
]
ALONE = [
    "cancer_boosted.csv", "cancer_imbalanced.csv", "cancer_logits.csv", "cancer_probs.csv", "cancer_weighted.csv",
    "digits_logits.csv", "digits_logits.parquet", "digits_logits_list.parquet", "digits_probs.csv.gz",
    "iris_outputs.npz", "iris_probs.csv", "iris_semicolon.csv", "wine_knn.csv", "wine_logits.csv",
    "wine_logits.parquet", "wine_logprobs.csv", "wine_logprobs.parquet", "wine_probs.csv", "wine_probs.parquet",
    "wine_shards",
]  # fmt: skip
FILES = [
    *[(SAMPLES / name,) for name in ALONE],
    *[tuple(SAMPLES / name for name in pair) for pair in PAIRS],
    *[
        (*sorted(folder.glob("predictions*")), *sorted(folder.glob("labels*")))
        for folder in sorted(LAYOUTS.iterdir())
        if list(folder.glob("predictions*"))
    ],
]


def column(file: InspectedFile | None, name: str) -> InspectedColumn:
    assert file is not None
    return next(column for column in file.columns if column.name == name)


def runner_up(found: Inspection, what: str) -> str | None:
    return next(decision.runner_up for decision in found.decisions if decision.what == what)


def unsettled(document: dict[str, Any], unpinned: tuple[str, ...]) -> list[str]:
    """The decisions that an option could settle and none has: that a tool was recognised changes nothing then.

    Nor do the files of a directory, which are what was named.
    """
    return [
        decision["what"]
        for decision in document["spec"]["decisions"]
        if decision["how"] != "given" and decision["what"] not in (*unpinned, "layout", "parts")
    ]


@pytest.mark.parametrize("files", FILES, ids=lambda files: "/".join(files[0].parts[-2:]))
def test_the_command_line_pins_everything_down(files: tuple[Path, ...]) -> None:
    found, plain = inspect(*files), run("eval", *files, "-q")
    if found.error is not None:
        assert plain.code == 3
        assert found.command is None
        assert found.error.message in plain.err
        return
    assert found.command is not None
    program, *arguments = shlex.split(found.command)
    assert program == "celoss"
    assert arguments[-1] == "--strict"
    pinned = run(*arguments, "--format", "json")
    assert pinned.code == 0, pinned.err
    document = json.loads(pinned.out)
    assert float(document["loss"]["mean"]) == plain.mean
    assert set(found.unpinned) <= {"pairing", "labels", "predictions"}
    assert not unsettled(document, found.unpinned)


def test_a_shell_runs_the_command_whatever_the_names(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    names = ["a, b", "it's", "$(rm x)", "[*]x"]
    labels = rng.integers(0, 4, 60)
    logits = rng.normal(size=(60, 4)) + 2.0 * (labels[:, None] == np.arange(4))
    frame = pd.DataFrame(logits, columns=names)
    frame.insert(0, "the truth; or not", [names[label] for label in labels])
    path = tmp_path / "-odd name's.csv"
    frame.to_csv(path, index=False)
    shown = run_script("inspect", f"./{path.name}", cwd=tmp_path)
    assert shown.code == 0, shown.err
    command = shown.out.splitlines()[-1]
    done = subprocess.run(
        command.replace("celoss", shlex.quote(SCRIPT), 1) + " -q",
        shell=True, capture_output=True, text=True, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == evaluate(path).loss.mean


def test_what_was_given_is_kept_in_the_command(tmp_path: Path) -> None:
    frame = pd.DataFrame({"y": [0, 1, 1, 9, 0] * 4, "p": [0.2, 0.7, None, 0.4, 0.1] * 4, "split": [*"aabab"] * 4})
    path = tmp_path / "f.csv"
    frame.to_csv(path, index=False)
    given = ["--where", "split=a", "--invalid", "drop", "--ignore-index", "9", "--class-weight", "1=2"]
    document = json.loads(run("inspect", path, *given, "--format", "json").out)
    for word in given:
        assert word in shlex.split(document["command"])
    assert run(*shlex.split(document["command"])[1:], "-q").mean == run("eval", path, *given, "-q").mean


def test_no_loss_is_told() -> None:
    for arguments in (["--format", "json"], []):
        shown = run("inspect", SAMPLES / "wine_knn.csv", *arguments)
        assert shown.code == 0
        assert "loss" not in shown.out.replace("celoss", "")
        assert "0.48" not in shown.out


def test_what_the_columns_hold(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": [f"r{i}" for i in range(3000)],
            "truth": [*"ab"] * 1500,
            "prob_a": [None, *np.linspace(0.1, 0.9, 2999)],
            "prob_b": [None, *np.linspace(0.9, 0.1, 2999)],
            "weight": pa.array(range(3000), pa.int32()),
        }
    )
    path = tmp_path / "f.parquet"
    pq.write_table(table, path, row_group_size=1000)
    found = inspect(path, invalid="drop")
    file = found.inputs.predictions
    assert file is not None
    assert (file.format, file.rows, file.parts, file.part, file.bytes) == (
        "parquet", 3000, 3, "row groups", path.stat().st_size,
    )  # fmt: skip
    assert [one.role for one in file.columns] == ["id", "label", "prediction", "prediction", None]
    scores, weights, truth = (column(file, name) for name in ("prob_a", "weight", "truth"))
    assert (scores.class_, scores.low, scores.high, scores.nulls) == ("a", 0.1, 0.9, 1)
    assert (weights.low, weights.high, weights.range_of) == (0.0, 2999.0, "all rows (statistics)")
    assert (weights.distinct, weights.distinct_of) == (1000, "the first 1,000 rows")
    assert (truth.distinct, truth.examples, truth.kind) == (2, ("a", "b"), "text")
    assert next((one.part, one.reason) for one in weights.possible) == ("sample_weight", "its name")


@pytest.mark.parametrize("rows", [3, 1000, 1001])
def test_which_rows_a_range_is_of(rows: int, tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    pd.DataFrame({"y": [0, 1, *[1] * (rows - 2)], "p": [0.25, 0.75, *[0.5] * (rows - 3), 0.9]}).to_csv(path)
    scores = column(inspect(path).inputs.predictions, "p")
    assert (scores.low, scores.high) == (0.25, 0.9 if rows <= 1000 else 0.75)
    assert scores.range_of == (f"all {rows:,} rows" if rows <= 1000 else "the first 1,000 rows")


def test_how_a_text_file_is_stored() -> None:
    file = inspect(SAMPLES / "digits_probs.csv.gz").inputs.predictions
    assert file is not None
    assert (file.compression, file.encoding, file.delimiter, file.decimal) == ("gzip", "utf-8", ",", ".")
    decimal = inspect(SAMPLES / "iris_semicolon.csv").inputs.predictions
    assert decimal is not None
    assert (decimal.delimiter, decimal.decimal, decimal.header) == (";", ",", True)
    shards = inspect(SAMPLES / "wine_shards").inputs.predictions
    assert shards is not None
    assert (shards.part, shards.rows) == ("shards", 178)
    assert shards.parts == len(list((SAMPLES / "wine_shards").iterdir()))


def test_labels_have_their_file() -> None:
    found = inspect(SAMPLES / "digits_probs_by_id.parquet", SAMPLES / "digits_labels_by_id.csv")
    labels = found.inputs.labels
    assert labels is not None
    assert {one.role for one in labels.columns} == {"id", "label"}
    assert labels.rows == found.inputs.predictions.rows  # type: ignore[union-attr]
    assert runner_up(found, "pairing") == "by row position: only if both files have one order"


def test_runners_up(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("target,approved,p\n1,yes,0.7\n0,no,0.2\n1,no,0.9\n0,yes,0.4\n", encoding="utf-8")
    found = inspect(path)
    assert runner_up(found, "label") == "approved: the only column of names, but 'target' could be it, too"
    assert runner_up(found, "input") == "logits: a column of them can lie within [0, 1] too"
    assert runner_up(found, "positive") == "0: column 'p' is named after neither class"


def test_an_alarm_is_the_runner_up_and_the_only_place_of_a_loss(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 100)
    p = np.clip(np.where(labels == 1, 0.1, 0.9) + rng.normal(size=100) * 0.05, 0.01, 0.99)
    path = tmp_path / "flipped.csv"
    pd.DataFrame({"y": labels, "p": p}).to_csv(path, index=False)
    found = inspect(path)
    assert [warning.code for warning in found.warnings] == ["classes_swapped"]
    assert str(runner_up(found, "positive")).startswith("--positive 0: far better")
    assert str(runner_up(found, "classes")).startswith("--positive 0: far better")
    assert found.error is None
    refused = run_script("inspect", path, "--strict")
    assert refused.code == 3
    assert refused.err == run_script("eval", path, "--strict").err


def test_labels_shifted_leave_the_command_without_strict(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, 200)
    p = np.roll(np.where(labels == 1, 0.95, 0.05), 1)
    path = tmp_path / "shifted.csv"
    pd.DataFrame({"y": labels, "p": p}).to_csv(path, index=False)
    found = inspect(path)
    assert found.command is not None
    assert "--strict" not in found.command
    assert run(*shlex.split(found.command)[1:], "-q").mean == evaluate(path).loss.mean


def test_labels_in_two_spellings_end_in_the_error_of_strict(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("label,p_a,p_b\na,.9,.1\nA,.8,.2\nb,.3,.7\n", encoding="utf-8")
    assert run("inspect", path).code == 0
    refused = run("inspect", path, "--strict")
    assert refused.code == 3
    assert "--allow labels_alike" in refused.err
    assert refused.err == run("eval", path, "--strict").err
    assert run("inspect", path, "--strict", "--allow", "labels_alike").code == 0
    command = inspect(path).command
    assert command is not None
    assert run(*shlex.split(command)[1:]).code == 0


def test_files_that_cannot_be_settled_are_shown_as_far_as_they_are_known(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("row,grade,kind,s1,s2\n1,a,x,0.5,0.1\n2,b,y,0.25,0.7\n3,a,x,0.1,0.2\n4,b,x,0.3,0.9\n", "utf-8")
    done = run_script("inspect", path)
    assert done.code == 3
    assert done.err == run_script("eval", path).err
    for shown in (
        "grade",
        "kind",
        "label: 2 different values in 4 rows",
        "prediction: all 2 columns of fractions",
        "id: its name",
    ):
        assert shown in done.out
    document = json.loads(run("inspect", path, "--format", "json").out)
    assert document["error"]["code"] == "label_unknown"
    assert "--label" in document["error"]["hint"]
    assert document["command"] is None
    parts = {one["name"]: [p["part"] for p in one["possible"]] for one in document["inputs"]["predictions"]["columns"]}
    assert parts == {"row": ["id"], "grade": ["label"], "kind": ["label"], "s1": ["prediction"], "s2": ["prediction"]}


def test_an_error_of_a_late_row_comes_after_the_decisions(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    pd.DataFrame({"y": [0, 1] * 1000, "p": [0.5] * 1999 + [np.nan]}).to_csv(path, index=False)
    found = inspect(path)
    assert found.error is not None
    assert found.error.code == "nan_score"
    assert found.error.where is not None
    assert found.error.where.row == 1999
    assert {"label", "predictions"} <= {decision.what for decision in found.decisions}


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = run("inspect", tmp_path / "none.csv", "--format", "json")
    assert done.code == 3
    assert json.loads(done.out)["inputs"] == {"predictions": None, "labels": None}


def test_contradictory_options_are_raised() -> None:
    with pytest.raises(UsageError):
        inspect(SAMPLES / "wine_probs.csv", classes=("a", "a"))
    assert run("inspect", SAMPLES / "wine_probs.csv", "--classes", "a,a").code == 2


def test_objects_in_memory_have_no_command() -> None:
    found = inspect(pd.DataFrame({"a": [0.2, 0.7], "b": [0.8, 0.3]}), pd.Series(["b", "a"], name="y"))
    assert found.command is None
    assert found.error is None
    assert [one.class_ for one in found.inputs.predictions.columns] == ["a", "b"]  # type: ignore[union-attr]


def test_arrays_and_vectors() -> None:
    found = inspect(SAMPLES / "digits_logits_list.parquet")
    (vector,) = [one for one in found.inputs.predictions.columns if one.role == "prediction"]  # type: ignore[union-attr]
    assert vector.kind == "vector"
    assert vector.class_ is None
    assert vector.low is not None
    assert vector.range_of == "the first 1,000 rows"


def test_a_thousand_columns_are_told_in_brief_and_kept_in_the_json(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 500)), columns=[f"logit_{i}" for i in range(500)])
    frame["label"] = rng.integers(0, 500, 40)
    path = tmp_path / "wide.parquet"
    frame.to_parquet(path)
    shown = run("inspect", path)
    assert shown.code == 0, shown.err
    assert "and 481 more columns" in shown.out
    assert len(shown.out.splitlines()) < 60
    document = json.loads(run("inspect", path, "--format", "json").out)
    assert len(document["inputs"]["predictions"]["columns"]) == 501


def test_cells_that_cannot_be_read_are_shown_as_far_as_they_can(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text('{"y": "a", "prob": [0.2, 0.8]}\n{"y": "b", "prob": [0.1, 0.2, 0.7]}\n', encoding="utf-8")
    done = run_script("inspect", path)
    assert done.code == 3
    assert done.err == run_script("eval", path).err
    assert "prob" in done.out


def test_json_lines_are_inspected_and_pinned(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    rows = [{"y": "ab"[i % 2], "p_a": 0.7 - 0.4 * (i % 2), "p_b": 0.3 + 0.4 * (i % 2)} for i in range(30)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = inspect(path)
    assert found.error is None
    assert found.command is not None
    assert run(*shlex.split(found.command)[1:], "-q").mean == run("eval", path, "-q").mean


def test_standard_input(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes((SAMPLES / "wine_probs.csv").read_bytes())
    with path.open("rb") as stream:
        shown = run_script("inspect", "-", "--file-format", "csv", "--format", "json", stdin=stream)
    document = json.loads(shown.out)
    assert document["inputs"]["predictions"]["path"] == "-"
    with path.open("rb") as stream:
        done = run_script(*shlex.split(document["command"])[1:], "-q", stdin=stream)
    assert done.mean == run("eval", path, "-q").mean


def test_statistics_leave_nan_out_and_say_so(tmp_path: Path) -> None:
    scores = [0.25, float("nan"), *[0.5] * 2_000]
    pq.write_table(pa.table({"p": scores, "n": range(len(scores)), "y": [0, 1] * 1_001}), tmp_path / "f.parquet")
    file = inspect(tmp_path / "f.parquet", pred="p", label="y").inputs.predictions
    assert file is not None
    assert (column(file, "p").low, column(file, "p").range_of) == (0.25, "all rows (statistics, which leave NaN out)")
    assert column(file, "n").range_of == "all rows (statistics)"
