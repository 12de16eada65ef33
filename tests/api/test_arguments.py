"""Arguments of the Python API: as the command line would take them, or a UsageError; never another exception."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from celoss_cli import UsageError, evaluate, explain

DATA = pa.table({"s": ["t", "t", "u"], "y": ["a", "b", "a"], "p_a": [0.7, 0.4, 0.2], "p_b": [0.3, 0.6, 0.8]})
MEAN = -(math.log(0.7) + math.log(0.6)) / 2


@pytest.mark.parametrize("where", [{"s": "t"}, "s=t", ["s=t"], ("s=t", "s=t")])
def test_conditions(where: Any) -> None:
    assert evaluate(DATA, where=where).loss.mean == pytest.approx(MEAN, rel=1e-14)
    assert explain(DATA, where=where).conventions[0].mean == pytest.approx(MEAN, rel=1e-14)


@pytest.mark.parametrize("classes", ["a,b", "a, b", ["a", "b"], np.array(["a", "b"]), pd.Series(["a", "b"])])
def test_classes(classes: Any) -> None:
    plain = evaluate(DATA, classes="a,b").loss.mean
    assert evaluate(DATA, classes=classes).loss.mean == plain
    assert evaluate(DATA, classes=classes, pred="p_a,p_b", label="y").loss.mean == plain


def test_a_name_with_a_comma_is_given_in_a_list() -> None:
    data = DATA.rename_columns(["s", "y,1", "p_a", "p_b"])
    assert evaluate(data, label=["y,1"]).loss.mean == evaluate(DATA).loss.mean


def test_numbers_may_be_spelled_out() -> None:
    found = evaluate(DATA, max_loss="0.2", clip="1e-6", top="1", threads="1")
    assert found.verdict is not None
    assert not found.verdict.passed
    assert len(found.worst) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        {"sample_weight": np.ones(4)},
        {"sample_weight": [1.0, 1.0]},
        {"sample_weight": [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]},
        {"slice": [Ellipsis, Ellipsis, Ellipsis]},
        {"sample_weight": 2},
        {"where": "s"},
        {"where": 5},
        {"where": [("s", "t")]},
        {"where": np.ones(3)},
        {"max_loss": "low"},
        {"max_loss": [0.2]},
        {"clip": "small"},
        {"top": 1.5},
        {"threads": "many"},
        {"classes": 3},
        {"classes": "a,,b"},
        {"label": ""},
        {"pred": 0},
        {"id": 1},
        {"task": 7},
        {"invalid": None},
        {"unmatched": "keep"},
        {"unknown_class": []},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_a_usage_error(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as caught:
        evaluate(DATA, **arguments)
    assert next(iter(arguments)) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "weights",
    [{"b": 3, "a": 2}, [2, 3], (2, 3), np.array([2, 3]), pd.Series([2, 3]), pd.Series({"b": 3, "a": 2}), "b=3,a=2"],
    ids=repr,
)
def test_class_weights_are_those_of_the_names_that_stand_beside_them(weights: Any) -> None:
    expected = -(2 * math.log(0.7) + 3 * math.log(0.6) + 2 * math.log(0.2)) / 7
    assert evaluate(DATA, class_weight=weights).loss.mean == pytest.approx(expected, rel=1e-14)


def test_a_file_of_class_weights_may_be_a_path(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text('{"b": 3, "a": 2}')
    found = evaluate(DATA, class_weight=tmp_path / "w.json").loss.mean
    assert (
        found
        == evaluate(DATA, class_weight=str(tmp_path / "w.json")).loss.mean
        == evaluate(DATA, class_weight=[2, 3]).loss.mean
    )


@pytest.mark.parametrize(
    "arguments",
    [
        {"classes": {"a", "b"}},
        {"classes": {"b": 1, "a": 0}},
        {"pred": frozenset({"p_a", "p_b"})},
        {"class_weight": {2.0, 3.0}},
        {"class_weight": pd.Series([2.0, 3.0, 4.0], index=["a", "b", "a"])},
        {"pred": "p_b", "pos_weight": {2.0}},
        {"pred": "p_b", "pos_weight": {0: 2.0}},
        {"pred": "p_b", "pos_weight": pd.Series({"b": 2.0})},
    ],
    ids=lambda arguments: ", ".join(f"{name} {type(value).__name__}" for name, value in arguments.items()),
)
def test_what_has_no_order_is_not_taken_in_one(arguments: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"is of type (set|frozenset|dict|Series)"):
        evaluate(DATA, **arguments)
