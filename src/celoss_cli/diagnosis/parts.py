"""The parts of a diagnosis that describe the rows: those defined for them, and why the others are not there."""

from __future__ import annotations

from typing import NamedTuple

from celoss_cli.diagnosis.calibration_errors import calibration_errors
from celoss_cli.diagnosis.curve import decomposed
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.left_out import Reason, without
from celoss_cli.diagnosis.logistic import NoOverlap, NotSettled
from celoss_cli.diagnosis.looking import Looked
from celoss_cli.diagnosis.side_by_side import SideBySide
from celoss_cli.diagnosis.single_parts import (
    balances,
    confusions_of,
    contradictions_of,
    corp_of,
    cox_of,
    in_the_large,
)
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import TargetKind
from celoss_cli.results.diagnosis import Confusion, Contradictions, LeftOut
from celoss_cli.results.miscalibration import ClassBalance, Corp, Cox, Ece, InTheLarge
from celoss_cli.state.calibration import Bins

_OF_TWO = ("in_the_large", "cox")

_COUNTED = ("corp", "ece", "classes", "confusions", "contradictions")

_OF_CLASSES = (*_OF_TWO, *_COUNTED, "temperature", "fixes")

_BIASES = ("class_biases", "temperature_biases")
"""These rest on rows that are kept, each as good as any other."""


class Parts(NamedTuple):
    """What describes the rows; ``None`` or empty where it is left out."""

    in_the_large: InTheLarge | None = None
    cox: Cox | None = None
    corp: Corp | None = None
    ece: Ece | None = None
    classes: tuple[ClassBalance, ...] = ()
    confusions: tuple[Confusion, ...] = ()
    contradictions: Contradictions | None = None


def parts_of(
    settled: Settled, looked: Looked | None, threads: SideBySide | None = None
) -> tuple[Parts, tuple[LeftOut, ...]]:
    """Return the parts, worked out in several ``threads``, and what is left out."""
    if looked is None:
        reason = Reason.SOFT_LABELS if settled.plan.targets is TargetKind.SOFT else Reason.MULTILABEL
        return Parts(), tuple(without(part, reason) for part in _OF_CLASSES)
    calibration = settled.totals.calibration
    names, first, groups = settled.plan.classes.names, looked.first, looked.groups
    if groups is None or groups.weighed is not None:
        return _of_weighted(looked)
    parts = Parts(
        ece=None if calibration is None else calibration_errors(calibration, looked.positive, groups),
        classes=() if first.classes is None else balances(first.classes, names),
        confusions=() if first.confusions is None else confusions_of(first.confusions, names),
        contradictions=None if looked.contradictions is None else contradictions_of(looked.contradictions, names),
    )
    left_out: list[LeftOut] = []
    if groups.ones in (0, groups.n):
        left_out.append(without("corp", Reason.ONE_CLASS))
    else:
        of = "top_label" if looked.two is None else "positive"
        parts = parts._replace(corp=corp_of(decomposed(groups, threads), of))
    if looked.two is None or looked.positive is None:
        left_out += [without(part, Reason.SEVERAL_CLASSES) for part in _OF_TWO]
        return parts, tuple(left_out)
    parts = parts._replace(
        in_the_large=_in_the_large(looked.positive, groups, looked), cox=_cox(groups, looked, left_out)
    )
    return parts, tuple(left_out)


def _of_weighted(looked: Looked) -> tuple[Parts, tuple[LeftOut, ...]]:
    """Return the parts of rows with weights, those that rest on counts of rows left out."""
    left_out = [without(part, Reason.WEIGHTS) for part in _COUNTED]
    if looked.two is None or looked.positive is None:
        left_out += [without(part, Reason.WEIGHTS) for part in _BIASES]
        left_out += [without(part, Reason.SEVERAL_CLASSES) for part in _OF_TWO]
        return Parts(), tuple(left_out)
    cox = _cox(looked.two, looked, left_out)
    return Parts(in_the_large=_in_the_large(looked.positive, looked.two, looked), cox=cox), tuple(left_out)


def _in_the_large(positive: Bins, groups: Groups, looked: Looked) -> InTheLarge:
    return in_the_large(positive, groups, looked.clusters_before, clustered=looked.clustered)


def _cox(groups: Groups, looked: Looked, left_out: list[LeftOut]) -> Cox | None:
    try:
        found = cox_of(groups, looked.clusters_before, clustered=looked.clustered)
        if found is None:
            left_out.append(without("cox", Reason.TOO_FEW_CLUSTERS))
        return found
    except NoOverlap as error:
        left_out.append(without("cox", Reason.ONE_CLASS if groups.ones in (0, groups.n) else error.reason))
    except NotSettled:
        left_out.append(without("cox", Reason.NO_FIT))
    return None
