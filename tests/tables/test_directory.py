"""The files below a directory that are the rows of one table are read, all of them and no others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from running import run, write

P = [0.9, 0.2, 0.7, 0.6, 0.1, 0.8]
Y = [1, 0, 1, 0, 0, 1]
LOSSES = [-np.log(p if y else 1 - p) for p, y in zip(P, Y, strict=True)]


def rows(first: int, last: int) -> str:
    return "".join(f"{y},{p}\n" for y, p in zip(Y[first:last], P[first:last], strict=True))


def table(first: int, last: int) -> pa.Table:
    return pa.table({"y_true": pa.array(Y[first:last], pa.int64()), "y_prob": pa.array(P[first:last], pa.float64())})


def mean(*options: Any) -> float:
    done = run("eval", *options, "-q")
    assert done.code == 0, done.err
    return float(done.out)


def parts(*options: Any) -> dict[str, Any]:
    decisions = json.loads(run("eval", *options, "--format", "json").out)["spec"]["decisions"]
    return next(one for one in decisions if one["what"] == "parts")


@pytest.fixture
def hive(tmp_path: Path) -> Path:
    for week, (first, last) in {"1": (0, 2), "2": (2, 3), "__HIVE_DEFAULT_PARTITION__": (3, 6)}.items():
        folder = tmp_path / "runs" / "site=a%2Fb" / f"week={week}"
        folder.mkdir(parents=True)
        pq.write_table(table(first, last), folder / "part-0.parquet")
        (folder / "_SUCCESS").touch()
        (folder / "_temporary").mkdir()
        (folder / ".part-0.parquet.crc").touch()
    return tmp_path / "runs"


def test_hive_partitions_are_columns(hive: Path) -> None:
    assert mean(hive) == pytest.approx(np.mean(LOSSES), rel=1e-14)
    assert mean(hive, "--where", "week=2") == pytest.approx(LOSSES[2], rel=1e-14)
    assert mean(hive, "--where", "week=") == pytest.approx(np.mean(LOSSES[3:]), rel=1e-14)
    slices = json.loads(run("eval", hive, "--slice", "week,site", "--format", "json").out)["slices"]
    assert {(one["column"], one["value"]): one["rows"] for one in slices} == {
        ("week", "1"): 2, ("week", "2"): 1, ("week", None): 3, ("site", "a/b"): 6,
    }  # fmt: skip
    assert parts(hive)["value"] == "3 files"


def test_a_glob_of_partitions(hive: Path) -> None:
    assert mean(hive / "site=*" / "week=[12]") == pytest.approx(np.mean(LOSSES[:3]), rel=1e-14)
    assert mean(hive / "site=*" / "week=*", "--where", "week=2") == pytest.approx(LOSSES[2], rel=1e-14)


def test_two_stars_of_a_glob_are_folders_at_any_depth(hive: Path, tmp_path: Path) -> None:
    assert mean(hive / "**" / "*.parquet") == mean(hive)
    assert mean(tmp_path / "**" / "week=[12]") == pytest.approx(np.mean(LOSSES[:3]), rel=1e-14)


def test_a_partition_that_the_file_has_too_is_the_files(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"week=1/p.csv": f"week,y_true,y_prob\n7,{rows(0, 1)}", "week=2/p.csv": f"week,y_true,y_prob\n8,{rows(1, 2)}"},
    )
    assert mean(tmp_path, "--where", "week=8") == pytest.approx(LOSSES[1], rel=1e-14)


@pytest.mark.parametrize(
    "files",
    [
        {"week=1/p.csv": "y_true,y_prob\n1,.5\n", "p.csv": "y_true,y_prob\n1,.5\n"},
        {"week=1/p.csv": "y_true,y_prob\n1,.5\n", "other/p.csv": "y_true,y_prob\n1,.5\n"},
        {"week=1/p.csv": "y_true,y_prob\n1,.5\n", "day=1/p.csv": "y_true,y_prob\n1,.5\n"},
        {"one/p.csv": "y_true,y_prob\n1,.5\n", "other/p.csv": "y_true,y_prob\n1,.5\n"},
    ],
    ids=lambda files: " ".join(files),
)
def test_folders_that_are_no_partitions(files: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path, files)
    done = run("eval", tmp_path, "-q")
    assert done.code == 3
    assert "holds " in done.err
    assert str(tmp_path) in done.err.split("hint:")[1]


def test_parts_without_rows(tmp_path: Path) -> None:
    for number, (first, last) in enumerate([(0, 0), (0, 4), (4, 4), (4, 6)]):
        pq.write_table(table(first, last), tmp_path / f"part-{number}.parquet")
        write(tmp_path, {f"csv/part-{number}.csv": "y_true,y_prob\n" + rows(first, last)})
    write(tmp_path, {"csv/part-9.csv": ""})
    for place in (tmp_path / "part-*.parquet", tmp_path / "csv"):
        assert mean(place) == pytest.approx(np.mean(LOSSES), rel=1e-14)
        assert parts(place)["value"] == "2 files"
        assert "without rows: part-0" in parts(place)["evidence"]


def test_single_rows_that_are_taken_for_headers_are_no_fewer_labels_in_silence(tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "a,b\n.9,.1\n.2,.8\n.6,.4\n", "y/part-0.txt": "a\nb\n", "y/part-1.txt": "a\n"})
    done = run("eval", tmp_path / "p.csv", tmp_path / "y", "-q")
    assert done.code == 3
    assert "3 predictions but 1 labels" in done.err
    assert "--header/--no-header if a header was taken for a row or the reverse" in done.err


def test_parts_that_all_are_empty(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "y_true,y_prob\n", "b.csv": "y_true,y_prob\n"})
    done = run("eval", tmp_path, "-q")
    assert done.code == 3
    assert "there is only a header" in done.err


def test_what_a_run_says_of_itself_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, {"a.csv": "y_true,y_prob\n" + rows(0, 6), "metrics.json": '{"loss": 0.3}'})
    assert mean(tmp_path) == pytest.approx(np.mean(LOSSES), rel=1e-14)
    write(tmp_path, {"b.csv": "y_true,y_prob\n" + rows(0, 1)})
    assert parts(tmp_path)["evidence"] == "a.csv … b.csv; left out: metrics.json"
    write(tmp_path, {"c.json": '[{"y_true": 1, "y_prob": 0.5}]'})
    assert "different forms" in run("eval", tmp_path, "-q").err


def test_a_saved_data_set(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    made = datasets.Dataset.from_dict({"y_true": Y, "y_prob": P})
    made.save_to_disk(tmp_path / "one", num_shards=2)
    assert mean(tmp_path / "one") == pytest.approx(np.mean(LOSSES), rel=1e-14)
    datasets.DatasetDict({"train": made, "test": made}).save_to_disk(tmp_path / "all")
    done = run("eval", tmp_path / "all", "-q")
    assert done.code == 3
    assert "splits of a data set: 'test', 'train'" in done.err
    assert mean(tmp_path / "all", "--split", "test") == pytest.approx(np.mean(LOSSES), rel=1e-14)
    assert mean(tmp_path / "all" / "test") == pytest.approx(np.mean(LOSSES), rel=1e-14)


def test_a_delta_table_is_what_its_log_says(tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake")
    place = tmp_path / "scores"
    weeks = pa.table({**{name: table(0, 6)[name] for name in ("y_true", "y_prob")}, "week": [1, 1, 2, 2, 3, 3]})
    deltalake.write_deltalake(place, weeks, partition_by=["week"])
    deltalake.DeltaTable(place).delete("y_prob < 0.15")
    left = [loss for loss, p in zip(LOSSES, P, strict=True) if p >= 0.15]
    assert len(list(place.rglob("*.parquet"))) > 3
    assert mean(place) == pytest.approx(np.mean(left), rel=1e-14)
    assert mean(place, "--where", "week=2") == pytest.approx(np.mean(LOSSES[2:4]), rel=1e-14)
    next(place.rglob("week=2/*.parquet")).unlink()
    assert "there is no such file" in run("eval", place, "-q").err


def test_a_delta_log_that_is_none(tmp_path: Path) -> None:
    write(tmp_path, {"_delta_log/00000000000000000000.json": "{}", "part-0.csv": "y_true,y_prob\n" + rows(0, 6)})
    done = run("eval", tmp_path, "-q")
    assert done.code == 3
    assert "is a Delta table" in done.err


@pytest.mark.parametrize("mark", [".hoodie/x", "metadata/v1.metadata.json"])
def test_tables_of_other_kinds_are_named(mark: str, tmp_path: Path) -> None:
    write(tmp_path, {mark: "{}", "part-0.csv": "y_true,y_prob\n" + rows(0, 6)})
    assert "its log, and not the directory, says which files are the table" in run("eval", tmp_path, "-q").err
