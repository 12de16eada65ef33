"""Indexes of pandas objects: those that name other rows, and those that say nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from celoss_cli import MisalignedData, compare, evaluate
from celoss_cli.api.indexes import check_indexes

NAMES = ("predictions", "labels")


def series(index: object) -> pd.Series:
    return pd.Series([0.1, 0.8, 0.7], index=index, name="p")


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (None, None),
        (["x", "y", "z"], ["x", "y", "z"]),
        (None, ["x", "y", "z"]),
        (None, [0, "y", 2.5]),
        (None, [5, 6, 7]),
        (None, [0, 0, 1]),
        (["x", "y", "z"], pd.Index(["z", "y", "x"], name="key")),
    ],
)
def test_these_say_nothing_against_pairing_by_position(mine: object, theirs: object) -> None:
    check_indexes(series(mine), series(theirs), NAMES)
    check_indexes(series(theirs), series(mine), NAMES)


@pytest.mark.parametrize(
    ("mine", "theirs"), [(["x", "y", "z"], ["y", "x", "z"]), (None, [2, 0, 1]), ([7, 8, 9], [1, 2, 3])]
)
def test_these_name_other_rows(mine: object, theirs: object) -> None:
    for pair in ((mine, theirs), (theirs, mine)):
        with pytest.raises(MisalignedData, match="the indexes of predictions and labels differ"):
            check_indexes(series(pair[0]), series(pair[1]), NAMES)


def test_a_message_of_compare_calls_the_models_what_they_are() -> None:
    one, other = (
        pd.DataFrame({"y": [0, 1, 1], "p": [0.1, 0.8, 0.7]}, index=index) for index in (list("xyz"), list("zyx"))
    )
    with pytest.raises(MisalignedData, match="indexes of baseline and candidate differ"):
        compare(one, other)
    with pytest.raises(MisalignedData, match="indexes of baseline and labels differ"):
        compare(one[["p"]], one[["p"]], other["y"])


def test_rows_that_are_paired_by_a_key_need_no_index() -> None:
    one = pd.DataFrame({"key": ["a", "b", "c"], "p": [0.1, 0.8, 0.7]}, index=list("xyz"))
    labels = pd.DataFrame({"key": ["c", "b", "a"], "y": [1, 1, 0]}, index=list("zyx"))
    with pytest.raises(MisalignedData):
        evaluate(one, labels)
    found = evaluate(one, labels, id="key").loss.mean
    assert found == evaluate(one[["p"]], [0, 1, 1]).loss.mean


SLICES = [(slice(1, None), slice(None, -1)), (slice(1, 5), slice(2, 6)), (slice(0, 6, 2), slice(1, 6, 2))]


@pytest.mark.parametrize(("mine", "theirs"), SLICES)
def test_shifted_slices_of_the_same_rows_are_not_paired(mine: slice, theirs: slice) -> None:
    rows = pd.DataFrame({"p": [0.9, 0.2, 0.4, 0.5, 0.7, 0.1], "t": [1, 0, 1, 0, 1, 0]})
    with pytest.raises(MisalignedData, match="the indexes of predictions and labels differ"):
        evaluate(rows["p"][mine], rows["t"][theirs])


def test_the_last_rows_and_new_predictions_for_them_pair_by_position() -> None:
    labels = pd.DataFrame({"t": [0, 0, 0, 1, 0, 1]})["t"][3:]
    assert evaluate(pd.Series([0.9, 0.2, 0.8]), labels).counts.scored == 3


def test_an_index_of_two_levels_beside_a_default_one_pairs_by_position() -> None:
    index = pd.MultiIndex.from_arrays([list("aab"), [0, 1, 0]])
    assert evaluate(pd.DataFrame({"p": [0.9, 0.2, 0.8]}, index=index), pd.Series([1, 0, 1])).counts.scored == 3
