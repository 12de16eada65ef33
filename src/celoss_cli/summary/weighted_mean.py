"""Weighted means and their standard errors, from exact sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

from celoss_cli.request import Denominator
from celoss_cli.state.exact_sum import ExactSums, in_fractions
from celoss_cli.state.loss import LossState
from celoss_cli.statistics.skewed_mean import sample_skewness
from celoss_cli.tuples import NamedTuple

LIGHTEST = Fraction(1e-140)
"""An average weight below it has no square to speak of: there is no spread to tell."""


class Weighted(NamedTuple):
    """The sums of a loss state under class weights: all exact, in nats.

    ``loss`` Σ v·l over finite rows; ``weight`` Σ v over all scored rows;
    ``infinite_weight`` Σ v over rows with infinite loss, ``infinite`` how many of those have a weight; ``denominator``
    of the mean.
    """

    loss: Fraction
    weight: Fraction
    infinite_weight: Fraction
    infinite: int
    denominator: Fraction

    @property
    def mean(self) -> Fraction:
        """The mean over the rows with finite loss counted against the whole denominator."""
        return self.loss / self.denominator

    @property
    def mean_nats(self) -> float:
        """The same, rounded; infinite with a row of infinite loss."""
        return math.inf if self.infinite else ratio((self.loss,), (self.denominator,))


def weigh(state: LossState, class_weights: tuple[Fraction, ...], kind: Denominator, *, terms: int = 1) -> Weighted:
    """Return the sums of ``state`` under one weight per class (C,); a row has ``terms`` losses: L if multilabel."""
    loss, infinite_weight, weight = (
        _weighed(sums, class_weights) for sums in (state.loss, state.infinite_weight, state.weight)
    )
    infinite = sum(count for count, w in zip(state.infinite, class_weights, strict=True) if w)
    denominator = weight if kind is Denominator.WEIGHTS else Fraction(state.scored * terms)
    return Weighted(loss, weight, infinite_weight, infinite, denominator)


def ratio(above: Sequence[Fraction], below: Sequence[Fraction]) -> float:
    """Return one product divided by another, rounded once: what fractions would give, without reducing any of them."""
    whole = math.prod(one.numerator for one in above) * math.prod(one.denominator for one in below)
    return whole / (math.prod(one.denominator for one in above) * math.prod(one.numerator for one in below))


def times(w: Fraction, value: Fraction) -> Fraction:
    """Return w·value. Most weights are 1, which is quick to see and slow to multiply by."""
    return value if w == 1 else w * value


def units_of(state: LossState, class_weights: tuple[Fraction, ...], kind: Denominator) -> int:
    """Return how many rows the spread of a mean follows from: those with a weight, or all that a count divides by."""
    if state.idle is None or kind is Denominator.COUNT:
        return state.units
    if len(state.squares.units) == len(class_weights) > 1:  # class weights are applied at the end
        return sum(_counted(state, c) for c, w in enumerate(class_weights) if w)
    return state.units - sum(state.idle)


def _counted(state: LossState, c: int) -> int:
    """Return the rows of a class that have a sample weight."""
    return state.rows[c] - (0 if state.idle is None else state.idle[c])


def _weighed(sums: ExactSums, weights: tuple[Fraction, ...]) -> Fraction:
    """Return Σ w·x over one sum x for each class."""
    if all(w == 1 for w in weights):
        return in_fractions(sum(sums.units[: len(weights)]))
    return sum((w * sums.fraction(c) for c, w in enumerate(weights) if w), Fraction(0))


class FoundBy(StrEnum):
    """Class weights that were taken from the very rows they weigh: so that another sample would have others."""

    CLASS_COUNTS = "counts"
    CLASS_SUMS = "sums"


class Moments(NamedTuple):
    """What the spread of a weighted mean follows from, exact: Σ v·l, Σ (v·l)², Σ v·(v·l) and Σ v²."""

    loss: Fraction
    squares: Fraction
    cross: Fraction
    weight_squares: Fraction


class ThirdMoments(NamedTuple):
    """What the skewness of a weighted mean follows from: Σ (v·l)³, Σ v·(v·l)², Σ v²·(v·l) and Σ v³."""

    cubes: Fraction
    squares_weighed: Fraction
    square_weighed: Fraction
    weight_cubes: Fraction


def skewness_of(n: int, moments: Moments, thirds: ThirdMoments, denominator: Fraction, kind: Denominator) -> float:
    """Return the skewness of what n rows add to a weighted mean, v (l − m), or v·l − m by count; estimated."""
    mean = moments.loss / denominator
    if kind is Denominator.COUNT:
        spread = moments.squares - moments.loss * moments.loss / n
        third = thirds.cubes - 3 * mean * moments.squares + 2 * n * mean * mean * mean
    else:
        spread = moments.squares - 2 * mean * moments.cross + mean * mean * moments.weight_squares
        third = thirds.cubes - 3 * mean * thirds.squares_weighed + 3 * mean * mean * thirds.square_weighed
        third -= mean * mean * mean * thirds.weight_cubes
    if spread <= 0 or third == 0:
        return 0.0
    # In units of the spread, which may be out of the range of doubles where its root is not.
    scale = Fraction(_root(*(spread / n).as_integer_ratio()))
    return sample_skewness(n, float(spread / scale**2), float(third / scale**3)) if scale else 0.0


def standard_error_of(
    state: LossState,
    sums: Weighted,
    class_weights: tuple[Fraction, ...],
    kind: Denominator,
    found_by: FoundBy | None,
) -> float | None:
    """Return the standard error of the mean loss of a state, in nats, or ``None`` where the rows do not tell it."""
    by_class = _moments_by_class(state, class_weights)
    if found_by is not None and len(by_class) > 1 and len(by_class) == len(class_weights):
        classes = [
            (
                state.rows[c] if kind is Denominator.COUNT else _counted(state, c),
                times(w, state.weight.fraction(c)),
                by_class[c],
            )
            for c, w in enumerate(class_weights)
            if w
        ]
        return error_within_classes(classes, sums.denominator, kind, found_by)
    total = by_class[0]
    if len(by_class) > 1:
        total = Moments(*(sum(column, Fraction(0)) for column in zip(*by_class, strict=True)))
    return standard_error(units_of(state, class_weights, kind), total._replace(loss=sums.loss), sums.denominator, kind)


def effective_rows(state: LossState, sums: Weighted, class_weights: tuple[Fraction, ...]) -> float | None:
    """Return (Σ v·l)² / Σ (v·l)²: how many equal rows the loss would be that of. ``None`` where there is no loss."""
    groups = class_weights if len(state.squares.units) == len(class_weights) else (Fraction(1),)
    squares = sum((times(w * w, state.squares.fraction(g)) for g, w in enumerate(groups)), Fraction(0))
    return ratio((sums.loss, sums.loss), (squares,)) if squares else None


def _moments_by_class(state: LossState, class_weights: tuple[Fraction, ...]) -> list[Moments]:
    """Return the moments under class weights, per class where the state has them so, else one for all."""
    groups = len(state.squares.units)
    weights = class_weights if groups == len(class_weights) else (Fraction(1),) * groups
    return [
        Moments(
            times(w, state.loss.fraction(g)),
            *(times(w * w, sums.fraction(g)) for sums in (state.squares, state.cross, state.weight_squares)),
        )
        for g, w in enumerate(weights)
    ]


def error_within_classes(
    classes: Sequence[tuple[int, Fraction, Moments]], denominator: Fraction, kind: Denominator, found_by: FoundBy
) -> float | None:
    """Return the standard error of a mean whose class weights come from the rows: what classes differ by is no noise.

    ``classes`` has the rows n, Σ v and the moments of each class. A row moves the mean by u = v (l − m) / Σ v, less
    what it changes through its class's weight: for weights from the counts of rows the class's mean of u, for weights
    from the classes' sums v (m_c − m) / Σ v, so that v (l − m_c) / Σ v is left. Each class's sum of squares counts
    n/(n − 1) times. ``None`` if a class has one row: nothing tells how far its rows vary.
    """
    variance = Fraction(0)
    mean = sum((moments.loss for _, _, moments in classes), Fraction(0)) / denominator
    for n, weight, (loss, squares, cross, weight_squares) in classes:
        if not n:
            continue
        if n < 2 or weight < n * LIGHTEST or weight_squares == weight * weight:
            return None
        if kind is Denominator.COUNT:
            spread = squares - loss * loss / n
        else:
            middle = loss / weight if found_by is FoundBy.CLASS_SUMS else mean
            spread = squares - 2 * middle * cross + middle * middle * weight_squares
            if found_by is FoundBy.CLASS_COUNTS:
                spread -= (loss - mean * weight) ** 2 / n
        variance += max(spread, Fraction(0)) * Fraction(n, n - 1)
    return _root(*(variance / (denominator * denominator)).as_integer_ratio())


def standard_error(n: int, moments: Moments, denominator: Fraction, kind: Denominator) -> float | None:
    """Return sqrt(n/(n−1) · Σ v²(l − m)²) / Σ v of n rows, from exact sums of v²l², v²l and v²: nothing can cancel.

    With the count as denominator the terms of the mean are v·l: sqrt(n/(n−1) · Σ (v l − m)²) / n. ``None`` for one row,
    and where one row has all the weight.
    """
    if n < 2 or denominator < n * LIGHTEST:
        return None
    if kind is Denominator.WEIGHTS and moments.weight_squares == denominator * denominator:
        return None  # Σ v² = (Σ v)²: one row
    # In whole numbers of one unit, as no fraction here is worth reducing: the last step divides and rounds.
    unit = math.lcm(*(moment.denominator for moment in moments))
    loss, squares, cross, weight_squares = (moment.numerator * (unit // moment.denominator) for moment in moments)
    weight, per = denominator.as_integer_ratio()
    if kind is Denominator.COUNT:
        spread, scale = squares * unit * n - loss * loss, unit * unit * n
    else:
        mean = loss * per  # in units of weight · unit
        spread = (squares * unit * weight - 2 * mean * cross) * unit * weight + mean * mean * weight_squares
        scale = unit * unit * unit * weight * weight
    return _root(max(spread, 0) * n * per * per, scale * (n - 1) * weight * weight)


def _root(above: int, below: int) -> float:
    """Return the square root of a quotient that may itself be too large for a float."""
    try:
        return math.sqrt(above / below)
    except OverflowError:
        shift = max(0, above.bit_length() - below.bit_length()) // 2
        return math.ldexp(math.sqrt(above / (below << (2 * shift))), shift)
