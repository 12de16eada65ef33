"""``--count n`` gives every number that the file gives with each row written n times; and says what is no count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from celoss_cli import evaluate, explain
from celoss_cli.errors import InvalidWeights, UsageError
from running import run, write

Columns = dict[str, list[Any]]


def table(columns: Columns, rows: list[int] | None = None) -> pa.Table:
    return pa.table({name: cells if rows is None else [cells[row] for row in rows] for name, cells in columns.items()})


def counted(seed: int, n: int, classes: int) -> Columns:
    rng = np.random.default_rng(seed)
    scores = rng.dirichlet(np.ones(classes), n)
    columns: Columns = {f"p_{'abcd'[c]}": scores[:, c].tolist() for c in range(classes)}
    columns["y"] = ["abcd"[c] for c in rng.integers(classes, size=n)]
    columns["n"] = rng.choice([0, 1, 1, 2, 3, 40], n).tolist()
    columns["w"] = rng.uniform(0.0, 3.0, n).tolist()
    columns["g"] = [str(c) for c in rng.integers(3, size=n)]
    return columns


def written_out(columns: Columns) -> list[int]:
    return [row for row, count in enumerate(columns["n"]) for _ in range(count)]


def numbers(result: Any) -> dict[str, Any]:
    """Everything but what speaks of the file and of single rows."""
    document = result.to_dict()
    for name in ("inputs", "worst", "spec"):
        del document[name]
    del document["counts"]["rows"], document["counts"]["ignored"]  # those of the file
    document["warnings"] = [w["code"] for w in document["warnings"] if w["code"] != "unused_weights"]
    return document


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"sample_weight": "w"},
        {"sample_weight": "w", "denominator": "count"},
        {"class_weight": "balanced"},
        {"average": "macro"},
        {"label_smoothing": 0.1},
        {"slice": "g"},
        {"where": {"g": "1"}},
        {"ignore_index": "a"},
        {"clip": 0.1},
        {"compat": "sklearn"},
    ],
)
@pytest.mark.parametrize("classes", [2, 4])
def test_a_count_is_as_good_as_writing_the_row_so_often(classes: int, options: dict[str, Any]) -> None:
    columns = counted(3, 60, classes)
    short = evaluate(table(columns), count="n", label="y", pred="p_*", **options)
    full = evaluate(table(columns, written_out(columns)), label="y", pred="p_*", **options)
    assert numbers(short) == numbers(full)
    assert short.loss.standard_error == full.loss.standard_error
    assert len({row.row for row in short.worst}) == len(short.worst)  # a row is among the worst once
    assert short.worst[0].loss == full.worst[0].loss


def test_one_column_and_explain(tmp_path: Path) -> None:
    rows = [(1, 0.405, 477), (0, 0.405, 702)]
    write(tmp_path, {"f.csv": "y_true,y_prob,count\n" + "".join(f"{y},{p},{n}\n" for y, p, n in rows)})
    long = "y_true,y_prob\n" + "".join(f"{y},{p}\n" * n for y, p, n in rows)
    write(tmp_path, {"long.csv": long})
    short, full = (json.loads(run("eval", *arguments, "--format", "json").out)
                   for arguments in ((tmp_path / "f.csv", "--count", "count"), (tmp_path / "long.csv",)))  # fmt: skip
    assert short["loss"] == full["loss"]
    assert short["metrics"] == full["metrics"]
    assert short["warnings"] == []
    conventions = [explain(str(tmp_path / name), **options).conventions
                   for name, options in (("f.csv", {"count": "count"}), ("long.csv", {}))]  # fmt: skip
    assert [c.mean for c in conventions[0]] == [c.mean for c in conventions[1]]


@pytest.mark.parametrize("keyed", [False, True])
def test_counts_beside_the_labels(keyed: bool) -> None:
    columns = counted(4, 40, 3)
    order = np.random.default_rng(1).permutation(40).tolist() if keyed else list(range(40))
    ids = [f"i{row}" for row in range(40)]
    predictions = pa.table({"id": ids, **{name: columns[name] for name in ("p_a", "p_b", "p_c")}})
    labels = pa.table({"id": ids, "y": columns["y"], "n": columns["n"]}).take(pa.array(order))
    if not keyed:
        predictions, labels = predictions.drop_columns("id"), labels.drop_columns("id")
    short = evaluate(predictions, labels, count="n", label="y")
    full = evaluate(table(columns, written_out(columns)), label="y", pred="p_*")
    assert short.loss.mean == full.loss.mean
    assert short.loss.standard_error == full.loss.standard_error


def test_cuts_and_threads_change_nothing(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    columns = counted(5, 3000, 3)
    columns["n"][7] = 100_000  # more than are scored at once
    wanted = numbers(evaluate(table(columns), count="n", label="y", pred="p_*"))
    for size, threads in ((100, 1), (700, 2)):
        pq.write_table(table(columns), tmp_path / "f.parquet", row_group_size=size)
        result = evaluate(str(tmp_path / "f.parquet"), count="n", label="y", pred="p_*", threads=threads)
        assert numbers(result) == wanted
        assert result.worst == evaluate(table(columns), count="n", label="y", pred="p_*").worst


@pytest.mark.parametrize("cell", ["-1", "1.5", "", "inf", "1e11"])
def test_what_is_no_count_is_refused_where_it_stands(tmp_path: Path, cell: str) -> None:
    rows = "".join(f"{i % 2},0.{i + 1},{i}\n" for i in range(5))
    write(tmp_path, {"f.csv": f"y_true,y_prob,count\n{rows}1,0.5,{cell}\n"})
    done = run("eval", tmp_path / "f.csv", "-q", "--count", "count")
    assert (done.code, "row 5 (line 7), column 'count'" in done.err) == (3, True), done.err
    if cell != "inf":
        done = run("eval", tmp_path / "f.csv", "-q", "--count", "count", "--where", "y_true=0")
        assert done.code == 0, done.err


def test_words_are_no_counts_and_lines_are_rows() -> None:
    frame = table({"y_true": [0, 1], "y_prob": [0.1, 0.7], "name": ["a", "b"]})
    with pytest.raises(InvalidWeights, match="no numbers"):
        evaluate(frame, count="name")
    with pytest.raises(UsageError, match="per_sample="):
        evaluate(frame, count="name", per_sample="rows.csv")
