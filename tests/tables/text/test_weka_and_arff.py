"""Predictions as Weka and OpenML write them: each class by its name, in the order of its declaration."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from celoss_cli import evaluate
from running import run, write

SCORES = np.array([[0.7, 0.2, 0.1], [0.1, 0.667, 0.233], [0.05, 0.35, 0.6], [0.5, 0.25, 0.25]])
NAMES = ["Iris setosa", "b:2", "c"]
TRUTH = [0, 1, 2, 1]
MEAN = float(-np.log(SCORES[np.arange(4), TRUTH]).mean())


def marked(row: int) -> list[str]:
    best = int(SCORES[row].argmax())
    return [f"{'*' if place == best else ''}{score:g}" for place, score in enumerate(SCORES[row])]


def lines(separator: str) -> str:
    made = []
    for row, truth in enumerate(TRUTH):
        best = int(SCORES[row].argmax())
        error = "+" if best != truth else ""
        fields = [
            str(row + 1),
            f"{truth + 1}:{NAMES[truth]}",
            f"{best + 1}:{NAMES[best]}",
            error,
            ",".join(marked(row)),
        ]
        made.append(separator.join(fields) if separator == "," else "  ".join(f"{field:>9}" for field in fields) + " ")
    return "\n".join(made)


PLAIN = f"\n\n=== Predictions on test data ===\n\n inst#     actual  predicted error distribution\n{lines(' ')} \n\n"
CSV = f"inst#,actual,predicted,error,distribution,,\n{lines(',')}\n\n"


@pytest.mark.parametrize("text", [PLAIN, CSV, CSV.replace("\n", "\r\n"), PLAIN + "=== Summary ===\n\nKappa  0.3\n"])
def test_weka(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": text})
    found = evaluate(tmp_path / "p.txt", strict=True)
    assert found.loss.mean == pytest.approx(MEAN, rel=1e-12)
    assert found.metrics.accuracy == 0.75
    assert set(found.spec.classes) == set(NAMES)


def test_attributes_behind_the_scores_are_none(tmp_path: Path) -> None:
    text = "\n".join(f"{line},{5 + number}" for number, line in enumerate(CSV.strip().split("\n")[1:]))
    write(tmp_path, {"p.csv": f"inst#,actual,predicted,error,distribution,,,age\n{text}\n"})
    assert evaluate(tmp_path / "p.csv").loss.mean == pytest.approx(MEAN, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PLAIN.replace("*0.7,0.2,0.1", "0.7"), "row 0 (line 6): has the score of the predicted class alone"),
        (PLAIN.replace("*0.6 ", "oops "), "row 2 (line 8): is no prediction of Weka"),
        (CSV.replace(",*0.6\n", "\n"), "row 2 (line 4)"),
        (CSV.replace("*0.6\n", "x\n"), "row 2 (line 4): is no prediction of Weka"),
        (CSV.split("\n")[0], "there is no prediction in it"),
    ],
)
def test_weka_without_all_scores(text: str, message: str, tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": text})
    done = run("eval", tmp_path / "p.txt", "-q")
    assert done.code == 3
    assert message in done.err
    assert "hint: " in done.err


def test_unknown_truths_of_weka_are_missing(tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": PLAIN.replace("1:Iris setosa  1:", "        1:?  1:")})
    assert run("eval", tmp_path / "p.txt", "-q").code == 3
    found = evaluate(tmp_path / "p.txt", invalid="drop")
    assert (found.counts.scored, found.counts.rows) == (3, 4)
    assert found.loss.mean == pytest.approx(-np.log([0.667, 0.6, 0.25]).mean(), rel=1e-12)


HEADER = """% written by hand
@RELATION 'predictions'

@ATTRIBUTE row_id NUMERIC
@ATTRIBUTE confidence.b REAL
@ATTRIBUTE confidence.a REAL
@ATTRIBUTE confidence.c REAL
@ATTRIBUTE prediction {b,a,c}
@ATTRIBUTE correct {b,a,c}

@DATA
"""
ARFF = HEADER + "0,0.7,0.2,0.1,b,b\n% a comment\n1,0.1,0.667,0.233,a,a\n2,0.05,0.35,0.6,c,c\n3,0.5,0.25,0.25,b,a\n"


def test_arff(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    write(tmp_path, {"p.arff": ARFF, "p.txt": "\ufeff" + ARFF.replace("\n", "\r\n")})
    for name in ("p.arff", "p.txt"):
        assert evaluate(tmp_path / name, strict=True).loss.mean == pytest.approx(MEAN, rel=1e-12)
    write(tmp_path, {"m.arff": ARFF.replace("2,0.05", "2,?")})
    assert run("eval", tmp_path / "m.arff", "-q").code == 3
    write(tmp_path, {"m.arff": ARFF.replace("c,c", "c,?")})
    assert evaluate(tmp_path / "m.arff", invalid="drop").counts.scored == 3


@pytest.mark.parametrize(
    "text",
    [
        ARFF.replace("row_id NUMERIC", "row_id STRING"),
        HEADER + "{0 1, 1 0.7}\n",
        HEADER + "0,0.7,0.2\n",
        HEADER + "0,0.7,0.2,0.1,b,zebra\n",
        HEADER,
        ARFF[:40],
    ],
)
def test_arff_that_cannot_be_read(text: str, tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    write(tmp_path, {"p.arff": text})
    done = run("eval", tmp_path / "p.arff", "-q")
    assert done.code == 3, done.out
    assert "hint: " in done.err


def test_text_that_only_begins_like_one_of_these(tmp_path: Path) -> None:
    pd.DataFrame({"@user": [1, 0, 1], "prob": [0.9, 0.2, 0.7]}).to_csv(tmp_path / "p.csv", index=False)
    found = evaluate(tmp_path / "p.csv", label="@user")
    assert found.loss.mean == pytest.approx(-np.log([0.9, 0.8, 0.7]).mean(), rel=1e-12)


def test_scipy_takes_no_limit_from_the_csv_module(tmp_path: Path) -> None:
    pytest.importorskip("scipy")
    limit = csv.field_size_limit()
    write(tmp_path, {"f.arff": ARFF})
    assert run("eval", tmp_path / "f.arff", "-q").code == 0
    assert csv.field_size_limit() == limit
