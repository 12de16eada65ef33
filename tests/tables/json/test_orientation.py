"""One JSON object for all rows: by columns, by row, by id, with what a tool adds, and from inference servers."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from running import run, write

LABELS = ["dog", "cat", "cow", "dog"]

CLASSES = ["cat", "dog", "cow"]

PROBS = [[0.2, 0.7, 0.1], [0.55, 0.25, 0.2], [0.125, 0.375, 0.5], [0.05, 0.9, 0.05]]

EXPECTED = -float(np.mean([np.log(row[CLASSES.index(label)]) for row, label in zip(PROBS, LABELS, strict=True)]))

IDS = ["img7", "img2", "img9", "img1"]

CODES = [CLASSES.index(label) for label in LABELS]

BINARY = -float(np.mean(np.log([0.8, 0.45, 0.5, 0.95])))

RECORDS = [dict(zip(CLASSES, row, strict=True)) | {"label": label} for row, label in zip(PROBS, LABELS, strict=True)]

ALONE: dict[str, tuple[Any, float]] = {
    "columns": ({"label": CODES, "probs": PROBS}, EXPECTED),
    "columns beside single values": ({"model": "m", "auroc": 0.9, "label": CODES, "probs": PROBS}, EXPECTED),
    "numbers beside single values": (
        {"model": "m", "val_loss": 0.3, "labels": [1, 0, 0, 0], "scores": [0.8, 0.55, 0.5, 0.05]},
        -float(np.mean(np.log([0.8, 0.45, 0.5, 0.95]))),
    ),
    "names beside single values": (
        {"model": "m", "labels": ["yes", "no", "no", "no"], "scores": [0.8, 0.55, 0.5, 0.05]},
        -float(np.mean(np.log([0.8, 0.45, 0.5, 0.95]))),
    ),
    "rows beside settings of every kind": (
        {
            "model": "m",
            "seed": 3,
            "classes": ["neg", "pos"],
            "labels": [1, 0, 0, 0],
            "scores": [0.8, 0.55, 0.5, 0.05],
            "metrics": {"auc": 0.9},
            "layers": [64, 32, 8],
        },
        -float(np.mean(np.log([0.8, 0.45, 0.5, 0.95]))),
    ),
    "two rows of a patient": ({"patient": "p7", "labels": [0, 1], "scores": [0.2, 0.9]}, 0.16425203348601803),
    "records under a key": ({"predictions": RECORDS}, EXPECTED),
    "records beside single values": ({"model": "m", "version": 2, "predictions": RECORDS}, EXPECTED),
    "objects by id": (dict(zip(IDS, RECORDS, strict=True)), EXPECTED),
}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", ALONE)
def test_a_document_is_a_table(name: str, indent: int | None, tmp_path: Path) -> None:
    document, expected = ALONE[name]
    (tmp_path / "f.json").write_text(json.dumps(document, indent=indent))
    assert run("eval", tmp_path / "f.json", "-q").mean == pytest.approx(expected, rel=1e-14)
    assert run("inspect", tmp_path / "f.json").code == 0


KEYED: dict[str, Any] = {
    "scores by id": dict(zip(IDS, PROBS, strict=True)),
    "objects by id": {key: {"probs": row} for key, row in zip(IDS, PROBS, strict=True)},
}


@pytest.mark.parametrize("name", KEYED)
def test_predictions_and_labels_by_id(name: str, tmp_path: Path) -> None:
    labels = dict(reversed(list(zip(IDS, CODES, strict=True))))
    write(tmp_path, {"p.json": json.dumps(KEYED[name]), "y.json": json.dumps(labels)})
    found = run("eval", tmp_path / "p.json", tmp_path / "y.json", "--id", "index", "-q")
    assert found.mean == pytest.approx(EXPECTED, rel=1e-14)


def test_single_scores_by_id(tmp_path: Path) -> None:
    scores, labels = [0.8, 0.55, 0.5, 0.05], ["yes", "no", "no", "no"]
    write(tmp_path, {
        "p.json": json.dumps(dict(zip(IDS, scores, strict=True))),
        "y.json": json.dumps(dict(reversed(list(zip(IDS, labels, strict=True))))),
    })  # fmt: skip
    found = run("eval", tmp_path / "p.json", tmp_path / "y.json", "--id", "index", "-q")
    assert found.mean == pytest.approx(BINARY, rel=1e-14)


SERVED: dict[str, list[dict[str, Any]]] = {
    "flat": [{"name": "probs", "datatype": "FP32", "shape": [4, 3], "data": [p for row in PROBS for p in row]}],
    "nested": [{"name": "probs", "datatype": "FP32", "shape": [4, 3], "data": PROBS}],
}


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize("indent", [None, 2])
def test_tensors_of_an_inference_server(name: str, indent: int | None, tmp_path: Path) -> None:
    document = {"model_name": "m", "model_version": "1", "outputs": SERVED[name]}
    write(tmp_path, {"p.json": json.dumps(document, indent=indent), "y.txt": "\n".join(map(str, CODES))})
    assert run("eval", tmp_path / "p.json", tmp_path / "y.txt", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ({"shape": [4, 3], "data": [0.25] * 11}, "has 11 numbers, and its shape [4, 3] needs 12"),
        ({"shape": [4, 3], "parameters": {"binary_data_size": 48}}, "has its numbers behind the JSON"),
    ],
)
def test_a_tensor_that_does_not_fill_its_shape(output: dict[str, Any], message: str, tmp_path: Path) -> None:
    document = {"outputs": [{"name": "probs", "datatype": "FP32", **output}]}
    write(tmp_path, {"p.json": json.dumps(document), "y.txt": "0\n1\n2\n1\n"})
    found = run("eval", tmp_path / "p.json", tmp_path / "y.txt")
    assert (found.code, message in found.err) == (3, True), found.err


def test_columns_of_tensorflow_serving(tmp_path: Path) -> None:
    outputs = {"probabilities": PROBS, "class_ids": [[int(np.argmax(row))] for row in PROBS]}
    write(tmp_path, {"p.json": json.dumps({"outputs": outputs}), "y.txt": "\n".join(map(str, CODES))})
    assert run("eval", tmp_path / "p.json", tmp_path / "y.txt", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize("shape", [[4], [4, 1], [4, 1, 1]])
def test_a_tensor_of_one_column(shape: list[int], tmp_path: Path) -> None:
    outputs = [{"name": "probs", "datatype": "FP32", "shape": shape, "data": [0.8, 0.55, 0.5, 0.05]}]
    write(tmp_path, {"p.json": json.dumps({"model_version": "1", "outputs": outputs}), "y.txt": "1\n0\n0\n0\n"})
    assert run("eval", tmp_path / "p.json", tmp_path / "y.txt", "-q").mean == pytest.approx(BINARY, rel=1e-14)


@pytest.mark.parametrize(("names", "labels"), [(CLASSES, LABELS), (["0", "1", "2"], CODES)])
def test_pairs_of_class_and_score(names: list[str], labels: list[Any], tmp_path: Path) -> None:
    """TensorFlow Serving's classify API; pairs are matched by name."""
    result = [[list(pair) for pair in sorted(zip(names, row, strict=True), key=lambda pair: -pair[1])] for row in PROBS]
    write(tmp_path, {"p.json": json.dumps({"result": result}), "y.csv": "y\n" + "\n".join(map(str, labels))})
    assert run("eval", tmp_path / "p.json", tmp_path / "y.csv", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


def test_pairs_without_names_are_in_the_order_of_the_classes(tmp_path: Path) -> None:
    """What TensorFlow Serving writes of a model that exports no names."""
    result = [[["", p] for p in row] for row in PROBS]
    write(tmp_path, {"p.json": json.dumps({"results": result}), "y.csv": "y\n" + "\n".join(map(str, CODES))})
    assert run("eval", tmp_path / "p.json", tmp_path / "y.csv", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize(
    "record",
    [
        {"label": 1, "probs": [0.2, 0.7, 0.1]},
        {"id": "a", "label": 1, "probs": [0.2, 0.7, 0.1], "logits": [0.0, 1.2, -0.7]},
        {"label": "dog", "labels": ["cat", "dog", "cow"], "scores": [0.2, 0.7, 0.1]},
        {"label": "dog", "cat": 0.2, "dog": 0.7, "cow": 0.1},
        {"truth": "dog", "scores": [{"label": "dog", "score": 0.7}, {"label": "cat", "score": 0.3}]},
    ],
)
def test_a_single_record_stays_one(record: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "f.jsonl").write_text(json.dumps(record))
    pred = ["--pred", "probs"] if "logits" in record else ["--pred", "cat,dog,cow"] if "cow" in record else []
    assert run("eval", tmp_path / "f.jsonl", "-q", *pred).mean == pytest.approx(-np.log(0.7), rel=1e-14)


ROWS = {key: {"p": p, "y": y} for key, p, y in zip(IDS, [0.8, 0.55, 0.5, 0.05], [1, 0, 0, 0], strict=True)}

SCORED = {key: dict(zip(CLASSES, row, strict=True)) for key, row in zip(IDS, PROBS, strict=True)}

NAMES = dict(reversed(list(zip(IDS, LABELS, strict=True))))


def turned(document: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the same by its inner keys: what pandas' other orient writes."""
    inner = dict.fromkeys(key for value in document.values() for key in value)
    return {key: {name: value[key] for name, value in document.items()} for key in inner}


def numbered(document: dict[str, Any]) -> dict[str, Any]:
    """Return the same under row numbers, as of a data frame without names, in the order that they stand in."""
    return {str(IDS.index(key)): value for key, value in document.items()}


OBJECTS: dict[str, Any] = {
    "by id": ROWS,
    "by column": turned(ROWS),
    "by number": numbered(ROWS),
    "under a key": {"predictions": ROWS},
    "beside single values": {"model": "m", "seed": 1, "predictions": ROWS},
}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("name", OBJECTS)
def test_objects_of_scores_and_labels(name: str, indent: int | None, tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(json.dumps(OBJECTS[name], indent=indent))
    assert run("eval", tmp_path / "f.json", "-q").mean == pytest.approx(BINARY, rel=1e-14)


NAMES_IN_OBJECTS = {key: {"label": name} for key, name in NAMES.items()}


@pytest.mark.parametrize("label", [NAMES, NAMES_IN_OBJECTS], ids=["single", "objects"])
@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("number", [False, True])
def test_objects_of_classes_and_labels_of_the_same_form(
    label: dict[str, Any], turn: bool, number: bool, tmp_path: Path
) -> None:
    """Labels stand in another order: the keys are the ids, also where they are numbers of rows."""
    scores = SCORED
    if number:
        scores, label = numbered(scores), numbered(label)
    if turn:
        scores = turned(scores)
        label = turned(label) if isinstance(next(iter(label.values())), dict) else label
    write(tmp_path, {"p.json": json.dumps(scores), "y.json": json.dumps(label)})
    assert run("eval", tmp_path / "p.json", tmp_path / "y.json", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize("orient", ["index", "columns", "split"])
@pytest.mark.parametrize("label_orient", ["index", "columns", "split"])
def test_orients_of_pandas_are_paired_by_their_index(orient: Any, label_orient: Any, tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    pd.DataFrame(PROBS, columns=CLASSES).to_json(tmp_path / "p.json", orient=orient)
    pd.DataFrame({"label": LABELS}).iloc[::-1].to_json(tmp_path / "y.json", orient=label_orient)
    assert run("eval", tmp_path / "p.json", tmp_path / "y.json", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


def test_logits_by_id(tmp_path: Path) -> None:
    """Lists that sum to nothing in particular are rows where there are far more of them than numbers in each."""
    random = np.random.default_rng(3)
    logits, codes = random.normal(size=(12, 3)), random.integers(0, 3, 12)
    expected = float(np.mean(np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(12), codes]))
    ids = [f"img{k}" for k in range(12)]
    write(tmp_path, {
        "p.json": json.dumps(dict(zip(ids, logits.tolist(), strict=True))),
        "y.json": json.dumps(dict(reversed(list(zip(ids, codes.tolist(), strict=True))))),
    })  # fmt: skip
    found = run("eval", tmp_path / "p.json", tmp_path / "y.json", "-q")
    assert found.mean == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({f"img{k}": {"ann": 0.5 + k / 20, "bob": 0.25} for k in range(6)}, "nothing tells which of them are its rows"),
        (
            {f"img{k}": [0.5 + k / 20, k % 2] for k in range(6)},
            "{'img0': […], …}, whose values have no names",
        ),
        ({"p": {"y": 0.5, "w": 0.25}, "q": {"y": 0.5, "w": 0.25}}, "nothing tells which of them are its rows"),
    ],
    ids=["unnamed columns", "unnamed records", "names on both sides"],
)
def test_objects_that_could_be_read_either_way_are_refused(document: Any, message: str, tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(json.dumps(document))
    found = run("eval", tmp_path / "f.json")
    assert (found.code, message in found.err) == (3, True), found.err
    assert "records" in found.err


@pytest.mark.parametrize("name", ["id", "image", "filename", ""])
def test_keys_pair_with_an_id_of_another_form(name: str, tmp_path: Path) -> None:
    """The keys of an object have no name, so they are whatever id the other file has."""
    lines = [f"{name},target", *(f"{key},{label}" for key, label in NAMES.items())]
    write(tmp_path, {"p.json": json.dumps(SCORED), "y.csv": "\n".join(lines) + "\n"})
    assert run("eval", tmp_path / "p.json", tmp_path / "y.csv", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)
    rows = [",".join([name, *CLASSES]), *(",".join(map(str, [key, *SCORED[key].values()])) for key in IDS)]
    write(tmp_path, {"p.csv": "\n".join(rows) + "\n", "y.json": json.dumps(NAMES)})
    assert run("eval", tmp_path / "p.csv", tmp_path / "y.json", "-q").mean == pytest.approx(EXPECTED, rel=1e-14)


def test_keys_that_may_only_count_the_rows_are_never_paired_by_position_in_silence(tmp_path: Path) -> None:
    lines = ["id,target", *(f"{key},{label}" for key, label in numbered(NAMES).items())]
    write(tmp_path, {"p.json": json.dumps(numbered(SCORED)), "y.csv": "\n".join(lines) + "\n"})
    found = run("eval", tmp_path / "p.json", tmp_path / "y.csv", "-q")
    assert (found.code, "stand in another order" in found.err) == (3, True), found.err


def test_labels_of_two_ids_are_refused_with_a_hint_that_leads(tmp_path: Path) -> None:
    """Two keys may as well be the columns of one record, so they are not taken for ids: the hint says what is."""
    (tmp_path / "p.csv").write_text("id,p_cat,p_dog\na,0.75,0.25\nb,0.5,0.5\n")
    (tmp_path / "l.json").write_text('{"a": "cat", "b": "dog"}\n')
    refused = run("eval", tmp_path / "p.csv", tmp_path / "l.json")
    assert refused.code == 3
    assert 'hint: if its keys are ids, write a row for each: lines of {"id": …, "label": …}, or CSV' in refused.err
    (tmp_path / "l.jsonl").write_text('{"id": "b", "label": "dog"}\n{"id": "a", "label": "cat"}\n')
    found = run("eval", tmp_path / "p.csv", tmp_path / "l.jsonl", "-q")
    assert found.mean == pytest.approx((math.log(4 / 3) + math.log(2)) / 2, rel=1e-12)
