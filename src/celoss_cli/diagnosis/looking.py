"""The later passes of a diagnosis: at the best temperature, over floored probabilities, after rows that contradict."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.diagnosis.calibration_errors import of_first
from celoss_cli.diagnosis.floor import FloorFit, floor_of_groups, floor_of_sample
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.temperature import TemperatureFit, best_beta, knots_of, temperature_fit
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
from celoss_cli.state.temperature import BETAS
from celoss_cli.statistics.hermite import Knot

_FARTHEST = 4  # so many times the range of β is moved by 16 before it is given up: T from 1/2^18 to 2^18


class Looked(NamedTuple):
    """What the passes of a diagnosis leave behind."""

    first: DiagnosisState
    groups: Groups | None
    """The scores, ``None`` with weights: log odds of the positive class, or of the most probable one."""
    floor: FloorFit | None
    """Where rows have an infinite loss."""
    knots: tuple[Knot, ...]
    """The loss by log β, where it comes from a pass: more than two classes, or weights."""
    temperature: TemperatureFit | None
    """Likewise."""
    contradictions: ContradictionState | None
    two: Groups | None
    """The scores, where they are those of the positive one of two classes."""
    positive: Bins | None
    """P(positive) in bins, likewise."""


def look(found: Pass) -> Looked | None:
    """Return what the first pass of a diagnosis and those after it say; ``None`` without one true class a row."""
    settled = found.settled
    plan, examined, first = settled.plan, settled.plan.examined, settled.totals.diagnosis
    if examined is None or first is None:
        return None
    groups = None if first.scores is None else Groups.of(first.scores)
    infinite = sum(settled.totals.loss.infinite)
    floor = _floor(first, groups, infinite, settled.totals.loss.scored, plan.input, len(plan.classes.names))
    later = examined._replace(first=False, curve=False, sampled=0, floor=0.0 if floor is None else floor.epsilon)
    knots: list[Knot] = []
    beta: float | None = None
    if first.curve is not None and not (infinite and floor is None):
        knots, beta = _curve(found, first, later)
    thresholds = None if first.classes is None else thresholds_of(first.classes)
    temperature, contradictions = None, None
    if beta is not None or thresholds is not None:
        last = later._replace(beta=beta, thresholds=thresholds, top=plan.top)
        second = found.again(another_look(plan, last)).totals.diagnosis
        if second is not None:
            contradictions = second.contradictions
            if second.fixed is not None and beta is not None:
                temperature = temperature_fit(second.fixed, beta, weighted=examined.weighted)
    two = groups if len(plan.classes.names) == 2 else None
    return Looked(
        first=first,
        groups=groups,
        floor=floor,
        knots=tuple(knots),
        temperature=temperature,
        contradictions=contradictions,
        two=two,
        positive=None if two is None else _positive(settled.totals.calibration, examined.positive),
    )


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
        return floor_of_groups(groups)
    if first.sample is None or not first.sample.size:
        return None
    return floor_of_sample(probabilities_of(first.sample, kind), first.sample.codes, infinite / rows)


def _curve(found: Pass, first: DiagnosisState, later: Examined) -> tuple[list[Knot], float | None]:
    """Return the loss by log β and the best β, in as many more passes as it takes to find one."""
    plan = found.settled.plan
    curve = first.curve
    if later.floor:
        again = found.again(another_look(plan, later._replace(curve=True))).totals.diagnosis
        curve = None if again is None else again.curve
    if curve is None or not curve.behind:
        return [] if curve is None or not curve.rows else knots_of(curve), None
    knots = knots_of(curve)
    shift = BETAS[-1] / BETAS[0]
    scale, beta = 1.0, best_beta(knots)
    for _ in range(_FARTHEST):
        if beta is not None:
            break
        up = knots[-1].slope < 0.0
        scale = scale * shift if up else scale / shift
        again = found.again(another_look(plan, later._replace(curve=True, scale=scale))).totals.diagnosis
        if again is None or again.curve is None:
            break
        more = knots_of(again.curve, scale)
        knots = [*knots, *more[1:]] if up else [*more[:-1], *knots]
        beta = best_beta(knots)
    return knots, beta
