"""A column that an option names and both files have, and label columns whose names contradict their position."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from running import mean_of, write

SCORES = "id,p_a,p_b,w,s\n1,.9,.1,{},x\n2,.2,.8,{},x\n3,.6,.4,{},x\n"

LABELS = "id,y,w,s\n3,a,5,{}\n2,b,3,x\n1,a,1,x\n"

BY_WEIGHT = -(math.log(0.9) + 3 * math.log(0.8) + 5 * math.log(0.6)) / 9


@pytest.mark.parametrize("flag", ["--sample-weight", "--count"])
def test_weights_that_differ_in_both_files_are_refused(flag: str, tmp_path: Path) -> None:
    write(tmp_path, {"labels.csv": LABELS.format("x")})
    labels = tmp_path / "labels.csv"
    done = mean_of(tmp_path, SCORES.format(1, 1, 1), labels, flag, "w")
    assert done.code == 3
    assert f"both files have the column 'w' of {flag}, with '1' here and '3' in" in done.err
    assert "for the id '2'" in done.err
    alike = mean_of(tmp_path, SCORES.format(1, "3.0", 5), labels, flag, "w")
    assert alike.mean == pytest.approx(BY_WEIGHT, rel=1e-14)


@pytest.mark.parametrize(
    ("flag", "here", "there"),
    [
        ("--sample-weight", "0.10000000149011612", "0.1"),
        ("--sample-weight", "0.333333", "0.3333333333"),
        ("--slice", "True", "1"),
        ("--slice", "true", "True"),
        ("--slice", "2024-01-01", "2024-01-01 00:00:00"),
        ("--slice", "", "NA"),
    ],
)
def test_one_value_that_is_written_twice_is_no_contradiction(flag: str, here: str, there: str, tmp_path: Path) -> None:
    write(tmp_path, {"labels.csv": f"id,y,s\n2,b,{there}\n1,a,{there}\n"})
    done = mean_of(tmp_path, f"id,p_a,p_b,s\n1,.9,.1,{here}\n2,.2,.8,{here}\n", tmp_path / "labels.csv", flag, "s")
    assert done.mean == pytest.approx(-math.log(0.72) / 2, rel=1e-12)


@pytest.mark.parametrize("options", [("--where", "s=x"), ("--slice", "s"), ("--cluster", "s")])
def test_rows_that_are_chosen_by_a_column_of_both_files_are_the_same_in_both(
    options: tuple[str, str], tmp_path: Path
) -> None:
    write(tmp_path, {"labels.csv": LABELS.format("z")})
    labels = tmp_path / "labels.csv"
    done = mean_of(tmp_path, SCORES.format(1, 1, 1), labels, *options)
    assert done.code == 3
    assert f"both files have the column 's' of {options[0]}, with 'x' here and 'z' in" in done.err
    without = mean_of(tmp_path, SCORES.format(1, 1, 1), labels)
    assert without.mean == pytest.approx(-(math.log(0.9) + math.log(0.8) + math.log(0.6)) / 3, rel=1e-14)


def several(names: str) -> str:
    """Return a file of three labels a row: b and c hold in the first row, a in the second."""
    return f"{names},p_a,p_b,p_c\n1,1,0,.3,.8,.6\n0,0,1,.9,.1,.2\n"


BOTH_ROWS = -sum(map(math.log, (0.7, 0.8, 0.6, 0.9, 0.9, 0.8))) / 6

MANY = ("--label", "y_*", "--pred", "p_*", "--task", "multilabel")


@pytest.mark.parametrize("names", ["y_b,y_c,y_a", "y_B,y_C,y_A"])
def test_label_columns_are_matched_by_name_whatever_their_letters(names: str, tmp_path: Path) -> None:
    assert mean_of(tmp_path, several(names), *MANY).mean == pytest.approx(BOTH_ROWS, rel=1e-14)


def test_label_columns_whose_names_contradict_their_position_are_refused(tmp_path: Path) -> None:
    done = mean_of(tmp_path, several("y_b,y_c,y_x"), *MANY)
    assert done.code == 3
    assert "label column 'b' would stand for the scores of 'a'" in done.err
    listed = mean_of(tmp_path, several("y_b,y_c,y_x"), "--label", "y_x,y_b,y_c", *MANY[2:])
    assert listed.mean == pytest.approx(BOTH_ROWS, rel=1e-14)
    in_place = several("y_x,y_b,y_c").replace("1,1,0,", "0,1,1,").replace("0,0,1,", "1,0,0,")
    assert mean_of(tmp_path, in_place, *MANY).mean == pytest.approx(BOTH_ROWS, rel=1e-14)
    counted = several("y_0,y_1,y_2").replace("p_a,p_b,p_c", "p_1,p_2,p_3").replace("1,1,0,", "0,1,1,")
    assert mean_of(tmp_path, counted.replace("0,0,1,", "1,0,0,"), *MANY).mean == pytest.approx(BOTH_ROWS, rel=1e-14)
