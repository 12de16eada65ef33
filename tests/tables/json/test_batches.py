"""Records that hold many rows each: parallel arrays are rows, never one, and the answers of model servers a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celoss_cli import evaluate
from running import run, write

CLASSES = ["cat", "dog", "cow"]

PROBS = [[0.2, 0.7, 0.1], [0.55, 0.25, 0.2], [0.125, 0.375, 0.5], [0.05, 0.9, 0.05], [0.3, 0.3, 0.4]]

CODES = [1, 0, 2, 1, 0]

MEAN = -float(np.mean([np.log(row[code]) for row, code in zip(PROBS, CODES, strict=True)]))

BINARY = -float(np.mean(np.log([0.8, 0.9, 0.5, 0.7, 0.4])))

PATIENTS = [
    {"patient": "p7", "site": 3, "labels": [0, 1, 1], "scores": [0.2, 0.9, 0.5]},
    {"patient": "p8", "site": 4, "labels": [0, 1], "scores": [0.3, 0.4]},
]


def lines(records: list[Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize("content", [lines(PATIENTS), json.dumps(PATIENTS), json.dumps(PATIENTS, indent=1)])
def test_the_rows_of_each_patient(content: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.json": content})
    found = evaluate(tmp_path / "p.json", slice="patient")
    assert (found.counts.rows, found.loss.mean) == (5, pytest.approx(BINARY, rel=1e-14))
    assert {one.value: one.rows for one in found.slices} == {"p7": 3, "p8": 2}


def test_vectors_and_labels_of_each_batch(tmp_path: Path) -> None:
    records = [{"batch": k, "labels": CODES[k : k + 2], "probs": PROBS[k : k + 2]} for k in (0, 2)]
    records.append({"batch": 4, "labels": CODES[4:], "probs": PROBS[4:]})
    write(tmp_path, {"p.jsonl": lines(records)})
    found = evaluate(tmp_path / "p.jsonl")
    assert (found.counts.rows, found.loss.mean) == (5, pytest.approx(MEAN, rel=1e-14))


ANSWERS: dict[str, list[Any]] = {
    "TensorFlow Serving": [{"predictions": PROBS[:2]}, {"predictions": PROBS[2:]}],
    "Triton": [
        {"model_name": "m", "outputs": [{"name": "p", "datatype": "FP32", "shape": [len(part), 3],
                                         "data": [p for row in part for p in row]}]}
        for part in (PROBS[:2], PROBS[2:])
    ],
    "Triton, a row an answer": [
        {"outputs": [{"name": "p", "datatype": "FP32", "shape": [1, 3], "data": row}]} for row in PROBS
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_a_line(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.jsonl": lines(ANSWERS[name]), "y.txt": "".join(f"{code}\n" for code in CODES)})
    found = evaluate(tmp_path / "p.jsonl", tmp_path / "y.txt")
    assert (found.counts.rows, found.loss.mean) == (5, pytest.approx(MEAN, rel=1e-14))


def test_classes_beside_the_scores_of_each_answer(tmp_path: Path) -> None:
    """Vertex AI: the classes of a row stand in an order of their own."""
    turned = [{"classes": CLASSES[::-1], "scores": row[::-1]} for row in PROBS]
    records = [{"predictions": turned[:2], "deployedModelId": "1"}, {"predictions": turned[2:], "deployedModelId": "1"}]
    write(tmp_path, {"p.jsonl": lines(records), "y.csv": "y\n" + "".join(f"{CLASSES[code]}\n" for code in CODES)})
    found = evaluate(tmp_path / "p.jsonl", tmp_path / "y.csv")
    assert (found.counts.rows, found.loss.mean) == (5, pytest.approx(MEAN, rel=1e-14))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"labels": [0, 1, 0], "probs": [0.2, 0.7, 0.1]}, [0.7, 0.7]),  # one-hot
        ({"labels": ["a", "b", "c"], "scores": [0.2, 0.7, 0.1], "truth": "b"}, [0.7, 0.7]),  # the classes
    ],
)
def test_one_row_a_record_stays_one(record: dict[str, Any], expected: list[float], tmp_path: Path) -> None:
    write(tmp_path, {"p.jsonl": lines([record, record])})
    found = evaluate(tmp_path / "p.jsonl")
    assert (found.counts.rows, found.loss.mean) == (2, pytest.approx(-np.mean(np.log(expected)), rel=1e-14))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"patient": "p9", "labels": [0, 1], "scores": [0.3]}, "row 2 (line 3): its lists have different lengths"),
        ({"patient": "p9"}, "row 2 (line 3): its lists have different lengths, or there are none"),
    ],
)
def test_a_record_unlike_the_first(record: dict[str, Any], message: str, tmp_path: Path) -> None:
    many = [*PATIENTS * 2_000, record]
    write(tmp_path, {"p.jsonl": lines(many)})
    found = run("eval", tmp_path / "p.jsonl")
    assert (found.code, message.replace("row 2 (line 3)", "row 4000 (line 4001)") in found.err) == (3, True), found.err
