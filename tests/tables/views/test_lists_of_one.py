"""Scores and labels of shape (n, 1), as Keras and TensorFlow Serving write them: lists of one are one column."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from celoss_cli import evaluate
from running import run, write

LABELS = [1, 0, 1, 0, 1]

SCORES = [0.9, 0.2, 0.8, 0.3, 0.45]

EXPECTED = -float(np.mean(np.log([0.9, 0.8, 0.8, 0.7, 0.45])))


def _lists(values: list[Any]) -> list[Any]:
    return [[value] for value in values]


def _csv(scores: list[Any], labels: list[Any]) -> str:
    return pd.DataFrame({"prob": scores, "label": labels}).to_csv(index=False)


def _jsonl(scores: list[Any], labels: list[Any]) -> str:
    rows = zip(scores, labels, strict=True)
    return "".join(json.dumps({"prob": score, "label": label}) + "\n" for score, label in rows)


def _table(kind: Callable[[pa.DataType], pa.DataType], scores: list[Any], labels: list[Any]) -> pa.Table:
    columns = {"prob": (scores, pa.float32()), "label": (labels, pa.int64())}
    return pa.table({
        name: pa.array(values, kind(inner) if isinstance(values[0], list) else inner)
        for name, (values, inner) in columns.items()
    })  # fmt: skip


WRITERS: dict[str, Callable[[list[Any], list[Any]], Any]] = {
    "x.csv": _csv,
    "x.jsonl": _jsonl,
    "x.json": lambda scores, labels: json.dumps({"prob": scores, "label": labels}),
    "list.parquet": lambda scores, labels: _table(pa.list_, scores, labels),
    "large.parquet": lambda scores, labels: _table(pa.large_list, scores, labels),
    "fixed.parquet": lambda scores, labels: _table(lambda inner: pa.list_(inner, 1), scores, labels),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("which", ["scores", "labels", "both"])
def test_a_list_of_one_is_its_value(name: str, which: str, tmp_path: Path) -> None:
    scores = SCORES if which == "labels" else _lists(SCORES)
    labels = LABELS if which == "scores" else _lists(LABELS)
    write(tmp_path, {name: WRITERS[name](scores, labels)})
    assert evaluate(str(tmp_path / name), strict=True).loss.mean == pytest.approx(EXPECTED, rel=1e-6)
    assert run("inspect", tmp_path / name).code == 0


def test_objects_in_memory() -> None:
    frame = pd.DataFrame({"prob": _lists(SCORES), "label": _lists(LABELS)})
    assert evaluate(frame).loss.mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "list.parquet"])
def test_a_later_list_of_two(name: str, tmp_path: Path) -> None:
    """The first thousand rows are not the file."""
    labels = _lists(LABELS * 300)
    labels[-1] = [1, 0]
    write(tmp_path, {name: WRITERS[name](SCORES * 300, labels)})
    done = run("eval", tmp_path / name, "--strict")
    assert (done.code, "row 1499" in done.err, "'label'" in done.err) == (3, True, True), done.err


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "list.parquet"])
def test_large_labels_stay_apart(name: str, tmp_path: Path) -> None:
    large = [2**53 + label for label in LABELS]
    write(tmp_path, {name: WRITERS[name](SCORES, _lists(large))})
    done = run("eval", tmp_path / name, "--positive", 2**53 + 1, "-q", "--strict")
    assert done.mean == pytest.approx(EXPECTED, rel=1e-6)


def test_missing_cells(tmp_path: Path) -> None:
    write(tmp_path, {"x.jsonl": _jsonl([*_lists(SCORES), None, [0.5]], [*LABELS, 1, None])})
    done = run("eval", tmp_path / "x.jsonl", "--invalid", "drop", "-q")
    assert done.mean == pytest.approx(EXPECTED, rel=1e-14)


def test_names_in_lists_of_one(tmp_path: Path) -> None:
    names = [["dog"] if label else ["cat"] for label in LABELS]
    rows = [{"label": name, "cat": 1 - p, "dog": p} for name, p in zip(names, SCORES, strict=True)]
    write(tmp_path, {"x.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    assert evaluate(str(tmp_path / "x.jsonl"), strict=True).loss.mean == pytest.approx(EXPECTED, rel=1e-14)
