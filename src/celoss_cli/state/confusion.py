"""What each pair of a true and a predicted class costs: rows, and the sum of their losses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.state.exact_sum import Accumulator, Codes, ExactSums, Floats
from celoss_cli.state.merging import merged

MOST_CLASSES = 256
"""With more of them the losses are added up by true class only."""

_GRID = -30  # losses are rounded to multiples of 2^-30 nats: the shares that are shown need no more


class ConfusionState(NamedTuple):
    """Per pair (C·C,), true class first: ``rows``, those of ``infinite`` loss, and Σ ``loss`` of the others.

    With more than 256 classes per true class (C,). ``merge`` is addition.
    """

    rows: tuple[int, ...]
    infinite: tuple[int, ...]
    loss: ExactSums

    def merge(self, other: ConfusionState) -> ConfusionState:
        """Return the state of both sets of rows."""
        return merged(self, other)


class ConfusionAccumulator:
    """Takes blocks of losses and leaves a ``ConfusionState``. Not thread-safe: one per partition."""

    def __init__(self, classes: int) -> None:
        self._classes = classes if classes <= MOST_CLASSES else 1
        self._size = classes * self._classes
        self._rows = np.zeros(self._size, dtype=np.int64)
        self._infinite = np.zeros(self._size, dtype=np.int64)
        self._loss = Accumulator(self._size, grid=_GRID)

    def add(self, loss: Floats, codes: Codes, predicted: Codes) -> None:
        """Add rows with ``loss`` (n,) in nats, class ``codes`` (n,) and ``predicted`` classes (n,); n ≤ 2^15."""
        pairs = codes.astype(np.intp)
        if self._classes > 1:
            pairs *= self._classes
            pairs += predicted
        self._rows += np.bincount(pairs, minlength=self._size)
        finite = loss < np.inf
        if not finite.all():
            self._infinite += np.bincount(pairs[~finite], minlength=self._size)
            loss, pairs = loss[finite], pairs[finite]
        self._loss.add(loss, pairs)

    def finish(self) -> ConfusionState:
        """Return the state of all rows added so far."""
        return ConfusionState(tuple(self._rows.tolist()), tuple(self._infinite.tolist()), self._loss.finish())
