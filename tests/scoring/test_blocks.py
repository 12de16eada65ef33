"""Blocks: every score once, in order, as float64, never more rows than the exact sums can take."""

from __future__ import annotations

import numpy as np
import pytest

from celoss_cli.scoring.blocks import Blocks
from celoss_cli.state.exact_sum import MAX_BLOCK

SIZES = [1, 2, 63, 64, 65, 5000, 40_000]


def rows_of(blocks: Blocks, scores: np.ndarray, *, vector: bool) -> np.ndarray:
    """Return what the blocks hold, as rows (n, C)."""
    found, done, n = [], 0, scores.shape[0]
    cut = blocks.of_matrix(scores, 0, n) if vector else blocks.of_columns(list(scores.T), 0, n)
    for block in cut:
        assert block.start == done
        assert block.rows <= MAX_BLOCK
        assert block.scores.dtype == np.float64
        assert block.scores.flags.c_contiguous
        assert block.scores.shape[1 - block.axis] == block.rows
        found.append(block.scores.copy() if block.axis == 1 else block.scores.T.copy())
        done += block.rows
    assert done == scores.shape[0]
    return np.concatenate(found)


@pytest.mark.parametrize("vector", [False, True])
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("classes", [1, 3, 64, 65])
def test_every_score_once_and_in_order(vector: bool, n: int, classes: int) -> None:
    n = min(n, 400_000 // classes)
    scores = np.arange(n * classes, dtype=np.float64).reshape(n, classes)
    blocks = Blocks(classes, vector=vector, percent=False)
    for _ in range(2):  # the scratch is used again
        assert (rows_of(blocks, scores, vector=vector) == scores).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.uint16, np.int64])
@pytest.mark.parametrize("vector", [False, True])
def test_any_number_dtype(dtype: type, vector: bool) -> None:
    scores = np.arange(30).reshape(10, 3).astype(dtype)
    scores[0, 0] = 1 if np.issubdtype(dtype, np.integer) else dtype(0.1)
    assert (rows_of(Blocks(3, vector=vector, percent=False), scores, vector=vector) == scores.astype(float)).all()


def test_percentages_are_divided() -> None:
    scores = np.array([[25.0, 75.0], [100.0, 0.0]])
    for vector in (False, True):
        found = rows_of(Blocks(2, vector=vector, percent=True), scores, vector=vector)
        assert found.tolist() == [[0.25, 0.75], [1.0, 0.0]]
    assert scores.tolist() == [[25.0, 75.0], [100.0, 0.0]]


def test_a_few_classes_lie_by_class_and_many_vectors_by_row() -> None:
    assert next(Blocks(10, vector=True, percent=False).of_matrix(np.zeros((5, 10)), 0, 5)).axis == 0
    assert next(Blocks(500, vector=True, percent=False).of_matrix(np.zeros((5, 500)), 0, 5)).axis == 1
    assert next(Blocks(500, vector=False, percent=False).of_columns([np.zeros(5)] * 500, 0, 5)).axis == 0
