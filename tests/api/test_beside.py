"""Weights, counts, ids and slices may be values beside the predictions: as if they were columns of theirs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from celoss_cli import MisalignedData, UsageError, compare, evaluate, explain

P = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [0.25, 0.25, 0.5]])
Y = np.array([0, 1, 1])
LOSSES = -np.log([0.5, 0.75, 0.25])
WEIGHTS = [1.0, 5.0, 2.0]
MEAN = float(LOSSES @ WEIGHTS / 8)


def of_polars(values: Any) -> Any:
    return pytest.importorskip("polars").Series("w", values)


def of_torch(values: Any) -> Any:
    return pytest.importorskip("torch").tensor(values)


@pytest.mark.parametrize("made", [list, tuple, np.array, pa.array, pd.Series, of_polars, of_torch])
def test_weights(made: Any) -> None:
    assert evaluate(P, Y, sample_weight=made(WEIGHTS)).loss.mean == pytest.approx(MEAN, rel=1e-14)


def test_counts() -> None:
    counts = [1, 5, 2]
    written_out = evaluate(np.repeat(P, counts, axis=0), np.repeat(Y, counts))
    found = evaluate(P, Y, count=counts)
    assert found.loss == written_out.loss
    assert explain(P, Y, count=counts).conventions[0].mean == pytest.approx(written_out.loss.mean, rel=1e-14)


def test_weights_of_each_place_or_of_each_sample() -> None:
    scores = np.random.default_rng(0).normal(size=(4, 3, 5))
    labels = np.arange(20).reshape(4, 5) % 3
    each = np.array([1.0, 2.0, 3.0, 4.0])
    assert evaluate(scores, labels, sample_weight=each).loss == (
        evaluate(scores, labels, sample_weight=np.repeat(each, 5)).loss
    )


def test_slices_and_ids() -> None:
    found = evaluate(P, Y, slice={"site": ["a", "b", "a"], "fold": [1, 1, 2]}, id=np.array(["x", "y", "z"]))
    assert {(one.column, one.value): one.rows for one in found.slices} == {
        ("site", "a"): 2, ("site", "b"): 1, ("fold", "1"): 2, ("fold", "2"): 1,
    }  # fmt: skip
    assert [row.id for row in found.worst] == ["z", "x", "y"]
    assert [one.column for one in evaluate(P, Y, slice=np.array(["a", "b", "a"])).slices] == ["slice"] * 2
    assert [one.column for one in evaluate(P, Y, slice=pd.Series(["a", "b", "a"], name="site")).slices] == ["site"] * 2


def test_names_stay_names() -> None:
    frame = pd.DataFrame({"y_prob": [0.2, 0.8, 0.9], "y_true": [0, 1, 1], "site": ["a", "b", "a"], "w": WEIGHTS})
    expected = float(-np.log([0.8, 0.8, 0.9]) @ WEIGHTS / 8)
    for slices in ("site", ["site"], pd.Index(["site"])):
        assert len(evaluate(frame, slice=slices).slices) == 2
    for weights in ("w", frame["w"], frame["w"] * 2, frame["w"].to_numpy()):
        assert evaluate(frame, sample_weight=weights).loss.mean == pytest.approx(expected, rel=1e-14)


def test_values_do_not_take_the_place_of_a_column() -> None:
    frame = pd.DataFrame({"y_prob": [0.2, 0.8, 0.9], "y_true": [0, 1, 1]})
    weights = pd.Series(WEIGHTS, name="y_prob")
    expected = float(-np.log([0.8, 0.8, 0.9]) @ WEIGHTS / 8)
    assert evaluate(frame, sample_weight=weights).loss.mean == pytest.approx(expected, rel=1e-14)


def test_compare() -> None:
    other = P[:, [1, 0, 2]]
    found = compare(P, other, Y, sample_weight=WEIGHTS, cluster=[1, 1, 2], id=[5, 6, 7])
    frame = {"w": WEIGHTS, "who": [1, 1, 2], "y": Y}
    files = [pa.table({"p": scores.tolist(), **frame}) for scores in (P, other)]
    assert found.difference == compare(*files, sample_weight="w", cluster="who", label="y").difference


@pytest.mark.parametrize(
    "keywords",
    [
        {"sample_weight": [1.0, 2.0]},
        {"sample_weight": np.ones((3, 2))},
        {"sample_weight": pd.DataFrame({"a": WEIGHTS, "b": WEIGHTS})},
        {"slice": {"site": ["a", "b"]}},
        {"slice": [Ellipsis, Ellipsis, Ellipsis]},
        {"id": 7},
    ],
    ids=str,
)
def test_what_fits_no_rows(keywords: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=next(iter(keywords))) as found:
        evaluate(P, Y, **keywords)
    assert found.value.hint  # type: ignore[attr-defined]  # an error of ours


def test_a_file_has_columns_of_its_own() -> None:
    with pytest.raises(UsageError, match="the predictions are a file"):
        evaluate("a.csv", sample_weight=WEIGHTS)


def test_indexes_that_name_other_rows() -> None:
    frame = pd.DataFrame({"y_prob": [0.2, 0.8, 0.9], "y_true": [0, 1, 1]}, index=["a", "b", "c"])
    with pytest.raises(MisalignedData, match="the indexes of predictions and sample_weight differ"):
        evaluate(frame, sample_weight=pd.Series(WEIGHTS, index=["c", "b", "a"]))
