"""Tools are recognised by their columns, give way to what the user says, and are refused where two of them fit."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from celoss_cli import AmbiguousData, InvalidScores, MisalignedData, compare, evaluate, inspect
from celoss_cli.layout.tools.templates import fields_of, filled, matching
from layouts.example_rows import FLOWERS, LOANS, flowers_loss, loans_loss
from running import run, write


@pytest.mark.parametrize(
    ("template", "name", "fields"),
    [
        ("Label", "Label", {}),
        ("Label", "label", None),
        ("Probability:Class={class}", "Probability:Class=a:Class=b", {"class": "a:Class=b"}),
        ("Probability:Class={class}", "Probability:Class=", None),
        ("p{number}", "p10", {"number": "10"}),
        ("p{number}", "price", None),
        ("p{number}", "p٣", None),
        ("x_{negative}_1_for_{class}", "x_no_1_for_yes", {"negative": "no", "class": "yes"}),
        ("x_{negative}_1_for_{class}", "x_no_1_for_a_1_for_b", None),  # it could be cut in two ways
        ("{target}_PREDICTION", "is_bad_PREDICTION", {"target": "is_bad"}),
    ],
)
def test_templates(template: str, name: str, fields: dict[str, str] | None) -> None:
    assert fields_of(template, name) == fields
    if fields:
        assert filled(template, fields) == name


def test_names_keep_their_order() -> None:
    assert matching("p{number}", ["p2", "q", "p1"]) == [("p2", {"number": "2"}), ("p1", {"number": "1"})]


CATBOOST = "Probability:Class=no,Probability:Class=yes,RawFormulaVal:Class=no,RawFormulaVal:Class=yes,Class,Label\n"


@pytest.fixture
def catboost(tmp_path: Path) -> Path:
    rows = [f"{row.p_no},{row.p_yes},{row.p_no * 2},{row.p_yes * 3},{row.predicted},{row.default}" for row in LOANS]
    write(tmp_path, {"f.csv": CATBOOST + "\n".join(rows) + "\n"})
    return tmp_path / "f.csv"


def test_the_decision_says_which_tool_and_why(catboost: Path) -> None:
    found = evaluate(str(catboost))
    said = {decision.what: decision for decision in found.spec.decisions}
    assert found.loss.mean == pytest.approx(loans_loss(), rel=1e-14)
    assert said["layout"].value == "CatBoost calc"
    assert "'Probability:Class=no'" in said["layout"].evidence
    assert "preferred to RawFormulaVal:Class=…" in said["predictions"].evidence
    assert "CatBoost" in said["label"].evidence
    assert "CatBoost" in said["classes"].evidence
    assert not any(decision.guess for decision in found.spec.decisions)


def test_what_the_user_says_wins(catboost: Path) -> None:
    logits = evaluate(str(catboost), pred=("RawFormulaVal:*",))
    assert logits.spec.input.value == "logits"
    assert logits.spec.classes == ("no", "yes")
    predicted = evaluate(str(catboost), label="Class")
    assert predicted.spec.columns.label == "Class"
    assert predicted.loss.mean < loans_loss()
    swapped = evaluate(str(catboost), classes=("yes", "no"))
    assert swapped.loss.mean > loans_loss()
    assert evaluate(str(catboost), input="logits").spec.input.value == "logits"


def test_two_tools_that_would_be_read_differently_are_refused(tmp_path: Path) -> None:
    rows = "\n".join(f"{row.p_no},{row.p_yes},{row.p_yes},{row.p_no},{row.default}" for row in LOANS)
    write(tmp_path, {"f.csv": f"confidence.no,confidence.yes,.pred_no,.pred_yes,prediction\n{rows}\n"})
    with pytest.raises(AmbiguousData, match=r"OpenML runs .*tidymodels") as caught:
        evaluate(str(tmp_path / "f.csv"))
    assert caught.value.code == "layout_ambiguous"
    assert caught.value.hint is not None
    assert "pred=" in caught.value.hint
    found = evaluate(str(tmp_path / "f.csv"), pred=("confidence.*",), label="prediction")
    assert found.loss.mean == pytest.approx(loans_loss(), rel=1e-14)


def test_ranks_are_refused_unless_they_are_named(tmp_path: Path) -> None:
    rows = "\n".join(f"{row.code},0,1,2,{','.join(map(str, row.probabilities))}" for row in FLOWERS)
    header = "target,index_0,index_1,index_2,prob_0,prob_1,prob_2"
    write(tmp_path, {"f.csv": f"{header}\n{rows}\n"})
    with pytest.raises(InvalidScores, match="ranks, not classes"):
        evaluate(str(tmp_path / "f.csv"))
    found = evaluate(str(tmp_path / "f.csv"), pred=("prob_*",), label="target")
    assert found.loss.mean == pytest.approx(flowers_loss(), rel=1e-14)


@pytest.mark.parametrize("labels", [("no", "yes"), ("0", "1")])
def test_mljar_says_in_the_header_which_class_is_1(labels: tuple[str, str], tmp_path: Path) -> None:
    rows = "\n".join(f"{row.p_yes},{labels[row.code]}" for row in LOANS)
    write(tmp_path, {"f.csv": f"prediction_0_for_no_1_for_yes,target\n{rows}\n"})
    found = evaluate(str(tmp_path / "f.csv"))
    assert found.loss.mean == pytest.approx(loans_loss(), rel=1e-14)
    assert found.spec.classes == ("no", "yes")
    turned = f"prediction_0_for_yes_1_for_no,target\n{rows}\n"
    write(tmp_path, {"g.csv": turned})
    found = evaluate(str(tmp_path / "g.csv"))
    assert found.spec.classes == ("yes", "no")
    assert (found.loss.mean > loans_loss() + 0.1) == (labels == ("no", "yes"))  # for 0 and 1 only their names change


def test_flattened_rows_are_one_decision(tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": "".join(f"{p}\n" for row in FLOWERS for p in row.probabilities)})
    write(tmp_path, {"l.txt": "".join(f"{row.code}\n" for row in FLOWERS)})
    found = inspect(str(tmp_path / "p.txt"), str(tmp_path / "l.txt"))
    guesses = {decision.what: decision.guess for decision in found.decisions}
    assert not guesses["layout"]
    assert not guesses["predictions"]
    assert run("eval", tmp_path / "p.txt", tmp_path / "l.txt", "--strict").code == 0
    halves = "".join(f"{p}\n{1 - p}\n" for p in (0.25, 0.75, 0.5, 0.125) * 3)
    write(tmp_path, {"two.txt": halves, "l.txt": "0\n1\n0\n1\n" * 3})
    found = inspect(str(tmp_path / "two.txt"), str(tmp_path / "l.txt"))
    assert [decision.what for decision in found.decisions if decision.guess] == ["layout"]


def test_flattened_rows_are_counted_and_can_be_denied(tmp_path: Path) -> None:
    numbers = [p for row in FLOWERS for p in row.probabilities]
    labels = "".join(f"{row.code}\n" for row in FLOWERS)
    write(tmp_path, {"p.txt": "".join(f"{p}\n" for p in numbers), "l.txt": labels})
    found = evaluate(str(tmp_path / "p.txt"), str(tmp_path / "l.txt"), per_sample=str(tmp_path / "rows.csv"))
    assert found.loss.mean == pytest.approx(flowers_loss(), rel=1e-14)
    assert found.counts.rows == len(FLOWERS)
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == len(FLOWERS) + 1
    write(tmp_path, {"short.txt": "".join(f"{p}\n" for p in numbers[:-1])})
    short = run("eval", tmp_path / "short.txt", tmp_path / "l.txt")
    assert short.code == 3
    assert "no whole number of rows" in short.err
    assert run("eval", tmp_path / "p.txt", tmp_path / "l.txt", "--task", "binary").code == 3
    write(tmp_path, {"long.txt": "".join(f"{p}\n" for p in (*numbers, *numbers[:3]))})
    assert "12 labels" in run("eval", tmp_path / "long.txt", tmp_path / "l.txt").err


@pytest.mark.parametrize("period", [[0.5], [0.25], [0.2], [0.1], [1 / 3], [0.3, 0.7], [0.2, 0.3, 0.5]])
@pytest.mark.parametrize("rows", [60, 30_000])
def test_with_a_label_for_each_number_every_number_is_a_row(period: list[float], rows: int, tmp_path: Path) -> None:
    p = np.resize(period, rows)
    y = np.random.default_rng(1).integers(0, 2, rows)
    expected = pytest.approx(float(-np.log(np.where(y == 1, p, 1 - p)).mean()), rel=1e-13)
    np.save(tmp_path / "p.npy", p)
    write(tmp_path, {"p.txt": "".join(f"{v!r}\n" for v in p.tolist()), "y.txt": "".join(f"{v}\n" for v in y.tolist())})
    for predictions in (p, p.reshape(-1, 1), p.tolist(), str(tmp_path / "p.npy"), str(tmp_path / "p.txt")):
        for labels in (y, str(tmp_path / "y.txt")):
            assert evaluate(predictions, labels).loss.mean == expected
    assert compare(p, np.full(rows, 0.5), y).baseline.mean == expected


def test_rows_of_neither_kind_are_counted_as_numbers() -> None:
    with pytest.raises(MisalignedData, match=r"^predictions: 100 predictions but 60 labels") as caught:
        evaluate(np.full(100, 0.5), np.arange(60) % 2)
    assert caught.value.hint == "rows pair by position: leave out the rows that only one of them has"
    twos = evaluate(np.full(120, 0.5), np.arange(60) % 2)
    assert twos.loss.mean == pytest.approx(math.log(2), rel=1e-15)
    fours = evaluate(np.full(240, 0.25), np.arange(60) % 4)
    assert fours.loss.mean == pytest.approx(math.log(4), rel=1e-15)
    eights = evaluate(np.full(480, 0.25) / 2, np.arange(60) % 8)
    assert eights.loss.mean == pytest.approx(math.log(8), rel=1e-15)


@pytest.mark.parametrize("order", [1, -1])
def test_where_may_be_a_column_of_the_label_file(order: int, tmp_path: Path) -> None:
    parts = ["Public" if i % 3 else "Private" for i in range(len(LOANS))]
    scores = "".join(f"{i},{row.p_yes}\n" for i, row in enumerate(LOANS))
    labels = [f"{i},{row.code},{part}\n" for i, (row, part) in enumerate(zip(LOANS, parts, strict=True))][::order]
    write(tmp_path, {"p.csv": f"id,label\n{scores}", "l.csv": f"id,label,Usage\n{''.join(labels)}"})
    both = [evaluate(str(tmp_path / "p.csv"), str(tmp_path / "l.csv"), where={"Usage": part})
            for part in ("Private", "Public")]  # fmt: skip
    assert [found.counts.scored for found in both] == [parts.count("Private"), parts.count("Public")]
    assert sum(found.loss.sum for found in both) == pytest.approx(loans_loss() * len(LOANS), rel=1e-14)
    assert "no column 'usage'" in run("eval", tmp_path / "p.csv", tmp_path / "l.csv", "--where", "usage=x").err


def test_labels_that_where_leaves_out_name_no_class(tmp_path: Path) -> None:
    rows = "".join(f"{row.p_no},{row.p_yes}\n" for row in LOANS)
    labels = "".join(f"{row.default},test\n" for row in LOANS[:-1]) + "unknown,rest\n"
    write(tmp_path, {"p.csv": f"no,yes\n{rows}", "l.csv": f"y,split\n{labels}"})
    found = evaluate(str(tmp_path / "p.csv"), str(tmp_path / "l.csv"), where={"split": "test"})
    assert found.counts.scored == len(LOANS) - 1
    assert run("eval", tmp_path / "p.csv", tmp_path / "l.csv").code == 3


# Scores of the predicted class


def pycaret(directory: Path, rows: list[str], name: str = "f.csv") -> str:
    write(directory, {name: "default,prediction_label,prediction_score\n" + "\n".join(rows) + "\n"})
    return str(directory / name)


def test_a_score_of_the_predicted_one_of_two_classes_says_all(tmp_path: Path) -> None:
    rows = [f"{row.default},{row.predicted},{row.p_predicted}" for row in LOANS]
    found = evaluate(pycaret(tmp_path, rows))
    assert found.loss.mean == pytest.approx(loans_loss(), rel=1e-14)
    assert found.spec.classes == ("no", "yes")
    many = [row for _ in range(30_000) for row in rows]
    assert evaluate(pycaret(tmp_path, many)).loss.mean == pytest.approx(loans_loss(), rel=1e-14)
    given = evaluate(pycaret(tmp_path, rows), pred=("prediction_score",), positive="yes")
    assert given.loss.mean > loans_loss() + 0.1, "the user says that it speaks of one class"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["no,no,0.9", "yes,yes,0.4", "no,yes,0.6"], "row 1 (line 3), column 'prediction_score': is below 0.5"),
        (["a,a,0.9", "b,b,0.6", "c,c,0.5"], "3 classes are predicted"),
        (["a,a,0.9", "b,a,0.6"], "only one class is predicted"),
    ],
)
def test_a_score_of_the_predicted_class_that_says_too_little_is_refused(
    rows: list[str], message: str, tmp_path: Path
) -> None:
    done = run("eval", pycaret(tmp_path, rows))
    assert done.code == 3
    assert message in done.err
    assert "hint: " in done.err


def test_a_third_class_that_comes_late_is_refused_with_its_row(tmp_path: Path) -> None:
    rows = ["no,no,0.9", "yes,yes,0.8"] * 30_000 + ["no,maybe,0.9"]
    done = run("eval", pycaret(tmp_path, rows))
    assert done.code == 3
    assert "row 60000 (line 60002), column 'prediction_label': is neither 'no' nor 'yes'" in done.err


def test_bare_probability_of_sagemaker_below_one_half_is_of_the_positive_class(tmp_path: Path) -> None:
    rows = "".join(f"{row.predicted},{row.p_yes},{row.default}\n" for row in LOANS)
    write(tmp_path, {"f.csv": f"predicted_label,probability,default\n{rows}"})
    done = run("eval", tmp_path / "f.csv")
    assert done.code == 3
    assert "--pred probability --positive CLASS" in done.err
    told = run("eval", tmp_path / "f.csv", "-q", "--pred", "probability", "--positive", "yes")
    assert told.mean == pytest.approx(loans_loss(), rel=1e-14)


def top_class(directory: Path, form: str, least: float = 0.5) -> str:
    """Write what a text-classification pipeline gives for LOANS without top_k, the first score changed to ``least``."""
    rows = [{"label": row.predicted, "score": row.p_predicted} for row in LOANS] * 2
    rows[0] = {**rows[0], "score": least}
    table = pa.Table.from_pylist(rows)
    content: dict[str, str | pa.Table] = {
        "csv": "label,score\n" + "".join(f"{row['label']},{row['score']}\n" for row in rows),
        "jsonl": "".join(f"{json.dumps(row)}\n" for row in rows),
        "json": json.dumps(rows),
        "parquet": table,
        "dictionary.parquet": table.set_column(0, "label", table.column(0).dictionary_encode()),
    }
    write(directory, {f"f.{form}": content[form]})
    return str(directory / f"f.{form}")


@pytest.mark.parametrize(
    ("form", "least"),
    [("csv", 0.5), ("jsonl", 0.5), ("json", 0.5), ("parquet", 0.5), ("dictionary.parquet", 0.5), ("parquet", math.nan)],
)
def test_a_predicted_class_with_its_score_is_not_taken_for_the_truth(form: str, least: float, tmp_path: Path) -> None:
    done = run("eval", top_class(tmp_path, form, least), "--invalid", "drop", "-q")
    assert (done.code, done.out) == (3, "")
    assert "those of the predicted class" in done.err
    assert "top_k=None" in done.err


def test_the_refusal_of_a_predicted_class_has_a_code_and_ways_out(tmp_path: Path) -> None:
    path = top_class(tmp_path, "csv")
    with pytest.raises(AmbiguousData) as caught:
        evaluate(path)
    assert caught.value.code == "top_class_only"
    truth = evaluate(path, label="label")
    assert truth.spec.columns.predictions == ("score",)
    assert evaluate(path, pred=("score",), positive="yes").loss.mean == truth.loss.mean


def test_a_truth_beside_the_predicted_class_does_not_say_what_its_score_is_of(tmp_path: Path) -> None:
    rows = "".join(f"{row.default},{row.predicted},{row.p_predicted}\n" for row in LOANS)
    labels = "".join(f"{row.default}\n" for row in LOANS)
    write(tmp_path, {"f.csv": f"truth,label,score\n{rows}", "l.csv": f"y\n{labels * 2}"})
    for arguments in ([tmp_path / "f.csv"], [tmp_path / "f.csv", "--label", "truth"],
                      [top_class(tmp_path, "jsonl"), tmp_path / "l.csv"]):  # fmt: skip
        done = run("eval", *arguments)
        assert done.code == 3
        assert "those of the predicted class" in done.err


def test_scores_of_all_classes_beside_that_of_the_predicted_one_are_read(tmp_path: Path) -> None:
    rows = "".join(f"{row.default},{row.p_no},{row.p_yes},{row.p_predicted}\n" for row in LOANS)
    write(tmp_path, {"f.csv": f"label,p_no,p_yes,confidence\n{rows}"})
    found = evaluate(str(tmp_path / "f.csv"))
    assert found.spec.columns.predictions == ("p_no", "p_yes")
    assert found.loss.mean == pytest.approx(loans_loss(), rel=1e-14)


def test_a_score_below_one_in_so_many_classes_is_of_one_class(tmp_path: Path) -> None:
    found = evaluate(top_class(tmp_path, "csv", 0.49))
    assert found.spec.columns.label == "label"
    rows = "".join(f"{row.default},{row.p_yes}\n" for row in LOANS)
    write(tmp_path, {"f.csv": f"label,score\n{rows}", "n.csv": "label,score\n1,0.9\n0,0.6\n1,0.7\n"})
    assert evaluate(str(tmp_path / "f.csv")).loss.mean == pytest.approx(loans_loss(), rel=1e-14)
    assert evaluate(str(tmp_path / "n.csv")).counts.scored == 3, "numbers are mostly the truth"


# Lists


def test_timm_lists_of_the_best_classes_alone_are_refused(tmp_path: Path) -> None:
    order = [sorted(range(3), key=lambda c: -row.probabilities[c])[:2] for row in FLOWERS]
    probs = [[row.probabilities[c] for c in chosen] for row, chosen in zip(FLOWERS, order, strict=True)]
    truth = [row.code for row in FLOWERS]
    write(tmp_path, {"f.parquet": pa.table({"index": order, "prob": probs, "target": truth})})
    done = run("eval", tmp_path / "f.parquet")
    assert done.code == 3
    assert "has no score for class" in done.err


def test_lists_whose_classes_cannot_be_read_are_refused(tmp_path: Path) -> None:
    probs = [list(row.probabilities) for row in FLOWERS]
    columns = {"prob": probs, "index": [[0.0, 1.0, 2.0] for _ in FLOWERS], "target": [row.code for row in FLOWERS]}
    write(tmp_path, {"f.parquet": pa.table(columns)})
    done = run("eval", tmp_path / "f.parquet")
    assert done.code == 3
    assert "the classes of each row's scores stand in 'index'" in done.err
    told = run("eval", tmp_path / "f.parquet", "-q", "--pred", "prob")
    assert told.mean == pytest.approx(flowers_loss(), rel=1e-14)


def test_an_index_that_counts_the_rows_is_none_of_the_classes(tmp_path: Path) -> None:
    columns = {"index": list(range(len(FLOWERS))), "prob": [list(row.probabilities) for row in FLOWERS]}
    write(tmp_path, {"f.parquet": pa.table({**columns, "target": [row.code for row in FLOWERS]})})
    found = evaluate(str(tmp_path / "f.parquet"))
    assert found.loss.mean == pytest.approx(flowers_loss(), rel=1e-14)
    assert "layout" not in {decision.what for decision in found.spec.decisions}
