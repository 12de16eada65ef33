"""Items that repeat somewhere in the file, as the sample of a pass tells: their rows are read again and judged."""

from __future__ import annotations

import numpy as np

from celoss_cli.layout.items.repeated import (
    ItemColumns,
    check_rows,
    columns_of,
    could_be_refused,
    parts_of,
    rows_of,
    together,
)
from celoss_cli.layout.items.scored_twice import refused_if_strict
from celoss_cli.layout.items.stacked import ItemRows
from celoss_cli.pipeline.job import Job
from celoss_cli.results.document import Notice
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.partial import Partial
from celoss_cli.state.row_sample import RowSample
from celoss_cli.tables.id_prints import IdFilter
from celoss_cli.tables.views.shards import batches_of

_FEWEST = 2

_LOOKED_AT_FIRST = 64


def check_repeats(job: Job, plan: Plan, partial: Partial) -> tuple[Notice, ...]:
    """Return a warning if rows say the same twice. Raises AmbiguousData if items repeat and should not.

    Only where ids of the sample stand in several rows, and all of one truth each, is anything read again.
    """
    notices: tuple[Notice, ...] = ()
    for item, sample, looked_at in zip(plan.layout.watched, partial.repeats, plan.id_filters, strict=True):
        if sample.repeated < _FEWEST or sample.varying:
            continue
        columns = columns_of(job.predictions, job.labels, job.layout, job.request)
        parts = _rows_again(job, columns, item, sample, looked_at)
        if parts:
            notices = notices or check_rows(parts, item, job.predictions)
    return refused_if_strict(notices, job.predictions, job.request)


def _rows_again(job: Job, columns: ItemColumns, item: str, sample: RowSample, looked_at: IdFilter) -> list[ItemRows]:
    """Return the rows of the ids that repeat, part by part; none if what was read first shows that they may."""
    wanted = sample.prints[sample.counts > 1] if 2 * sample.repeated >= sample.size else sample.prints
    found: list[ItemRows] = []
    next_look, rows = _LOOKED_AT_FIRST, 0
    for part, table in parts_of(job.predictions):
        of_part: list[ItemRows] = []
        for batch in batches_of(table, columns.needs(item, job.where)):
            hits, prints = looked_at.hits(batch.held(item))
            hits = hits[np.isin(prints, wanted)]
            if not hits.size:
                continue
            of_part.append(rows_of(batch.taken(hits), item, columns, job.request, part))
            rows += hits.size
            if rows >= next_look:
                next_look = 2 * rows
                if not could_be_refused(together([*found, *of_part]), item):
                    return []
        if of_part:
            found.append(together(of_part))
    return found
