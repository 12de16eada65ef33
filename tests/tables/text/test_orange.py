"""Orange's rows below the names, types and roles: no data, and what says which column is the truth."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from celoss_cli import evaluate
from running import run, write

NAMES = ["note", "iris", "Tree", "Tree (setosa)", "Tree (Iris virginica)", "width"]

TYPES = ["string", r"setosa Iris\ virginica", r"setosa Iris\ virginica", "continuous", "continuous", "c"]

ROLES = ["meta", "class", "meta", "meta", "meta hidden=1", ""]

ROWS = [
    ["a", "setosa", "setosa", "0.75", "0.25", "6.4"],
    ["b", "Iris virginica", "setosa", "0.6", "0.4", "5.5"],
    ["a", "Iris virginica", "Iris virginica", "0.125", "0.875", "5.1"],
    ["b", "setosa", "Iris virginica", "0.5", "0.5", "4.9"],
]

MEAN = -math.fsum(map(math.log, (0.75, 0.4, 0.875, 0.5))) / 4


def table(mark: str, *rows: list[str]) -> str:
    return "".join(mark.join(row) + "\r\n" for row in rows)


@pytest.mark.parametrize(("name", "mark"), [("p.tab", "\t"), ("p.csv", ",")])
def test_three_rows_above_the_data(name: str, mark: str, tmp_path: Path) -> None:
    write(tmp_path, {name: table(mark, NAMES, TYPES, ROLES, *ROWS).encode()})
    found = evaluate(tmp_path / name, strict=True)
    assert (found.counts.rows, found.loss.mean) == (4, pytest.approx(MEAN, rel=1e-14))
    assert found.spec.columns.label == "iris"


def test_the_line_of_a_bad_row_counts_all_three(tmp_path: Path) -> None:
    rows = [row.copy() for row in ROWS]
    rows[1][3] = "x"
    write(tmp_path, {"p.tab": table("\t", NAMES, TYPES, ROLES, *rows)})
    assert "row 1 (line 5), column 'Tree (setosa)'" in run("eval", tmp_path / "p.tab").err


def test_the_names_alone_are_enough(tmp_path: Path) -> None:
    rows = [row[1:] for row in (NAMES, *ROWS)]
    write(tmp_path, {"p.csv": table(",", *rows)})
    assert run("eval", tmp_path / "p.csv", "-q").mean == pytest.approx(MEAN, rel=1e-14)


def test_two_models_are_asked_about(tmp_path: Path) -> None:
    names = ["iris", "Tree", "Tree (a)", "Tree (b)", "kNN", "kNN (a)", "kNN (b)"]
    rows = [["a", "a", "0.75", "0.25", "b", "0.25", "0.75"], ["b", "a", "0.5", "0.5", "b", "0.125", "0.875"]]
    write(tmp_path, {"p.csv": table(",", names, *rows)})
    found = run("eval", tmp_path / "p.csv")
    assert (found.code, "--pred" in found.err) == (3, True), found.err
    found = run("eval", tmp_path / "p.csv", "--pred", "kNN (*", "--label", "iris", "-q")
    assert found.mean == pytest.approx(-(math.log(0.25) + math.log(0.875)) / 2, rel=1e-14)


def test_a_unit_in_brackets_is_no_class(tmp_path: Path) -> None:
    """``length`` and ``length (cm)`` are measurements, and not a model and its score."""
    rows = [["length", "length (cm)", "p", "y"], ["7", "17.8", "0.75", "1"], ["6", "15.2", "0.25", "0"]]
    write(tmp_path, {"p.csv": table(",", *rows)})
    assert run("eval", tmp_path / "p.csv", "-q").mean == pytest.approx(-math.log(0.75), rel=1e-14)


def test_words_below_the_names_are_data(tmp_path: Path) -> None:
    """Only where every cell of both rows is one of Orange's words."""
    rows = [["kind", "p", "y"], ["continuous", "0.75", "1"], ["class", "0.25", "0"], ["meta", "0.5", "1"]]
    write(tmp_path, {"p.csv": table(",", *rows)})
    mean = -math.fsum(map(math.log, (0.75, 0.75, 0.5))) / 3
    assert run("eval", tmp_path / "p.csv", "-q").mean == pytest.approx(mean, rel=1e-14)
