"""Two models on the same rows: exact sums of both losses and of their difference, in groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.state.changed import ChangedState, most_changed
from celoss_cli.state.exact_products import add_products
from celoss_cli.state.exact_sum import Accumulator, Codes, ExactSums, Floats
from celoss_cli.state.merging import merged
from celoss_cli.state.tail import TailAccumulator, TailState

Counts = tuple[int, ...]

Mask = npt.NDArray[np.bool_]

_LARGEST = 2.0**300  # its cube is still a double


class ThirdSums(NamedTuple):
    """Exact sums of products that are rounded once a row, |D| limited to 2^300: they serve an estimate of skewness."""

    cubes: ExactSums
    """Σ D³."""
    squares_weighed: ExactSums
    """Σ s·D²."""
    square_weighed: ExactSums
    """Σ s²·D."""
    weight_cubes: ExactSums
    """Σ s³."""

    def merge(self, other: ThirdSums) -> ThirdSums:
        """Return the sums of both sets of rows."""
        return merged(self, other)


class PairedState(NamedTuple):
    """Sums over the rows that both models scored, one entry a group where a field is a tuple or ``ExactSums``.

    With a and b the losses of the two models, s the weight of the row and D = s·b − s·a, rounded once a row; the
    sums of D run over rows where both losses are finite. All but ``scored`` are over rows that have a weight.

    Laws: ``merge`` is associative and commutative on disjoint rows, leaves both inputs alone, and the state of no
    rows is its identity.
    """

    scored: Counts
    """The rows."""
    rows: Counts
    """Those that have a weight."""
    won: Counts
    """Those where the candidate's loss is smaller."""
    lost: Counts
    """Those where it is larger."""
    infinite_baseline: Counts
    """Those where the baseline's loss is infinite."""
    infinite_candidate: Counts
    """Those where the candidate's is."""
    infinite_both: Counts
    """Those where both are."""
    weight: ExactSums
    """Σ s."""
    baseline: ExactSums
    """Σ s·a, where a is finite."""
    candidate: ExactSums
    """Σ s·b, where b is finite."""
    change: ExactSums
    """Σ D."""
    squares: ExactSums
    """Σ D²."""
    cross: ExactSums
    """Σ s·D."""
    weight_squares: ExactSums
    """Σ s²."""
    thirds: ThirdSums
    """What the skewness of the differences follows from."""
    spread: TailState
    """A histogram of |D|."""
    rises: TailState
    """A histogram of D where it is above 0."""
    most: ChangedState
    """The rows that changed most."""

    @property
    def tied(self) -> Counts:
        """How many rows of each group have the same loss under both models."""
        return tuple(n - won - lost for n, won, lost in zip(self.rows, self.won, self.lost, strict=True))

    @property
    def total(self) -> int:
        """How many rows there are."""
        return sum(self.rows)

    @property
    def infinite(self) -> int:
        """How many rows have an infinite loss under one model or the other."""
        groups = zip(self.infinite_baseline, self.infinite_candidate, self.infinite_both, strict=True)
        return sum(a + b - both for a, b, both in groups)

    def merge(self, other: PairedState) -> PairedState:
        """Return the state of both sets of rows."""
        return merged(self, other)


class ThirdAccumulator:
    """Takes blocks of weighted differences and leaves ``ThirdSums``."""

    def __init__(self, groups: int) -> None:
        self._sums = tuple(Accumulator(groups) for _ in ThirdSums._fields)

    def add(self, change: Floats, weights: Floats | None, codes: Codes | None) -> None:
        """Add rows (n,) in group ``codes``; ``weights`` is ``None`` where all are 1."""
        limited = np.clip(change, -_LARGEST, _LARGEST)
        squares = limited * limited
        terms = [squares * limited]
        if weights is not None:
            weighing = np.minimum(weights, _LARGEST)
            terms += [weighing * squares, weighing * weighing * limited, weighing * weighing * weighing]
        for accumulator, term in zip(self._sums, terms, strict=False):
            accumulator.add(term, codes)

    def finish(self, unweighted: tuple[ExactSums, ExactSums, ExactSums] | None = None) -> ThirdSums:
        """Return the sums so far; without weights all but the first are Σ D², Σ D and the number of rows."""
        cubes, *others = (accumulator.finish() for accumulator in self._sums)
        return ThirdSums(cubes, *(others if unweighted is None else unweighted))


class PairedAccumulator:
    """Takes blocks of the rows of two models and leaves a ``PairedState``. Not thread-safe: one per run of rows."""

    def __init__(self, groups: int, *, top: int) -> None:
        self._groups = groups
        self._scored, self._rows, self._won, self._lost = (np.zeros(groups, dtype=np.int64) for _ in range(4))
        self._infinite = np.zeros((3, groups), dtype=np.int64)
        self._weight, self._weight_squares, self._cross = (Accumulator(groups) for _ in range(3))
        self._a, self._b, self._change, self._squares = (Accumulator(groups) for _ in range(4))
        self._thirds = ThirdAccumulator(groups)
        self._finite = np.zeros(groups, dtype=np.int64)
        self._weighted = False
        self._spread, self._rises = TailAccumulator(), TailAccumulator()
        self._most = ChangedState(top)

    def add(
        self, rows: Codes, a: Floats, b: Floats, codes: Codes, weights: Floats | None, first: Mask | None = None
    ) -> None:
        """Add rows with numbers ``rows``, weighted losses ``a`` and ``b``, in group ``codes``; all (n,).

        ``weights`` (n,) are how much each row counts in the mean, ``None`` where each counts 1; those of 0 contribute
        nothing. Losses may be infinite. At most ``MAX_BLOCK`` rows at a time, their numbers rising. Where rows stand
        here several times, ``first`` (n,) says which are there for the first time: a row changes most but once.
        """
        if not rows.shape[0]:
            return
        self._scored += self._count(codes)
        if weights is not None:
            self._weighted = True
            some = weights > 0.0
            if not some.all():
                rows, a, b, codes, weights = rows[some], a[some], b[some], codes[some], weights[some]
                first = None if first is None else first[some]
            self._weight.add(weights, codes)
        if not rows.shape[0]:
            return
        self._rows += self._count(codes)
        self._won += self._count(codes[b < a])
        self._lost += self._count(codes[b > a])
        ends_a, ends_b = self._add_losses(self._a, a, codes), self._add_losses(self._b, b, codes)
        if ends_a is not None or ends_b is not None:
            none = np.zeros(rows.shape[0], dtype=bool)
            ends_a, ends_b = none if ends_a is None else ends_a, none if ends_b is None else ends_b
            self._add_infinite(rows, a, b, codes, ends_a, ends_b, first)
            finite = ~(ends_a | ends_b)
            rows, a, b, codes = rows[finite], a[finite], b[finite], codes[finite]
            weights = None if weights is None else weights[finite]
            first = None if first is None else first[finite]
        if rows.shape[0]:
            self._add_finite(rows, a, b, codes, weights, first)

    def finish(self) -> PairedState:
        """Return the state of all rows added so far."""
        counts = tuple(self._rows.tolist())
        finite = ExactSums.of_integers(tuple(self._finite.tolist()))
        change = self._change.finish()
        squares = self._squares.finish()
        unweighted = None if self._weighted else (squares, change, finite)
        baseline, candidate, both = (tuple(count.tolist()) for count in self._infinite)
        return PairedState(
            scored=tuple(self._scored.tolist()),
            rows=counts,
            won=tuple(self._won.tolist()),
            lost=tuple(self._lost.tolist()),
            infinite_baseline=baseline,
            infinite_candidate=candidate,
            infinite_both=both,
            weight=self._weight.finish() if self._weighted else ExactSums.of_integers(counts),
            baseline=self._a.finish(),
            candidate=self._b.finish(),
            change=change,
            squares=squares,
            cross=self._cross.finish() if self._weighted else change,
            weight_squares=self._weight_squares.finish() if self._weighted else finite,
            thirds=self._thirds.finish(unweighted),
            spread=self._spread.finish(),
            rises=self._rises.finish(),
            most=self._most,
        )

    def _count(self, codes: Codes) -> Codes:
        return np.bincount(codes, minlength=self._groups)

    def _add_losses(self, into: Accumulator, loss: Floats, codes: Codes) -> Mask | None:
        """Add one model's losses, the infinite ones apart, and return which those are; ``None``: none is."""
        peak = float(loss.max())
        if peak < np.inf:
            into.add(loss, codes, peak=peak)
            return None
        infinite: Mask = np.isinf(loss)
        into.add(loss[~infinite], codes[~infinite])
        return infinite

    def _add_infinite(
        self, rows: Codes, a: Floats, b: Floats, codes: Codes, ends_a: Mask, ends_b: Mask, first: Mask | None
    ) -> None:
        for count, these in zip(self._infinite, (ends_a, ends_b, ends_a & ends_b), strict=True):
            count += self._count(codes[these])
        one = ends_a ^ ends_b  # where both are infinite nothing changed
        if first is not None:
            one &= first
        self._most = self._most.merge(
            most_changed(self._most.size, rows[one], codes[one], a[one], b[one], b[one] - a[one])
        )

    def _add_finite(
        self, rows: Codes, a: Floats, b: Floats, codes: Codes, weights: Floats | None, first: Mask | None
    ) -> None:
        change = b - a
        rise, fall = float(change.max()), -float(change.min())
        peak = max(rise, fall)
        self._finite += self._count(codes)
        self._change.add(change, codes, peak=peak)
        add_products(self._squares, change, change, codes)
        self._thirds.add(change, weights, codes)
        if weights is not None:
            add_products(self._cross, weights, change, codes)
            add_products(self._weight_squares, weights, weights, codes)
        self._spread.add(np.abs(change))
        self._rises.add(change[change > 0.0])
        if self._most.has_room_for(rise, fall):
            if first is not None:
                rows, codes, a, b, change = rows[first], codes[first], a[first], b[first], change[first]
            self._most = self._most.merge(most_changed(self._most.size, rows, codes, a, b, change))
