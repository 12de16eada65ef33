"""Text as people have it: decimal commas, tables made by hand, for Markdown, for Excel, or for the eye."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from celoss_cli.request import ReadOptions
from celoss_cli.tables.opening import open_table
from running import run, write

LABELS = [1, 0, 1, 0, 1]

SCORES = [0.9, 0.25, 0.8, 0.3, 0.45]

EXPECTED = -float(np.mean(np.log([0.9, 0.75, 0.8, 0.7, 0.45])))

ROWS = list(zip(LABELS, SCORES, strict=True))

WRITTEN = {
    "Markdown": "| y | p |\n|---|--:|\n" + "".join(f"| {y} | {p} |\n" for y, p in ROWS),
    "Markdown of pandas": "|    |   y |    p |\n|---:|----:|-----:|\n"
    + "".join(f"| {i:2} | {y:3} | {p:4} |\n" for i, (y, p) in enumerate(ROWS)),
    "Markdown without bars at the ends": "y | p\n:--|--:\n" + "".join(f"{y} | {p}\n" for y, p in ROWS),
    "Markdown under a title": "# Results\n\n| y | p |\n|---|---|\n" + "".join(f"| {y} | {p} |\n" for y, p in ROWS),
    "Markdown with CRLF": "| y | p |\r\n|---|---|\r\n" + "".join(f"| {y} | {p} |\r\n" for y, p in ROWS),
    "Excel": "sep=;\ny;p\n" + "".join(f"{y};{p}\n".replace(".", ",") for y, p in ROWS),
    "Excel, quoted": '"sep=|"\r\ny|p\r\n' + "".join(f"{y}|{p}\r\n" for y, p in ROWS),
    "aligned text and numbers": " id   y     p\n" + "".join(f"k{i}    {y}  {p:.3f}\n" for i, (y, p) in enumerate(ROWS)),
    "printed by R": "  who y    p\n" + "".join(f"{i + 1} Ann {y} {p:.2f}\n" for i, (y, p) in enumerate(ROWS)),
    "ECSV": "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: y, datatype: int64}\n# - {name: p, datatype: float64}\ny p\n"
    + "".join(f"{y} {p}\n" for y, p in ROWS),
    "numpy.savetxt": "# y,p\n" + "".join(f"{y},{p:.18e}\n" for y, p in ROWS),
    "a note and numpy.savetxt": "# run 7, epoch 3, best\n# y,p\n" + "".join(f"{y},{p:.18e}\n" for y, p in ROWS),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_tables_are_read(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.txt": WRITTEN[name]})
    found = run("eval", tmp_path / "f.txt", "-q", "--strict", "--input", "probs")
    assert found.mean == pytest.approx(EXPECTED, rel=1e-12)
    assert run("inspect", tmp_path / "f.txt").code == 0


@pytest.mark.parametrize("name", [name for name in WRITTEN if "Markdown" in name])
def test_the_line_of_a_fault_is_that_of_the_file(name: str, tmp_path: Path) -> None:
    text = WRITTEN[name].replace(str(SCORES[-1]), "nil", 1)
    assert "nil" in text
    write(tmp_path, {"f.txt": text})
    found = run("eval", tmp_path / "f.txt", "--pred", "p", "--label", "y")
    line = next(i for i, written in enumerate(text.splitlines(), 1) if "nil" in written)
    assert (found.code, f"(line {line})" in found.err) == (3, True), found.err


DECIMAL_COMMAS = {
    "a logit below zero": "logit\n1,20193345\n-0,53718212\n3,91827365\n",
    "one integer part for several": "p\n0,93\n0,21\n0,4\n",
    "a zero after the comma": "p\n1,05\n2,3\n5,44\n",
    "no header": "1,20193345\n-0,53718212\n3,91827365\n",
}


@pytest.mark.parametrize("name", DECIMAL_COMMAS)
def test_one_column_of_decimal_commas(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": DECIMAL_COMMAS[name]})
    table = open_table(str(tmp_path / "f.csv"), ReadOptions())
    lines = [line for line in DECIMAL_COMMAS[name].splitlines() if "," in line]
    assert len(table.columns) == 1
    assert table.head().numbers(table.columns[0].name).tolist() == [float(line.replace(",", ".")) for line in lines]


COMMAS_TWICE = {
    "two names, three fields": "logit,y\n1,20193345,1\n-0,53718212,0\n3,91827365,1\n",
    "a class before": "y,p\ncat,0,93\ndog,0,21\ncat,0,44\n",
    "three numbers": "p_a,p_b,p_c\n0,7,0,2,0,1\n0,1,0,8,0,1\n0,3,0,3,0,4\n",
}


@pytest.mark.parametrize("name", COMMAS_TWICE)
def test_commas_between_and_inside_of_numbers_are_refused(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": COMMAS_TWICE[name]})
    found = run("eval", tmp_path / "f.csv")
    assert (found.code, "commas stand between the columns and in the numbers" in found.err) == (3, True), found.err


def test_what_could_be_either_is_asked_for_with_flags_that_work(tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": "logit\n5,93\n1,21\n-3,44\n".replace("-", ""), "y.csv": "y\n1\n0\n1\n"})
    files = (tmp_path / "f.csv", tmp_path / "y.csv")
    found = run("eval", *files)
    assert (found.code, "--delimiter none --decimal ," in found.err) == (3, True), found.err
    logits = np.array([5.93, 1.21, 3.44])
    expected = float(np.mean(np.log1p(np.exp(np.where([True, False, True], -logits, logits)))))
    flags = ("--delimiter", "none", "--decimal", ",", "--input", "logits", "-q")
    assert run("eval", files[0], "--label", "y", *flags).code == 3  # one column has no label
    write(tmp_path, {"y.csv": "1\n0\n1\n"})
    assert run("eval", *files, *flags).mean == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "y\n1,0\n2,1\n3,1\n4,0\n",  # R's row names
        "y,p\n1,0,0.9\n2,1,0.7\n",
        "y\nk1,0\nk7,1\n",
        "y,age\na,0,35\nb,1,27\n",
        '"y"\n"5",0\n"17",1\n',
        "a,b\n1,20193345\n0,53718212\n",
        "a,b\n1,0,\n0,1,\n",
    ],
)
def test_commas_between_columns_stay_such(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.csv": text})
    assert len(open_table(str(tmp_path / "f.csv"), ReadOptions()).columns) >= 2


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("\n=== Run information ===\n\nScheme: weka.classifiers.rules.ZeroR\n", "Weka"),
        ("+---+-----+\n| y |  p  |\n+---+-----+\n| 1 | 0.9 |\n+---+-----+\n", "a table drawn for people"),
    ],
)
def test_other_forms_are_called_by_name(text: str, form: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.txt": text})
    found = run("eval", tmp_path / "f.txt")
    assert (found.code, form in found.err, "hint: write it" in found.err) == (3, True, True), found.err


@pytest.mark.parametrize(
    "text", ["sentence\nI have 2 dogs\nI have 3 dogs\n", "class 1\nclass 2\nclass 1\n", "a b\nc d\ne f\n"]
)
def test_sentences_are_no_columns(text: str, tmp_path: Path) -> None:
    write(tmp_path, {"f.txt": text})
    assert len(open_table(str(tmp_path / "f.txt"), ReadOptions()).columns) == 1
