"""The later passes of a diagnosis: at the best temperature, over floored probabilities, after rows that contradict."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from celoss_cli.diagnosis.calibration_errors import of_first
from celoss_cli.diagnosis.clusters import ByCluster, sums_of_two, temperature_over_clusters
from celoss_cli.diagnosis.floor import FloorFit, floor_of_groups, floor_of_sample
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.left_out import Reason
from celoss_cli.diagnosis.search import Searched, hardly_differ, search
from celoss_cli.diagnosis.temperature import LOOSEST, TemperatureFit, knots_of, newton_step, temperature_fit
from celoss_cli.kernels.functions import exp
from celoss_cli.pipeline.examining import another_look
from celoss_cli.pipeline.passes import Pass
from celoss_cli.request import InputKind
from celoss_cli.scoring.examined import Examined
from celoss_cli.state.calibration import Bins, CalibrationState
from celoss_cli.state.class_sums import UNIT, ClassSums
from celoss_cli.state.contradictions import SLACK, ContradictionState
from celoss_cli.state.diagnosis import DiagnosisState
from celoss_cli.state.sample import Sample
from celoss_cli.state.temperature import CurveState, FixedState
from celoss_cli.state.weighted_scores import Quanta
from celoss_cli.statistics.hermite import Knot

_NEAR = 1e-3  # of β: a step of Newton's method from so near ends at 1e-6 of it or better

_VERY_NEAR = 1e-9  # of β: from there it ends at the last digits

_FEW_SCORES = 1 << 20  # another pass over them takes some milliseconds

_STEPS = 8


class Looked(NamedTuple):
    """What the passes of a diagnosis leave behind."""

    first: DiagnosisState
    groups: Groups | None
    """The scores: log odds of the positive class, or of the most probable one; ``None`` for that with weights."""
    floor: FloorFit | None
    """Where rows have an infinite loss."""
    knots: tuple[Knot, ...]
    """The loss by log β, where it comes from a pass: with more than two classes."""
    temperature: TemperatureFit | None
    """Likewise."""
    no_temperature: Reason | None
    """Why there is none, likewise."""
    contradictions: ContradictionState | None
    two: Groups | None
    """The scores, where they are those of the positive one of two classes."""
    positive: Bins | None
    """P(positive) in bins, likewise."""
    clustered: bool = False
    """Whether rows belong together."""
    clusters: ByCluster | None = None
    """What they are of two classes, after the floor; ``None`` where there are too few of them."""
    clusters_before: ByCluster | None = None
    """Likewise before the floor."""

    @property
    def prior(self) -> float | None:
        """The loss of the class frequencies, ``None`` where classes are not counted."""
        if self.first.classes is None:
            return None
        n = sum(self.first.classes.rows)
        return math.fsum(rows / n * math.log(n / rows) for rows in self.first.classes.rows if rows)


@np.errstate(over="ignore", invalid="ignore")  # scores may be any that are finite
def look(found: Pass) -> Looked | None:
    """Return what the first pass of a diagnosis and those after it say; ``None`` without one true class a row."""
    settled = found.settled
    plan, examined, first = settled.plan, settled.plan.examined, settled.totals.diagnosis
    if examined is None or first is None:
        return None
    groups = _weighted_groups(found) if examined.weighted else None
    groups = groups if first.scores is None else Groups.of(first.scores)
    infinite = sum(settled.totals.loss.infinite)
    floor = _floor(first, groups, infinite, settled.totals.loss.scored, plan.input, len(plan.classes.names))
    later = examined._replace(first=False, curve=False, sampled=0, floor=0.0 if floor is None else floor.epsilon)
    curve: CurveState | None = None
    searched = Searched()
    if first.curve is not None and not (infinite and floor is None):
        curve, searched = _curve(found, first, later)
    knots = [] if curve is None else knots_of(curve)
    thresholds = None if first.classes is None else thresholds_of(first.classes)
    temperature, contradictions, reason = None, None, searched.reason
    if searched.beta is not None or thresholds is not None:
        last = later._replace(beta=searched.beta, scale=searched.scale)
        second = found.again(another_look(plan, last._replace(thresholds=thresholds, top=plan.top))).totals.diagnosis
        if second is not None:
            contradictions = second.contradictions
            if second.fixed is not None:
                fitted = _fitted(found, second.fixed, last, knots)
                temperature, reason = (None, fitted) if isinstance(fitted, Reason) else (fitted, None)
    if reason is Reason.UNINFORMATIVE and hardly_differ(knots):
        reason = Reason.CONSTANT_SCORES
    if temperature is None and _one_class(first):
        reason = Reason.ONE_CLASS
    two = groups if len(plan.classes.names) == 2 else None
    clusters_before = clusters = None
    if two is not None and not plan.independent:
        clusters_before = clusters = sums_of_two(found, two, 0.0)
        if floor is not None:
            clusters = sums_of_two(found, two.floored(floor.epsilon), floor.epsilon)
    return Looked(
        first=first,
        groups=groups,
        floor=floor,
        knots=tuple(knots),
        temperature=temperature,
        no_temperature=reason,
        contradictions=contradictions,
        two=two,
        positive=None if two is None else _positive(settled.totals.calibration, examined.positive),
        clustered=not plan.independent,
        clusters=clusters,
        clusters_before=clusters_before,
    )


def _weighted_groups(found: Pass) -> Groups | None:
    """Return the scores of weighted rows with two classes, from a pass that knows what all of them weigh."""
    plan, state = found.settled.plan, found.settled.totals.loss
    if plan.examined is None or len(plan.classes.names) != 2:
        return None
    infinite = state.infinite_weight.total()
    quanta = Quanta(float(state.weight.total()), float(state.weight_squares.total() + infinite * infinite))
    examined = plan.examined._replace(first=False, curve=False, sampled=0, quanta=quanta)
    again = found.again(another_look(plan, examined)).totals.diagnosis
    return None if again is None or again.weighted is None else Groups.of_weighted(again.weighted, quanta)


def _positive(calibration: CalibrationState | None, positive: int) -> Bins | None:
    """Return the bins of the positive class: the second of two, unless another was named."""
    if calibration is None or calibration.positive is None:
        return None
    return calibration.positive if positive else of_first(calibration.positive)


def thresholds_of(classes: ClassSums) -> tuple[float, ...]:
    """Return from which probability on each class is confident: the mean over its own rows, 2 for a class without."""
    return tuple(
        max(SLACK, own * UNIT / rows) if rows else 2.0 for own, rows in zip(classes.own, classes.rows, strict=True)
    )


def probabilities_of(sample: Sample, kind: InputKind) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return the probabilities (C, m) of a sample of log-scores, as the rows have them."""
    p = exp(sample.scores)
    if kind is InputKind.LOGITS:
        p = exp(sample.scores - sample.scores.max(axis=0))
        p /= p.sum(axis=0)
    return p


def _floor(
    first: DiagnosisState, groups: Groups | None, infinite: int, rows: int, kind: InputKind, classes: int
) -> FloorFit | None:
    if not infinite:
        return None
    if classes == 2 and groups is not None:
        return floor_of_groups(groups) if groups.weighed is None else None  # folds are dealt by counts
    if first.sample is None or not first.sample.size:
        return None
    return floor_of_sample(probabilities_of(first.sample, kind), first.sample.codes, infinite / rows)


def _curve(found: Pass, first: DiagnosisState, later: Examined) -> tuple[CurveState | None, Searched]:
    """Return the loss by β, and about where it is lowest, in as many more passes as it takes to find that."""
    plan = found.settled.plan

    def curve_at(scale: float) -> CurveState | None:
        again = found.again(another_look(plan, later._replace(curve=True, scale=scale))).totals.diagnosis
        return None if again is None else again.curve

    curve = curve_at(1.0) if later.floor else first.curve
    if curve is None or not curve.rows:
        return None, Searched(reason=Reason.TOO_FEW_ROWS)
    return curve, search(curve, curve_at)


def _fitted(found: Pass, fixed: FixedState, later: Examined, knots: list[Knot]) -> TemperatureFit | Reason:
    """Return the best temperature from the sums at about that, in further passes where it is not near enough."""
    plan, beta = found.settled.plan, later.beta
    if beta is None:
        raise AssertionError("there is a β to begin with")
    scores = found.settled.totals.loss.scored * len(plan.classes.names)
    near = _VERY_NEAR if scores <= _FEW_SCORES else _NEAR
    for _ in range(_STEPS):
        step = newton_step(fixed)
        if not abs(step) > near * beta:
            break
        beta = min(max(beta + step, 0.5 * beta), 2.0 * beta)
        again = found.again(another_look(plan, later._replace(beta=beta))).totals.diagnosis
        if again is None or again.fixed is None:
            return Reason.NO_FIT
        fixed = again.fixed
    fit = temperature_fit(fixed, beta, weighted=later.weighted, scale=later.scale)
    if fit is None or not abs(newton_step(fixed)) <= _NEAR * beta:
        return Reason.NO_FIT
    if not plan.independent:
        fit = temperature_over_clusters(found, fit, fixed, later._replace(beta=beta))
        if fit is None:
            return Reason.TOO_FEW_CLUSTERS
    if fit.log_error < LOOSEST:
        return fit
    return Reason.CONSTANT_SCORES if hardly_differ(knots) else Reason.UNINFORMATIVE


def _one_class(first: DiagnosisState) -> bool:
    return first.classes is not None and sum(rows > 0 for rows in first.classes.rows) == 1
