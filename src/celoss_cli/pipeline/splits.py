"""Rows of training and of test in one mean: a column that says which split a row is of, and what each split loses.

Looked for only where a column is called so and its first values are words for splits: then its cells are read once
more, and the losses are those of the rows that alarms look at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from celoss_cli.alarms.look import surprisals_of
from celoss_cli.alarms.rule import of_truth
from celoss_cli.detection.splits import named_split, split_meant
from celoss_cli.kernels.outcome import Codes
from celoss_cli.layout.cells import MANY_VALUED, has
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.request import Detail, TargetKind
from celoss_cli.results.document import Notice
from celoss_cli.scoring.plan import Plan
from celoss_cli.spelling import listed, option
from celoss_cli.state.partial import Partial
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.views.shards import ShardedTable, batches_of
from celoss_cli.tables.views.view import stored

_MOST_PARTS = 16  # of which the first rows are looked at

_FEWEST_LOOKED_AT = 10  # rows of a split, for its mean to be said


def with_split_notice(job: Job, assumed: Assumed, plan: Plan, partial: Partial) -> Job:
    """Return the job with a warning of splits that are pooled.

    Where the mean alone is wanted the first rows have to show them, of the table or of its parts.
    """
    alone = job.request.detail is not Detail.FULL
    aligned = job.side is None or job.side.pairs is None
    for table in (job.predictions, job.labels):
        name = None if table is None else _column_of(job, table)
        if table is None or name is None:
            continue
        own = table is job.predictions
        sampled = partial.evidence.sample.in_file_order().rows
        rows = sampled if own or aligned else sampled[:0]
        of_rows: list[str | None] = []
        if alone:
            counts = _at_first(table, name)
        else:
            counts, of_rows = _read(table, name, rows)
        if len({split_meant(name, text) for text in counts} - {None}) > 1:
            said = _counted(plan, counts, _means(assumed, plan, partial, of_rows)) if not alone else ""
            notices = (*job.layout.notices, _notice(name, counts, said))
            return job._replace(layout=job.layout._replace(notices=notices))
    return job


def _column_of(job: Job, table: Table) -> str | None:
    """Return the column that says of each row which split it is of, unless an option takes its rows apart."""
    layout, request = job.layout, job.request
    apart = {*(name for name, _ in request.where), *(by.column for by in layout.slices)}
    scores = {column.name for column in (*layout.scores, *layout.targets)}
    taken = {*apart, *scores, layout.label, layout.weight, *layout.ids}
    for column in table.columns:
        if column.kind in MANY_VALUED or not named_split(column.name):
            continue
        if column.name in taken:
            return None
        texts = {text for text in table.head().texts(column.name) if text is not None}
        if texts and all(split_meant(column.name, text) is not None for text in texts):
            return column.name
    return None


def _at_first(table: Table, name: str) -> Counter[str]:
    """Return how often each value stands in the first rows of the table, or of its parts: the last, and some between.

    A directory with a part for each split has one alone in its first rows.
    """
    table = stored(table)
    heads = [table.head()]
    if isinstance(table, ShardedTable):
        places = np.unique(np.linspace(0, len(table.shards) - 1, _MOST_PARTS).astype(np.intp))
        heads = [table.shards[place].head() for place in places.tolist() if has(table.shards[place], name)]
    return Counter(text for head in heads for text in head.texts(name) if text is not None)


def _read(table: Table, name: str, rows: Codes) -> tuple[Counter[str], list[str | None]]:
    """Return how many rows each value has, and the value of ``rows`` (n,), ascending, of the file."""
    counts: Counter[str] = Counter()
    of_rows: list[str | None] = []
    start = 0
    for batch in batches_of(table, {name: Need.CATEGORY}):
        found = batch.categories(name)
        for code, count in zip(*(some.tolist() for some in np.unique(found.codes, return_counts=True)), strict=True):
            if code >= 0:
                counts[found.values[code]] += count
        low, high = rows.searchsorted((start, start + batch.rows))
        of_rows += [found.values[code] if code >= 0 else None for code in found.codes[rows[low:high] - start].tolist()]
        start += batch.rows
    return counts, of_rows


def _means(assumed: Assumed, plan: Plan, partial: Partial, of_rows: list[str | None]) -> dict[str, float]:
    """Return the mean loss of each split in the rows looked at, in nats, where enough of them are of it."""
    sample = partial.evidence.sample.in_file_order()
    if plan.targets is not TargetKind.INDEX or plan.beyond or len(of_rows) != sample.size or (sample.codes < 0).any():
        return {}
    losses = of_truth(surprisals_of(sample.scores, assumed.reading.input), sample.codes)
    of = np.array([text or "" for text in of_rows])
    return {
        text: float(losses[of == text].mean())
        for text in set(of_rows)
        if text is not None and np.count_nonzero(of == text) >= min(_FEWEST_LOOKED_AT, partial.rows)
    }


def _counted(plan: Plan, counts: Mapping[str, int], means: Mapping[str, float]) -> str:
    """Return in words how many rows each split has, and about how much they lose."""
    base = plan.convention.base
    about = {text: f" (about {mean / base.nats:.3g} {base.unit})" for text, mean in means.items()}
    said = [f"{counts[text]:,} of {text!r}{about.get(text, '')}" for text in _most(counts)]
    return f": {', '.join(said)}"


def _notice(name: str, counts: Mapping[str, int], said: str) -> Notice:
    most = _most(counts)
    best = next((text for text in most if split_meant(name, text) == "test"), most[-1])
    return Notice(
        "pooled_splits",
        f"column {name!r} has rows of several splits, and the mean is of all{said or f' ({listed(counts)})'}; "
        f"{option('--where', f'{name}={best}')} scores those alone",
    )


def _most(counts: Mapping[str, int]) -> list[str]:
    return sorted(counts, key=lambda text: -counts[text])[:4]
