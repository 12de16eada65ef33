"""What the options of ``celoss eval`` do, seen from outside."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from running import Content, mean_of, run, write

# SEMANTICS, reference values: three rows whose losses are -log .7, -log .6, -log .3
ABC = "y,p_a,p_b,p_c,fold,w\na,.7,.2,.1,1,1\nb,.2,.6,.2,2,2\nc,.6,.1,.3,1,3\n"
LOSSES = [-math.log(0.7), -math.log(0.6), -math.log(0.3)]


def mean(*values: float) -> float:
    return math.fsum(values) / len(values)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], mean(*LOSSES)),
        (["--where", "fold=1"], mean(LOSSES[0], LOSSES[2])),
        (["--where", "fold=1", "--where", "y=c"], LOSSES[2]),
        (["--sample-weight", "w"], (LOSSES[0] + 2 * LOSSES[1] + 3 * LOSSES[2]) / 6),
        (["--sample-weight", "w", "--denominator", "count"], (LOSSES[0] + 2 * LOSSES[1] + 3 * LOSSES[2]) / 3),
        (["--class-weight", "1,2,3"], (LOSSES[0] + 2 * LOSSES[1] + 3 * LOSSES[2]) / 6),
        (["--class-weight", "c=3,b=2"], (LOSSES[0] + 2 * LOSSES[1] + 3 * LOSSES[2]) / 6),
        (["--class-weight", "balanced"], mean(*LOSSES)),
        (["--base", "2"], mean(*LOSSES) / math.log(2)),
        (["--base", "10"], mean(*LOSSES) / math.log(10)),
        (["--clip", "0.4"], mean(-math.log(0.6), -math.log(0.6), -math.log(0.4))),
        (["--pred", "p_a", "--pred", "p_b", "--pred", "p_c"], mean(*LOSSES)),
        (["--pred", "p_a,p_b,p_c"], mean(*LOSSES)),
        (["--pred", "p_[abc]"], mean(*LOSSES)),
        (["--classes", "c,b,a", "--label", "y"], mean(-math.log(0.1), -math.log(0.6), -math.log(0.6))),
        (
            ["--input", "logits"],
            mean(
                *(
                    math.log(sum(map(math.exp, z))) - z[i]
                    for i, z in enumerate([(0.7, 0.2, 0.1), (0.2, 0.6, 0.2), (0.6, 0.1, 0.3)])
                )
            ),
        ),
    ],
)
def test_options_that_change_the_number(arguments: list[str], expected: float, tmp_path: Path) -> None:
    assert mean_of(tmp_path, ABC, *arguments).mean == pytest.approx(expected, rel=1e-14)


def test_dropped_rows_are_counted_and_said(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"{ABC},.7,.2,.1,1,1\na,,.2,.1,1,1\n"})
    done = run("eval", tmp_path / "f.csv", "--invalid", "drop", "--format", "json")
    document = json.loads(done.out)
    assert document["loss"]["mean"] == pytest.approx(mean(*LOSSES), rel=1e-14)
    counts = {name: value for name, value in document["counts"].items() if value}
    assert counts == {"rows": 5, "scored": 3, "ignored": 2}
    assert document["warnings"][0]["code"] in ("rows_ignored", "unused_weights")


def test_conditions_split_at_the_last_equals_sign(tmp_path: Path) -> None:
    content = "y,p_a,p_b,k=v\na,.7,.3,1\nb,.4,.6,2\n"
    assert mean_of(tmp_path, content, "--where", "k=v=2").mean == pytest.approx(-math.log(0.6), rel=1e-14)


def test_a_name_that_holds_a_comma_is_given_by_repeating(tmp_path: Path) -> None:
    content = 'y,"p,a","p,b"\na,.7,.3\nb,.4,.6\n'
    done = mean_of(tmp_path, content, "--pred", "p,a", "--pred", "p,b", "--classes", "a,b")
    assert done.mean == pytest.approx(mean(-math.log(0.7), -math.log(0.6)), rel=1e-14)


@pytest.mark.parametrize("arguments", [["--threads", "1"], ["--threads", "3"]])
def test_threads_change_no_digit(arguments: list[str], tmp_path: Path) -> None:
    content = "y,p_a,p_b\n" + "".join(f"{'ab'[i % 2]},{i / 2e5!r},{1 - i / 2e5!r}\n" for i in range(1, 150_000))
    assert mean_of(tmp_path, content, *arguments).out == mean_of(tmp_path, content).out


def test_quiet_prints_seventeen_digits_and_nothing_else(tmp_path: Path) -> None:
    done = mean_of(tmp_path, ABC)
    assert done.out == f"{done.mean:.17g}\n"


def test_the_csv_form_is_the_per_class_table(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    rows = list(csv.DictReader(io.StringIO(run("eval", tmp_path / "f.csv", "--format", "csv").out)))
    assert [row["class"] for row in rows] == ["a", "b", "c"]
    assert [float(row["mean_loss"]) for row in rows] == pytest.approx(LOSSES, rel=1e-14)


@pytest.mark.parametrize("top", [0, 1, 2, 99])
def test_top(top: int, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    document = json.loads(run("eval", tmp_path / "f.csv", "--top", top, "--format", "json").out)
    assert [row["row"] for row in document["worst"]] == [2, 1, 0][:top]


# Per-sample files and reports


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("form", [["-q"], [], ["--format", "json"]])
def test_the_per_sample_file(suffix: str, form: list[str], tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "id,y,p_a,p_b,w\nx1,a,.7,.3,1\nx2,b,.4,.6,2\nx3,,.5,.5,1\n"})
    rows = tmp_path / f"rows.{suffix}"
    done = run("eval", tmp_path / "f.csv", "--per-sample", rows, "--invalid", "drop", "--sample-weight", "w", *form)
    assert done.code == 0, done.err
    table = pa.csv.read_csv(rows) if suffix == "csv" else pq.read_table(rows)
    columns = table.to_pydict()
    assert list(columns) == ["row", "id", "label", "loss", "weight", "weighted_loss", "p_true", "predicted"]
    assert columns["row"] == [0, 1, 2]
    assert columns["id"] == ["x1", "x2", "x3"]
    assert columns["loss"] == [pytest.approx(-math.log(0.7)), pytest.approx(-math.log(0.6)), None]
    assert columns["weighted_loss"] == [pytest.approx(-math.log(0.7)), pytest.approx(-2 * math.log(0.6)), None]
    assert columns["p_true"] == [pytest.approx(0.7), pytest.approx(0.6), None]
    assert [name or None for name in columns["predicted"]] == ["a", "b", None]


def test_an_existing_output_stays_as_it_was_when_the_data_are_bad(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"{ABC}zebra,.7,.2,.1,1,1\n", "rows.csv": "old", "rows.parquet": b"old"})
    for name in ("rows.csv", "rows.parquet"):
        done = run("eval", tmp_path / "f.csv", "--per-sample", tmp_path / name)
        assert done.code == 3
        assert (tmp_path / name).read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"f.csv", "rows.csv", "rows.parquet"}


def test_an_abandoned_parquet_file_leaves_no_noise(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    import gc

    write(tmp_path, {"f.csv": f"{ABC}zebra,.7,.2,.1,1,1\n"})
    done = run("eval", tmp_path / "f.csv", "--per-sample", tmp_path / "rows.parquet")
    gc.collect()
    assert done.code == 3
    assert not [warning for warning in recwarn if "write to closed file" in str(warning.message)]


def test_reports_hold_what_is_printed(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": ABC})
    reports = [part for name in ("r.json", "r.md", "r.csv") for part in ("--report", tmp_path / name)]
    assert run("eval", tmp_path / "f.csv", "-q", *reports).code == 0
    for name, form in (("r.json", "json"), ("r.md", "markdown"), ("r.csv", "csv")):
        printed = run("eval", tmp_path / "f.csv", "--format", form).out
        assert (tmp_path / name).read_text(encoding="utf-8") == printed


def test_strict_refuses_guesses_and_takes_what_is_settled(tmp_path: Path) -> None:
    single: Content = "y_true,score\n0,.1\n1,.8\n"
    assert mean_of(tmp_path, single).code == 0
    refused = mean_of(tmp_path, single, "--strict")
    assert refused.code == 3
    assert "hint: settle it with --input" in refused.err
    assert mean_of(tmp_path, single, "--strict", "--input", "probs").code == 0
