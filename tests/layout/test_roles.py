"""Who is who: the columns that real tools write get their roles by name, type and content, or the flag is named."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from celoss_cli import evaluate
from celoss_cli.spec import How
from running import Content, run, write

ROWS = [("a", 0.7, 0.2, 0.1), ("b", 0.2, 0.5, 0.3), ("c", 0.3, 0.1, 0.6)]
MEAN = -(math.log(0.7) + math.log(0.5) + math.log(0.6)) / 3


def spec_of(directory: Path, files: dict[str, Content], *arguments: str) -> tuple[dict[str, Any], float]:
    write(directory, files)
    done = run("eval", *(directory / name for name in files), "--format", "json", *arguments)
    assert done.code == 0, done.err
    document = json.loads(done.out)
    return document["spec"]["columns"], document["loss"]["mean"]


def table(header: str, *cells: str) -> str:
    """Return CSV rows in which {y}, {a}, {b}, {c} stand for a row's label and scores."""
    rows = (cells[0].format(y=y, a=a, b=b, c=c, i=i) for i, (y, a, b, c) in enumerate(ROWS))
    return "\n".join([header, *rows]) + "\n"


@pytest.mark.parametrize(
    ("header", "cells", "label", "predictions"),
    [
        # AMLB, OpenML, scikit-learn frames, caret, tidymodels, H2O, MLJAR, DataRobot, PyCaret, Kaggle
        ("a,b,c,predictions,truth", "{a},{b},{c},b,{y}", "truth", ["a", "b", "c"]),
        (
            "row_id,prediction,truth,confidence.a,confidence.b,confidence.c",
            "{i},b,{y},{a},{b},{c}",
            "truth",
            ["confidence.a", "confidence.b", "confidence.c"],
        ),
        (",a,b,c,target", "{i},{a},{b},{c},{y}", "target", ["a", "b", "c"]),
        ("pred,obs,a,b,c", "b,{y},{a},{b},{c}", "obs", ["a", "b", "c"]),
        (".pred_a,.pred_b,.pred_c,.pred_class,truth", "{a},{b},{c},b,{y}", "truth", [".pred_a", ".pred_b", ".pred_c"]),
        (
            "target,prediction_a,prediction_b,prediction_c",
            "{y},{a},{b},{c}",
            "target",
            ["prediction_a", "prediction_b", "prediction_c"],
        ),
        (
            "prediction_label,prediction_score_a,prediction_score_b,prediction_score_c,species",
            "b,{a},{b},{c},{y}",
            "species",
            ["prediction_score_a", "prediction_score_b", "prediction_score_c"],
        ),
        ("id,Status_a,Status_b,Status_c,Status", "{i},{a},{b},{c},{y}", "Status", ["Status_a", "Status_b", "Status_c"]),
        (
            "Class,Label,Probability:Class=a,Probability:Class=b,Probability:Class=c",
            "b,{y},{a},{b},{c}",
            "Label",
            ["Probability:Class=a", "Probability:Class=b", "Probability:Class=c"],
        ),
        # other columns that are never scores
        ("id,weight,fold,split,usage,y,p_a,p_b,p_c", "{i},2,1,test,Public,{y},{a},{b},{c}", "y", ["p_a", "p_b", "p_c"]),
        ("filename,label,a,b,c", "{i}.png,{y},{a},{b},{c}", "label", ["a", "b", "c"]),
    ],
)
def test_layouts_of_real_tools(header: str, cells: str, label: str, predictions: list[str], tmp_path: Path) -> None:
    columns, mean = spec_of(tmp_path, {"f.csv": table(header, cells)})
    assert (columns["label"], columns["predictions"]) == (label, predictions)
    assert mean == pytest.approx(MEAN, rel=1e-14)


def test_without_a_header_rows_that_sum_to_one_vouch_for_the_label_beside_them(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "".join(f"{a},{b},{c},{'abc'.index(y)}\n" for y, a, b, c in ROWS)})
    done = run("eval", tmp_path / "f.csv", "-q", "--strict")
    assert done.mean == pytest.approx(MEAN, rel=1e-14)
    assert not done.err


def test_without_a_header_the_only_column_of_whole_numbers_beside_logits_is_a_guess(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "".join(f"{9 * a},{9 * b},{9 * c},{'abc'.index(y)}\n" for y, a, b, c in ROWS)})
    done = run("eval", tmp_path / "f.csv", "-q", "--input", "logits")
    logits = np.array([[9 * a, 9 * b, 9 * c] for _, a, b, c in ROWS])
    expected = -np.log((np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))[range(3), range(3)]).mean()
    assert done.mean == pytest.approx(expected, rel=1e-12)
    assert "guess" in done.err
    assert "guess" in run("eval", tmp_path / "f.csv", "--input", "logits", "--strict").err


def test_true_and_false_are_classes_and_not_the_truth(tmp_path: Path) -> None:
    content = pa.table({"y": [False, True], "True": [0.2, 0.9], "False": [0.8, 0.1]})
    columns, mean = spec_of(tmp_path, {"f.parquet": content})
    assert columns["label"] == "y"
    assert mean == pytest.approx(-(math.log(0.8) + math.log(0.9)) / 2, rel=1e-14)


def test_ids_pair_two_files_in_any_order(tmp_path: Path) -> None:
    files: dict[str, Content] = {
        "p.csv": table("id,a,b,c", "x{i},{a},{b},{c}"),
        "l.csv": "\n".join(["id,species", *(f"x{i},{y}" for i, (y, *_) in reversed(list(enumerate(ROWS))))]) + "\n",
    }
    columns, mean = spec_of(tmp_path, files)
    assert columns == {
        "predictions": ["a", "b", "c"],
        "label": "species",
        "id": "id",
        "sample_weight": None,
        "truth": None,
        "text": None,
    }
    assert mean == pytest.approx(MEAN, rel=1e-14)


def test_the_column_named_label_is_the_prediction_of_two_files(tmp_path: Path) -> None:
    files: dict[str, Content] = {"p.csv": "id,label\n1,.9\n2,.2\n", "l.csv": "id,label\n2,0\n1,1\n"}
    columns, mean = spec_of(tmp_path, files)
    assert columns["predictions"] == ["label"]
    assert mean == pytest.approx(-(math.log(0.9) + math.log(0.8)) / 2, rel=1e-14)


def test_weights_may_stand_beside_the_labels(tmp_path: Path) -> None:
    files: dict[str, Content] = {"p.csv": "p_a,p_b\n.9,.1\n.2,.8\n", "l.csv": "y,w\na,1\nb,3\n"}
    _, mean = spec_of(tmp_path, files, "--sample-weight", "w")
    assert mean == pytest.approx(-(math.log(0.9) + 3 * math.log(0.8)) / 4, rel=1e-14)


def test_unused_weights_are_said(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": table("y,a,b,c,weight", "{y},{a},{b},{c},{i}")})
    assert "'weight' looks like sample weights and was not used" in run("eval", tmp_path / "f.csv", "-q").err


@pytest.mark.parametrize(
    ("header", "cells", "flag"),
    [
        ("y,u1,u2,v1,v2", "{y},{a},{b},{a},{b}", "--pred"),
        ("y,probs_a,probs_b,probs_c,logit_a,logit_b,logit_c", "{y},{a},{b},{c},{a},{b},{c}", "--pred"),
        ("target,truth,a,b,c", "{y},{y},{a},{b},{c}", "--label"),
        ("one,two,a,b,c", "x{i},{y}!,{a},{b},{c}", "--label"),
    ],
)
def test_what_is_not_settled_names_the_flag(header: str, cells: str, flag: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": table(header, cells)})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert done.code == 3
    assert flag in done.err


@pytest.mark.parametrize("missing", ["p_a", "p_b", "p_c"])
def test_a_class_column_without_values_is_not_left_out(missing: str, tmp_path: Path) -> None:
    cells = {"p_a": "{a}", "p_b": "{b}", "p_c": "{c}", missing: ""}
    write(tmp_path, {"f.csv": table("y,p_a,p_b,p_c", "{y}," + ",".join(cells[name] for name in ("p_a", "p_b", "p_c")))})
    done = run("eval", tmp_path / "f.csv", "-q")
    assert done.code == 3
    assert f"column '{missing}': the score is NaN or empty (3 rows so)" in done.err


def test_vectors_go_by_their_name(tmp_path: Path) -> None:
    vectors = pa.array([[row[1], row[2], row[3]] for row in ROWS])
    labels = pa.array([0, 1, 2])
    columns, mean = spec_of(
        tmp_path, {"f.parquet": pa.table({"label": labels, "probs": vectors, "n": [0.5, 0.1, 0.2]})}
    )
    assert columns["predictions"] == ["probs"]
    assert mean == pytest.approx(MEAN, rel=1e-14)


def test_shards_are_told_from_labels(tmp_path: Path) -> None:
    shard = table("y,a,b,c", "{y},{a},{b},{c}")
    write(tmp_path, {"s-1.csv": shard, "s-2.csv": shard})
    refused = run("eval", tmp_path / "s-1.csv", tmp_path / "s-2.csv")
    assert refused.code == 3
    assert "quote the glob" in refused.err
    assert run("eval", tmp_path / "s-*.csv", "-q").mean == pytest.approx(MEAN, rel=1e-14)
    named = run("eval", tmp_path / "s-1.csv", tmp_path / "s-2.csv", "--label", "y")
    assert named.code == 3, "naming the label does not make a shard a label file"


def test_one_hot_and_soft_labels_of_the_same_names(tmp_path: Path) -> None:
    scores = table("id,a,b,c", "{i},{a},{b},{c}")
    write(tmp_path, {"p.csv": scores, "hot.csv": "id,a,b,c\n0,1,0,0\n1,0,1,0\n2,0,0,1\n", "soft.csv": scores})
    assert run("eval", tmp_path / "p.csv", tmp_path / "hot.csv", "-q").mean == pytest.approx(MEAN, rel=1e-14)
    refused = run("eval", tmp_path / "p.csv", tmp_path / "soft.csv", "-q")
    assert refused.code == 3
    assert "--label" in refused.err
    entropy = -sum(p * math.log(p) for _, *row in ROWS for p in row) / 3
    assert run("eval", tmp_path / "p.csv", tmp_path / "soft.csv", "-q", "--label", "a,b,c").mean == pytest.approx(
        entropy
    )


def test_label_columns_that_are_given_say_so(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("p_cat,p_dog,y_dog,y_cat\n.7,.3,0,1\n.2,.8,1,0\n", encoding="utf-8")
    by_glob = next(d for d in evaluate(path, label="y_*").spec.decisions if d.what == "label")
    assert (by_glob.how, by_glob.value) == (How.GIVEN, "y_cat, y_dog")
    assert by_glob.evidence == "--label y_*: the names of the prediction columns"


def test_label_columns_listed_one_by_one_are_in_the_order_that_was_given(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("p_cat,p_dog,t1,t2\n.7,.3,1,0\n.2,.8,0,1\n", encoding="utf-8")
    listed = next(d for d in evaluate(path, label=("t1", "t2")).spec.decisions if d.what == "label")
    assert not listed.guess
    matched = next(d for d in evaluate(path, label="t*").spec.decisions if d.what == "label")
    assert matched.guess


@pytest.mark.parametrize("shared", [("true_{}", "prob_{}"), ("{}", "p_{}"), ("label_{}", "{}"), ("{}_hot", "score_{}")])
@pytest.mark.parametrize("keyed", [False, True])
def test_one_hot_columns_of_a_label_file_go_by_what_tells_them_apart(
    shared: tuple[str, str], keyed: bool, tmp_path: Path
) -> None:
    hot = [[int(y == c) for c in "bca"] for y, *_ in ROWS]
    ids = ["id,"] + [f"{i}," for i in range(len(ROWS))] if keyed else [""] * 4
    labels = [",".join(shared[0].format(c) for c in "bca"), *(",".join(map(str, row)) for row in hot)]
    scores = [",".join(shared[1].format(c) for c in "abc"), *(f"{a},{b},{c}" for _, a, b, c in ROWS)]
    texts = ["\n".join(i + row for i, row in zip(ids, rows, strict=True)) + "\n" for rows in (scores, labels)]
    write(tmp_path, {"p.csv": texts[0], "l.csv": texts[1]})
    assert run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "-q").mean == pytest.approx(MEAN, rel=1e-14)


def test_soft_labels_need_a_name_for_the_truth(tmp_path: Path) -> None:
    scores = table("a,b,c", "{a},{b},{c}")
    entropy = -sum(p * math.log(p) for _, *row in ROWS for p in row) / 3
    write(
        tmp_path,
        {
            "p.csv": table("p_a,p_b,p_c", "{a},{b},{c}"),
            "q.csv": scores,
            "t.csv": scores.replace("a,b,c", "true_a,true_b,true_c", 1),
        },
    )
    assert run("eval", tmp_path / "p.csv", tmp_path / "t.csv", "-q").mean == pytest.approx(entropy)
    assert run("eval", tmp_path / "p.csv", tmp_path / "q.csv", "-q").code == 3


def test_a_score_called_like_bookkeeping_is_named_in_the_hint(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "y,threshold\n0,.2\n1,.7\n"})
    done = run("eval", tmp_path / "f.csv")
    assert done.code == 3
    assert "'threshold' is called like a weight" in done.err
    assert "--pred threshold" in done.err
    assert run("eval", tmp_path / "f.csv", "-q", "--pred", "threshold").code == 0


@pytest.mark.parametrize("shape", [(4, 3, 5), (4, 3, 3)])
def test_the_axis_of_the_classes_is_said(shape: tuple[int, int, int], tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    np.save(tmp_path / "p.npy", random.normal(size=shape))
    np.save(tmp_path / "l.npy", random.integers(0, 3, (shape[0], shape[2])))
    done = run("eval", tmp_path / "p.npy", tmp_path / "l.npy", "--format", "json")
    said = next(d for d in json.loads(done.out)["spec"]["decisions"] if d["what"] == "class axis")
    assert said["value"] == "1"
    assert "as in torch" in said["evidence"]
    assert said["guess"] == ("the last one is as long" in said["evidence"]) == (shape[2] == 3)
    strict = run("eval", tmp_path / "p.npy", tmp_path / "l.npy", "-q", "--strict")
    assert strict.code == (3 if shape[2] == 3 else 0)


def test_probabilities_say_which_axis_holds_the_classes(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    np.save(tmp_path / "p.npy", np.moveaxis(random.dirichlet([1.0] * 3, (4, 3)), -1, 1))
    np.save(tmp_path / "l.npy", random.integers(0, 3, (4, 3)))
    assert run("eval", tmp_path / "p.npy", tmp_path / "l.npy", "-q", "--strict").code == 0
