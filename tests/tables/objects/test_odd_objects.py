"""Objects of libraries that hold what no column can, or that can be gone through once."""

from __future__ import annotations

import uuid
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pytest

from celoss_cli import CelossError, MisalignedData, UsageError, evaluate

FRAME = pd.DataFrame({"p_a": [0.7, 0.2, 0.6], "p_b": [0.3, 0.8, 0.4], "label": ["a", "b", "b"]})

MEAN = -float(np.log([0.7, 0.8, 0.4]).mean())


class Unknown:
    """What a library may put into a cell."""


@pytest.mark.parametrize(
    "cells", [[uuid.UUID(int=i) for i in range(3)], [{1: 2}] * 3, [Unknown(), None, Unknown()], [{1}, {2}, {3}]]
)
def test_a_column_that_nobody_asked_for_is_no_obstacle(cells: list[Any]) -> None:
    assert evaluate(FRAME.assign(more=cells)).loss.mean == pytest.approx(MEAN, rel=1e-15)


def test_identifiers_of_pandas_are_text() -> None:
    keys = [uuid.UUID(int=i) for i in (3, 1, 2)]
    labels = pd.DataFrame({"key": [keys[1], keys[2], keys[0]], "label": ["b", "b", "a"]})
    found = evaluate(FRAME.drop(columns="label").assign(key=keys), labels, id="key")
    assert found.loss.mean == pytest.approx(MEAN, rel=1e-15)


def test_data_sets_of_pyarrow() -> None:
    table = pa.Table.from_pandas(FRAME)
    assert evaluate(pa.dataset.dataset(table)).loss.mean == pytest.approx(MEAN, rel=1e-15)
    assert evaluate(pa.dataset.dataset(table).scanner()).loss.mean == pytest.approx(MEAN, rel=1e-15)


class DataArray:
    """As xarray's: an array, and a stream with a row for each cell."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.values

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pa.table({"cell": self.values.reshape(-1)}).__arrow_c_stream__(requested_schema)


def test_an_array_with_names_is_an_array() -> None:
    scores = FRAME[["p_a", "p_b"]].to_numpy()
    assert evaluate(DataArray(scores), DataArray([0, 1, 1])).loss.mean == pytest.approx(MEAN, rel=1e-15)


def test_series_of_a_mapping_name_the_same_rows() -> None:
    turned = FRAME["label"].iloc[::-1]
    with pytest.raises(MisalignedData, match="the indexes of 'p_a' and 'label' differ"):
        evaluate({"p_a": FRAME["p_a"], "p_b": FRAME["p_b"], "label": turned})
    found = evaluate({"p_a": FRAME["p_a"], "p_b": FRAME["p_b"], "label": turned.loc[FRAME.index]})
    assert found.loss.mean == pytest.approx(MEAN, rel=1e-15)


@pytest.mark.parametrize(
    ("made", "hint"), [(lambda: (row for row in [[0.7, 0.3]]), "list"), (lambda: {0.7, 0.3}, "pass a list")]
)
def test_what_has_no_rows_of_its_own_is_told_how(made: Any, hint: str) -> None:
    with pytest.raises(UsageError) as found:
        evaluate(made(), [0])
    assert hint in (found.value.hint or "")


def test_they_are_errors_of_ours() -> None:
    for odd in (Unknown(), [Unknown()], {"p": Unknown()}):
        with pytest.raises(CelossError):
            evaluate(odd, [1])
