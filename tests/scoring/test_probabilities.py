"""The probabilities that a library's rule starts from, and the type of the array it would be given."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import oracles
from celoss_cli.layout import find_layout
from celoss_cli.request import InputKind, Request
from celoss_cli.scoring.kernel_choice import file_type, probabilities
from celoss_cli.tables.objects.opening import open_object

LOGITS = np.array([[1.0, 2.0, 3.0], [-800.0, 0.0, 800.0], [0.0, -np.inf, 0.0], [1e-3, 0.0, 0.0]])


@pytest.mark.parametrize("axis", [0, 1])
def test_softmax(axis: int) -> None:
    block = oracles.blocked(LOGITS, axis)
    p = probabilities(InputKind.LOGITS, block, axis)
    assert p.shape == (3, 4)
    for row, found in zip(LOGITS[[0, 1, 3]], p.T[[0, 1, 3]], strict=True):
        assert found == pytest.approx([float(x) for x in oracles.softmax(row.tolist())], rel=1e-15)
    assert p[:, 2].tolist() == [0.5, 0.0, 0.5]
    assert block.tolist() == oracles.blocked(LOGITS, axis).tolist()


def test_the_sigmoid_of_a_single_column() -> None:
    z = np.array([[0.0, 800.0, -800.0, np.log(3.0)]])
    assert probabilities(InputKind.LOGITS, z, 0).tolist()[0] == pytest.approx([0.5, 1.0, 0.0, 0.75])


def test_exp_of_log_probabilities() -> None:
    logp = np.array([[-np.inf, 0.0], [0.0, -np.inf]])
    assert probabilities(InputKind.LOGPROBS, logp, 0).tolist() == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_the_type_of_the_file(name: str) -> None:
    p = np.full((4, 2), 0.5, dtype=name)
    columns = pa.table({"a": p[:, 0], "b": p[:, 1], "y": ["a", "b", "a", "b"]})
    vectors = pa.table({"p": pa.FixedSizeListArray.from_arrays(pa.array(p.ravel()), 2), "y": [0, 1, 0, 1]})
    for table in (columns, vectors):
        opened = open_object(table, "predictions")
        assert file_type(find_layout(opened, None, Request(table), None)) == name


def test_columns_of_two_types_make_an_array_of_the_wider() -> None:
    table = pa.table({"a": np.full(2, 0.5, dtype=np.float32), "b": np.full(2, 0.5), "y": ["a", "b"]})
    assert file_type(find_layout(open_object(table, "predictions"), None, Request(table), None)) == "float64"
