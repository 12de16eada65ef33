"""Scores, labels and ids inside of structs: read where nothing else can be meant, and by dotted paths where asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import evaluate
from running import run

LABELS = [1, 0, 1, 0]

SCORES = [0.9, 0.2, 0.8, 0.3]

EXPECTED = -float(np.mean(np.log([0.9, 0.8, 0.8, 0.7])))

ROWS = list(zip(LABELS, SCORES, strict=True))


def _jsonl(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _parquet(path: Path, rows: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)


WRITERS: dict[str, Callable[[Path, list[dict[str, Any]]], None]] = {
    "f.jsonl": _jsonl,
    "f.json": lambda path, rows: path.write_text(json.dumps(rows)) and None,
    "f.parquet": _parquet,
}

UNMISTAKABLE: dict[str, Callable[[int, float], dict[str, Any]]] = {
    "score": lambda y, p: {"label": y, "output": {"score": p, "model": "m"}},
    "deep": lambda y, p: {"label": y, "output": {"model": "m", "result": {"prob": p, "took": "3 ms"}}},
    "vector": lambda y, p: {"label": y, "output": {"model": "m", "probs": [1 - p, p]}},
    "deep vector": lambda y, p: {"label": y, "output": {"model": "m", "result": {"probs": [1 - p, p], "took": "3 ms"}}},
}


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", UNMISTAKABLE)
def test_nothing_else_can_be_meant(name: str, form: str, tmp_path: Path) -> None:
    WRITERS[form](tmp_path / form, [UNMISTAKABLE[name](y, p) for y, p in ROWS])
    assert evaluate(str(tmp_path / form)).loss.mean == pytest.approx(EXPECTED, rel=1e-14)
    assert run("inspect", tmp_path / form).code == 0


@pytest.mark.parametrize("form", WRITERS)
def test_a_label_inside_is_asked_for(form: str, tmp_path: Path) -> None:
    WRITERS[form](tmp_path / form, [{"row": {"label": y, "prob": p, "note": "n"}} for y, p in ROWS])
    found = run("eval", tmp_path / form)
    assert (found.code, "'row.label'" in found.err, "--label row.label" in found.err) == (3, True, True), found.err
    assert run("eval", tmp_path / form, "--label", "row.label", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize("form", WRITERS)
def test_a_dotted_path_is_a_column(form: str, tmp_path: Path) -> None:
    rows = [
        {"p": 0.5, "y": 0, "a": {"id": i, "b": {"p": p, "q": 1.0}, "truth": y, "w": 1.0 + y}, "of": {"day": "Mon"}}
        for i, (y, p) in enumerate(ROWS)
    ]
    WRITERS[form](tmp_path / form, rows)
    given = {"label": "a.truth", "pred": "a.b.p"}
    assert evaluate(str(tmp_path / form), **given).loss.mean == pytest.approx(EXPECTED, rel=1e-14)
    weights = 1.0 + np.array(LABELS)
    weighted = -float(np.average(np.log([0.9, 0.8, 0.8, 0.7]), weights=weights))
    found = evaluate(str(tmp_path / form), **given, sample_weight="a.w", slice="of.day", where="a.id=0", id="a.id")
    assert (found.counts.scored, found.slices[0].column, found.slices[0].value) == (1, "of.day", "Mon")
    found = evaluate(str(tmp_path / form), **given, sample_weight="a.w")
    assert found.loss.mean == pytest.approx(weighted, rel=1e-14)
    assert evaluate(pa.Table.from_pylist(rows), **given).loss.mean == pytest.approx(EXPECTED, rel=1e-14)


def test_a_pattern_of_paths(tmp_path: Path) -> None:
    rows = [{"y": y, "x": 3.0, "out": {"p_0": 1 - p, "p_1": p, "n": "a"}} for y, p in ROWS]
    _jsonl(tmp_path / "f.jsonl", rows)
    done = run("eval", tmp_path / "f.jsonl", "--pred", "out.p_*", "-q")
    assert done.mean == pytest.approx(EXPECTED, rel=1e-14)


def test_structs_beside_a_clear_score_are_left_alone(tmp_path: Path) -> None:
    rows = [{"y": y, "p": p, "meta": {"lat": 51.5, "seen": "x", "n": i}} for i, (y, p) in enumerate(ROWS)]
    _jsonl(tmp_path / "f.jsonl", rows)
    assert run("eval", tmp_path / "f.jsonl", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


def test_a_column_with_a_dot_in_its_name_is_itself() -> None:
    table = pa.table({"a.p": SCORES, "y": LABELS, "a": [{"p": 0.5, "n": "x"}] * 4})
    assert evaluate(table, pred="a.p").loss.mean == pytest.approx(EXPECTED, rel=1e-14)


def test_ids_inside_of_structs(tmp_path: Path) -> None:
    _jsonl(tmp_path / "p.jsonl", [{"item": {"id": f"k{i}"}, "out": {"score": p}} for i, p in enumerate(SCORES)])
    _jsonl(tmp_path / "y.jsonl", [{"item": {"id": f"k{i}"}, "label": y} for i, y in reversed(list(enumerate(LABELS)))])
    done = run("eval", tmp_path / "p.jsonl", tmp_path / "y.jsonl", "--id", "item.id", "-q")
    assert done.mean == pytest.approx(EXPECTED, rel=1e-14)
