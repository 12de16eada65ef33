"""Sheets saved with a title above the table, and tables with two lines of names."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from running import run

TABLE = "id,prob,label\na,0.3,1\nb,0.4,0\nc,0.6,1\n"

MEAN = -(math.log(0.3) + math.log(1.0 - 0.4) + math.log(0.6)) / 3

TITLES = (["Report,,"], ["Report Q3,,", "made 2026-01-01,,"], ["A title,,", ",,", '"x, y",,'])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "titles", [["Report,,"], ["Report Q3,,", "made 2026-01-01,,"], ["A title,,", ",,", '"x, y",,']]
)
def test_titles_above_a_table(titles: list[str], end: str, delimiter: str, tmp_path: Path) -> None:
    if delimiter != ",":
        titles = [title.replace(",,", delimiter * 2) for title in titles]
    lines = [*titles, *TABLE.replace(",", delimiter).splitlines()]
    (tmp_path / "f.csv").write_bytes((end.join(lines) + end).encode())
    assert run("eval", tmp_path / "f.csv", "-q").mean == pytest.approx(MEAN, rel=1e-12)
    shown = run("inspect", tmp_path / "f.csv")
    assert shown.code == 0
    assert "one cell alone" in shown.out
    (tmp_path / "f.csv").write_bytes((end.join([*lines, f"d{delimiter}x{delimiter}1"]) + end).encode())
    refused = run("eval", tmp_path / "f.csv", "--pred", "prob")
    assert refused.code == 3  # and the line that is said counts the titles
    assert f"line {len(titles) + 5}" in refused.err


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "titles", [["My title"], ["Model outputs of 2024-01-01", ""], ['"Run 3, of the night"', "made by me", "", ""]]
)
def test_titles_that_no_delimiter_cuts(titles: list[str], end: str, delimiter: str, tmp_path: Path) -> None:
    lines = [*titles, *TABLE.replace(",", delimiter).splitlines()]
    (tmp_path / "f.csv").write_bytes((end.join(lines) + end).encode())
    assert run("eval", tmp_path / "f.csv", "-q").mean == pytest.approx(MEAN, rel=1e-12)
    shown = " ".join(run("inspect", tmp_path / "f.csv").out.split())
    said = f"{len(titles)} lines have" if len(titles) > 1 else "line has"
    assert f"{said} no delimiter" in shown, shown
    (tmp_path / "f.csv").write_bytes((end.join([*lines, f"d{delimiter}x{delimiter}1"]) + end).encode())
    refused = run("eval", tmp_path / "f.csv", "--pred", "prob")
    assert refused.code == 3
    assert f"line {len(titles) + 5}" in refused.err


@pytest.mark.parametrize(
    "text",
    [
        "prob\n0.3,1\n0.6,0\n0.2,1\n",  # R: no name over the names of rows
        "prob\na,0.1\nb,0.2\nc,0.3\n",
        "text\ngood, bad\nyes, no\nup, down\n",  # one column of texts
        "prob label\n0,3 1\n0,6 0\n0,2 1\n",  # decimal commas between blanks
        "0.3\nprob,y\n0.3,1\n",
    ],
)
def test_a_first_line_without_a_delimiter_that_is_no_title(text: str, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(text)
    assert "no delimiter: " not in run("inspect", tmp_path / "f.csv").out


@pytest.mark.parametrize("text", ["prob,\n0.3,1\n0.6,0\n", ",,\n0.1,0.2,0.7\n", "a,,\n1,2\n"])
def test_what_is_no_title_is_left_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(text)
    assert "one cell alone" not in (run("inspect", tmp_path / "f.csv").out)


@pytest.mark.parametrize("index", [False, True])
def test_columns_of_two_levels_are_called_that(index: bool, tmp_path: Path) -> None:
    pd = pytest.importorskip("pandas")
    columns = pd.MultiIndex.from_product([["prob"], ["cat", "dog"]])
    frame = pd.DataFrame([[0.3, 0.7], [0.6, 0.4]], columns=columns)
    frame[("truth", "label")] = ["dog", "cat"]
    frame.to_csv(tmp_path / "f.csv", index=index)
    refused = run("eval", tmp_path / "f.csv")
    assert (refused.code, "two lines of names, as pandas writes" in refused.err) == (3, True), refused.err
    frame.columns = ["_".join(names) for names in frame.columns]
    frame.to_csv(tmp_path / "f.csv", index=index)
    assert run("eval", tmp_path / "f.csv", "--label", "truth_label", "-q").code == 0


def test_doubled_names_over_numbers_are_no_second_line_of_names(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("prob,prob,label\n0.3,0.7,1\n0.6,0.4,0\n")
    assert "rename the columns" in run("eval", tmp_path / "f.csv").err


@pytest.mark.parametrize("table", [TABLE, "y,cat,dog\ncat,0.7,0.3\ndog,0.4,0.6\n", "label;prob\n1;0.7\n0;0.3\n"])
@pytest.mark.parametrize("above", ["", "My title\n\n", "# comment\n"])
@pytest.mark.parametrize("times", [1, 700])
def test_two_files_joined_with_their_headers(table: str, above: str, times: int, tmp_path: Path) -> None:
    """``cat a.csv b.csv``: the second header is named, whatever its cells would have been taken for."""
    header, *rows = table.splitlines()
    first = [header, *rows * times]
    (tmp_path / "f.csv").write_text(above + "\n".join([*first, header, *rows]) + "\n")
    refused = run("eval", tmp_path / "f.csv")
    assert refused.code == 3
    place = f"row {len(first) - 1} (line {above.count(chr(10)) + len(first) + 1})"
    assert f"{place}: this row is the header again" in refused.err, refused.err


def test_names_of_classes_that_are_numbers_can_be_a_row(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("0,1\n0.25,0.75\n0,1\n0.5,0.5\n")
    (tmp_path / "l.csv").write_text("y\n1\n1\n0\n")
    assert run("eval", tmp_path / "f.csv", tmp_path / "l.csv", "-q").mean == pytest.approx(
        (math.log(4 / 3) + math.log(2)) / 3, rel=1e-12
    )
