"""From sums to the result: every ratio is derived here, from exact integers, and rounded once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from celoss_cli.conventions import Convention
from celoss_cli.evaluation import (
    Baselines,
    ClassResult,
    Counts,
    DenominatorUsed,
    Loss,
    Metrics,
    WorstRow,
)
from celoss_cli.spec import Denominator
from celoss_cli.state.calibration import CalibrationState
from celoss_cli.state.loss import LossState
from celoss_cli.state.totals import Totals
from celoss_cli.state.worst import WorstState

_LIGHTEST = Fraction(1e-140)  # an average weight below it has no square to speak of: there is no spread to tell

NORMAL_975 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


class Weighted(NamedTuple):
    """The sums of a loss state under class weights: all exact, in nats.

    ``loss`` Σ v·l over finite rows; ``weight`` Σ v over all scored rows; ``by_class`` Σ v per class;
    ``infinite_weight`` Σ v over rows with infinite loss, ``infinite`` how many of those have a weight; ``denominator``
    of the mean.
    """

    loss: Fraction
    weight: Fraction
    by_class: tuple[Fraction, ...]
    infinite_weight: Fraction
    infinite: int
    denominator: Fraction

    @property
    def mean(self) -> Fraction:
        """The mean over the rows with finite loss counted against the whole denominator."""
        return self.loss / self.denominator


def weigh(state: LossState, class_weights: tuple[Fraction, ...], kind: Denominator, *, terms: int = 1) -> Weighted:
    """Return the sums of ``state`` under one weight per class (C,); a row has ``terms`` losses: L if multilabel."""
    by_class = tuple(w * state.weight.fraction(c) for c, w in enumerate(class_weights))
    loss = sum((w * state.loss.fraction(c) for c, w in enumerate(class_weights) if w), Fraction(0))
    infinite_weight = sum((w * state.infinite_weight.fraction(c) for c, w in enumerate(class_weights)), Fraction(0))
    infinite = sum(count for count, w in zip(state.infinite, class_weights, strict=True) if w)
    weight = sum(by_class, Fraction(0))
    denominator = weight if kind is Denominator.WEIGHTS else Fraction(state.scored * terms)
    return Weighted(loss, weight, by_class, infinite_weight, infinite, denominator)


class FoundBy(StrEnum):
    """Class weights that were taken from the very rows they weigh: so that another sample would have others."""

    CLASS_COUNTS = "counts"
    CLASS_SUMS = "sums"


def summarise_loss(
    state: LossState,
    sums: Weighted,
    class_weights: tuple[Fraction, ...],
    how: Convention,
    found_by: FoundBy | None = None,
) -> Loss:
    """Return the loss block. With infinite rows mean and sum are inf, and there is no standard error.

    ``found_by`` says how the class weights came from these rows, ``None`` for weights that were given.
    """
    unit = Fraction(how.base.nats)
    infinite = sums.infinite > 0
    mean_nats = math.inf if infinite else float(sums.mean)
    error = None if infinite else _standard_error(state, sums, class_weights, how.denominator, found_by)
    mean = math.inf if infinite else float(sums.mean / unit)
    scaled = None if error is None else error / how.base.nats
    return Loss(
        mean=mean,
        sum=math.inf if infinite else float(sums.loss / unit),
        standard_error=scaled,
        ci95=None if scaled is None else (mean - NORMAL_975 * scaled, mean + NORMAL_975 * scaled),
        unit=how.base.unit,
        perplexity=_exp(mean_nats),
        log_likelihood=-math.inf if any(state.infinite) else 0.0 - float(state.plain.fraction(0)),
        denominator=DenominatorUsed(how.denominator.value, float(sums.denominator)),
    )


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


class Moments(NamedTuple):
    """What the spread of a weighted mean follows from, exact: Σ v·l, Σ (v·l)², Σ v·(v·l) and Σ v²."""

    loss: Fraction
    squares: Fraction
    cross: Fraction
    weight_squares: Fraction


def _standard_error(
    state: LossState,
    sums: Weighted,
    class_weights: tuple[Fraction, ...],
    kind: Denominator,
    found_by: FoundBy | None,
) -> float | None:
    by_class = _moments_by_class(state, class_weights)
    if found_by is not None and len(by_class) > 1 and len(by_class) == len(class_weights):
        classes = [(state.rows[c], sums.by_class[c], by_class[c]) for c, w in enumerate(class_weights) if w]
        return error_within_classes(classes, sums.denominator, kind, found_by)
    total = Moments(*(sum(column, Fraction(0)) for column in zip(*by_class, strict=True)))
    return standard_error(state.units, total._replace(loss=sums.loss), sums.denominator, kind)


def _moments_by_class(state: LossState, class_weights: tuple[Fraction, ...]) -> list[Moments]:
    """Return the moments under class weights, per class where the state has them so, else one for all."""
    groups = len(state.squares.units)
    weights = class_weights if groups == len(class_weights) else (Fraction(1),) * groups
    return [
        Moments(
            w * state.loss.fraction(g),
            w * w * state.squares.fraction(g),
            w * w * state.cross.fraction(g),
            w * w * state.weight_squares.fraction(g),
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
        if n < 2 or weight < n * _LIGHTEST or weight_squares == weight * weight:
            return None
        if kind is Denominator.COUNT:
            spread = squares - loss * loss / n
        else:
            middle = loss / weight if found_by is FoundBy.CLASS_SUMS else mean
            spread = squares - 2 * middle * cross + middle * middle * weight_squares
            if found_by is FoundBy.CLASS_COUNTS:
                spread -= (loss - mean * weight) ** 2 / n
        variance += max(spread, Fraction(0)) * Fraction(n, n - 1)
    return _root(variance / (denominator * denominator))


def standard_error(n: int, moments: Moments, denominator: Fraction, kind: Denominator) -> float | None:
    """Return sqrt(n/(n−1) · Σ v²(l − m)²) / Σ v of n rows, from exact sums of v²l², v²l and v²: nothing can cancel.

    With the count as denominator the terms of the mean are v·l: sqrt(n/(n−1) · Σ (v l − m)²) / n. ``None`` for one row,
    and where one row has all the weight.
    """
    if n < 2 or denominator < n * _LIGHTEST:
        return None
    if kind is Denominator.WEIGHTS and moments.weight_squares == denominator * denominator:
        return None  # Σ v² = (Σ v)²: one row
    if kind is Denominator.COUNT:
        spread = moments.squares - moments.loss * moments.loss / n
    else:
        mean = moments.loss / denominator
        spread = moments.squares - 2 * mean * moments.cross + mean * mean * moments.weight_squares
    variance = max(spread, Fraction(0)) * Fraction(n, n - 1) / (denominator * denominator)
    return _root(variance)


def _root(value: Fraction) -> float:
    """Return the square root of a fraction that may itself be too large for a float."""
    try:
        return math.sqrt(float(value))
    except OverflowError:
        shift = max(0, value.numerator.bit_length() - value.denominator.bit_length()) // 2
        return math.ldexp(math.sqrt(float(value / (1 << (2 * shift)))), shift)


def summarise_counts(totals: Totals, sums: Weighted) -> Counts:
    """Return how many rows there were, and what became of them."""
    return Counts(
        rows=totals.rows,
        scored=totals.loss.scored,
        ignored=totals.ignored,
        infinite=sums.infinite,
        clipped=totals.loss.clipped,
    )


def surprisal_weights(
    state: LossState, class_weights: tuple[Fraction, ...], smoothing: float, pos_weight: tuple[float, ...]
) -> tuple[Fraction, ...]:
    """Return how much the surprisal of each class counts in the sum: what a constant guess costs follows from it.

    That is Σ v per class for index targets, of which ``smoothing`` takes a share from all classes for each; what
    ``state`` holds of soft targets is smoothed already (pass 0). ``pos_weight`` multiplies the second class.
    """
    epsilon, classes = Fraction(smoothing), len(class_weights)
    even = epsilon / classes * state.weight.total()
    shares = [(1 - epsilon) * state.weight.fraction(c) + even for c in range(classes)]
    if pos_weight:
        shares[1] *= Fraction(pos_weight[0])
    return tuple(w * share for w, share in zip(class_weights, shares, strict=True))


def summarise_baselines(sums: Weighted, how: Convention, counting: tuple[Fraction, ...]) -> Baselines:
    """Return the loss of two constant guesses, by the same weights and denominator, in the unit of the loss.

    ``counting`` (C,) are the ``surprisal_weights``.
    """
    total = sum(counting, Fraction(0))
    scale = float(total / sums.denominator) / how.base.nats
    shares = [float(v / total) for v in counting if v]
    entropy = math.fsum(-share * math.log(share) for share in shares) + 0.0
    prior = entropy * scale
    mean = math.inf if sums.infinite else float(sums.mean) / how.base.nats
    return Baselines(
        uniform=math.log(len(counting)) * scale,
        prior=prior,
        skill_vs_prior=1.0 - mean / prior if prior > 0.0 else None,
    )


def summarise_label_baselines(
    state: LossState,
    sums: Weighted,
    class_weights: tuple[Fraction, ...],
    how: Convention,
    pos_weight: tuple[float, ...] = (),
) -> Baselines:
    """Return the loss of constant guesses for each label: one half, and how often the label holds."""
    scale = 1.0 / float(sums.denominator) / how.base.nats
    entropies, counting = [], Fraction(0)
    for label, w in enumerate(class_weights):
        q = Fraction(pos_weight[label % len(pos_weight)]) if pos_weight else Fraction(1)
        positive = q * state.positives.fraction(label)
        weight = positive + state.weight.fraction(label) - state.positives.fraction(label)
        rate = float(positive / weight) if weight else 0.0
        parts = (-p * math.log(p) for p in (rate, 1.0 - rate) if p > 0.0)
        entropies.append(float(w * weight) * math.fsum(parts))
        counting += w * weight
    prior = math.fsum(entropies) * scale
    mean = math.inf if sums.infinite else float(sums.mean) / how.base.nats
    return Baselines(
        uniform=math.log(2.0) * float(counting) * scale,
        prior=prior,
        skill_vs_prior=1.0 - mean / prior if prior > 0.0 else None,
    )


def summarise_metrics(state: CalibrationState, weights: LossState, *, brier_only: bool = False) -> Metrics | None:
    """Return accuracy, Brier score and expected calibration error, by sample weights only.

    ``brier_only`` where rows have no one true class, so that nothing is right or wrong.
    """
    total = weights.weight.total()
    if not total:
        return None
    if brier_only:
        return Metrics(None, float(state.brier.total() / total), None)
    gaps = (
        abs(state.bin_correct.fraction(b) - state.bin_confidence.fraction(b))
        for b in range(len(state.bin_weight.units))
    )
    return Metrics(
        accuracy=float(state.correct.total() / total),
        brier=float(state.brier.total() / total),
        ece=float(sum(gaps, Fraction(0)) / total),
    )


def summarise_classes(
    totals: Totals,
    sums: Weighted,
    class_weights: tuple[Fraction, ...],
    names: tuple[str, ...],
    how: Convention,
    *,
    has_recall: bool,
) -> tuple[ClassResult, ...]:
    """Return the per-class table: the mean loss by sample weights, the share of the (weighted) total loss, recall.

    ``has_recall``: rows have one true class each, so that a class can be found or missed.
    """
    state, unit = totals.loss, Fraction(how.base.nats)
    calibration = totals.calibration if has_recall else None
    results = []
    for c, name in enumerate(names):
        weight, loss = state.weight.fraction(c), state.loss.fraction(c)
        correct = None if calibration is None else calibration.correct.fraction(c)
        if not weight:
            mean = None
        elif state.infinite[c]:
            mean = math.inf
        else:
            mean = float(loss / weight / unit)
        share = None
        if not sums.infinite and sums.loss:
            share = float(class_weights[c] * loss / sums.loss)
        results.append(
            ClassResult(
                class_=name,
                count=state.rows[c],
                weight=float(class_weights[c]),
                mean_loss=mean,
                loss_share=share if state.rows[c] or weight else None,
                recall=float(correct / weight) if correct is not None and weight else None,
            )
        )
    return tuple(results)


def summarise_worst(state: WorstState, names: tuple[str, ...], how: Convention) -> tuple[WorstRow, ...]:
    """Return the worst rows with class names, the loss in the unit asked for."""
    return tuple(
        WorstRow(
            row=row.row,
            id=row.id,
            label=_named(row.label, names),
            loss=row.loss / how.base.nats,
            p_true=row.p_true,
            predicted=_named(row.predicted, names),
            p_predicted=row.p_predicted,
        )
        for row in state.rows
    )


def _named(code: int | tuple[int, ...], names: tuple[str, ...]) -> str:
    """Return a class by name; of several labels those that hold, joined as ``a|b``."""
    return names[code] if isinstance(code, int) else "|".join(names[c] for c in code)
