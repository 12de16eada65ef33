"""The loss of rows that have a term for every class: taken in term by term, left behind as the same ``LossState``."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.functions import sum_over_classes
from celoss_cli.state.exact_products import add_products
from celoss_cli.state.exact_sum import Accumulator, Codes, ExactSums, Floats
from celoss_cli.state.loss import LabelSums, LossState


class TermRows(NamedTuple):
    """Rows with C terms each; (C, n) and (n,) arrays, in nats.

    ``terms`` (C, n) are the parts of each row's loss before any weights, ``shares`` (C, n) what each class contributes
    to the row's weight; ``weighted`` (n,) is v·l and ``weighing`` (n,) is v, with sample and class weights; ``counts``
    (C,) the rows of each class; ``sample_weights`` (n,) or ``None``; ``positives`` (C, n) the targets of L labels.
    For sums by label ``codes`` (n,) are the labels of rows and ``loss`` (n,) their losses without weights.
    """

    terms: Floats
    shares: Floats
    weighted: Floats
    weighing: Floats
    counts: Codes
    sample_weights: Floats | None
    clipped: int
    positives: Floats | None = None
    codes: Codes | None = None
    loss: Floats | None = None


class TargetLossAccumulator:
    """Takes blocks of terms and leaves a ``LossState``. Not thread-safe: one per partition.

    The class weights (C,) are known here, because the spread of the rows depends on how they mix the classes.
    """

    def __init__(self, class_weights: Floats, *, moments: bool, labels: bool = False) -> None:
        classes = class_weights.shape[0]
        self._labels = _Labels(classes) if labels else None
        self._class_weights = class_weights
        self._moments = moments
        self._scored = 0
        self._rows = np.zeros(classes, dtype=np.int64)
        self._infinite = np.zeros(classes, dtype=np.int64)
        self._idle = 0
        self._clipped = 0
        self._weight = [Accumulator(1) for _ in range(classes)]
        self._infinite_weight = [Accumulator(1) for _ in range(classes)]
        self._loss = [Accumulator(1) for _ in range(classes)]
        self._normalizer = [Accumulator(1) for _ in range(classes)]
        self._positives = [Accumulator(1) for _ in range(classes)]
        self._plain = Accumulator(1)
        self._squares, self._cross, self._weight_squares = Accumulator(1), Accumulator(1), Accumulator(1)

    def add(self, rows: TermRows) -> None:
        """Add rows."""
        s = rows.sample_weights
        self._scored += rows.weighted.shape[0]
        self._rows += rows.counts
        self._clipped += rows.clipped
        self._idle += int(np.count_nonzero(rows.weighing == 0.0))
        _add_each(self._weight, rows.shares, s)
        if self._labels is not None:
            self._labels.add(rows)
        if rows.positives is not None:
            _add_each(self._positives, rows.positives, s)
        finite = np.isfinite(rows.weighted)
        if not finite.all():
            self._set_infinite_aside(rows, ~finite)
        terms = rows.terms[:, finite]
        terms = np.where(np.isinf(terms), 0.0, terms)  # left are those of classes with weight 0
        _add_each(self._loss, terms, None if s is None else s[finite])
        self._plain.add(sum_over_classes(terms, 0))
        if self._moments:
            self._add_moments(rows.weighted[finite], rows.weighing[finite])

    def add_normalizer(self, terms: Floats, sample_weights: Floats | None) -> None:
        """Add t_c · log Σp (C, n) of rows whose probabilities do not sum to 1, 0 where they do."""
        _add_each(self._normalizer, terms, sample_weights)

    def finish(self) -> LossState:
        """Return the state of all rows added so far."""
        return LossState(
            self._scored,
            self._scored,
            tuple(self._rows.tolist()),
            tuple(self._infinite.tolist()),
            self._clipped,
            _joined(self._weight),
            _joined(self._infinite_weight),
            _joined(self._loss),
            _joined(self._normalizer),
            self._plain.finish(),
            self._squares.finish(),
            self._cross.finish(),
            self._weight_squares.finish(),
            _joined(self._positives),
            (self._idle, *(0,) * (len(self._infinite) - 1)),
            None if self._labels is None else self._labels.finish(),
        )

    def _set_infinite_aside(self, rows: TermRows, infinite: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> None:
        """Count each row with infinite loss once, under the first class that makes it so."""
        guilty = np.isinf(rows.terms[:, infinite]) & (self._class_weights > 0.0)[:, None]
        self._infinite += np.bincount(guilty.argmax(axis=0), minlength=self._class_weights.shape[0])
        s = rows.sample_weights
        _add_each(self._infinite_weight, rows.shares[:, infinite], None if s is None else s[infinite])

    def _add_moments(self, weighted: Floats, weighing: Floats) -> None:
        pairs = (
            (self._squares, weighted, weighted),
            (self._cross, weighing, weighted),
            (self._weight_squares, weighing, weighing),
        )
        for accumulator, a, b in pairs:
            add_products(accumulator, a, b)


class _Labels:
    """Takes the same rows and leaves ``LabelSums``."""

    def __init__(self, classes: int) -> None:
        self._infinite = np.zeros(classes, dtype=np.int64)
        self._loss, self._weighted = Accumulator(classes), Accumulator(classes)

    def add(self, rows: TermRows) -> None:
        if rows.codes is None or rows.loss is None:
            raise ValueError("sums by label need the labels and the losses of rows")
        finite = np.isfinite(rows.loss)
        counted = ~finite if rows.sample_weights is None else ~finite & (rows.sample_weights > 0.0)
        self._infinite += np.bincount(rows.codes[counted], minlength=len(self._infinite))
        loss = rows.loss if rows.sample_weights is None else rows.sample_weights * np.where(finite, rows.loss, 0.0)
        self._loss.add(loss[finite], rows.codes[finite])
        finite = np.isfinite(rows.weighted)
        self._weighted.add(rows.weighted[finite], rows.codes[finite])

    def finish(self) -> LabelSums:
        return LabelSums(tuple(self._infinite.tolist()), self._loss.finish(), self._weighted.finish())


def _add_each(accumulators: list[Accumulator], values: Floats, sample_weights: Floats | None) -> None:
    for accumulator, row in zip(accumulators, values, strict=True):
        accumulator.add(np.ascontiguousarray(row) if sample_weights is None else row * sample_weights)


def _joined(accumulators: list[Accumulator]) -> ExactSums:
    return ExactSums(tuple(accumulator.finish().units[0] for accumulator in accumulators))
