"""What has columns keeps their names, whatever library made it: the same numbers as a pandas frame gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from celoss_cli import AmbiguousData, UnreadableFile, UsageError, evaluate

# The columns are not in the order of the classes, and the first is no class: by position this is another number.
COLUMNS: dict[str, list[Any]] = {
    "id": [7, 8, 9],
    "p_2": [0.25, 0.125, 0.5],
    "p_0": [0.5, 0.125, 0.25],
    "p_1": [0.25, 0.75, 0.25],
}
Y = [0, 1, 1]
MEAN = float(-(np.log(0.5) + np.log(0.75) + np.log(0.25)) / 3)


class Streamed:
    """A table that has nothing but the Arrow PyCapsule protocol."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


def structured(columns: dict[str, list[Any]]) -> Any:
    return np.rec.fromarrays([np.array(values) for values in columns.values()], names=list(columns))


def of_polars(columns: dict[str, list[Any]]) -> Any:
    return pytest.importorskip("polars").DataFrame(columns)


def of_duckdb(columns: dict[str, list[Any]]) -> Any:
    return pytest.importorskip("duckdb").connect().from_arrow(pa.table(columns))


MAKERS: list[Callable[[dict[str, list[Any]]], Any]] = [
    pd.DataFrame,
    pa.table,
    lambda columns: Streamed(pa.table(columns)),
    lambda columns: pa.table(columns).to_reader(),
    dict,
    lambda columns: {name: np.array(values) for name, values in columns.items()},
    lambda columns: [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)],
    structured,
    of_polars,
    of_duckdb,
]


@pytest.mark.parametrize("made", MAKERS)
def test_columns_keep_their_names(made: Callable[[dict[str, list[Any]]], Any]) -> None:
    assert evaluate(made(COLUMNS), Y).loss.mean == pytest.approx(MEAN, rel=1e-14)
    assert evaluate(made({**COLUMNS, "y_true": Y})).loss.mean == pytest.approx(MEAN, rel=1e-14)
    assert evaluate(made(COLUMNS), made({"id": [9, 8, 7], "y_true": Y[::-1]}), id="id").loss.mean == pytest.approx(MEAN)


def test_columns_of_polars() -> None:
    pl = pytest.importorskip("polars")
    matrix = np.array([COLUMNS["p_0"], COLUMNS["p_1"], COLUMNS["p_2"]]).T
    names = ["a", "b", "b"]
    for labels in (
        pl.Series("y", names),
        pl.Series("y", names, dtype=pl.Categorical),
        pl.Series("y", names, dtype=pl.Enum(["a", "b", "c"])),
    ):
        for scores in (pl.Series("p", matrix.tolist()), pl.Series("p", matrix, dtype=pl.Array(pl.Float32, 3))):
            assert evaluate(scores, labels, classes="a,b,c").loss.mean == pytest.approx(MEAN, rel=1e-14)
    with pytest.raises(UsageError) as found:
        evaluate(pl.LazyFrame(COLUMNS), Y)
    assert found.value.hint == "pass what its .collect() returns"


def test_the_answer_of_a_pipeline() -> None:
    rows = [
        [{"label": f"L{place}", "score": np.float32(COLUMNS[f"p_{place}"][row])} for place in (2, 0, 1)]
        for row in range(3)
    ]
    assert evaluate(rows, ["L0", "L1", "L1"]).loss.mean == pytest.approx(MEAN, rel=1e-7)


def test_a_mapping_of_arrays_is_an_npz() -> None:
    scores = np.random.default_rng(0).normal(size=(4, 3, 5))
    labels = np.arange(20).reshape(4, 5) % 3
    found = evaluate({"logits": scores, "labels": labels, "loss": np.float32(0.3), "step": np.array(7)})
    apart = evaluate(scores, labels)
    assert found.loss.mean == apart.loss.mean


def test_sparse_columns_of_pandas() -> None:
    frame = pd.DataFrame(COLUMNS).astype(pd.SparseDtype("float"))
    assert evaluate(frame, Y).loss.mean == pytest.approx(MEAN, rel=1e-14)


@pytest.mark.parametrize(
    "value",
    [
        {"p": [0.1, 0.2], "y": [1]},
        {"p": {"a": 1.0}},
        {"p": "text"},
        {},
        [{"p": 0.1}, {"p": [0.1]}],
        [{"p": 0.1}, 5],
        b"bytes",
    ],
    ids=str,
)
def test_what_is_no_table_is_a_usage_error(value: Any) -> None:
    with pytest.raises((UsageError, UnreadableFile), match="predictions") as found:
        evaluate(value)
    assert found.value.hint


CATEGORIES = pd.Categorical.from_codes([0, 1, 2, 1], ["low", "mid", "high"], ordered=True)

UNNAMED = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.05, 0.15, 0.8]])


@pytest.mark.parametrize("form", ["Categorical", "Series", "frame", "f.parquet", "f.feather"])
def test_the_order_of_categories_is_offered_beside_the_sorted_one(form: str, tmp_path: Path) -> None:
    """Which of the two the columns have depends on the model: neither is assumed, and either is one option away."""
    frame = pd.DataFrame({"y": CATEGORIES, "probs": list(UNNAMED)})
    inputs: tuple[Any, ...]
    if "." in form:
        frame.to_parquet(tmp_path / form) if form == "f.parquet" else frame.to_feather(tmp_path / form)
        inputs = (tmp_path / form,)
    else:
        inputs = {"Categorical": (UNNAMED, CATEGORIES), "Series": (UNNAMED, pd.Series(CATEGORIES)), "frame": (frame,)}[
            form
        ]
    with pytest.raises(AmbiguousData) as found:
        evaluate(*inputs)
    assert "high,low,mid" in str(found.value.hint)
    assert "in the order of the categories of" in str(found.value.hint)
    assert "low,mid,high" in str(found.value.hint)
    mean = -np.log([0.7, 0.8, 0.4, 0.15]).mean()
    assert evaluate(*inputs, classes="low,mid,high").loss.mean == pytest.approx(mean, rel=1e-14)
