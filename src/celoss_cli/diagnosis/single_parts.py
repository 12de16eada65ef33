"""Parts of a diagnosis, each from its own sums: in the large, Cox, by class, confusions, contradictions."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from celoss_cli.diagnosis.clusters import ByCluster, over_clusters
from celoss_cli.diagnosis.curve import Decomposition
from celoss_cli.diagnosis.groups import Groups, sigmoid
from celoss_cli.diagnosis.left_out import Reason
from celoss_cli.diagnosis.logistic import NoOverlap, NotSettled, fit
from celoss_cli.results.diagnosis import Confusion, ContradictingRow, Contradictions
from celoss_cli.results.miscalibration import ClassBalance, Corp, Cox, CurvePoint, InTheLarge
from celoss_cli.state.calibration import Bins
from celoss_cli.state.class_sums import UNIT, ClassSums
from celoss_cli.state.confusion import ConfusionState
from celoss_cli.state.contradictions import ContradictionState
from celoss_cli.state.exact_sum import UNIT_BITS
from celoss_cli.statistics.skewed_mean import NORMAL_975

_ALL_PAIRS = 20  # classes: up to here every pair is told of

_MOST_PAIRS = 15  # beside the rows predicted right


def in_the_large(
    bins: Bins, groups: Groups, clusters: ByCluster | None = None, *, clustered: bool = False
) -> InTheLarge:
    """Return what is predicted on average and what happens.

    The interval of O/E is that of the mean of y − p, which takes for chance only what p does not explain. The
    textbook's, of a count alone, is twice as wide for a model that tells much. Of ``clustered`` rows it is that over
    clusters; z, for which rows are independent, is left out.
    """
    weight, happened, expected = bins.weight.total(), bins.hits.total(), bins.claimed.total()
    spread = bins.spread.total()
    mean_p = float(expected / weight)
    error, quantile = groups.standard_error(groups.outcome - sigmoid(groups.z)), NORMAL_975
    if clustered:
        error = math.nan if clusters is None else clusters.error_of_mean(clusters.off)
        quantile = math.nan if clusters is None else clusters.quantile
    ratio: float | None = None
    ci95: tuple[float, float] | None = None
    if expected > 0:
        ratio = float(happened / expected)
        half = quantile * error / mean_p
        ci95 = (ratio - half, ratio + half) if math.isfinite(half) else None
    return InTheLarge(
        base_rate=float(happened / weight),
        mean_p=mean_p,
        ratio=ratio,
        ratio_ci95=ci95,
        z=None if clustered else _over_root(happened - expected, spread),
    )


def _over_root(a: Fraction, b: Fraction) -> float | None:
    """Return a/√b of numbers of any size, ``None`` where b is 0."""
    return math.copysign(math.sqrt(a * a / b), a) if b > 0 else None


def cox_of(groups: Groups, clusters: ByCluster | None = None, *, clustered: bool = False) -> Cox | None:
    """Return slope, intercept and shift of the rows that have log odds. Raises what ``fit`` does.

    ``None`` where rows are ``clustered`` and there are too few clusters.
    """
    finite = np.isfinite(groups.z)
    with_logit = groups._replace(
        point=groups.point[finite],
        z=groups.z[finite],
        outcome=groups.outcome[finite],
        rows=groups.rows[finite],
        weighed=None if groups.weighed is None else (groups.weighed[0][finite], groups.weighed[1][finite]),
    )
    if not finite.any():
        raise NoOverlap(Reason.SEPARATION)
    joint = fit(with_logit, intercept=True, slope=True)
    if clustered:
        over = None if clusters is None else over_clusters(joint, "logistic", clusters)
        if over is None:
            return None
        joint = over
    return Cox(
        slope=joint.slope,
        slope_ci95=joint.slope_ci95,
        intercept=joint.intercept,
        shift=_shift(with_logit),
        p_value=joint.p_value,
        without_logit=groups.n - with_logit.n,
    )


def _shift(groups: Groups) -> float | None:
    try:
        return fit(groups, intercept=True, slope=False).intercept
    except NotSettled:
        return None


def corp_of(found: Decomposition, of: str) -> Corp:
    """Return curve and decomposition as the result has them."""
    return Corp(
        of=of,
        uncertainty=found.uncertainty,
        discrimination=found.discrimination,
        miscalibration=found.miscalibration,
        null_mean=found.null_mean,
        null_sd=found.null_sd,
        draws=found.draws,
        debiased=found.debiased,
        curve=tuple(CurvePoint(*step) for step in found.steps),
    )


def balances(sums: ClassSums, names: tuple[str, ...]) -> tuple[ClassBalance, ...]:
    """Return how often each class is predicted, and how often it happens."""
    n = sum(sums.rows)
    return tuple(
        ClassBalance(
            name=name,
            rows=rows,
            mean_p=p * UNIT / n,
            frequency=rows / n,
            z=(p * UNIT - rows) / math.sqrt(spread * UNIT) if spread > 0 else None,
        )
        for name, rows, p, spread in zip(names, sums.rows, sums.p, sums.spread, strict=True)
    )


def confusions_of(state: ConfusionState, names: tuple[str, ...]) -> tuple[Confusion, ...]:
    """Return pairs of a true and a predicted class, the costliest first.

    All that occur with at most 20 classes; with more, the 15 costliest wrong ones and those predicted right. With more
    than 256 the losses are known by true class only.
    """
    classes = len(names)
    told_apart = len(state.rows) == classes * classes
    total = sum(state.loss.units)
    n = sum(state.rows)
    infinite = any(state.infinite)
    order = sorted(
        (place for place, rows in enumerate(state.rows) if rows),
        key=lambda place: (-state.infinite[place], -state.loss.units[place], place),
    )
    pairs = [divmod(place, classes) if told_apart else (place, None) for place in order]
    wrong = {place for place, (truth, predicted) in zip(order, pairs, strict=True) if truth != predicted}
    if told_apart and classes > _ALL_PAIRS:
        shown = set([place for place in order if place in wrong][:_MOST_PAIRS])
    else:
        shown = wrong if told_apart else set(order[:_MOST_PAIRS])
    return tuple(
        Confusion(
            truth=names[truth],
            predicted=None if predicted is None else names[predicted],
            rows=state.rows[place],
            rows_share=state.rows[place] / n,
            loss_share=None if infinite or not total else state.loss.units[place] / total,
        )
        for place, (truth, predicted) in zip(order, pairs, strict=True)
        if place in shown or (told_apart and place not in wrong)
    )


def contradictions_of(state: ContradictionState, names: tuple[str, ...]) -> Contradictions:
    """Return the rows that contradict their label, and how many would if the probabilities were right."""
    mean, variance = (units / (1 << UNIT_BITS) for units in state.expected.units)
    return Contradictions(
        count=state.flagged,
        expected=mean,
        expected_sd=math.sqrt(max(0.0, variance)),
        rows=tuple(
            ContradictingRow(
                row=row.row,
                id=row.id,
                label=names[_one(row.label)],
                guess=names[_one(row.predicted)],
                p_label=row.p_true,
                p_guess=row.p_predicted,
                loss=row.loss,
            )
            for row in state.worst.rows
        ),
    )


def _one(code: int | tuple[int, ...]) -> int:
    return code if isinstance(code, int) else code[0]
