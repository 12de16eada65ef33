"""From sums to the result: every ratio is derived here, from exact integers, and rounded once."""

from __future__ import annotations

import math
from fractions import Fraction

from celoss_cli.conventions.convention import Convention
from celoss_cli.kernels.functions import exp, log
from celoss_cli.request import Denominator
from celoss_cli.results.evaluation import Baselines, ClassResult, Counts, DenominatorUsed, Loss, WorstRow
from celoss_cli.results.metrics import Metrics
from celoss_cli.state.calibration import CalibrationState
from celoss_cli.state.exact_sum import UNIT_BITS, in_nats, quotient
from celoss_cli.state.loss import LossState
from celoss_cli.state.totals import Totals
from celoss_cli.state.worst import WorstState
from celoss_cli.summary.calibration import bins_of, calibration_error, chance_of
from celoss_cli.summary.interval import MeanSpread, interval_95
from celoss_cli.summary.weighted_mean import LIGHTEST, FoundBy, Weighted, ratio, standard_error_of, times, units_of


def summarise_loss(
    state: LossState,
    sums: Weighted,
    class_weights: tuple[Fraction, ...],
    how: Convention,
    found_by: FoundBy | None,
    spread: MeanSpread | None,
) -> Loss:
    """Return the loss block. With infinite rows mean and sum are inf, and there is no standard error.

    ``found_by`` says how the class weights came from these rows, ``None`` for weights that were given; ``spread`` what
    the interval follows from, ``None`` where there is none. A standard error of clusters in it comes before that of the
    rows.
    """
    unit = Fraction(how.base.nats)
    infinite = sums.infinite > 0
    mean_nats = sums.mean_nats
    if spread is not None and spread.clustered:
        error = spread.error
    else:
        error = None if infinite else standard_error_of(state, sums, class_weights, how.denominator, found_by)
    mean = math.inf if infinite else ratio((sums.loss,), (sums.denominator, unit))
    ends = None if error is None or spread is None else interval_95(mean_nats, error, spread)
    return Loss(
        mean=mean,
        sum=math.inf if infinite else _double(sums.loss, unit),
        standard_error=None if error is None else error / how.base.nats,
        ci95=None if ends is None else (ends[0] / how.base.nats, ends[1] / how.base.nats),
        unit=how.base.unit,
        perplexity=float(exp(mean_nats)),
        log_likelihood=-math.inf if any(state.infinite) else 0.0 - in_nats(state.plain.units[0]),
        denominator=DenominatorUsed(how.denominator.value, _double(sums.denominator, Fraction(1))),
    )


def _double(value: Fraction, unit: Fraction) -> float:
    """Return a sum in a unit, rounded once: inf for one beyond all doubles, whose mean may still be one."""
    try:
        return ratio((value,), (unit,))
    except OverflowError:
        return math.inf


def summarise_counts(totals: Totals, sums: Weighted, class_weights: tuple[Fraction, ...]) -> Counts:
    """Return how many rows there were, and what became of them."""
    return Counts(
        rows=totals.rows,
        scored=totals.loss.scored,
        ignored=totals.ignored,
        infinite=sums.infinite,
        clipped=totals.loss.clipped,
        weightless=totals.loss.units - units_of(totals.loss, class_weights, Denominator.WEIGHTS),
    )


def surprisal_weights(
    state: LossState,
    class_weights: tuple[Fraction, ...],
    smoothing: float,
    pos_weight: tuple[float, ...],
    *,
    by_term: bool = True,
) -> tuple[Fraction, ...]:
    """Return how much the surprisal of each class counts in the sum: what a constant guess costs follows from it.

    That is Σ v per class for index targets, of which ``smoothing`` takes a share from all classes for each; what
    ``state`` holds of soft targets is smoothed already (pass 0). ``pos_weight`` multiplies the second class. A class
    weight is that of the term (``by_term``) or of all of the row.
    """
    classes = len(class_weights)
    shares = [state.weight.fraction(c) for c in range(classes)]
    if not by_term:
        shares = [times(w, share) for w, share in zip(class_weights, shares, strict=True)]
        class_weights = (Fraction(1),) * classes
    if smoothing:
        epsilon = Fraction(smoothing)
        even = epsilon / classes * sum(shares, Fraction(0))
        shares = [(1 - epsilon) * share + even for share in shares]
    if pos_weight:
        shares[1] *= Fraction(pos_weight[0])
    return tuple(times(w, share) for w, share in zip(class_weights, shares, strict=True))


def summarise_baselines(sums: Weighted, how: Convention, counting: tuple[Fraction, ...]) -> Baselines:
    """Return the loss of two constant guesses, by the same weights and denominator, in the unit of the loss.

    ``counting`` (C,) are the ``surprisal_weights``.
    """
    total = sum(counting, Fraction(0))
    scale = float(total / sums.denominator) / how.base.nats
    shares = [v.numerator * total.denominator / (v.denominator * total.numerator) for v in counting if v]
    entropy = math.fsum(-share * float(log(share)) for share in shares) + 0.0
    prior = entropy * scale
    mean = math.inf if sums.infinite else float(sums.mean) / how.base.nats
    return Baselines(
        uniform=float(log(len(counting))) * scale,
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
        parts = (-p * float(log(p)) for p in (rate, 1.0 - rate) if p > 0.0)
        entropies.append(float(w * weight) * math.fsum(parts))
        counting += w * weight
    prior = math.fsum(entropies) * scale
    mean = math.inf if sums.infinite else float(sums.mean) / how.base.nats
    return Baselines(
        uniform=float(log(2.0)) * float(counting) * scale,
        prior=prior,
        skill_vs_prior=1.0 - mean / prior if prior > 0.0 else None,
    )


def summarise_metrics(
    state: CalibrationState, weights: LossState, *, brier_only: bool = False, independent: bool = True
) -> Metrics | None:
    """Return accuracy, Brier score and expected calibration error, by sample weights only.

    ``brier_only`` where rows have no one true class, so that nothing is right or wrong; ``independent`` where chance
    decides each answer by itself, so that it is known what it makes of all of them.
    """
    total = weights.weight.total()
    if not total:
        return None
    independent = independent and total >= weights.scored * LIGHTEST
    if brier_only:
        return Metrics(None, quotient(sum(state.brier.units), total), None)
    metrics = Metrics(
        accuracy=quotient(sum(state.correct.units), total),
        brier=quotient(sum(state.brier.units), total),
        ece=calibration_error(state.top, total),
        ece_null=chance_of(state.top, total) if independent else None,
        bins=bins_of(state.top if state.positive is None else state.positive, independent=independent),
    )
    bins = state.positive
    if bins is None:
        return metrics
    return metrics._replace(
        ece_positive=calibration_error(bins, total),
        ece_positive_null=chance_of(bins, total) if independent else None,
        mean_positive=quotient(sum(bins.claimed.units), total),
        rate_positive=quotient(sum(bins.hits.units), total),
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

    Of rows with one true class the loss of a class is that of the rows with this label, smoothed or not.

    ``has_recall``: rows have one true class each, so that a class can be found or missed.
    """
    state, (nats, per) = totals.loss, how.base.nats.as_integer_ratio()
    by_label = state.labels
    losses, ends = (state.loss, state.infinite) if by_label is None else (by_label.loss, by_label.infinite)
    whole, parts = sums.loss.as_integer_ratio()
    calibration = totals.calibration if has_recall else None
    results = []
    for c, name in enumerate(names):
        weight, loss = state.weight.units[c], losses.units[c]
        correct = None if calibration is None else calibration.correct.units[c]
        if not weight:
            mean = None
        elif ends[c]:
            mean = math.inf
        else:
            mean = loss * per / (weight * nats)
        share = None
        if not sums.infinite and sums.loss:
            w, part = (class_weights[c], loss) if by_label is None else (Fraction(1), by_label.weighted.units[c])
            share = w.numerator * part * parts / (w.denominator * whole << UNIT_BITS)
        results.append(
            ClassResult(
                class_=name,
                count=state.rows[c],
                weight=float(class_weights[c]),
                mean_loss=mean,
                loss_share=share if state.rows[c] or weight else None,
                recall=correct / weight if correct is not None and weight else None,
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
