"""The first opinion: inputs opened, columns given their roles, the first rows looked at."""

from __future__ import annotations

import numpy as np

from celoss_cli.detection.precision import precision_of
from celoss_cli.detection.reading import first_reading
from celoss_cli.detection.targets import judge_targets
from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.labels.classes import are_shares, is_ignored
from celoss_cli.labels.side import LabelSide, check_rows, read_label_side
from celoss_cli.labels.weights import Given, read_pos_weight
from celoss_cli.layout import Layout
from celoss_cli.layout.given_names import with_whole_names
from celoss_cli.layout.location import Locator
from celoss_cli.layout.resolve import resolve
from celoss_cli.layout.sequences.hints import may_hold_sequences
from celoss_cli.layout.sides import check_names
from celoss_cli.pipeline.head import (
    chosen_rows,
    first_label_numbers,
    first_label_texts,
    first_scores,
    rows_that_count,
)
from celoss_cli.pipeline.job import Assumed, Job, Opener
from celoss_cli.pipeline.matching import given_weights, match_classes
from celoss_cli.pipeline.options import check_targets, refuse_guesses
from celoss_cli.request import Request, TargetKind, Task
from celoss_cli.spelling import listed
from celoss_cli.state.target_evidence import observe
from celoss_cli.tables.source import Table


@np.errstate(invalid="ignore")  # NaN that signals is found as any other is
def prepare(
    request: Request, open_input: Opener, class_weight: Given | str | None, *, of_part: bool = False
) -> tuple[Job, Assumed]:
    """Open the inputs and form the first opinion. ``of_part`` as in ``opened``."""
    job = opened(request, open_input, class_weight, of_part=of_part)
    if job.layout.sequences is not None:
        from celoss_cli.pipeline.sequences import assumed_of

        return job, assumed_of(job, job.layout.sequences)
    targets = _first_targets(job)
    check_targets(job, targets)
    match = match_classes(job, job.first_labels, targets, more=job.side is None)
    reading = first_reading(job.head, job.layout, request, independent=targets is TargetKind.MULTILABEL)
    return job, Assumed(reading, targets, match, given_weights(job, match))


@np.errstate(invalid="ignore")
def opened(request: Request, open_input: Opener, class_weight: Given | str | None, *, of_part: bool = False) -> Job:
    """Open the inputs and say which column is what. ``of_part``: the labels may be those of other parts, too."""
    predictions = open_input(request.predictions, "predictions")
    check_names(predictions)  # before it is looked at for sequences
    labels = None if request.labels is None else open_input(request.labels, "labels")
    if request.reading.table is not None or request.reading.split is not None:
        from celoss_cli.tables.unused import refuse_unused

        refuse_unused(request.reading, [table for table in (predictions, labels) if table is not None])
    request = with_whole_names(request, [table for table in (predictions, labels) if table is not None])
    if may_hold_sequences(predictions, request):
        from celoss_cli.pipeline.sequences import prepare_sequences

        found = prepare_sequences(request, predictions)
        if found is not None:
            return found
    if request.per is not None or request.text is not None or request.skip is not None:
        from celoss_cli.pipeline.truth_options import refuse_without_truth

        refuse_without_truth(request)
    if labels is not None and predictions.places:
        predictions, labels = with_places(predictions, labels)
    predictions, labels, layout = resolve(predictions, labels, request)
    if request.written is not None:
        from celoss_cli.tables.views.natural_logs import NaturalLogs

        names = [column.name for column in layout.scores]
        predictions = NaturalLogs(predictions, names, request.written.nats, vector=layout.vector)
    _check_task(request, layout, predictions)
    refuse_guesses(request, (*predictions.decisions, *layout.decisions))
    side = None
    if labels is not None:
        where = list(zip(request.where, layout.where_beside_label, strict=True))
        beside = [given for given, there in where if there]
        here = [given for given, there in where if not there]
        side = read_label_side(predictions, labels, layout, request.unmatched, beside, here, of_part=of_part)
        if predictions.rows is not None:
            check_rows(predictions, labels, predictions.rows, side)
    head = first_scores(predictions, layout)
    if request.where or request.ignore_index is not None:
        head = head[rows_that_count(predictions.head(), request, layout, side)]
    order = None if side is None or side.pairs is None else side.pairs.order
    return Job(
        request=request,
        predictions=predictions,
        labels=labels,
        layout=layout,
        side=side,
        at=Locator.of(predictions, labels, layout, order),
        precision=precision_of(head, layout, text=_is_printed(predictions, layout)),
        class_weight=class_weight,
        pos_weight=read_pos_weight(request.pos_weight),
        head=head,
        first_labels=_first_labels(predictions, side, layout, request),
    )


def with_places(predictions: Table, labels: Table) -> tuple[Table, Table]:
    """Return predictions of rank > 2 and their labels with a row for each place."""
    from celoss_cli.tables.arrays import laid_out_together

    return laid_out_together(predictions, labels)


def _is_printed(predictions: Table, layout: Layout) -> bool:
    """Whether the scores are as many digits as were printed, and no binary numbers."""
    return predictions.format.startswith(("csv", "json")) or any(column.digits for column in layout.scores)


def _first_labels(predictions: Table, side: LabelSide | None, layout: Layout, request: Request) -> frozenset[str]:
    """Return the labels of the first rows that are to be scored, or of the whole label file."""
    if layout.targets:
        return frozenset()
    labels = first_label_texts(predictions.head(), request, layout) if side is None else side.names
    return frozenset(label for label in labels if not is_ignored(label, request.ignore_index))


def _first_targets(job: Job) -> TargetKind:
    """Return what the labels of the first rows say: a class each, a number for every class, or several labels."""
    layout, head = job.layout, job.predictions.head()
    if not layout.targets:
        if job.request.task is Task.MULTILABEL:
            raise AmbiguousData(
                f"--task multilabel, but {layout.label!r} is the only label column",
                code="task_contradicted",
                where=job.at.labels.where(None, None),
                hint="name a label column for each prediction column: --label 'label_*'",
            )
        shares = job.single and are_shares(job.first_labels) and not job.first_labels <= {"0", "1"}
        return TargetKind.SOFT if shares else TargetKind.INDEX
    names = layout.target_names
    rows = chosen_rows(head, job.where, job.side)
    numbers = first_label_numbers(job.predictions, job.side, layout, rows)
    if numbers.shape[0] != job.width:
        raise AmbiguousData(
            f"the labels have {numbers.shape[0]} numbers a row, the predictions {job.width}",
            code="label_columns_mismatch",
            where=job.at.labels.where(None, None),
            hint="name the label columns with --label and the prediction columns with --pred",
        )
    seen = observe(numbers, np.array(rows, dtype=np.intp))
    return judge_targets(seen, job.request.task, names, job.at, single=job.single)


def _check_task(request: Request, layout: Layout, predictions: Table) -> None:
    count = layout.scores[0].width or 0 if layout.vector else len(layout.scores)
    if request.task is Task.BINARY and count > 2:
        names = listed(column.name for column in layout.scores)
        raise AmbiguousData(
            f"--task binary, but there are {count} prediction columns: {names}",
            code="task_contradicted",
            where=Where(predictions.path),
            hint="name the one column, or the two, with --pred",
        )
    if request.task is Task.MULTICLASS and count == 1:
        raise AmbiguousData(
            f"--task multiclass, but {layout.scores[0].name!r} is the only prediction column",
            code="task_contradicted",
            where=Where(predictions.path),
            hint="name one prediction column per class with --pred",
        )
