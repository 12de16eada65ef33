"""The probability of the predicted class is not scored as that of the positive one."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from celoss_cli import AmbiguousData, InvalidScores, evaluate
from notices import about_the_data
from running import run, write

Row = tuple[int, int, float]


def rows_of(n: int = 200) -> list[Row]:
    """Truth, predicted class and its probability, of a model that is right as often as it says."""
    rng = np.random.default_rng(7)
    p = rng.random(n).round(4).tolist()
    return [(int(u < q), int(q >= 0.5), max(q, round(1.0 - q, 4))) for u, q in zip(rng.random(n), p, strict=True)]


ROWS = rows_of()
SMALL: list[Row] = [(1, 1, 0.9), (0, 0, 0.8), (1, 1, 0.7), (0, 0, 0.9), (1, 0, 0.6), (0, 0, 0.95)]


def loss_of(rows: list[Row]) -> float:
    return math.fsum(-math.log(p if truth == chosen else 1.0 - p) for truth, chosen, p in rows) / len(rows)


def text_of(header: str, rows: list[Row]) -> str:
    return f"{header}\n" + "".join(f"{truth},{chosen},{p}\n" for truth, chosen, p in rows)


NAMES = (
    "y_true,y_pred,prob",
    "target,predicted,probability",
    "actual,pred,prob",
    "actual,prediction,score",
    "actual,guess,score",
    "label_true,label_pred,score",
    "y_true,y_pred,confidence",
    "label,y_pred,p",
)


@pytest.mark.parametrize("header", NAMES)
def test_the_score_of_a_predicted_class_is_read_as_such(header: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": text_of(header, ROWS), "s.csv": text_of(header, SMALL)})
    found = evaluate(str(tmp_path / "f.csv"))
    assert found.loss.mean == pytest.approx(loss_of(ROWS), rel=1e-12)
    assert evaluate(str(tmp_path / "s.csv")).loss.mean == pytest.approx(loss_of(SMALL), rel=1e-12)
    chosen = header.split(",")[1]
    assert any(d.what == "layout" and d.value == f"scores of the class in {chosen}" for d in found.spec.decisions)
    assert not about_the_data(found)


def test_types_of_a_parquet_file_and_a_label_file_make_no_difference(tmp_path: Path) -> None:
    truth, chosen, p = (list(column) for column in zip(*ROWS, strict=True))
    write(tmp_path, {"f.parquet": pa.table({"y_true": truth, "y_pred": [float(c) for c in chosen], "prob": p}),
                     "p.csv": text_of("id,y_pred,prob", [(i, c, q) for i, (_, c, q) in enumerate(ROWS)]),
                     "l.csv": "id,gold\n" + "".join(f"{i},{t}\n" for i, t in enumerate(truth))})  # fmt: skip
    assert evaluate(str(tmp_path / "f.parquet")).loss.mean == pytest.approx(loss_of(ROWS), rel=1e-12)
    two = evaluate(str(tmp_path / "p.csv"), str(tmp_path / "l.csv"))
    assert two.loss.mean == pytest.approx(loss_of(ROWS), rel=1e-12)


@pytest.mark.parametrize("options", [{"pred": ("prob",)}, {"positive": "1"}])
def test_who_names_the_scores_or_the_positive_class_means_it(options: dict[str, object], tmp_path: Path) -> None:
    write(tmp_path, {"s.csv": text_of("y_true,y_pred,prob", SMALL)})
    expected = math.fsum(-math.log(p if truth else 1.0 - p) for truth, _, p in SMALL) / len(SMALL)
    assert evaluate(str(tmp_path / "s.csv"), **options).loss.mean == pytest.approx(expected, rel=1e-12)  # type: ignore[arg-type]  # either of two options


def test_every_row_is_checked(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": text_of("y_true,y_pred,prob", [*(ROWS * 20), (1, 1, 0.4)])})
    with pytest.raises(InvalidScores, match=r"below 0\.5") as caught:
        evaluate(str(tmp_path / "f.csv"))
    assert caught.value.code == "predicted_class"


def test_hugging_face_labels_are_refused_in_words_and_in_numbers(tmp_path: Path) -> None:
    words = ("neg", "pos")
    lines = [{"text": f"t{i}", "true": words[t], "label": words[c], "score": p} for i, (t, c, p) in enumerate(ROWS)]
    write(tmp_path, {"w.jsonl": "".join(f"{json.dumps(line)}\n" for line in lines),
                     "n.csv": text_of("sentiment,label,score", ROWS),
                     "p.csv": text_of("id,label,score", [(i, c, q) for i, (_, c, q) in enumerate(ROWS)]),
                     "l.csv": "id,gold\n" + "".join(f"{i},{t}\n" for i, (t, _, _) in enumerate(ROWS))})  # fmt: skip
    for arguments in (["w.jsonl"], ["n.csv"], ["n.csv", "--label", "sentiment"], ["p.csv", str(tmp_path / "l.csv")]):
        done = run("eval", tmp_path / arguments[0], *arguments[1:])
        assert (done.code, done.out) == (3, ""), arguments
        assert "--pred" in done.err


@pytest.mark.parametrize(
    "content",
    [
        text_of("y_true,y_pred,prob", [(1, 1, 0.9), (0, 0, 0.6), (1, 1, 0.8), (0, 0, 0.7)]),  # a threshold of 0.75
        text_of("y_true,y_pred,prob", [(1, 0, 0.9), (0, 0, 0.6)]),  # never the positive class
        "y_true,y_pred,prob\n1,yes,0.9\n0,no,0.8\n1,yes,0.7\n",
        "y,confidence\n1,0.9\n0,0.6\n1,0.7\n",
    ],
)
def test_what_could_be_either_is_refused(content: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": content})
    with pytest.raises(AmbiguousData) as caught:
        evaluate(str(tmp_path / "f.csv"))
    assert caught.value.code == "confidence_or_positive"
    assert "positive=" in (caught.value.hint or "")


def test_another_column_of_two_values_that_explains_nothing_is_no_prediction(tmp_path: Path) -> None:
    rows: list[Row] = [(1, 0, 0.9), (1, 1, 0.8), (0, 1, 0.55), (1, 0, 0.95)]
    write(tmp_path, {"f.csv": text_of("y,gender,p", rows), "g.csv": text_of("y,y_pred,p", [*rows[1:2], (0, 0, 0.4)])})
    assert evaluate(str(tmp_path / "f.csv")).spec.columns.predictions == ("p",)
    assert evaluate(str(tmp_path / "g.csv")).loss.mean == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)


def test_without_a_predicted_class_there_is_an_alarm(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,prob\n" + "".join(f"{truth},{p}\n" for truth, _, p in ROWS)})
    path = str(tmp_path / "f.csv")
    assert about_the_data(evaluate(path)) == ["maybe_confidence"]
    with pytest.raises(AmbiguousData) as caught:
        evaluate(path, strict=True)
    assert caught.value.code == "maybe_confidence"
    assert not [n for n in evaluate(path, pred=("prob",)).warnings if n.code == "maybe_confidence"]


def test_probabilities_of_a_class_that_nearly_all_rows_have_raise_no_alarm(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    p = rng.uniform(0.6, 1.0, 400)
    y = (rng.random(400) < p).astype(int)
    write(tmp_path, {"f.csv": "y,prob\n" + "".join(f"{a},{b:.4f}\n" for a, b in zip(y, p, strict=True))})
    assert not about_the_data(evaluate(str(tmp_path / "f.csv")))
