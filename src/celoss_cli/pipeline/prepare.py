"""The first opinion: inputs opened, columns given their roles, the first rows looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from celoss_cli.align import LabelSide, check_rows, read_label_side, target_numbers
from celoss_cli.classes import listed, number, same
from celoss_cli.detect import first_reading, precision_of
from celoss_cli.errors import AmbiguousData, InvalidScores, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout import Layout, find_layout
from celoss_cli.location import Locator
from celoss_cli.pipeline.job import Assumed, Job, Opener
from celoss_cli.pipeline.matching import given_weights, match_classes
from celoss_cli.pipeline.options import check_targets, refuse_guesses
from celoss_cli.spec import Request, TargetKind, Task
from celoss_cli.tables.batch import Batch, RaggedVector
from celoss_cli.tables.shards import place
from celoss_cli.tables.source import Kind, Table
from celoss_cli.targets import are_shares, is_ignored, judge_targets, observe
from celoss_cli.weights import Given, read_pos_weight


def prepare(request: Request, open_input: Opener, class_weight: Given | str | None) -> tuple[Job, Assumed]:
    """Open the inputs and form the first opinion."""
    predictions = open_input(request.predictions, "predictions")
    labels = None if request.labels is None else open_input(request.labels, "labels")
    if labels is not None and predictions.places:
        labels = with_places(labels, predictions.places)
    layout = find_layout(predictions, labels, request)
    layout = _measured(layout, predictions)
    _check_task(request, layout, predictions)
    refuse_guesses(request, (*predictions.decisions, *layout.decisions))
    head = _head_scores(predictions, layout)
    side = None
    if labels is not None:
        side = read_label_side(predictions, labels, layout)
        if predictions.rows is not None:
            check_rows(predictions, labels, predictions.rows, side)
    at = Locator.of(predictions, labels, layout)
    first = _first_labels(predictions, side, layout, request)
    job = Job(
        request=request,
        predictions=predictions,
        labels=labels,
        layout=layout,
        side=side,
        at=at,
        precision=precision_of(head, layout, text=predictions.format.startswith("csv")),
        class_weight=class_weight,
        pos_weight=read_pos_weight(request.pos_weight),
        head=head,
        first_labels=first,
    )
    targets = _first_targets(job)
    check_targets(job, targets)
    match = match_classes(job, job.first_labels, targets)
    reading = first_reading(head, layout, request, independent=targets is TargetKind.MULTILABEL)
    return job, Assumed(reading, targets, match, given_weights(job, match))


def with_places(labels: Table, places: tuple[int, ...]) -> Table:
    """Return the labels of predictions of rank > 2 with a row for each place."""
    from celoss_cli.tables.arrays import laid_out_like

    return laid_out_like(labels, places)


def _first_labels(predictions: Table, side: LabelSide | None, layout: Layout, request: Request) -> frozenset[str]:
    """Return the labels of the first rows that are to be scored, or of the whole label file."""
    if layout.targets:
        return frozenset()
    labels = _labels_of(predictions.head(), request, layout) if side is None else set(side.labels.values)
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
    names = tuple(column.name for column in layout.targets)
    if job.side is None:
        numbers = target_numbers(head, names)
    elif job.side.targets is not None:
        numbers = job.side.targets
    if numbers.shape[0] != job.width:
        raise AmbiguousData(
            f"the labels have {numbers.shape[0]} numbers a row, the predictions {job.width}",
            code="label_columns_mismatch",
            where=job.at.labels.where(None, None),
            hint="name the label columns with --label and the prediction columns with --pred",
        )
    return judge_targets(observe(numbers, 0), job.request.task, names, job.at, single=job.single)


def _labels_of(head: Batch, request: Request, layout: Layout) -> set[str]:
    """Return the labels of the first rows, of those that are to be scored."""
    labels = head.texts(layout.label)
    conditions = [(head.texts(name), value) for name, value in request.where]
    chosen = (row for row in range(head.rows) if all(same(texts[row] or "", value) for texts, value in conditions))
    return {label for row in chosen if (label := labels[row]) is not None}


def _measured(layout: Layout, predictions: Table) -> Layout:
    """Return the layout with the width of its vector column, read from the first rows where the type lacks it."""
    if not layout.vector:
        return layout
    width = _matrix(predictions, predictions.head(), layout).shape[1]
    if width < 2:
        raise AmbiguousData(
            f"its vectors have {width} element{'' if width == 1 else 's'}: a vector holds one score per class",
            code="vector_width",
            where=Where(predictions.path, column=layout.scores[0].name),
            hint="name number columns with --pred",
        )
    return replace(layout, scores=(replace(layout.scores[0], width=width),))


def _head_scores(predictions: Table, layout: Layout) -> Floats:
    """Return the scores of the first rows as floats, (n, C); NaN where a cell holds no number."""
    head = predictions.head()
    if layout.vector:
        matrix: Floats = _matrix(predictions, head, layout).astype(np.float64)
        return matrix
    columns = [head.numbers(column.name) if column.kind is Kind.NUMBER else _floats(head.texts(column.name))
               for column in layout.scores]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float64)


def _floats(texts: Sequence[str | None]) -> Floats:
    values = [None if text is None else number(text) for text in texts]
    return np.array([np.nan if value is None else value for value in values])


def _matrix(predictions: Table, head: Batch, layout: Layout) -> Any:
    try:
        return head.matrix(layout.scores[0].name)
    except RaggedVector as odd:
        raise InvalidScores(
            f"the vector has {odd.length} elements, not {odd.expected} as those before it",
            code="ragged_vector",
            where=place(predictions, odd.row, layout.scores[0].name),
            hint="every row needs one score per class",
        ) from None


def _check_task(request: Request, layout: Layout, predictions: Table) -> None:
    count = layout.scores[0].width or 0 if layout.vector else len(layout.scores)
    names = listed(column.name for column in layout.scores)
    if request.task is Task.BINARY and count > 2:
        raise AmbiguousData(
            f"--task binary, but there are {count} prediction columns: {names}",
            code="task_contradicted",
            where=Where(predictions.path),
            hint="name the one column, or the two, with --pred",
        )
    if request.task is Task.MULTICLASS and count == 1:
        raise AmbiguousData(
            f"--task multiclass, but {names} is the only prediction column",
            code="task_contradicted",
            where=Where(predictions.path),
            hint="name one prediction column per class with --pred",
        )
