"""The plan of a pass: what was assumed, and what was asked for, in the terms of scoring."""

from __future__ import annotations

import math

from celoss_cli.pipeline.compat import convention_of
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.request import Average, Detail, InputKind, TargetKind
from celoss_cli.scoring.plan import Plan


def plan_of(job: Job, assumed: Assumed) -> Plan:
    """Return the plan of a pass."""
    request = job.request
    weights = assumed.class_weights
    plan = Plan(
        layout=job.layout,
        classes=assumed.match.classes,
        beyond=assumed.match.beyond,
        input=assumed.reading.input,
        percent=assumed.reading.percent,
        tolerance=job.precision.of_sums(percent=assumed.reading.percent),
        targets=assumed.targets,
        smoothing=request.label_smoothing,
        pos_weight=job.pos_weight,
        ignore=request.ignore_index,
        gradients=request.gradients,
        cluster=math.prod(job.predictions.places),
        convention=convention_of(job, assumed),
        detail=request.detail if request.per_sample is None else Detail.FULL,
        top=request.top,
        invalid=request.invalid,
        unknown=request.unknown_class,
        where=job.where,
        class_weights=None if weights is None else tuple(float(weight) for weight in weights),
        weighted_classes=job.class_weight is not None or request.average is Average.MACRO,
        per_sample=request.per_sample is not None,
        paired=request.detail is Detail.PAIRED,
    )
    given = assumed.reading.given and plan.input is InputKind.PROBS and plan.targets is not TargetKind.MULTILABEL
    if given and request.renormalize and not plan.single and request.compat is None:
        plan = plan._replace(any_sum=request.detail is not Detail.CONVENTIONS)
    if plan.paired and (plan.cluster > 1 or not plan.plain):
        return plan._replace(detail=Detail.FULL)  # what these rows are made of is known only where all of it is
    return plan
