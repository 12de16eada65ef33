"""The loss of some rows: exact sums per class, so that class weights and denominators can be applied at the end."""

from __future__ import annotations

import numpy as np

from celoss_cli.state.exact_products import add_products, add_with_squares
from celoss_cli.state.exact_sum import Accumulator, Codes, ExactSums, Floats
from celoss_cli.state.merging import merged
from celoss_cli.tuples import NamedTuple


class LabelSums(NamedTuple):
    """Sums by the label of the row (C,), where those of ``LossState`` are by the class that each term speaks of.

    ``merge`` is addition.
    """

    infinite: tuple[int, ...]
    """The rows with a weight and an infinite loss."""
    loss: ExactSums
    """Σ s·l over the rows with a finite loss, l without class weights."""
    weighted: ExactSums
    """Σ of the losses with class weights, where these are finite."""

    def merge(self, other: LabelSums) -> LabelSums:
        """Return the sums of both sets of rows."""
        return merged(self, other)


class LossState(NamedTuple):
    """Sums over scored rows, by class where a field is a tuple or ``ExactSums`` of C entries; s is the sample weight.

    ``squares``, ``cross`` and ``weight_squares`` are what the variance of the weighted mean needs, free of rounding: by
    class if class weights are in play, in one entry otherwise.

    Laws: ``empty`` is the identity of ``merge``; ``merge`` is associative and commutative and leaves both inputs alone.
    """

    scored: int
    """How many rows were scored."""
    units: int
    """How many of them are independent of each other: one for each leading index of an array of rank > 2."""
    rows: tuple[int, ...]
    """The rows of each class; soft: whose largest target it is; multilabel: for which the label holds."""
    infinite: tuple[int, ...]
    """The rows with an infinite loss, by the class it comes from."""
    clipped: int
    """The rows that a clip changed."""
    weight: ExactSums
    """Σ s."""
    infinite_weight: ExactSums
    """Σ s of the rows with an infinite loss."""
    loss: ExactSums
    """Σ s·l over the rows with a finite loss."""
    normalizer: ExactSums
    """Σ s·log Σp over rows that do not sum to 1: what renormalising adds to the loss."""
    plain: ExactSums
    """Σ l over the rows with a finite loss."""
    squares: ExactSums
    """Σ (s·l)²."""
    cross: ExactSums
    """Σ s·(s·l)."""
    weight_squares: ExactSums
    """Σ s²."""
    positives: ExactSums
    """Σ s·t of each label of multilabel rows."""
    idle: tuple[int, ...] | None = None
    """The rows of each class that have no weight, as far as the pass knows weights: they say nothing of the spread.

    ``None`` where units are no rows, or where a part does not tell: then none is known to be idle.
    """
    labels: LabelSums | None = None
    """The loss by label, of rows with one true class whose terms have a weight each; ``None`` where ``loss`` says it.
    """

    @classmethod
    def empty(cls, classes: int, groups: int) -> LossState:
        """Return the state of no rows: ``classes`` entries per class, ``groups`` for the second moments."""
        none, zeros, moments = (0,) * classes, ExactSums.zeros(classes), ExactSums.zeros(groups)
        return cls(
            0, 0, none, none, 0, zeros, zeros, zeros, zeros, ExactSums.zeros(1), moments, moments, moments, zeros, none
        )

    def merge(self, other: LossState) -> LossState:
        """Return the state of both sets of rows."""
        return merged(self, other)


class LossAccumulator:
    """Takes blocks of per-sample losses and leaves a ``LossState``. Not thread-safe: one per partition.

    ``by_class`` keeps the loss per class; without it (the mean alone, no class weights) everything goes to class 0
    of the sums, and only ``rows`` stays per class. ``moments`` keeps what the standard error needs.
    """

    def __init__(self, classes: int, *, by_class: bool, moments: bool, moments_by_class: bool) -> None:
        self._classes = classes
        self._by_class = by_class
        self._moments = moments
        self._moments_by_class = moments_by_class
        self._groups = classes if moments_by_class else 1
        self._rows = np.zeros(classes, dtype=np.int64)
        self._infinite = np.zeros(classes, dtype=np.int64)
        self._idle = np.zeros(classes, dtype=np.int64)
        self._clipped = 0
        self._weight = Accumulator(classes)
        self._infinite_weight = Accumulator(classes)
        self._loss = Accumulator(classes if by_class else 1)
        self._normalizer = Accumulator(classes)
        self._plain = Accumulator(1)
        self._squares = Accumulator(self._groups)
        self._cross = Accumulator(self._groups)
        self._weight_squares = Accumulator(self._groups)
        self._weighted = False

    def add(
        self, loss: Floats, codes: Codes, rows_per_class: Codes, weights: Floats | None, clipped: int, peak: float
    ) -> None:
        """Add rows with ``loss`` (n,), class ``codes`` (n,), whose class counts are ``rows_per_class`` (C,).

        ``weights`` (n,) are sample weights ≥ 0 or ``None``; ``peak`` is the largest loss.
        """
        self._rows += rows_per_class
        self._clipped += clipped
        if weights is not None:
            self._weighted = True
            self._weight.add(weights, codes)
            if not weights.all():
                self._idle += np.bincount(codes[weights == 0.0], minlength=self._classes)
        if peak == np.inf:
            loss, codes, weights = self._set_infinite_aside(loss, codes, weights)
            if not loss.size:
                return
            peak = float(loss.max())
        groups = codes if self._by_class else None
        if weights is None and self._moments and not self._moments_by_class:
            add_with_squares(self._loss, self._squares, loss, groups, peak=peak)
            return
        if weights is None:
            self._loss.add(loss, groups, peak=peak)
            if self._moments:
                self._add_moments(loss, None, codes)
            return
        weighted = weights * loss
        self._loss.add(weighted, groups)
        self._plain.add(loss, peak=peak)
        if self._moments:
            self._add_moments(weighted, weights, codes)

    def add_normalizer(self, logsum: Floats, codes: Codes, weights: Floats | None) -> None:
        """Add log Σp (n,) of rows whose probabilities do not sum to 1, 0 where they do."""
        self._normalizer.add(logsum if weights is None else weights * logsum, codes)

    def finish(self) -> LossState:
        """Return the state of all rows added so far."""
        rows = tuple(self._rows.tolist())
        infinite = tuple(self._infinite.tolist())
        loss = self._loss.finish()
        if not self._by_class:
            loss = ExactSums((*loss.units, *(0,) * (self._classes - 1)))
        if self._weighted:
            weight, infinite_weight, plain = (
                self._weight.finish(),
                self._infinite_weight.finish(),
                self._plain.finish(),
            )
            cross, weight_squares = self._cross.finish(), self._weight_squares.finish()
        else:
            weight, infinite_weight = ExactSums.of_integers(rows), ExactSums.of_integers(infinite)
            plain = ExactSums((sum(loss.units),))
            finite = tuple(n - i for n, i in zip(rows, infinite, strict=True))
            cross = loss if self._moments_by_class else plain
            weight_squares = ExactSums.of_integers(finite if self._moments_by_class else (sum(finite),))
        return LossState(
            sum(rows), sum(rows), rows, infinite, self._clipped, weight, infinite_weight, loss,
            self._normalizer.finish(), plain, self._squares.finish(), cross, weight_squares,
            ExactSums.zeros(self._classes), tuple(self._idle.tolist()),
        )  # fmt: skip

    def _set_infinite_aside(
        self, loss: Floats, codes: Codes, weights: Floats | None
    ) -> tuple[Floats, Codes, Floats | None]:
        """Count the rows with infinite loss, and return the others. A row of weight 0 contributes nothing at all."""
        infinite = np.isinf(loss)
        counted = infinite if weights is None else infinite & (weights > 0.0)
        self._infinite += np.bincount(codes[counted], minlength=self._classes)
        finite = ~infinite
        if weights is not None:
            self._infinite_weight.add(weights[counted], codes[counted])
        return loss[finite], codes[finite], None if weights is None else weights[finite]

    def _add_moments(self, loss: Floats, weights: Floats | None, codes: Codes) -> None:
        groups = codes if self._moments_by_class else None
        add_products(self._squares, loss, loss, groups)
        if weights is not None:
            add_products(self._cross, weights, loss, groups)
            add_products(self._weight_squares, weights, weights, groups)
