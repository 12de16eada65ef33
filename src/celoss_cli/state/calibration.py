"""Accuracy, Brier score and calibration of some rows, as sums from which the ratios are derived."""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.outcome import Outcome
from celoss_cli.state.exact_sum import Accumulator, Codes, ExactSums, Floats
from celoss_cli.state.merging import merged
from celoss_cli.tuples import NamedTuple

BINS = 15
"""Equal-width bins (lo, hi] of a probability; bin = ceil(15 · p), from 1."""

CELLS = BINS + 1
"""Bin 0 stays empty but for a probability of exactly 0, which counts as bin 1."""

SINGLE_CELLS = 3 * CELLS
"""One score p a row: cells for predictions of the first class, for those on an edge, and for those of the second.

Within each they stand by the bin of p. That of the confidence mirrors it for the first class, (lo, hi] as [lo, hi), so
that on an edge of the bins it is one lower.
"""

_SECOND = 2 * CELLS  # the first cell of predictions of the second class

_GRID = -59
"""Probabilities and squared errors, at most 2, are rounded to multiples of 2^-59: no digit of the result is lost."""

_SPREAD_GRID = -39
"""Variances p (1 − p) are rounded to multiples of 2^-39: what is lost of them is an error in 10^12 rows."""


class Bins(NamedTuple):
    """Sums over rows with sample weights s that say an event has probability p, in 15 bins of p.

    ``weight`` Σ s, ``hits`` Σ s over rows where the event happened, ``claimed`` Σ s·p, ``spread`` Σ s²·p (1 − p).
    """

    weight: ExactSums
    hits: ExactSums
    claimed: ExactSums
    spread: ExactSums

    @classmethod
    def empty(cls) -> Bins:
        """Return the sums of no rows."""
        return cls(*(ExactSums.zeros(BINS) for _ in cls._fields))

    def merge(self, other: Bins) -> Bins:
        """Return the sums of both sets of rows."""
        return merged(self, other)


class CalibrationState(NamedTuple):
    """Sums over scored rows with sample weights s (1 where there are none).

    ``correct`` Σ s over rows predicted right, per class. ``top`` are the bins of the predicted class, ``positive``
    those of the second of two classes, ``None`` for other rows. ``brier`` Σ s·(squared error). The laws are those of
    ``LossState``.
    """

    correct: ExactSums
    top: Bins
    brier: ExactSums
    positive: Bins | None

    @classmethod
    def empty(cls, classes: int, *, binary: bool = False) -> CalibrationState:
        """Return the state of no rows."""
        return cls(ExactSums.zeros(classes), Bins.empty(), ExactSums.zeros(1), Bins.empty() if binary else None)

    def merge(self, other: CalibrationState) -> CalibrationState:
        """Return the state of both sets of rows."""
        return merged(self, other)


class CellSums(NamedTuple):
    """The sums of p and of p (1 − p) in each cell."""

    claimed: ExactSums
    spread: ExactSums


def of_confidence(counts: Codes, sums: CellSums, brier: ExactSums, positive: Bins | None) -> CalibrationState:
    """Return the state of unweighted rows: how many (C, 16, 2) have a class and a bin, and are right or not."""
    top = Bins(
        _bins(_whole(counts.sum(axis=(0, 2)))),
        _bins(_whole(counts[:, :, 1].sum(axis=0))),
        _bins(sums.claimed),
        _bins(sums.spread),
    )
    return CalibrationState(_whole(counts[:, :, 1].sum(axis=1)), top, brier, positive)


def of_positive(counts: Codes, sums: CellSums) -> Bins:
    """Return the bins of the positive class: how many rows (2, 16) of each class have a bin."""
    parts = (_whole(counts.sum(axis=0)), _whole(counts[1]), sums.claimed, sums.spread)
    return Bins(*map(_bins, parts))


def of_single(counts: Codes, sums: CellSums, brier: ExactSums) -> CalibrationState:
    """Return the state of unweighted rows with one score each: how many (2, 48) have a class and a cell."""
    return _of_cells(Bins(_whole(counts.sum(axis=0)), _whole(counts[1]), sums.claimed, sums.spread), brier)


def _of_cells(cells: Bins, brier: ExactSums) -> CalibrationState:
    """Return the state of rows with one score each from the sums of the second class, in cells (48) instead of bins."""
    positive = Bins(*(_bins(_thirds_added(sums)) for sums in cells))
    # Of predictions of the first class the confidence is 1 − p, and those are right that are no hits.
    weight, hits, claimed, spread = (sums.units for sums in cells)
    right, sure = (
        tuple(w - part for w, part in zip(weight[:_SECOND], units, strict=False)) + units[_SECOND:]
        for units in (hits, claimed)
    )
    top = Bins(*(_by_confidence(units) for units in (weight, right, sure, spread)))
    return CalibrationState(ExactSums((sum(right[:_SECOND]), sum(right[_SECOND:]))), top, brier, positive)


def _by_confidence(cells: tuple[int, ...]) -> ExactSums:
    """Return the sums (15) by the bin of the confidence, from those of cells (48)."""
    inner, edge, second = cells[:CELLS], cells[CELLS : 2 * CELLS], cells[2 * CELLS :]
    units = list(second)
    for b in range(1, CELLS):
        units[BINS + 1 - b] += inner[b]
    for b in range(CELLS):
        units[BINS - b] += edge[b]
    return _bins(ExactSums(tuple(units)))


def _thirds_added(cells: ExactSums) -> ExactSums:
    units = cells.units
    return ExactSums(tuple(sum(units[b::CELLS]) for b in range(CELLS)))


def _bins_of(p: Floats) -> Codes:
    """Return the bin of each probability (n,); 0 for one of exactly 0."""
    bins = p * BINS
    np.ceil(bins, out=bins)
    if bins.max(initial=0.0) > BINS:
        np.minimum(bins, BINS, out=bins)  # a probability that rounding took above 1 is in the last bin
    narrow: Codes = bins.astype(np.int32)  # a quarter of the time of astype(np.intp)
    return narrow


def _whole(counts: Codes) -> ExactSums:
    return ExactSums.of_integers(tuple(counts.tolist()))


def _bins(cells: ExactSums) -> ExactSums:
    zero, first, *rest = cells.units
    return ExactSums((zero + first, *rest))


class _CellAccumulator:
    """Adds up p and p (1 − p) by cell."""

    def __init__(self, cells: int) -> None:
        self._claimed = Accumulator(cells, grid=_GRID)
        self._spread = Accumulator(cells, grid=_SPREAD_GRID)

    def add(self, p: Floats, cells: Codes) -> None:
        self._claimed.add(p, cells, peak=1.0)
        self._spread.add(p * (1.0 - p), cells, peak=0.25)

    def finish(self) -> CellSums:
        return CellSums(self._claimed.finish(), self._spread.finish())


class _WeightedCells:
    """Adds up weighted rows by cell. Weights may be tiny: on a fixed grid little or nothing would be left of them."""

    def __init__(self, cells: int) -> None:
        self._sums = tuple(Accumulator(cells) for _ in Bins._fields)

    def add(self, p: Floats, cells: Codes, hits: Floats, weights: Floats) -> None:
        """Add rows with weights and probabilities; ``hits`` is the weight of rows where the event happened. (n,)."""
        places, claimed = cells.astype(np.intp), weights * p
        for accumulator, term in zip(
            self._sums, (weights, hits, claimed, claimed * (weights * (1.0 - p))), strict=True
        ):
            accumulator.add(term, places)

    def finish(self) -> Bins:
        return Bins(*(accumulator.finish() for accumulator in self._sums))


class CalibrationAccumulator:
    """Takes blocks of outcomes and leaves a ``CalibrationState``. Not thread-safe: one per partition.

    ``binary``: the rows are of two classes, and each outcome has the probability of the second, or none has;
    ``single``: there is no other score, so that the confidence follows from it.
    """

    def __init__(self, classes: int, *, binary: bool = False, single: bool = False) -> None:
        self._classes = classes
        self._binary, self._single = binary, single and binary
        # Rows are counted in one table: class × bin × wrong or right, one bincount for all of it.
        self._size = SINGLE_CELLS if self._single else 2 * CELLS
        self._table = np.zeros(classes * self._size, dtype=np.int64)
        self._cells = _CellAccumulator(SINGLE_CELLS if self._single else CELLS)
        self._positive_table = np.zeros(2 * CELLS, dtype=np.int64)
        self._positive_cells = _CellAccumulator(CELLS)
        self._brier = Accumulator(1, grid=_GRID)
        self._correct = Accumulator(classes)
        self._weighted_cells = _WeightedCells(SINGLE_CELLS if self._single else CELLS)
        self._weighted_positive = _WeightedCells(CELLS)
        self._weighted_brier = Accumulator(1)
        self._weighted = False

    def add(self, outcome: Outcome, codes: Codes, weights: Floats | None) -> Codes:
        """Add rows with class ``codes`` (n,) and sample ``weights`` (n,) or none; return the rows per class (C,)."""
        if weights is not None:
            return self._add_weighted(outcome, codes, weights)
        cells, places = self._placed(outcome)
        narrow = cells.astype(np.intp)
        narrow += codes * np.intp(self._size)
        table = np.bincount(narrow, minlength=self._table.shape[0])
        self._table += table
        self._cells.add(self._scored(outcome), places.astype(np.intp))
        self._brier.add(outcome.brier, peak=2.0)
        if self._binary and not self._single:
            bins = _bins_of(_positive(outcome)).astype(np.intp)
            self._positive_table += np.bincount(bins + codes * np.intp(CELLS), minlength=2 * CELLS)
            self._positive_cells.add(_positive(outcome), bins)
        counts: Codes = table.reshape(self._classes, -1).sum(axis=1)
        return counts

    def add_brier(self, brier: Floats, weights: Floats | None) -> None:
        """Add the squared errors (n,) of rows that have no one true class: there is nothing else to say of them."""
        if weights is None:
            self._brier.add(brier)
        else:
            self._weighted = True
            self._weighted_brier.add(weights * brier)

    def finish(self) -> CalibrationState:
        """Return the state of all rows added so far."""
        if self._weighted:
            return self._finish_weighted()
        brier = self._brier.finish()
        if self._single:
            return of_single(self._table.reshape(2, SINGLE_CELLS), self._cells.finish(), brier)
        positive = None
        if self._binary:
            positive = of_positive(self._positive_table.reshape(2, CELLS), self._positive_cells.finish())
        return of_confidence(self._table.reshape(self._classes, CELLS, 2), self._cells.finish(), brier, positive)

    def _placed(self, outcome: Outcome) -> tuple[Codes, Codes]:
        """Return the cell of the table that each row is in but for its class, and that of the sums; both (n,)."""
        if not self._single:
            bins = _bins_of(outcome.confidence)
            return bins + bins + outcome.correct, bins
        p = _positive(outcome)
        bins = _bins_of(p)
        edge = bins + _bins_of(outcome.confidence) == BINS
        second = p > 0.5
        cells = bins + CELLS * np.where(second, np.int32(2), edge.astype(np.int32))
        return cells, cells

    def _scored(self, outcome: Outcome) -> Floats:
        return _positive(outcome) if self._single else outcome.confidence

    def _add_weighted(self, outcome: Outcome, codes: Codes, weights: Floats) -> Codes:
        self._weighted = True
        _, places = self._placed(outcome)
        if self._single:
            self._weighted_cells.add(_positive(outcome), places, weights * codes, weights)
        else:
            right = weights * outcome.correct
            self._correct.add(right, codes)
            self._weighted_cells.add(outcome.confidence, places, right, weights)
            if self._binary:
                p = _positive(outcome)
                self._weighted_positive.add(p, _bins_of(p), weights * codes, weights)
        self._weighted_brier.add(weights * outcome.brier)
        return np.bincount(codes, minlength=self._classes)

    def _finish_weighted(self) -> CalibrationState:
        cells, brier = self._weighted_cells.finish(), self._weighted_brier.finish()
        if self._single:
            return _of_cells(cells, brier)
        positive = Bins(*map(_bins, self._weighted_positive.finish())) if self._binary else None
        return CalibrationState(self._correct.finish(), Bins(*map(_bins, cells)), brier, positive)


def _positive(outcome: Outcome) -> Floats:
    if outcome.positive is None:
        raise ValueError("rows of two classes need the probability of the second")
    return outcome.positive
