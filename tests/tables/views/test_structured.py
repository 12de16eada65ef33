"""Cells that hold a score for every class in a shape of their own: matched by name, or refused with the reason."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from celoss_cli import evaluate
from celoss_cli.request import ReadOptions
from celoss_cli.tables.opening import open_table
from running import Content, mean_of, run, write

CLASSES = ("cat", "dog", "emu")
ROWS = 1200


@functools.cache
def outputs() -> tuple[list[list[float]], list[str]]:
    rng = np.random.default_rng(8)
    scores = np.exp(rng.normal(size=(ROWS, 3)))
    scores /= scores.sum(axis=1, keepdims=True)
    return scores.tolist(), rng.choice(CLASSES, ROWS).tolist()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> float:
    path = tmp_path_factory.mktemp("structured")
    scores, labels = outputs()
    columns = dict(zip(CLASSES, np.transpose(scores), strict=True))
    return mean_of(path, pa.table({"label": labels, **columns})).mean


def lines(row: Callable[[list[float], str], Any]) -> str:
    return "".join(json.dumps(row(scores, label)) + "\n" for scores, label in zip(*outputs(), strict=True))


def ranked(scores: Sequence[float], key: str = "score") -> list[dict[str, Any]]:
    """Return scores as a Hugging Face pipeline lists them: the best first."""
    return sorted(({"label": c, key: s} for c, s in zip(CLASSES, scores, strict=True)), key=lambda pair: -pair[key])


def spark(place: int, scores: list[float]) -> dict[str, Any]:
    if place % 3:
        return {"type": 1, "size": None, "indices": None, "values": scores}
    return {"type": 0, "size": 3, "indices": [0, 2, 1], "values": [scores[0], scores[2], scores[1]]}


def arrow(values: list[Any], kind: Any, label: str = "label") -> pa.Table:
    return pa.table({label: outputs()[1], "scores": pa.array(values, kind)})


PAIRS = pa.list_(pa.struct([("label", pa.string()), ("prob", pa.float64())]))
SPARK = pa.struct(
    {"type": pa.int8(), "size": pa.int32(), "indices": pa.list_(pa.int32()), "values": pa.list_(pa.float64())}
)
FIELDS = pa.struct([(name, pa.float64()) for name in CLASSES])

SHAPES: dict[str, Callable[[], Content]] = {
    "Hugging Face pipeline, a list a row": lambda: lines(lambda s, y: {"y_true": y, "preds": ranked(s)}),
    "an object of scores": lambda: lines(lambda s, y: {"label": y, "probs": dict(zip(CLASSES, s, strict=True))}),
    "zero-shot pipeline": lambda: lines(
        lambda s, y: {"y_true": y, "labels": [p["label"] for p in ranked(s)], "scores": [p["score"] for p in ranked(s)]}
    ),
    "BigQuery ML": lambda: arrow([ranked(s, "prob") for s in outputs()[0]], PAIRS),
    "a Parquet struct": lambda: arrow([dict(zip(CLASSES, s, strict=True)) for s in outputs()[0]], FIELDS),
    "a Parquet map": lambda: arrow(
        [list(zip(CLASSES, s, strict=True)) for s in outputs()[0]], pa.map_(pa.string(), pa.float64())
    ),
    "SageMaker Autopilot": lambda: pd.DataFrame(
        {
            "target": outputs()[1],
            "predicted_label": [CLASSES[int(np.argmax(s))] for s in outputs()[0]],
            "probability": [max(s) for s in outputs()[0]],
            "probabilities": [str(s) for s in outputs()[0]],
            "labels": [str(list(CLASSES))] * ROWS,
        }
    ).to_csv(index=False),
}


@pytest.mark.parametrize("name", SHAPES)
def test_classes_are_found_by_name(name: str, expected: float, tmp_path: Path) -> None:
    found = mean_of(tmp_path, SHAPES[name](), name="f")
    assert found.mean == expected


def test_vertex(expected: float, tmp_path: Path) -> None:
    text = lines(
        lambda s, y: {"instance": {"x": 1.5, "target": y}, "prediction": {"classes": list(CLASSES), "scores": s}}
    )
    assert mean_of(tmp_path, text, "--label", "instance.target").mean == expected


def test_spark(expected: float, tmp_path: Path) -> None:
    labels = [float(CLASSES.index(label)) for label in outputs()[1]]
    vectors = pa.array([spark(place, scores) for place, scores in enumerate(outputs()[0])], SPARK)
    table = pa.table({"label": labels, "rawPrediction": vectors, "probability": vectors, "prediction": [0.0] * ROWS})
    assert mean_of(tmp_path, table, "--pred", "probability").mean == expected


def test_lists_as_text(expected: float, tmp_path: Path) -> None:
    labels = [CLASSES.index(label) for label in outputs()[1]]
    text = pd.DataFrame({"label": labels, "prob": [str(scores) for scores in outputs()[0]]}).to_csv(index=False)
    assert mean_of(tmp_path, text).mean == expected


@pytest.mark.parametrize("names", [("1", "2", "3"), CLASSES])
@pytest.mark.parametrize("tag", ["", " tag"])
def test_vowpal_wabbit(names: tuple[str, ...], tag: str, expected: float, tmp_path: Path) -> None:
    text = "".join(
        " ".join(f"{name}:{score!r}" for name, score in zip(names, row, strict=True)) + tag + "\n"
        for row in outputs()[0]
    )
    labels = "".join(f"{names[CLASSES.index(label)]}\n" for label in outputs()[1])
    write(tmp_path, {"f.txt": text, "y.csv": f"label\n{labels}"})
    assert run("eval", tmp_path / "f.txt", tmp_path / "y.csv", "-q").mean == expected


def test_data_frames_of_lists(expected: float) -> None:
    scores, labels = outputs()
    result = evaluate(pd.DataFrame({"y_true": labels, "preds": [ranked(row) for row in scores]}))
    assert result.loss.mean == expected


def test_a_position_names_no_class_of_theirs(tmp_path: Path) -> None:
    text = lines(lambda s, y: {"y_true": CLASSES.index(y), "preds": ranked(s)})
    found = mean_of(tmp_path, text)
    assert found.code == 3
    assert "no prediction column is named after a label" in found.err


def test_the_order_of_given_classes_is_not_theirs(expected: float, tmp_path: Path) -> None:
    text = lines(lambda s, y: {"y_true": y, "preds": ranked(s)})
    assert mean_of(tmp_path, text, "--classes", "emu,cat,dog").mean == expected


def row(*pairs: dict[str, Any], **scores: float) -> str:
    listed = [*pairs, *({"label": name, "score": score} for name, score in scores.items())]
    return json.dumps({"y_true": "a", "scores": listed}) + "\n"


MANY = row(a=0.7, b=0.3) * 1200
FIELD = '{"y_true": "a", "scores": {"a": 0.7, "b": 0.3}}\n'
LATE = "row 1200 (line 1201), column 'scores': "

REFUSED: dict[str, tuple[str, str]] = {
    "the best alone": (
        row(a=0.7, b=0.2) + row(b=0.6, c=0.3),
        "row 0 (line 1), column 'scores': has no score for class 'c'",
    ),
    "a new class": (MANY + row(a=0.7, z=0.3), f"{LATE}has class 'z'"),
    "one missing": (MANY + row(a=0.7), f"{LATE}has no score for class 'b'"),
    "one twice": (MANY + row({"label": "a", "score": 0.3}, a=0.7), f"{LATE}has two scores for class 'a'"),
    "one nameless": (MANY + row({"score": 0.3}, a=0.7), f"{LATE}has a score without a class"),
    "a new key": (
        FIELD * 1200 + FIELD.replace("}}", ', "z": 0}}'),
        f"{LATE}has a score for 'z', unlike the first rows",
    ),
    "NumPy's print": (
        "y_true,scores\n0,[0.7 0.3]\n1,[0.2 0.8]\n",
        "row 0 (line 2), column 'scores': '[0.7 0.3]' is an array",
    ),
    "NumPy's repr": ('y_true,scores\n0,"array([0.7, 0.3])"\n', "is an array as Python prints it"),
    "a torn list": (
        'y_true,scores\n0,"[0.7, 0.3]"\n1,"[0.2, 0.8"\n',
        "row 1 (line 3), column 'scores': '[0.2, 0.8' is no list",
    ),
    "a short list": (
        'y_true,scores\n0,"[0.7, 0.3]"\n1,"[0.2]"\n',
        "row 1 (line 3), column 'scores': has 1 scores, not 2",
    ),
    "a torn pair": ("y_true,scores\n1,1:0.7 2:0.3\n2,1:0.2 2:\n", "'1:0.2 2:' is no list of class:score pairs"),
    "unequal lists": (
        '{"y_true": "a", "classes": ["a", "b"], "scores": [0.7, 0.3]}\n'
        '{"y_true": "a", "classes": ["a"], "scores": [0.7, 0.3]}\n',
        "row 1 (line 2), column 'scores': has 2 scores for 1 classes",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_one_score_a_class_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    content, message = REFUSED[name]
    found = mean_of(tmp_path, content, "--pred", "scores")
    assert found.code == 3, found.out
    assert message in found.err


def test_a_sparse_vector_whose_indices_do_not_fit(tmp_path: Path) -> None:
    vectors = [spark(1, [0.5, 0.25, 0.25]), {"type": 0, "size": 3, "indices": [7], "values": [1.0]}]
    write(tmp_path, {"f.parquet": pa.table({"label": [0.0, 1.0], "probability": pa.array(vectors, SPARK)})})
    found = run("eval", tmp_path / "f.parquet", "-q")
    assert "row 1, column 'probability': its indices do not fit its values and size" in found.err


def test_missing_cells_are_missing_scores(tmp_path: Path) -> None:
    rows = [
        [{"label": "a", "prob": 0.5}, {"label": "b", "prob": 0.5}],
        None,
        [{"label": "b", "prob": 0.75}, {"label": "a", "prob": 0.25}],
    ]
    table = pa.table({"y": ["a", "b", "a"], "scores": pa.array(rows, PAIRS)})
    assert "row 1" in mean_of(tmp_path, table).err
    assert mean_of(tmp_path, table, "--invalid", "drop").mean == pytest.approx(
        -(np.log(0.5) + np.log(0.25)) / 2, rel=1e-15
    )


def test_slices_of_row_groups(tmp_path: Path, expected: float) -> None:
    """Cells are decoded from arrays that begin anywhere in their buffers."""
    pq.write_table(SHAPES["BigQuery ML"](), tmp_path / "f.parquet", row_group_size=7)
    assert run("eval", tmp_path / "f.parquet", "-q").mean == expected


def test_parts_share_the_classes_of_the_first(tmp_path: Path) -> None:
    first, second = row(a=0.7, b=0.3), row(b=0.8, a=0.2)
    write(tmp_path, {"f-1.jsonl": first, "f-2.jsonl": second, "all": first + second})
    assert run("eval", tmp_path / "f-*.jsonl", "-q").mean == run("eval", tmp_path / "all", "-q").mean


@pytest.mark.parametrize("cell", ["12:30", "a:b", "http://x:80", "[CLS] word", "text [1]"])
def test_other_text_stays_text(cell: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": f"note,y,p\n{cell},1,0.5\n{cell},0,0.5\n"})
    assert open_table(str(tmp_path / "f.csv"), ReadOptions()).columns[0].kind.value == "text"
