"""The loss of slices of the rows: exact sums for each value of a column, or for each bin of its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.state.exact_products import add_products
from celoss_cli.state.exact_sum import UNIT_BITS, Accumulator, Codes, Floats

MOST_SLICES = 1000
"""The most slices that a column may make. Beyond, it is a key or a measurement: bins, or another column, say more."""


class SliceSums(NamedTuple):
    """The sums of one slice: counts of rows, and sums as whole numbers of 2^-1074.

    With v the weight of a row and s its sample weight. The sums of losses run over rows with a finite loss.
    """

    rows: int = 0
    """The rows that are to be scored."""
    scored: int = 0
    """Those that were: the others have no valid score or label."""
    infinite: int = 0
    """Those with a weight and an infinite loss."""
    weight: int = 0
    """Σ v."""
    loss: int = 0
    """Σ v·l."""
    squares: int = 0
    """Σ (v·l)²."""
    cross: int = 0
    """Σ v·(v·l)."""
    weight_squares: int = 0
    """Σ v²."""
    sampled: int = 0
    """Σ s."""
    correct: int = 0
    """Σ s·(number of right answers of the row)."""
    idle: int = 0
    """Those scored that have no weight."""

    def plus(self, other: SliceSums) -> SliceSums:
        """Return the sums of both sets of rows."""
        return SliceSums(*(a + b for a, b in zip(self, other, strict=True)))


ColumnSlices = Mapping[str | None, SliceSums] | None
"""The slices that a column makes, by value, with ``None`` for rows without one; ``None``: more than ``MOST_SLICES``."""


class SliceState(NamedTuple):
    """The slices of each column sliced by, in the order of the columns.

    Laws: a state of columns without slices is the identity of ``merge``; ``merge`` is associative and commutative and
    leaves both inputs alone. A column has too many slices if all its rows together have, however they were cut.
    """

    columns: tuple[ColumnSlices, ...]

    def merge(self, other: SliceState) -> SliceState:
        """Return the state of both sets of rows."""
        return SliceState(tuple(_merged(a, b) for a, b in zip(self.columns, other.columns, strict=True)))


def _merged(a: ColumnSlices, b: ColumnSlices) -> ColumnSlices:
    if a is None or b is None:
        return None
    both = dict(a)
    for value, sums in b.items():
        both[value] = both[value].plus(sums) if value in both else sums
    return None if len(both) > MOST_SLICES else both


class SlicedRows(NamedTuple):
    """What scored rows came to, all (n,): losses v·l, the weights v and s (``None``: 1), and right answers, if any."""

    weighted: Floats
    weight: Floats | None
    sample: Floats | None
    correct: Floats | None


class ColumnAccumulator:
    """Takes the rows of one column, batch by batch, and leaves its slices. Not thread-safe: one per partition."""

    def __init__(self) -> None:
        self._places: dict[str | None, int] = {}
        self._too_many = False
        self._codes: npt.NDArray[np.intp] = np.zeros(0, dtype=np.intp)
        self._counts = np.zeros((4, 0), dtype=np.int64)
        self._weighted = self._sampled = False
        names = ("weight", "loss", "squares", "cross", "weight_squares", "sampled", "correct")
        self._sums = {name: Accumulator(0) for name in names}

    def begin(self, codes: Codes, values: tuple[str, ...], chosen: npt.NDArray[np.bool_] | None) -> None:
        """Start a batch whose rows have ``values[codes]``, −1 for none; of these the ``chosen`` are to be scored."""
        if self._too_many:
            return
        seen = np.bincount((codes if chosen is None else codes[chosen]) + 1, minlength=len(values) + 1)
        present = np.flatnonzero(seen)
        if len(present) <= MOST_SLICES:
            for code in present.tolist():
                self._places.setdefault(values[code - 1] if code else None, len(self._places))
        if len(present) > MOST_SLICES or len(self._places) > MOST_SLICES:
            self._too_many = True
            self._places.clear()
            return
        self._grow()
        table = np.zeros(len(values) + 1, dtype=np.intp)  # of rows that are not to be scored any place will do
        table[present] = [self._places[values[code - 1] if code else None] for code in present.tolist()]
        np.add.at(self._counts[0], table[present], seen[present])
        self._codes = table[codes + 1]

    def add(self, where: slice | Codes, rows: SlicedRows) -> None:
        """Add scored rows of the batch: those at ``where``."""
        if self._too_many:
            return
        groups, sums, size = self._codes[where], self._sums, len(self._places)
        self._counts[1] += np.bincount(groups, minlength=size)
        if rows.sample is not None:
            self._sampled = True
            sums["sampled"].add(rows.sample, groups)
        if rows.correct is not None:
            if rows.sample is None:
                sums["correct"].add(rows.correct, groups)
            else:
                add_products(sums["correct"], rows.sample, rows.correct, groups)
        loss, weight = rows.weighted, rows.weight
        if weight is not None:
            self._weighted = True
            sums["weight"].add(weight, groups)
            if not weight.all():
                self._counts[3] += np.bincount(groups[weight == 0.0], minlength=size)
        infinite = np.isinf(loss)
        if infinite.any():
            self._counts[2] += np.bincount(groups[infinite], minlength=size)
            finite = ~infinite
            loss, groups, weight = loss[finite], groups[finite], None if weight is None else weight[finite]
        sums["loss"].add(loss, groups)
        add_products(sums["squares"], loss, loss, groups)
        if weight is not None:
            add_products(sums["cross"], weight, loss, groups)
            add_products(sums["weight_squares"], weight, weight, groups)

    def finish(self) -> ColumnSlices:
        """Return the slices so far."""
        if self._too_many:
            return None
        rows, scored, infinite, idle = self._counts.tolist()
        sums = {name: accumulator.finish().units for name, accumulator in self._sums.items()}
        whole = tuple(n << UNIT_BITS for n in scored)
        if not self._sampled:
            sums["sampled"] = whole
        if not self._weighted:
            sums["weight"], sums["cross"] = whole, sums["loss"]
            sums["weight_squares"] = tuple((n - i) << UNIT_BITS for n, i in zip(scored, infinite, strict=True))
        return {
            value: SliceSums(
                rows[i], scored[i], infinite[i], idle=idle[i], **{name: units[i] for name, units in sums.items()}
            )
            for value, i in self._places.items()
        }

    def _grow(self) -> None:
        size, before = len(self._places), self._counts.shape[1]
        if size == before:
            return
        self._counts = np.pad(self._counts, ((0, 0), (0, size - before)))
        for accumulator in self._sums.values():
            accumulator.grow(size)
