"""--where, --slice and --cluster by a column of versions: 1.1 and 1.10 are one number, and two texts."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from celoss_cli.state.texts_met import TextsMet
from running import run

VERSIONS = pd.DataFrame(
    {"model": ["1.1", "1.10", "1.2"] * 4, "prob": [0.9, 0.2, 0.7, 0.6] * 3, "label": [1, 0, 1, 0, 0, 1] * 2}
)


@pytest.mark.parametrize("threads", ["1", "2"])
@pytest.mark.parametrize("value", ["1.1", "1.10"])
@pytest.mark.parametrize("copies", [1, 60_000])
def test_two_spellings_of_the_value_are_refused(value: str, copies: int, threads: str, tmp_path: Path) -> None:
    """Also where they stand in partitions far from each other: all rows of a version together."""
    every = pd.concat([VERSIONS] * copies).sort_values("model", kind="stable")
    every.to_csv(tmp_path / "p.csv", index=False)
    found = run("eval", tmp_path / "p.csv", "--where", f"model={value}", "--threads", threads)
    assert found.code == 3
    assert "column 'model': has '1.1' and '1.10', which are the same number" in found.err


def test_in_a_label_file_too(tmp_path: Path) -> None:
    VERSIONS[["prob"]].to_csv(tmp_path / "p.csv", index=False)
    VERSIONS[["model", "label"]].to_csv(tmp_path / "y.csv", index=False)
    found = run("eval", tmp_path / "p.csv", tmp_path / "y.csv", "--where", "model=1.10")
    assert (found.code, "y.csv column 'model': has '1.1' and '1.10'" in found.err) == (3, True), found.err


def test_parts_of_a_file_that_know_one_spelling_each(tmp_path: Path) -> None:
    for version in ("1.1", "1.10"):
        VERSIONS[VERSIONS["model"] == version].to_csv(tmp_path / f"{version}.csv", index=False)
        options = ("--where", "model=1.1", "--label", "label", "-o", tmp_path / f"{version}.state")
        assert run("state", tmp_path / f"{version}.csv", *options).code == 0
    found = run("merge", tmp_path / "1.1.state", tmp_path / "1.10.state")
    assert (found.code, "which are the same number" in found.err) == (3, True), found.err


@pytest.mark.parametrize(("value", "other"), [("3", "4"), ("2.50", "2.25"), ("1.10", "1.20")])
@pytest.mark.parametrize("asked", ["as written", "as a number"])
def test_one_spelling_is_taken_as_it_was(value: str, other: str, asked: str, tmp_path: Path) -> None:
    """A value may be asked for as another text of the same number, where the file has one spelling of it."""
    rows = VERSIONS.assign(model=[value, other] * 6)
    rows.to_csv(tmp_path / "p.csv", index=False)
    rows[rows["model"] == value].to_csv(tmp_path / "alone.csv", index=False)
    text = value if asked == "as written" else f"{float(value)}000"
    found = run("eval", tmp_path / "p.csv", "--where", f"model={text}", "-q")
    assert found.mean == run("eval", tmp_path / "alone.csv", "-q").mean


def test_other_versions_can_still_be_asked_for(tmp_path: Path) -> None:
    VERSIONS.to_csv(tmp_path / "p.csv", index=False)
    assert run("eval", tmp_path / "p.csv", "--where", "model=1.2", "-q").code == 0


def test_slices_and_clusters_are_apart_as_they_are_written(tmp_path: Path) -> None:
    VERSIONS.to_csv(tmp_path / "p.csv", index=False)
    sliced = json.loads(run("eval", tmp_path / "p.csv", "--slice", "model", "--format", "json").out)["slices"]
    assert [(entry["value"], entry["rows"]) for entry in sliced] == [("1.1", 4), ("1.10", 4), ("1.2", 4)]
    clustered = json.loads(run("eval", tmp_path / "p.csv", "--cluster", "model", "--format", "json").out)
    assert clustered["clusters"]["count"] == 3


def test_whole_numbers_are_one_slice_however_they_are_written(tmp_path: Path) -> None:
    VERSIONS.assign(model=["1", "1.0", "2"] * 4).to_csv(tmp_path / "p.csv", index=False)
    clustered = json.loads(run("eval", tmp_path / "p.csv", "--cluster", "model", "--format", "json").out)
    assert clustered["clusters"]["count"] == 2


MOMENTS = pd.DataFrame({
    "y": [0, 1, 1, 0, 1, 0] * 2,
    "p": [0.2, 0.9, 0.6, 0.4, 0.7, 0.3] * 2,
    "flag": [True, False, False] * 4,
    "when": pd.to_datetime(["2024-01-01 00:00", "2024-01-02 00:00", "2024-01-02 06:00"] * 4),
})  # fmt: skip


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("condition", "place"),
    [("flag=true", 0), ("flag=True", 0), ("flag=TRUE", 0), ("when=2024-01-01", 0), ("when=2024-01-02", 1),
     ("when=2024-01-01 00:00:00", 0)],
)  # fmt: skip
def test_truth_values_in_any_case_and_dates_of_times(condition: str, place: int, form: str, tmp_path: Path) -> None:
    """A date alone is its midnight, as pandas prints it in Parquet and in CSV."""
    path = tmp_path / f"p.{form}"
    MOMENTS.to_csv(path, index=False) if form == "csv" else MOMENTS.to_parquet(path, index=False)
    MOMENTS.iloc[place::3].to_csv(tmp_path / "alone.csv", index=False)
    expected = run("eval", tmp_path / "alone.csv", "--label", "y", "--pred", "p", "-q").mean
    assert run("eval", path, "--label", "y", "--pred", "p", "--where", condition, "-q").mean == expected


def test_both_cases_of_a_truth_value_in_one_column_are_refused(tmp_path: Path) -> None:
    MOMENTS.assign(flag=["True", "true", "False"] * 4).to_csv(tmp_path / "p.csv", index=False)
    refused = run("eval", tmp_path / "p.csv", "--label", "y", "--pred", "p", "--where", "flag=true", "-q")
    assert (refused.code, "has 'True' and 'true', which are the same value" in refused.err) == (3, True), refused.err


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_condition_that_leaves_nothing_says_what_there_is(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"p.{form}"
    MOMENTS.to_csv(path, index=False) if form == "csv" else MOMENTS.to_parquet(path, index=False)
    options = ("--label", "y", "--pred", "p", "--where", "flag=maybe")
    refused = run("eval", path, *options)
    assert refused.code == 3
    assert "none of the 12 rows is left to score; in the first rows 'flag' has 'False', 'True'" in refused.err
    assert run("state", path, *options, "-o", tmp_path / "1.state").code == 0
    merged = run("merge", tmp_path / "1.state")
    assert (merged.code, "none of the 12 rows is left to score" in merged.err) == (3, True), merged.err


def test_spellings_of_two_sets_of_rows() -> None:
    one, two = TextsMet((("1.1",), ())), TextsMet((("1.10",), ("a",)))
    assert one.merge(two) == two.merge(one) == TextsMet((("1.1", "1.10"), ("a",)))
    assert one.merge(TextsMet()) == one == TextsMet().merge(one)
