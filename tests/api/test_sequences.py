"""The truth's own scores in Python: lists of different lengths, of whatever kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from celoss_cli import compare, evaluate, explain
from celoss_cli.errors import UsageError

LISTS = [[-1.0, -2.0], [-0.5]]


@pytest.mark.parametrize(
    ("predictions", "truth"),
    [
        ({"lp": LISTS}, "lp"),
        ({"lp": tuple(map(tuple, LISTS))}, "lp"),
        ({"lp": [np.array(row) for row in LISTS]}, "lp"),
        ({"lp": [np.array(row, dtype=np.float32) for row in LISTS]}, "lp"),
        (LISTS, "predictions"),
        (pa.array(LISTS), "predictions"),
        (pa.table({"lp": pa.array(LISTS, pa.large_list(pa.float32()))}), "lp"),
        (pd.DataFrame({"lp": LISTS}), "lp"),
        ([{"lp": row} for row in LISTS], "lp"),
        (pa.table({"id": ["a", "b"]}), LISTS),
        (None, LISTS),
        (None, [np.array(row) for row in LISTS]),
        (None, pa.array(LISTS)),
    ],
)
def test_lists_of_different_lengths(predictions: Any, truth: Any) -> None:
    found = evaluate(predictions, truth=truth)
    assert (found.loss.sum, found.loss.units, found.loss.sequences) == (3.5, 3.0, 2)


def test_missing_first_tokens_and_lists_of_one_length() -> None:
    found = evaluate(truth=[[None, -1.0], [None, -3.0]])
    assert (found.loss.mean, found.counts.first_without_probability) == (2.0, 2)
    assert evaluate(truth=[[-1.0, -2.0], [-3.0, -4.0]]).loss.mean == 2.5


def test_text_per_byte_and_masks() -> None:
    found = evaluate({"lp": LISTS, "text": ["ab", "é"]}, truth="lp", text="text", per="byte", base=2)
    assert found.loss.units == 4.0
    masked = evaluate({"lp": LISTS, "mask": [[1, 0], [1]]}, truth="lp", label="mask", ignore_index=0)
    assert (masked.loss.mean, masked.counts.masked) == (0.75, 1)


def test_compare_and_explain_take_them_too() -> None:
    found = compare({"lp": LISTS}, {"lp": [[-1.5, -2.0], [-0.5]]}, truth="lp")
    assert found.difference.mean == pytest.approx(0.5 / 3)
    assert explain({"lp": LISTS}, truth="lp").conventions[0].mean == pytest.approx(3.5 / 3)


def test_nothing_at_all_is_an_error_of_use() -> None:
    with pytest.raises(UsageError, match="no predictions"):
        evaluate()


@pytest.mark.parametrize("skip", [1, np.int64(1), 1.0, "1", "n"])
def test_tokens_to_skip_are_a_number_or_a_column(skip: Any) -> None:
    lists = {"lp": [[-1.0, -2.0], [-3.0, -4.0]], "n": [1, 1]}
    assert evaluate(lists, truth="lp", skip=skip).loss.sum == 6.0
    assert evaluate(lists, truth="lp", skip=0).loss.sum == 10.0


@pytest.mark.parametrize("skip", [-1, 1.5, True, [1, 1], np.nan])
def test_tokens_to_skip_are_nothing_else(skip: Any) -> None:
    with pytest.raises(UsageError, match="skip is"):
        evaluate(truth=[[-1.0, -2.0], [-3.0, -4.0]], skip=skip)
