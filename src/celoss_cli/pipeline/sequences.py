"""The first opinion of a file of sequences: who is who, and nothing to be looked for in the scores."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from celoss_cli.detection.precision import WrittenPrecision
from celoss_cli.detection.reading import Reading
from celoss_cli.labels.classes import ClassMap
from celoss_cli.labels.match import Match
from celoss_cli.layout.items.same_files import check_same_files
from celoss_cli.layout.location import Locator
from celoss_cli.layout.sequences.columns import SequenceColumns
from celoss_cli.layout.sequences.find import find_sequences
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.pipeline.options import refuse_guesses
from celoss_cli.pipeline.truth_options import check_truth
from celoss_cli.request import Request, TargetKind
from celoss_cli.tables.source import Table


def prepare_sequences(request: Request, table: Table) -> Job | None:
    """Return the job of a file of sequences; ``None`` where it is none.

    Raises DataError where the columns do not tell who is who, UsageError for options that make no sense here.
    """
    layout = find_sequences(table, request)
    if layout is None or layout.sequences is None:
        return None
    check_truth(request)
    check_same_files(table, layout)
    refuse_guesses(request, (*table.decisions, *layout.decisions))
    return Job(
        request=request,
        predictions=table,
        labels=None,
        layout=layout,
        side=None,
        at=Locator.of(table, None, layout, None),
        precision=WrittenPrecision(0.0, ""),
        class_weight=None,
        pos_weight=(),
        head=np.zeros((0, 1)),
        first_labels=frozenset(),
    )


def assumed_of(job: Job, columns: SequenceColumns) -> Assumed:
    """Return what a pass over sequences takes for granted: they are of one class, that of the truth."""
    reading = Reading(columns.form.kind, given=job.request.input is not None)
    match = Match(ClassMap(("truth",), {"truth": 0}), "the truth of each row")
    return Assumed(reading, TargetKind.TRUTH, match, (Fraction(1),))
