"""The N rows with the largest loss, ties to the smaller row number: the same rows however the file was cut up."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from celoss_cli.state.exact_sum import Floats
from celoss_cli.tuples import NamedTuple


class Candidate(NamedTuple):
    """One row among the worst; classes as codes (of multilabel rows those that hold, in a tuple), the loss in nats."""

    row: int
    loss: float
    label: int | tuple[int, ...]
    p_true: float
    predicted: int | tuple[int, ...]
    p_predicted: float
    id: str | None = None

    @property
    def rank(self) -> tuple[float, int]:
        """What the rows are ordered by: largest loss first, then file order."""
        return (-self.loss, self.row)


class WorstState(NamedTuple):
    """At most ``size`` rows, worst first. ``merge`` is associative and commutative on disjoint rows."""

    size: int
    rows: tuple[Candidate, ...] = ()

    def merge(self, other: WorstState) -> WorstState:
        """Return the worst of both."""
        return WorstState(self.size, worst_of(self.rows, other.rows, self.size))

    def shifted(self, rows: int) -> WorstState:
        """Return the same rows, numbered ``rows`` higher: a partition's own count becomes the file's."""
        return WorstState(self.size, tuple(row._replace(row=row.row + rows) for row in self.rows))


def worst_of(rows: tuple[Any, ...], others: tuple[Any, ...], size: int) -> tuple[Any, ...]:
    """Return the ``size`` worst of both, worst first."""
    return tuple(sorted((*rows, *others), key=lambda row: row.rank)[:size])


class WorstAccumulator:
    """Takes blocks of losses and asks for the details of only those rows that may end among the worst."""

    def __init__(self, size: int) -> None:
        self._state = WorstState(size)

    @property
    def bar(self) -> float:
        """The loss above which a later row is among the worst; inf where none are wanted."""
        held, size = self._state.rows, self._state.size
        if not size:
            return math.inf
        return held[-1].loss if len(held) == size else -math.inf

    def add(self, loss: Floats, peak: float, describe: Callable[[list[int]], list[Candidate]]) -> None:
        """Add rows with ``loss`` (n,), of which ``peak`` is the largest; ``describe`` gives details of some of them.

        Blocks come in row order, so a later row with the same loss as the last one held does not displace it.
        """
        size = self._state.size
        if size == 0:
            return
        held = self._state.rows
        if len(held) == size:
            if peak <= held[-1].loss:
                return
            chosen = np.flatnonzero(loss > held[-1].loss)
        else:
            chosen = np.arange(loss.shape[0])
        if chosen.shape[0] > size:
            # The size-th largest is the bar; of the rows exactly on it the first in file order are enough.
            values = loss[chosen]
            bar = np.partition(values, values.shape[0] - size)[values.shape[0] - size]
            above, on = chosen[values > bar], chosen[values == bar]
            chosen = np.sort(np.concatenate([above, on[: size - above.shape[0]]]))
        self._state = self._state.merge(WorstState(size, tuple(describe(chosen.tolist()))))

    def finish(self) -> WorstState:
        """Return the worst of all rows added so far."""
        return self._state
