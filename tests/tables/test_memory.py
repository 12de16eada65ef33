"""Objects in memory: every container of the same numbers is the same table, and nothing else is taken for one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from celoss_cli import UnreadableFile, UsageError, evaluate
from celoss_cli.tables.objects.opening import open_object
from celoss_cli.tables.source import Need

P = np.array([[0.5, 0.25, 0.25], [0.125, 0.75, 0.125], [0.25, 0.25, 0.5]])
Y = np.array([0, 1, 2])
MEAN = float(-(np.log(0.5) + np.log(0.75) + np.log(0.5)) / 3)


@pytest.mark.parametrize(
    "predictions",
    [
        P,
        P.tolist(),
        P.astype("f4"),
        P.astype("f2"),
        P.astype(">f8"),
        np.asfortranarray(P),
        P.astype(np.longdouble),
        np.repeat(P, 2, axis=1)[:, ::2],
        P[::-1][::-1],
        np.ma.masked_array(P, mask=False),
        pd.DataFrame(P),
        pd.DataFrame(P, columns=["p_0", "p_1", "p_2"]),
        pa.array(P.tolist()),
        pa.chunked_array([P[:1].tolist(), P[1:].tolist()]),
        pa.table({"p": P.tolist()}),
        pa.record_batch({"0": P[:, 0], "1": P[:, 1], "2": P[:, 2]}),
        pd.DataFrame(P).convert_dtypes(),
        pd.DataFrame(P, index=pd.Index([7, 8, 9], name="id")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_scores_in_every_container(predictions: Any) -> None:
    assert evaluate(predictions, Y).loss.mean == pytest.approx(MEAN, rel=1e-15)


@pytest.mark.parametrize(
    "labels",
    [
        Y,
        [0, 1, 2],
        (0, 1, 2),
        range(3),
        Y.astype("u1"),
        Y.astype(">i8"),
        Y.astype(float),
        np.array(["0", "1", "2"]),
        Y[:, None],
        np.array([0, 1, 2], dtype=object),
        np.array([0, "1", 2.0], dtype=object),
        pd.Series(Y),
        pd.Series(["0", "1", "2"]),
        pd.Series(["0", "1", "2"], dtype="category"),
        pd.Series([0, "1", 2.0]),
        pd.Series(Y, dtype="Int64"),
        pa.array([0, 1, 2]),
        pd.DataFrame({"y": Y}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_labels_in_every_container(labels: Any) -> None:
    assert evaluate(P, labels).loss.mean == pytest.approx(MEAN, rel=1e-15)


@pytest.mark.parametrize(
    "value",
    [
        None,
        5,
        {"a": 1},
        {1, 2},
        (x for x in [1]),
        P.astype(complex),
        np.empty((3, 0)),
        np.array([{}, {}]),
        np.ma.masked_array(np.array(["a", "b"]), mask=[True, False]),
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_table_is_a_usage_error(value: Any) -> None:
    with pytest.raises((UsageError, UnreadableFile), match="predictions: ") as found:
        open_object(value, "predictions")
    assert found.value.hint


def test_a_column_of_objects_costs_no_other_column() -> None:
    table = open_object(pd.DataFrame({"p": [0.1, 0.8], "of": [object(), object()]}), "p")
    (batch,) = next(iter(table.partitions())).batches({"p": Need.NUMBER})
    assert batch.numbers("p").tolist() == [0.1, 0.8]


def test_masked_values_are_missing() -> None:
    masked = np.ma.masked_array([0.1, 0.8, 0.7], mask=[False, True, False])
    (batch,) = next(iter(open_object(masked, "p").partitions())).batches({"p": Need.NUMBER})
    assert np.isnan(batch.numbers("p")).tolist() == [False, True, False]


def test_no_rows() -> None:
    for value in (np.empty((0, 3)), pd.DataFrame({"a": []}), [], pa.table({"a": pa.array([], pa.float64())})):
        with pytest.raises(UnreadableFile, match="no rows"):
            open_object(value, "predictions")


def test_null_vectors_that_hide_values() -> None:
    offsets, values = pa.array([0, 2, 4, 6], pa.int32()), pa.array([1.0, 2.0, 9.0, 9.0, 3.0, 4.0])
    column = pa.ListArray.from_arrays(offsets, values, mask=pa.array([False, True, False]))
    for shown in (column, column.slice(1)):
        matrix = open_object(pa.table({"p": shown}), "p").head().matrix("p")
        assert str(matrix.tolist()) == (
            "[[1.0, 2.0], [nan, nan], [3.0, 4.0]]" if shown is column else "[[nan, nan], [3.0, 4.0]]"
        )


def test_slices_begin_where_they_say() -> None:
    table = pa.table({"p": [[i / 10, 1 - i / 10] for i in range(10)], "y": [0] * 10}).slice(5)
    assert evaluate(table).loss.mean == pytest.approx(float(-np.log(np.arange(5, 10) / 10).mean()), rel=1e-14)
