"""Class weights: every way to say them, and how names find their classes."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from celoss_cli import InvalidWeights, UsageError
from celoss_cli.labels.classes import ClassMap
from celoss_cli.labels.weights import balanced_weights, read_class_weights, resolve_class_weights
from running import mean_of, write

CLASSES = ClassMap(("b", "a", "10"), {"b": 0, "a": 1, "10": 2})


@pytest.mark.parametrize(
    ("spoken", "weights"),
    [
        ("1,2,3", (1.0, 2.0, 3.0)),
        (" 1 , 2 , 3 ", (1.0, 2.0, 3.0)),
        ("a=2", (1.0, 2.0, 1.0)),
        ("a=2,b=.5,10=0", (0.5, 2.0, 0.0)),
        ("A=2", (1.0, 2.0, 1.0)),
        ("10.0=4", (1.0, 1.0, 4.0)),
        ([1, 2, 3], (1.0, 2.0, 3.0)),
        (np.array([1.0, 2.0, 3.0]), (1.0, 2.0, 3.0)),
        ({"a": 2, 10: 4}, (1.0, 2.0, 4.0)),
        ({}, (1.0, 1.0, 1.0)),
    ],
)
def test_weights_find_their_classes(spoken: object, weights: tuple[float, ...]) -> None:
    assert resolve_class_weights(read_class_weights(spoken), CLASSES) == weights  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("w.csv", "class,weight\na,2\n10,4\n"),
        ("w.csv", "a,2\n10,4\n"),
        ("w.CSV", '"a",2\n\n10,4\n'),
        ("w.csv", "\ufeffclass,weight\r\na,2\r\n10,4\r\n"),
        ("w.json", '{"a": 2, "10": 4}'),
        ("w.json", "[1, 2, 4]"),
    ],
)
def test_weights_from_files(name: str, content: str, tmp_path: Path) -> None:
    write(tmp_path, {name: content})
    assert resolve_class_weights(read_class_weights(str(tmp_path / name)), CLASSES) == (1.0, 2.0, 4.0)  # type: ignore[arg-type]


def test_a_name_may_hold_an_equals_sign() -> None:
    classes = ClassMap(("<=50K", ">50K"), {"<=50K": 0, ">50K": 1})
    assert resolve_class_weights(read_class_weights("<=50K=2,>50K=3"), classes) == (2.0, 3.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "spoken",
    [{"a": -1}, {"a": None}, {"a": True}, {"a": "x"}, [1, 2, float("nan")], [1, 2, 10**400], "1,2,inf", "a=-1e-9"],
)
def test_weights_that_are_none(spoken: object) -> None:
    with pytest.raises(InvalidWeights, match=r"the class weight of .* is .*; weights must be finite"):
        read_class_weights(spoken)  # type: ignore[arg-type]


@pytest.mark.parametrize("spoken", ["", "a=", "=2", "a=1,2", "x", "a=1,a=1", "Balanced"])
def test_weights_that_cannot_be_read(spoken: str) -> None:
    with pytest.raises(UsageError, match="--class-weight"):
        read_class_weights(spoken)


@pytest.mark.parametrize("spoken", [[1, 2], [], {"z": 1}, {"a": 1, "A": 1}, {"10": 1, "10.0": 1}])
def test_weights_that_fit_no_classes(spoken: object) -> None:
    with pytest.raises(InvalidWeights, match=r"--class-weight (has|names)"):
        resolve_class_weights(read_class_weights(spoken), CLASSES)  # type: ignore[arg-type]


@pytest.mark.parametrize("content", ["{", "3", '"a"', '{"a": [1]}', '{"a": 1, "a": 2}', "[" * 100_000])
def test_json_that_holds_no_weights(content: str, tmp_path: Path) -> None:
    write(tmp_path, {"w.json": content})
    with pytest.raises(InvalidWeights) as found:
        read_class_weights(str(tmp_path / "w.json"))
    assert found.value.where is not None
    assert found.value.where.path == str(tmp_path / "w.json")


def test_weights_with_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    write(tmp_path, {"w.csv": 'class,weight\n"a,1\n' + "b,2\n" * 50_000})
    with pytest.raises(InvalidWeights, match="a quote is never closed"):
        read_class_weights(str(tmp_path / "w.csv"))


def test_balanced_weights_are_exact_and_skip_empty_classes() -> None:
    assert balanced_weights((6, 0, 3)) == (Fraction(3, 4), Fraction(1), Fraction(3, 2))


def test_weights_by_the_names_shown_where_labels_are_positions(tmp_path: Path) -> None:
    content = "y,p_x,p_y\n0,.9,.1\n1,.2,.8\n1,.4,.6\n"
    by_label, by_name, in_order = (
        mean_of(tmp_path, content, "--class-weight", weights).mean for weights in ("1=3", "y=3", "1,3")
    )
    assert by_label == by_name == in_order


def test_the_sample_files_agree_with_each_other(tmp_path: Path) -> None:
    write(tmp_path, {"w.json": json.dumps({"a": 2, "b": 3}), "w.csv": "a,2\nb,3\n"})
    content = "y,p_a,p_b\na,.9,.1\nb,.2,.8\n"
    means = {
        mean_of(tmp_path, content, "--class-weight", w).mean for w in (tmp_path / "w.json", tmp_path / "w.csv", "2,3")
    }
    assert len(means) == 1
