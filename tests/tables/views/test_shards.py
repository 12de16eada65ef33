"""Shards are one table: the same bits as one file, rows placed in the shard that holds them."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from running import run, write

ROWS = [f"{'ab'[i % 2]},{i / 100!r},{1 - i / 100!r}" for i in range(1, 100)]
HEADER = "y,p_a,p_b"


def text(rows: list[str]) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.sets(st.integers(1, 98), max_size=6), parquet=st.booleans())
def test_any_split_gives_the_same_bits(cuts: set[int], parquet: bool, tmp_path: Path) -> None:
    for path in tmp_path.iterdir():
        path.unlink()
    edges = [0, *sorted(cuts), len(ROWS)]
    for number, (start, end) in enumerate(itertools.pairwise(edges)):
        name = f"part-{number}.csv"
        write(tmp_path, {name: text(ROWS[start:end])})
        if parquet:
            pq.write_table(pa_csv.read_csv(tmp_path / name), tmp_path / f"part-{number}.parquet")
            (tmp_path / name).unlink()
    whole = tmp_path.with_suffix(".whole")
    whole.write_text(text(ROWS))
    assert run("eval", tmp_path, "-q", "--threads", 2).out == run("eval", whole, "-q").out


def test_shards_are_ordered_as_people_count(tmp_path: Path) -> None:
    write(tmp_path, {f"part-{i}.csv": text([f"a,0.{i:02d},{1 - i / 100!r}"]) for i in (2, 10, 1)})
    rows = tmp_path / "out.parquet"
    assert run("eval", tmp_path / "part-*", "-q", "--per-sample", rows).code == 0
    assert pq.read_table(rows)["p_true"].to_pylist() == [0.01, 0.02, 0.1]


def test_a_fault_is_placed_in_its_shard(tmp_path: Path) -> None:
    write(tmp_path, {"part-1.csv": text(ROWS), "part-2.csv": text([*ROWS[:5], "a,x,1"]), "part-3.csv": text(ROWS[1:])})
    done = run("eval", tmp_path, "-q")
    assert done.code == 3
    assert f"{tmp_path / 'part-2.csv'} row 5 (line 7), column 'p_a': 'x' is not a number" in done.err
    write(tmp_path, {"part-2.csv": text([*ROWS[:5], "zebra,.5,.5"])})
    done = run("eval", tmp_path, "-q")
    assert f"{tmp_path / 'part-2.csv'} row 5 (line 7), column 'y': label 'zebra'" in done.err


@pytest.mark.parametrize("header", ["y,p_a", "label,p_a,p_b"])
def test_shards_of_other_columns_are_refused(header: str, tmp_path: Path) -> None:
    write(tmp_path, {"part-1.csv": text(ROWS), "part-2.csv": f"{header}\n" + "a" + ",.5" * header.count(",") + "\n"})
    done = run("eval", tmp_path, "-q")
    assert done.code == 3
    assert "part-2.csv: the columns differ from those of" in done.err


def _named_codes(names: list[str]) -> pa.Table:
    features = {"label": {"names": names, "_type": "ClassLabel"}}
    about = json.dumps({"info": {"features": features}})
    made = pa.table({"label": pa.array([0, 1], pa.int64()), "p_0": [0.9, 0.2], "p_1": [0.1, 0.8]})
    return made.replace_schema_metadata({"huggingface": about})


def _vectors(width: int, *, fixed: bool) -> pa.Table:
    kind = pa.list_(pa.float64(), width) if fixed else pa.list_(pa.float64())
    return pa.table({"label": [0, 1], "probs": pa.array([[1 / width] * width] * 2, kind)})


MODELS: dict[str, tuple[Any, Any, str]] = {
    "names of codes": (_named_codes(["neg", "pos"]), _named_codes(["pos", "neg"]), "stand for pos, neg here"),
    "length of lists": (_vectors(2, fixed=False), _vectors(3, fixed=False), "have 3 elements"),
    "length of fixed lists": (_vectors(2, fixed=True), _vectors(3, fixed=True), "have 3 elements"),
    "classes in cells": (
        '{"y": "cat", "p": {"cat": 0.9, "dog": 0.1}}\n',
        '{"y": "red", "p": {"red": 0.9, "blue": 0.1}}\n',
        "has class 'red', unlike the first rows",
    ),
    "classes in names": (
        "y,p_cat,p_dog\ncat,0.9,0.1\n",
        "y,p_red,p_blue\nred,0.9,0.1\n",
        "the columns differ from those of",
    ),
    "labels alone": ("y,p\ncat,0.9\ndog,0.2\n", "y,p\nred,0.9\nblue,0.2\n", "nothing says which of the labels"),
}


@pytest.mark.parametrize("name", MODELS)
def test_files_of_two_models_are_refused(name: str, tmp_path: Path) -> None:
    """Those that differ in their classes alone, too: rows of one would be scored as the classes of the other."""
    one, other, message = MODELS[name]
    write(tmp_path, {"a": one, "b": other})
    found = run("eval", tmp_path / "*", "-q")
    assert (found.code, message in found.err, "hint: " in found.err) == (3, True, True), found.err


TURNED = ("p_b,y,p_a", lambda row: ",".join(row.split(",")[place] for place in (2, 0, 1)))


def turned(directory: Path, form: str) -> Path:
    """Write three parts, the second with its columns in another order, and return their directory."""
    directory.mkdir()
    rows = [ROWS[:30], list(map(TURNED[1], ROWS[30:70])), ROWS[70:]]
    for number, (header, part) in enumerate(zip((HEADER, TURNED[0], HEADER), rows, strict=True)):
        place = directory / f"part-{number}.csv"
        place.write_text("\n".join([header, *part]) + "\n", encoding="utf-8")
        if form != "csv":
            frame = pa_csv.read_csv(place)
            if form == "parquet":
                pq.write_table(frame, place.with_suffix(".parquet"), row_group_size=7)
            else:
                lines = "".join(json.dumps(row) + "\n" for row in frame.to_pylist())
                place.with_suffix(".jsonl").write_text(lines, encoding="utf-8")
            place.unlink()
    return directory


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_columns_of_parts_are_taken_by_name(form: str, tmp_path: Path) -> None:
    directory, whole = turned(tmp_path / "parts", form), tmp_path / "whole.csv"
    whole.write_text(text(ROWS), encoding="utf-8")
    mean = run("eval", whole, "-q").out
    assert run("eval", directory, "-q", "--strict", "--threads", 2).out == mean
    assert run("eval", directory, "-q", "--pred", "p_a,p_b", "--classes", "a,b").out == mean
    assert run("inspect", directory).code == 0
    kept = run("eval", directory, "-q", "--per-sample", tmp_path / "rows.csv")
    assert (kept.out, len((tmp_path / "rows.csv").read_text().splitlines())) == (mean, 100)
    state = tmp_path / "all.state"
    assert run("state", directory, "-o", state).code == 0
    assert run("merge", state, "-q").out == mean


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl"])
def test_such_parts_are_written_again_as_each_is(form: str, tmp_path: Path) -> None:
    directory, fix, whole = turned(tmp_path / "parts", form), tmp_path / "fix.json", tmp_path / "whole.csv"
    whole.write_text(text(ROWS), encoding="utf-8")
    assert run("calibrate", "fit", whole, "-o", fix).code == 0
    done = run("calibrate", "apply", fix, directory, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    assert run("calibrate", "apply", fix, whole, "-o", tmp_path / "w.csv").code == 0
    assert run("eval", tmp_path / "out", "-q").mean == pytest.approx(run("eval", tmp_path / "w.csv", "-q").mean)
    if form == "csv":
        assert (tmp_path / "out" / "part-1.csv").read_text().startswith(TURNED[0] + "\n")


def test_parts_on_workers_take_columns_by_name(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    directory = turned(tmp_path / "parts", "parquet")
    assert run("eval", directory, "-q", "--engine", "dask").out == run("eval", directory, "-q").out
