"""The loss at other temperatures: at five on a first pass, at the best one on a second, each with two derivatives.

The loss of a row with log-probabilities x_c (or logits) at β = 1/T is l(β) = log Σ exp(β x_c) − β x_y, so that
l' = E[x] − x_y and l'' = Var[x] under the softmax of βx. All sums are over rows whose truth has a probability above 0:
at p = 0 the loss is infinite at every temperature.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.compiled import CORE, as_buffer
from celoss_cli.kernels.elementary import FEW_CLASSES
from celoss_cli.kernels.functions import Softmax, exp, log, moments_over_classes
from celoss_cli.kernels.multiclass import true_index
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.state.exact_sum import UNIT_BITS, Accumulator, ExactSums, in_nats
from celoss_cli.state.merging import merged

BETAS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""The five values of 1/T at which the first pass adds up the loss."""

_CURVE_GRID = -30  # terms of the curve, in nats: one limb of 38 bits for what is below 256

_GRID = -44  # terms at the best temperature, from which it follows to 1e-12

_SPREAD_GRID = -36  # those that only tell how sure that is

_BEYOND = 1e300

_LEAST = -2800.0
"""What lies below the largest score by more weighs nothing, even at T = 4; and −∞ · 0 would be NaN."""


class Rows(NamedTuple):
    """n rows with a finite loss, ready for any temperature."""

    x: Floats
    """(C, n) scores less the largest of the row, none below −2800."""
    truth: Floats
    """(n,) the true class's score less the largest, as it is."""
    before: Floats
    """(n,) the loss at T = 1, of scores that are not scaled."""
    weights: Floats | None
    """(n,) sample weights."""

    @classmethod
    def of(cls, scores: Softmax, codes: Codes, weights: Floats | None, before: Floats | None = None) -> Rows:
        """Return rows of class ``codes`` (n,), those of infinite loss left out.

        ``before`` (n,) are the losses of scores that are not scaled, where these are.
        """
        below, total = scores.below, scores.total
        truth = below.reshape(-1).take(true_index(codes, below.shape[0], 0))
        finite = truth > -np.inf
        if not finite.all():
            below, total, truth = below[:, finite], total[finite], truth[finite]
            weights = None if weights is None else weights[finite]
            before = None if before is None else before[finite]
        if scores.least < _LEAST:
            below = np.maximum(below, _LEAST)
        return cls(below, truth, log(total) - truth if before is None else before, weights)


class Moments(NamedTuple):
    """The loss of n rows at one temperature, and its derivatives by β, all (n,)."""

    loss: Floats
    slope: Floats
    curvature: Floats


def moments(rows: Rows, beta: float, powers: Floats, *, square: bool = False) -> Moments:
    """Return the loss at ``beta``, with ``powers`` (C, n) = exp(β x) at hand, squared in place if asked to."""
    total, first, second = moments_over_classes(rows.x, powers, square=square)
    mean = first / total
    curvature = np.maximum(second / total - mean * mean, 0.0)
    return Moments(log(total) - beta * rows.truth, mean - rows.truth, curvature)


class CurveState(NamedTuple):
    """Weighted sums (5,) of the loss and its derivatives at the five β, and the weight. ``merge`` is addition."""

    rows: int
    behind: int
    """Rows in which another class has a larger score than the true one: without any, no β is large enough."""
    weight: ExactSums
    loss: ExactSums
    slope: ExactSums
    curvature: ExactSums

    def merge(self, other: CurveState) -> CurveState:
        """Return the state of both sets of rows."""
        return merged(self, other)


class CurveAccumulator:
    """Takes blocks of rows and leaves a ``CurveState``. Not thread-safe: one per partition."""

    def __init__(self, *, weighted: bool) -> None:
        grid = -UNIT_BITS if weighted else _CURVE_GRID
        self._rows = self._behind = 0
        self._weight = Accumulator(1)
        self._sums = [[Accumulator(1, grid=grid) for _ in BETAS] for _ in range(3)]

    def add(self, rows: Rows) -> None:
        """Add rows, one exponential a score: the others are its squares, one after the other."""
        if not rows.truth.shape[0]:
            return
        self._rows += rows.truth.shape[0]
        self._behind += int(np.count_nonzero(rows.truth < 0.0))
        if rows.weights is not None:
            self._weight.add(rows.weights)
        if rows.weights is None and self._add_compiled(rows):
            return
        powers = rows.x * BETAS[0]
        exp(powers, out=powers)
        for place, beta in enumerate(BETAS):
            terms = moments(rows, beta, powers, square=beta != BETAS[-1])
            for sum_, term in zip(self._sums, terms, strict=True):
                sum_[place].add(_held(term if rows.weights is None else term * rows.weights))

    def _add_compiled(self, rows: Rows) -> bool:
        """Add rows without weights by the core, if there is one and their terms are small: the same bits."""
        classes, n = rows.x.shape
        if CORE is None or classes > FEW_CLASSES:
            return False
        quanta = np.zeros((len(self._sums), len(BETAS)), dtype=np.int64)
        if not CORE.curve(as_buffer(rows.x), as_buffer(rows.truth), BETAS[0], classes, n, quanta):
            return False
        for sums, added in zip(self._sums, quanta.tolist(), strict=True):
            for sum_, units in zip(sums, added, strict=True):
                sum_.add_quanta(_CURVE_GRID, units)
        return True

    def finish(self) -> CurveState:
        """Return the state of all rows added so far."""
        loss, slope, curvature = (_joined(sums) for sums in self._sums)
        weight = self._weight.finish()
        return CurveState(self._rows, self._behind, weight, loss, slope, curvature)


class FixedState(NamedTuple):
    """Sums at one β, from which gain, leave-one-out correction and spread follow; ``merge`` is addition.

    With sample weight w (1 where there are none), u = w(l(1) − l(β)) and s = w² l'(β)²: ``sums`` has, in the order of
    ``NAMES``, Σ w, Σ w², Σ w l(1), Σ w l(β), Σ w l', Σ w l'', Σ s, Σ u², Σ wu.
    """

    rows: int
    sums: ExactSums

    def merge(self, other: FixedState) -> FixedState:
        """Return the state of both sets of rows."""
        return merged(self, other)

    def named(self) -> dict[str, float]:
        """Return the sums by name."""
        return {name: in_nats(units) for name, units in zip(NAMES, self.sums.units, strict=True)}


NAMES = ("w", "w2", "before", "after", "slope", "curvature", "s", "u2", "wu")

_FINE = ("before", "after", "slope", "curvature")

_COMPILED = (*_FINE, "s", "u2")  # in the order of the core, each in an upper and a lower part

_LOW_BITS = 20


class FixedAccumulator:
    """Takes blocks of rows and leaves a ``FixedState``. Not thread-safe: one per partition."""

    def __init__(self, beta: float, *, weighted: bool) -> None:
        self._beta = beta
        self._rows = 0
        self._weighted = weighted
        grids = {name: _GRID if name in _FINE else _SPREAD_GRID for name in NAMES}
        self._sums = [Accumulator(1, grid=-UNIT_BITS if weighted else grids[name]) for name in NAMES]

    def add(self, rows: Rows) -> None:
        """Add rows."""
        n = rows.truth.shape[0]
        if not n:
            return
        self._rows += n
        if rows.weights is None and self._add_compiled(rows):
            return
        before = rows.before
        after, slope, curvature = moments(rows, self._beta, exp(rows.x * self._beta))
        gain, square = before - after, np.square(slope)
        if rows.weights is None:
            terms = {"before": before, "after": after, "slope": slope, "curvature": curvature}
            terms |= {"s": square, "u2": gain * gain}
        else:
            w = rows.weights
            u, s = w * gain, w * w * square
            terms = {"w": w, "w2": w * w, "before": w * before, "after": w * after, "slope": w * slope}
            terms |= {"curvature": w * curvature, "s": s, "u2": u * u, "wu": w * u}
        for name, sums in zip(NAMES, self._sums, strict=True):
            if name in terms:
                sums.add(_held(terms[name]))

    def _add_compiled(self, rows: Rows) -> bool:
        """Add rows without weights by the core, if there is one and their terms are small: the same bits."""
        classes, n = rows.x.shape
        if CORE is None or classes > FEW_CLASSES:
            return False
        parts = np.zeros((len(_COMPILED), 2), dtype=np.int64)
        scores, truth, before = (as_buffer(array) for array in (rows.x, rows.truth, rows.before))
        if not CORE.fixed(scores, truth, before, self._beta, classes, n, parts):
            return False
        for name, (high, low) in zip(_COMPILED, parts.tolist(), strict=True):
            grid = _GRID if name in _FINE else _SPREAD_GRID
            self._sums[NAMES.index(name)].add_quanta(grid, (high << _LOW_BITS) + low)
        return True

    def finish(self) -> FixedState:
        """Return the state of all rows added so far."""
        sums = dict(zip(NAMES, _joined(self._sums).units, strict=True))
        if not self._weighted:
            (rows,) = ExactSums.of_integers((self._rows,)).units
            sums |= {"w": rows, "w2": rows, "wu": sums["before"] - sums["after"]}
        return FixedState(self._rows, ExactSums(tuple(sums[name] for name in NAMES)))


def _held(terms: Floats) -> Floats:
    """Return terms that can be added up: beyond 1e300 they only have to be larger than what anything is told from."""
    held: Floats = np.clip(terms, -_BEYOND, _BEYOND)
    return held


def _joined(sums: list[Accumulator]) -> ExactSums:
    return ExactSums(tuple(units for one in sums for units in one.finish().units))
