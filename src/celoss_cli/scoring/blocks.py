"""Score columns cut into blocks that fit the cache, as float64 in one reused scratch array."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Floats
from celoss_cli.state.exact_sum import MAX_BLOCK
from celoss_cli.tuples import NamedTuple

_ELEMENTS = 1 << 18  # scratch of 2 MiB by class: measured best for 10 classes, where a core's own cache has 1 MiB

_ELEMENTS_BY_ROW = 1 << 19  # by row each operation is short already: more rows a block, fewer blocks

_ELEMENTS_EXAMINED = 1 << 17

_MOST_ROWS = MAX_BLOCK  # the fixed cost of a block's hundred operations is spread over many rows

_FEW_CLASSES = 64  # up to here a vector column is turned by class: short rows make poor inner loops

_FEWEST_ROWS = 64

Scores = npt.NDArray[Any]


class Block(NamedTuple):
    """Rows ``start`` to ``start + n`` of a batch: ``scores`` (C, n) if ``axis`` is 0, (n, C) if 1; float64 scratch."""

    start: int
    rows: int
    axis: int
    scores: Floats


class Blocks:
    """Cuts batches of C score columns. The scratch is reused: a block is valid until the next one is asked for."""

    def __init__(self, classes: int, *, vector: bool, percent: bool, examined: bool = False) -> None:
        """``examined``: a dozen arrays are made of each block, which want to fit the cache together."""
        self._axis = 1 if vector and classes > _FEW_CLASSES else 0
        elements = _ELEMENTS_EXAMINED if examined else _ELEMENTS_BY_ROW if self._axis else _ELEMENTS
        self._rows = max(_FEWEST_ROWS, min(_MOST_ROWS, elements // classes))
        self._classes = classes
        self._percent = percent
        self._scratch = np.empty(self._rows * classes)

    def of_columns(self, columns: Sequence[Scores], first: int, stop: int) -> Iterator[Block]:
        """Yield the blocks of rows ``first`` to ``stop`` of C columns (n,) of any number dtype."""
        for start, rows in self._cuts(first, stop, columns[0].shape[0]):
            scores = self._scratch[: rows * self._classes].reshape(self._classes, rows)
            for target, column in zip(scores, columns, strict=True):
                target[:] = column[start : start + rows]
            yield self._block(start, rows, 0, scores)

    def of_matrix(self, matrix: Scores, first: int, stop: int) -> Iterator[Block]:
        """Yield the blocks of rows ``first`` to ``stop`` of a row-major matrix (n, C) of any number dtype."""
        for start, rows in self._cuts(first, stop, matrix.shape[0]):
            part = matrix[start : start + rows]
            shape = (rows, self._classes) if self._axis else (self._classes, rows)
            scores = self._scratch[: rows * self._classes].reshape(shape)
            scores[:] = part if self._axis else part.T
            yield self._block(start, rows, self._axis, scores)

    def end(self, row: int, total: int) -> int:
        """Return where the block ends that has row ``row`` of ``total`` when all of them are cut."""
        step = max(1, math.ceil(total / max(1, math.ceil(total / self._rows))))
        return min(total, (row // step + 1) * step)

    def _cuts(self, first: int, stop: int, total: int) -> Iterator[tuple[int, int]]:
        """Yield the start and the length of blocks: the fewest that ``total`` rows take, of about the same length."""
        while first < stop:
            end = min(stop, self.end(first, total))
            yield first, end - first
            first = end

    def _block(self, start: int, rows: int, axis: int, scores: Floats) -> Block:
        if self._percent:
            scores /= 100.0
        return Block(start, rows, axis, scores)
