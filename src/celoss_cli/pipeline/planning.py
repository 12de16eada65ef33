"""The plan of a pass: what was assumed, and what was asked for, in the terms of scoring."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from celoss_cli.pipeline.compat import convention_of
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.request import Average, Detail, InputKind, TargetKind
from celoss_cli.scoring.plan import Plan
from celoss_cli.tables.source import Kind, Table

if TYPE_CHECKING:
    from celoss_cli.tables.id_prints import IdFilter

_ROWS_MEASURED = 50


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
        detail=Detail.FULL if request.per_sample is not None or request.per_row else request.detail,
        top=request.top,
        invalid=request.invalid,
        unknown=request.unknown_class,
        where=job.where,
        class_weights=None if weights is None else tuple(float(weight) for weight in weights),
        weighted_classes=job.class_weight is not None or request.average is Average.MACRO,
        macro=request.average is Average.MACRO,
        per_sample=request.per_sample is not None or request.per_row,
        paired=request.detail is Detail.PAIRED,
        by_cluster=request.cluster is not None and request.detail is not Detail.PAIRED,
        counted_in=_counted_in(job),
        id_filters=_id_filters(job) if job.layout.watched else (),
        digest=request.digest or job.calibration is not None,
    )
    if request.id and plan.layout.sequences is not None and request.detail in (Detail.FULL, Detail.MEAN):
        plan = plan._replace(watch_ids=True)
    if job.calibration is not None:
        from celoss_cli.pipeline.calibrated import recalibration_for

        plan = plan._replace(recalibration=recalibration_for(job, assumed))
    given = assumed.reading.given and plan.input is InputKind.PROBS and plan.targets is not TargetKind.MULTILABEL
    if given and request.renormalize and not plan.single and request.compat is None:
        plan = plan._replace(any_sum=request.detail is not Detail.CONVENTIONS)
    if request.detail is Detail.DIAGNOSIS:
        from celoss_cli.pipeline.examining import first_look

        return plan._replace(detail=Detail.FULL, examined=first_look(request, plan))
    if plan.paired and plan.targets is not TargetKind.TRUTH and (plan.cluster > 1 or not plan.plain):
        return plan._replace(detail=Detail.FULL)  # what these rows are made of is known only where all of it is
    return plan


def _counted_in(job: Job) -> str:
    beside = job.layout.counts_beside_label and job.labels is not None
    return job.labels.path if beside and job.labels is not None else job.predictions.path


def _id_filters(job: Job) -> tuple[IdFilter, ...]:
    from celoss_cli.state.row_sample import WANTED_ROWS
    from celoss_cli.tables.id_prints import id_filter

    head, rows = job.predictions.head(), rows_about(job.predictions)
    texts = {column.name: column.kind is Kind.TEXT for column in job.predictions.columns}
    return tuple(id_filter(head.texts(name), rows, WANTED_ROWS, texts=texts[name]) for name in job.layout.watched)


def rows_about(table: Table) -> int:
    """Return how many rows a table has, or about how many if only its size is known: by the length of the first."""
    if table.rows is not None:
        return table.rows
    head = table.head()
    rows = min(head.rows, _ROWS_MEASURED)
    cells = [head.texts(c.name)[:rows] for c in table.columns if c.kind not in (Kind.VECTOR, Kind.NESTED)]
    length = sum(len(text or "") + 1 for column in cells for text in column)
    return max(head.rows, table.size * rows // max(length, 1))
