"""Columns that look like weights or counts are named, in either file, under any usual name; features are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from celoss_cli import evaluate
from notices import about_the_data
from running import write

ROWS = [("a", 0.7, 2), ("b", 0.2, 7), ("a", 0.6, 1)]


def codes_of(directory: Path, files: dict[str, str]) -> list[str]:
    write(directory, dict(files))
    result = evaluate(*(str(directory / name) for name in files), label="y", positive="a")
    return [notice.message for notice in result.warnings if notice.code == "unused_weights"]


@pytest.mark.parametrize(
    "name",
    [
        "weight", "w", "wt", "wts", "wgt", "case_weights", "caseWeight", "sample.weight", "importance_weights",
        "exposure", "Exposure", "survey_weight", "pweight", "ipw", "IPTW", "propensity_weight", "event_wt", "fnlwgt",
    ],
)  # fmt: skip
def test_weights_are_named_in_either_file(tmp_path: Path, name: str) -> None:
    beside = f"y,prob,{name}\n" + "".join(f"{y},{p},{w / 2}\n" for y, p, w in ROWS)
    [said] = codes_of(tmp_path, {"f.csv": beside})
    assert f"--sample-weight {name}" in said
    labels = f"y,{name}\n" + "".join(f"{y},{w / 2}\n" for y, _, w in ROWS)
    [said] = codes_of(tmp_path, {"p.csv": "prob\n.7\n.2\n.6\n", "l.csv": labels})
    assert f"--sample-weight {name}" in said


@pytest.mark.parametrize("name", ["n", "count", "Freq", "frequency", "n_obs", "counts", "cnt"])
def test_counts_are_named(tmp_path: Path, name: str) -> None:
    [said] = codes_of(tmp_path, {"f.csv": f"y,prob,{name}\n" + "".join(f"{y},{p},{w}\n" for y, p, w in ROWS)})
    assert f"--count {name}" in said


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("y,prob,n", "{y},{p},{i}"),  # a running number
        ("id,y,prob,n", "{i},{y},{p},{w}"),  # rows with an id were not put together: a count of words, say
        ("y,prob,count", "{y},{p},1"),
        ("y,prob,count", "{y},{p},{w}.5"),
        ("y,prob,weight_kg", "{y},{p},{w}"),
        ("y,prob,birth_weight", "{y},{p},{w}"),
        ("y,prob,weight", "{y},{p},1"),  # weights that are all the same
        ("y,prob,weight", "{y},{p},-{w}"),
        ("y,prob,country", "{y},{p},{w}"),
    ],
)
def test_other_columns_are_not(tmp_path: Path, header: str, cells: str) -> None:
    rows = (cells.format(y=y, p=p, w=w, i=i) for i, (y, p, w) in enumerate(ROWS))
    assert codes_of(tmp_path, {"f.csv": "\n".join([header, *rows]) + "\n"}) == []


def test_running_numbers_in_any_order_count_nothing(tmp_path: Path) -> None:
    order = [3, 0, 4, 1, 5, 2]
    (tmp_path / "f.csv").write_text("y,prob,n\n" + "".join(f"{i % 2},0.{4 + i % 3},{i}\n" for i in order))
    assert about_the_data(evaluate(str(tmp_path / "f.csv"))) == []
