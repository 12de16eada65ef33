"""``--plots DIR``: a file for each picture, in a directory that is made where there is none."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from running import run

SAMPLE_DATA = Path(__file__).parents[2] / "sample_data"

OF_A_DIAGNOSIS = {"reliability", "fixes", "temperature", "losses", "classes", "confusions"}


def pictures_in(directory: Path) -> set[str]:
    """The names of the pictures, each of which is sound XML."""
    for path in directory.glob("*.svg"):
        assert ET.parse(path).getroot().tag.endswith("svg")
    return {path.stem for path in directory.glob("*.svg")}


def test_a_diagnosis_draws_all_its_pictures(tmp_path: Path) -> None:
    found = run("diagnose", SAMPLE_DATA / "digits_logits.csv", "-q", "--plots", tmp_path / "new")
    assert found.code == 0
    assert pictures_in(tmp_path / "new") == OF_A_DIAGNOSIS


def test_slices_and_differences_are_drawn(tmp_path: Path) -> None:
    rows = [f"{i % 2},{0.3 + 0.4 * (i % 2)},{'ab'[i // 2 % 2]}" for i in range(40)]
    (tmp_path / "one.csv").write_text("\n".join(["y,p,site", *rows]))
    (tmp_path / "two.csv").write_text("\n".join(["y,p,site", *rows]).replace("0.3", "0.2"))
    assert run("eval", tmp_path / "one.csv", "-q", "--slice", "site", "--plots", tmp_path).code == 0
    assert (tmp_path / "by-slice-1.svg").is_file()
    assert run("compare", tmp_path / "one.csv", tmp_path / "two.csv", "-q", "--plots", tmp_path / "d").code == 0
    assert "by-class" in pictures_in(tmp_path / "d")


def test_pictures_of_other_rows_do_not_stay(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    run("diagnose", SAMPLE_DATA / "digits_logits.csv", "-q", "--plots", tmp_path)
    (tmp_path / "one.csv").write_text("y,p\n1,0.9\n0,0.2\n1,0.7\n")
    run("eval", tmp_path / "one.csv", "-q", "--plots", tmp_path)
    assert pictures_in(tmp_path) == {"logo", "reliability"}


@pytest.mark.parametrize("place", ["a file", "missing/new"])
def test_a_directory_that_cannot_be_is_said_before_the_work(place: str, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    found = run("diagnose", SAMPLE_DATA / "cancer_probs.csv", "--plots", tmp_path / place)
    assert found.code == 3
    assert not found.out
    assert found.err.count("\n") == 2
