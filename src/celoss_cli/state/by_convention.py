"""The loss of the same rows under many rules at once: exact sums per class, and what each rule changed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.rules import Mask, RowLosses
from celoss_cli.state.exact_sum import Accumulator, Codes, ExactSums, Floats
from celoss_cli.state.merging import merged


class RuleState(NamedTuple):
    """What one rule makes of the scored rows; tuples and sums have C entries, by the true class.

    ``loss`` is Σ s·l in nats over rows with finite loss, ``infinite`` counts the others. ``zero``, ``raised``,
    ``lowered`` and ``renormalised`` count the rows the rule changed (see ``RowLosses``); ``cheapest_zero`` and
    ``dearest_zero`` are the range of what a truth of probability 0 costs (inf and −inf where there is none). Rows of
    sample weight 0 are in none of it.

    Laws: ``empty`` is the identity of ``merge``; ``merge`` is associative and commutative and leaves both inputs alone.
    """

    loss: ExactSums
    infinite: tuple[int, ...]
    zero: tuple[int, ...]
    raised: tuple[int, ...]
    lowered: tuple[int, ...]
    renormalised: tuple[int, ...]
    cheapest_zero: float
    dearest_zero: float

    @classmethod
    def empty(cls, classes: int) -> RuleState:
        """Return the state of no rows."""
        none = (0,) * classes
        return cls(ExactSums.zeros(classes), none, none, none, none, none, np.inf, -np.inf)

    def merge(self, other: RuleState) -> RuleState:
        """Return the state of both sets of rows."""
        return merged(self, other)._replace(
            cheapest_zero=min(self.cheapest_zero, other.cheapest_zero),
            dearest_zero=max(self.dearest_zero, other.dearest_zero),
        )


class ByConvention(NamedTuple):
    """One ``RuleState`` a rule, in the order of the rules that the rows were scored under. The laws are its own."""

    rules: tuple[RuleState, ...]

    @classmethod
    def empty(cls, rules: int, classes: int) -> ByConvention:
        """Return the state of no rows."""
        return cls((RuleState.empty(classes),) * rules)

    def merge(self, other: ByConvention) -> ByConvention:
        """Return the state of both sets of rows; both must have been scored under the same rules."""
        return merged(self, other)


class RuleAccumulator:
    """Takes what a rule makes of blocks of rows and leaves a ``RuleState``. Not thread-safe: one per partition."""

    def __init__(self, classes: int) -> None:
        self._classes = classes
        self._loss = Accumulator(classes)
        self._counts = np.zeros((5, classes), dtype=np.int64)
        self._cheapest, self._dearest = np.inf, -np.inf

    def add(self, rows: RowLosses, codes: Codes, weights: Floats | None) -> None:
        """Add rows of class ``codes`` (n,) with sample ``weights`` (n,) ≥ 0, or none."""
        loss = rows.loss
        infinite = np.isinf(loss)
        masks = (infinite, rows.zero, rows.raised, rows.lowered, rows.renormalised)
        counted = None if weights is None else weights > 0.0
        for place, mask in enumerate(masks):
            self._count(place, mask if counted is None else mask & counted, codes)
        zeros = loss[rows.zero if counted is None else rows.zero & counted]
        if zeros.size:
            self._cheapest = min(self._cheapest, float(zeros.min()))
            self._dearest = max(self._dearest, float(zeros.max()))
        if infinite.any():
            finite = ~infinite
            loss, codes = loss[finite], codes[finite]
            weights = None if weights is None else weights[finite]
        self._loss.add(loss if weights is None else weights * loss, codes)

    def finish(self) -> RuleState:
        """Return the state of all rows added so far."""
        infinite, zero, raised, lowered, renormalised = (tuple(counts) for counts in self._counts.tolist())
        return RuleState(
            self._loss.finish(), infinite, zero, raised, lowered, renormalised, self._cheapest, self._dearest
        )

    def _count(self, place: int, mask: Mask, codes: Codes) -> None:
        if mask.any():
            self._counts[place] += np.bincount(codes[mask], minlength=self._classes)
