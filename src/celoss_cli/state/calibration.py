"""Accuracy, Brier score and top-label calibration of some rows, as sums from which the ratios are derived."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.outcome import Outcome
from celoss_cli.state.exact_sum import Accumulator, Codes, ExactSums, Floats
from celoss_cli.state.merging import merged

BINS = 15
"""Equal-width bins (lo, hi] of the confidence; bin = ceil(15 · confidence), from 1."""

_GRID = -59
"""Confidences and squared errors, at most 2, are rounded to multiples of 2^-59: no digit of the result is lost."""

_CELLS = BINS + 1  # bin 0 stays empty but for a confidence of exactly 0, which counts as bin 1


class CalibrationState(NamedTuple):
    """Sums over scored rows with sample weights s (1 where there are none).

    Per class: ``correct`` Σ s over rows predicted right. Per bin of the confidence (15): ``bin_weight`` Σ s,
    ``bin_correct`` Σ s over rows predicted right, ``bin_confidence`` Σ s·confidence. ``brier`` Σ s·(squared error).
    The laws are those of ``LossState``.
    """

    correct: ExactSums
    bin_weight: ExactSums
    bin_correct: ExactSums
    bin_confidence: ExactSums
    brier: ExactSums

    @classmethod
    def empty(cls, classes: int) -> CalibrationState:
        """Return the state of no rows."""
        bins = ExactSums.zeros(BINS)
        return cls(ExactSums.zeros(classes), bins, bins, bins, ExactSums.zeros(1))

    @classmethod
    def of_counts(cls, counts: Codes, confidence: ExactSums, brier: ExactSums) -> CalibrationState:
        """Return the state of rows without weights: how many (C, 16, 2) have a class and a bin, and are right or not.

        ``confidence`` has its sum for each of the 16 bins, of which the first is for a confidence of exactly 0.
        """
        return cls(
            _whole(counts[:, :, 1].sum(axis=1)),
            _bins(_whole(counts.sum(axis=(0, 2)))),
            _bins(_whole(counts[:, :, 1].sum(axis=0))),
            _bins(confidence),
            brier,
        )

    def merge(self, other: CalibrationState) -> CalibrationState:
        """Return the state of both sets of rows."""
        return merged(self, other)


class CalibrationAccumulator:
    """Takes blocks of outcomes and leaves a ``CalibrationState``. Not thread-safe: one per partition."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        # Rows are counted in one table: class × bin × wrong or right, one bincount for all of it.
        self._table = np.zeros(classes * _CELLS * 2, dtype=np.int64)
        self._correct = Accumulator(classes)
        self._bin_weight = Accumulator(_CELLS)
        self._bin_correct = Accumulator(_CELLS)
        self._confidence = Accumulator(_CELLS, grid=_GRID)
        self._brier = Accumulator(1, grid=_GRID)
        # Weights may be tiny: on a fixed grid little or nothing would be left of such terms.
        self._weighted_confidence = Accumulator(_CELLS)
        self._weighted_brier = Accumulator(1)
        self._weighted = False

    def add(self, outcome: Outcome, codes: Codes, weights: Floats | None) -> Codes:
        """Add rows with class ``codes`` (n,) and sample ``weights`` (n,) or none; return the rows per class (C,)."""
        bins = outcome.confidence * BINS
        np.ceil(bins, out=bins)
        if bins.max(initial=0.0) > BINS:
            np.minimum(bins, BINS, out=bins)  # a confidence that rounding took above 1 is in the last bin
        narrow = bins.astype(np.int32)  # a quarter of the time of astype(np.intp)
        groups = narrow.astype(np.intp)
        narrow += narrow
        narrow += outcome.correct
        cells = narrow.astype(np.intp)
        cells += codes * np.intp(2 * _CELLS)
        table = np.bincount(cells, minlength=self._table.shape[0])
        if weights is None:
            self._table += table
            self._confidence.add(outcome.confidence, groups, peak=1.0)
            self._brier.add(outcome.brier, peak=2.0)
        else:
            self._weighted = True
            right = weights * outcome.correct
            self._correct.add(right, codes)
            self._bin_weight.add(weights, groups)
            self._bin_correct.add(right, groups)
            self._weighted_confidence.add(weights * outcome.confidence, groups)
            self._weighted_brier.add(weights * outcome.brier)
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
            return CalibrationState(
                self._correct.finish(),
                _bins(self._bin_weight.finish()),
                _bins(self._bin_correct.finish()),
                _bins(self._weighted_confidence.finish()),
                self._weighted_brier.finish(),
            )
        table = self._table.reshape(self._classes, _CELLS, 2)
        return CalibrationState.of_counts(table, self._confidence.finish(), self._brier.finish())


def _whole(counts: Codes) -> ExactSums:
    return ExactSums.of_integers(tuple(counts.tolist()))


def _bins(cells: ExactSums) -> ExactSums:
    zero, first, *rest = cells.units
    return ExactSums((zero + first, *rest))
