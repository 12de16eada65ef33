"""Random scored rows, and random ways to cut them into partitions and blocks: what the laws are tested on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from celoss_cli.kernels.outcome import Outcome

Cut = list[list[np.ndarray]]
"""The rows of each block of each partition, as indices."""


@dataclass(frozen=True)
class RowSet:
    """Rows as a kernel leaves them, of ``classes`` classes; all arrays (n,)."""

    classes: int
    codes: np.ndarray
    weights: np.ndarray | None
    outcome: Outcome

    @property
    def size(self) -> int:
        return self.codes.shape[0]

    @property
    def loss(self) -> np.ndarray:
        return self.outcome.loss

    def take(self, rows: np.ndarray) -> RowSet:
        fields = ("loss", "p_true", "confidence", "correct", "brier")
        picked = Outcome(**{name: getattr(self.outcome, name)[rows] for name in fields})
        return RowSet(self.classes, self.codes[rows], None if self.weights is None else self.weights[rows], picked)


losses = (
    st.floats(0.0, 20.0)
    | st.floats(0.0, 1e-15)
    | st.floats(0.0, 1e9)
    | st.sampled_from([0.0, np.inf, 1e-300, 0.5, np.log(2.0)])
)
weights = st.floats(0.0, 10.0) | st.floats(0.0, 1e-6) | st.sampled_from([0.0, 1.0, 1.0, 3.0])


@st.composite
def row_sets(draw: st.DrawFn, *, weighted: bool | None = None, finite: bool = False) -> RowSet:
    classes = draw(st.integers(2, 4))
    n = draw(st.integers(0, 25))

    def column(values: st.SearchStrategy[Any]) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=n, max_size=n)), dtype=np.float64)

    loss = column(losses.filter(np.isfinite) if finite else losses)
    codes = column(st.integers(0, classes - 1)).astype(np.intp)
    confidence = column(st.floats(0.0, 1.0) | st.sampled_from([i / 15 for i in range(16)]))
    correct = column(st.booleans()) > 0.0
    brier = column(st.floats(0.0, 2.0))
    s = column(weights) if (draw(st.booleans()) if weighted is None else weighted) else None
    return RowSet(classes, codes, s, Outcome(loss, np.exp(-loss), confidence, correct, brier))


@st.composite
def cuts(draw: st.DrawFn, n: int, *, permuted: bool = True) -> Cut:
    """Return a way to cut ``n`` rows into partitions and those into blocks, in any order unless not ``permuted``."""
    order = np.array(draw(st.permutations(range(n))) if permuted else list(range(n)), dtype=np.intp)
    partitions = np.split(order, sorted(draw(st.lists(st.integers(0, n), max_size=3))))
    return [np.split(part, sorted(draw(st.lists(st.integers(0, len(part)), max_size=2)))) for part in partitions]


def in_one(n: int) -> Cut:
    """Return all rows as one block."""
    return [[np.arange(n)]]
