"""Cells of text that hold all scores of a row: JSON, or what Python, NumPy, Spark, DuckDB and fastText print."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from celoss_cli import evaluate
from celoss_cli.tables.opening import open_table
from celoss_cli.tables.views.written import number_in, value_in
from running import Run, run, write

CLASSES = ("cat", "dog", "cow")

LABELS = ["dog", "cat", "cow", "dog", "cat"]

PROBS = [[0.2, 0.7, 0.1], [0.55, 0.25, 0.2], [0.125, 0.375, 0.5], [0.05, 0.9, 0.05], [0.3, 0.3, 0.4]]

EXPECTED = -float(np.mean([np.log(row[CLASSES.index(label)]) for row, label in zip(PROBS, LABELS, strict=True)]))

Written = Callable[[Sequence[float]], str]


def _pairs(row: Sequence[float]) -> list[tuple[str, float]]:
    return sorted(zip(CLASSES, row, strict=True), key=lambda pair: -pair[1])  # as pipelines do, the best first


NAMED: dict[str, Written] = {
    "JSON": lambda row: json.dumps(dict(_pairs(row))),
    "Python dictionary": lambda row: str(dict(_pairs(row))),
    "NumPy scalars in a dictionary": lambda row: str({name: np.float64(p) for name, p in _pairs(row)}),
    "DuckDB struct": lambda row: "{" + ", ".join(f"'{name}': {p}" for name, p in zip(CLASSES, row, strict=True)) + "}",
    "DuckDB map": lambda row: "{" + ", ".join(f"{name}={p}" for name, p in _pairs(row)) + "}",
    "Hugging Face in JSON": lambda row: json.dumps([{"label": name, "score": p} for name, p in _pairs(row)]),
    "Hugging Face in Python": lambda row: str([{"label": name, "score": p} for name, p in _pairs(row)]),
    "pairs": lambda row: str(_pairs(row)),
    "pairs in JSON": lambda row: json.dumps(_pairs(row)),
}

UNNAMED: dict[str, Written] = {
    "list": lambda row: str(list(row)),
    "tuple": lambda row: str(tuple(row)),
    "tuple of NumPy scalars": lambda row: str(tuple(np.float64(p) for p in row)),
    "NumPy scalars": lambda row: str([np.float64(p) for p in row]),
    "DenseVector": lambda row: f"DenseVector({list(row)})",
    "Spark's sparse vector": lambda row: f"({len(row)},{list(range(len(row)))},{list(row)})",
    "SparseVector": lambda row: f"SparseVector({len(row)}, {dict(enumerate(row))})",
}


def _table(written: Written, labels: Sequence[object]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["target", "proba"])
    rows.writerows((label, written(row)) for label, row in zip(labels, PROBS, strict=True))
    return text.getvalue()


def _loss(tmp_path: Path, content: str, *options: str) -> Run:
    write(tmp_path, {"f.csv": content})
    assert run("inspect", tmp_path / "f.csv").code == 0
    return run("eval", tmp_path / "f.csv", "-q", *options)


@pytest.mark.parametrize("name", NAMED)
def test_cells_that_name_the_classes(name: str, tmp_path: Path) -> None:
    assert _loss(tmp_path, _table(NAMED[name], LABELS), "--strict").mean == pytest.approx(EXPECTED, rel=1e-14)
    lines = [{"target": label, "proba": NAMED[name](row)} for label, row in zip(LABELS, PROBS, strict=True)]
    assert evaluate(pa.Table.from_pylist(lines), strict=True).loss.mean == pytest.approx(EXPECTED, rel=1e-14)


@pytest.mark.parametrize("name", UNNAMED)
def test_cells_in_the_order_of_the_classes(name: str, tmp_path: Path) -> None:
    codes = [CLASSES.index(label) for label in LABELS]
    assert _loss(tmp_path, _table(UNNAMED[name], codes)).mean == pytest.approx(EXPECTED, rel=1e-14)


def test_tuples_beside_tuples_of_classes(tmp_path: Path) -> None:
    lines = [f'"{tuple(CLASSES)}","{tuple(row)}",{label}\n' for label, row in zip(LABELS, PROBS, strict=True)]
    found = _loss(tmp_path, "labels,scores,target\n" + "".join(lines), "--strict")
    assert found.mean == pytest.approx(EXPECTED, rel=1e-14)


def test_an_amount_in_brackets_is_no_list_of_one(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "target,prob\n" + "1,(0.75)\n0,(0.25)\n" * 4})
    assert run("eval", tmp_path / "f.csv").code == 3


@pytest.mark.parametrize("cell", ["(640, 480)", "(0.5, 0.9]", "(1.5, 2.5)"])
def test_tuples_that_are_no_scores_do_not_stand_in_the_way(cell: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "where,p_a,p_b,target\n" + f'"{cell}",0.75,0.25,a\n"{cell}",0.5,0.5,b\n' * 3})
    mean = -float(np.mean(np.log([0.75, 0.5])))
    assert run("eval", tmp_path / "f.csv", "-q", "--strict").mean == pytest.approx(mean)


def test_dense_and_sparse_cells_of_one_column(tmp_path: Path) -> None:
    cells = ["(3,[0,1],[0.75,0.25])", "[0.25,0.5,0.25]", "(3,[2],[1.0])", "(3,[],[])"]
    write(tmp_path, {"f.csv": "proba,target\n" + "".join(f'"{cell}",0\n' for cell in cells)})
    assert open_table(str(tmp_path / "f.csv"), _options()).head().matrix("proba").tolist() == [
        [0.75, 0.25, 0.0], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]  # fmt: skip


def _options() -> object:
    from celoss_cli.request import ReadOptions

    return ReadOptions()


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("(3,[0,3],[0.7,0.3])", "is no list of numbers"),
        ("(3,[0,0],[0.7,0.3])", "is no list of numbers"),
        ("(0.5, 0.5)", "has 2 scores, not 3"),
        ("(0.5, 0.5, 'x')", "is no list of numbers"),
        ("(0.5)", "is no list of numbers"),
        ("()", "is no list of numbers"),
        ("[0.5, 0.5]", "has 2 scores, not 3"),
        ("[0.5, 0.5, 'x']", "is no list of numbers"),
        ("nonsense", "is no list of numbers"),
    ],
)
def test_a_later_cell_that_does_not_fit(cell: str, message: str, tmp_path: Path) -> None:
    rows = "".join(f'{i % 3},"[0.5, 0.25, 0.25]"\n' for i in range(1_200))
    write(tmp_path, {"f.csv": f'target,proba\n{rows}0,"{cell}"\n'})
    found = run("eval", tmp_path / "f.csv")
    assert (found.code, message in found.err, "row 1200 (line 1202)" in found.err) == (3, True, True), found.err


@pytest.mark.parametrize(
    ("cells", "shares"),
    [
        (["70%", "20%", "40%"], [0.7, 0.2, 0.4]),
        (["33.3%", "0.1 %", "7,5%"], [0.333, 0.001, 0.075]),
        (["np.float64(0.7)", "np.float32(0.25)", "numpy.float64(1e-05)"], [0.7, 0.25, 1e-05]),
    ],
)
def test_numbers_written_otherwise(cells: list[str], shares: list[float], tmp_path: Path) -> None:
    assert [number_in(cell) for cell in cells] == shares
    rows = "".join(f'{label},"{cell}"\n' for label, cell in zip([1, 0, 1], cells, strict=True))
    expected = -np.mean(np.log([shares[0], 1 - shares[1], shares[2]]))
    found = _loss(tmp_path, f"y_true,prob\n{rows}")
    assert found.mean == pytest.approx(expected, rel=1e-14)
    write(tmp_path, {"f.csv": f"y_true,prob\n{rows * 400}1,most\n"})
    faulty = run("eval", tmp_path / "f.csv")
    assert (faulty.code, "row 1200 (line 1202), column 'prob'" in faulty.err) == (3, True), faulty.err


@pytest.mark.parametrize("name", ["prob", "prob (%)", "percent"])
def test_cells_with_a_sign_are_shares_whatever_the_column_is_called(name: str, tmp_path: Path) -> None:
    found = _loss(tmp_path, f'y_true,{name}\n1,"99,6%"\n0,"12,5%"\n1,80%\n')
    assert (found.code, "percentage" in found.err) == (0, False), found.err
    assert found.mean == pytest.approx(-np.mean(np.log([0.996, 0.875, 0.8])), rel=1e-14)


FASTTEXT = "".join(" ".join(f"__label__{name} {p}" for name, p in _pairs(row)) + "\n" for row in PROBS)


def test_fasttext(tmp_path: Path) -> None:
    write(tmp_path, {"p.txt": FASTTEXT, "y.txt": "".join(f"__label__{label}\n" for label in LABELS)})
    files = (tmp_path / "p.txt", tmp_path / "y.txt")
    assert run("eval", *files, "-q").mean == pytest.approx(EXPECTED, rel=1e-14)
    for options in (["--delimiter", " "], ["--delimiter", "space", "--classes", ",".join(CLASSES)]):
        found = run("eval", *files, *options)
        assert (found.code, "leave --delimiter out" in found.err) == (3, True), found.err
    best = "".join(" ".join(line.split()[:2]) + "\n" for line in FASTTEXT.splitlines())
    write(tmp_path, {"p.txt": best})
    found = run("eval", *files)
    assert (found.code, "k = -1" in found.err) == (3, True), found.err


def test_fasttext_labels_are_no_header_even_where_none_recurs(tmp_path: Path) -> None:
    write(
        tmp_path, {"p.txt": "".join(FASTTEXT.splitlines(keepends=True)[1:3]), "y.txt": "__label__cat\n__label__cow\n"}
    )
    mean = -float(np.mean(np.log([0.55, 0.5])))
    assert run("eval", tmp_path / "p.txt", tmp_path / "y.txt", "-q").mean == pytest.approx(mean, rel=1e-14)


def test_fasttext_adds_to_each_probability(tmp_path: Path) -> None:
    """1e-5, so that rows sum to more than 1, and the likeliest class may have more than 1: taken as printed."""
    write(tmp_path, {
        "p.txt": "__label__a 1.00001 __label__b 1e-05\n__label__b 0.60001 __label__a 0.40001\n",
        "y.txt": "__label__a\n__label__b\n",
    })  # fmt: skip
    found = run("eval", tmp_path / "p.txt", tmp_path / "y.txt", "-q")
    assert found.mean == pytest.approx(-np.log(0.60001) / 2, rel=1e-14)


def test_the_same_best_labels_in_every_row_are_still_not_all(tmp_path: Path) -> None:
    """Two of three classes: divided by their sum they would give another number, so that is not what the hint says."""
    lines = "__label__cat 0.7 __label__dog 0.2\n__label__dog 0.8 __label__cat 0.1\n"
    write(tmp_path, {"p.txt": lines, "y.txt": "__label__cat\n__label__dog\n"})
    found = run("eval", tmp_path / "p.txt", tmp_path / "y.txt")
    assert (found.code, "k = -1" in found.err, "--renormalize" in found.err) == (3, True, False), found.err


@pytest.mark.parametrize("cells", [["90%", "20%", "0.6"], ["90%"] * 1_200 + ["0.6"]])
def test_percentages_and_numbers_in_one_column_are_refused(cells: list[str], tmp_path: Path) -> None:
    write(tmp_path, {"p.csv": "y,p\n" + "".join(f"{i % 2},{cell}\n" for i, cell in enumerate(cells))})
    found = run("eval", tmp_path / "p.csv")
    assert (found.code, "'0.6' is not written as '90%' is" in found.err) == (3, True), found.err
    assert f"row {len(cells) - 1} " in found.err


def test_tags_of_vowpal_wabbit_are_a_column(tmp_path: Path) -> None:
    lines = [" ".join(f"{i + 1}:{p}" for i, p in enumerate(row)) + f" r{place}\n" for place, row in enumerate(PROBS)]
    write(tmp_path, {"p.txt": "".join(lines)})
    head = open_table(str(tmp_path / "p.txt"), _options()).head()
    assert head.texts("tag") == [f"r{place}" for place in range(len(PROBS))]


@pytest.mark.parametrize(
    "cell", ["{", "{a}", "{'a': 'b'}", '{"width": 640, "height": 480}', "(a)", "[see note]", "100% sure"]
)
def test_other_text_is_left_alone(cell: str, tmp_path: Path) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(
        [["y", "p", "note"], [1, 0.9, cell], [0, 0.2, cell], [1, 0.7, cell]]
    )
    assert _loss(tmp_path, text.getvalue()).mean == pytest.approx(-np.mean(np.log([0.9, 0.8, 0.7])), rel=1e-14)


@pytest.mark.parametrize("cell", ["__import__('os').getcwd()", "[].__class__", "lambda: 0", "[0.1, f(2)]"])
def test_nothing_is_run(cell: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        value_in(cell)
