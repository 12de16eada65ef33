"""Other columns of the first rows that could be the label: what alarms hold the predictions against."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from celoss_cli.kernels.outcome import Codes
from celoss_cli.layout.cells import MANY_VALUED, is_predicted, may_be_fractions, without_fractions
from celoss_cli.pipeline.job import Job
from celoss_cli.scoring.plan import Plan


def other_labels(job: Job, plan: Plan, *, fewest: int = 2) -> dict[str, Codes]:
    """Return the codes (n,) in the first rows of other columns whose values, so many or more, all name classes."""
    layout = job.layout
    if layout.pair_ids or layout.targets:
        return {}  # a label file in another order: its first rows are not those of the predictions
    table = job.predictions if job.labels is None else job.labels
    head = table.head()
    taken = {layout.label, *layout.ids, layout.weight, *plan.score_names, *(name for name, _ in plan.where)}
    found: dict[str, Codes] = {}
    spelled = (*plan.classes.names, *plan.classes.codes)
    for column in table.columns if may_be_fractions(spelled) else without_fractions(table, table.columns):
        if column.name in taken or column.kind in MANY_VALUED or is_predicted(column, table):
            continue
        texts = head.texts(column.name)
        known = _known(plan, set(texts))
        if known is not None and len(known) >= fewest:
            found[column.name] = np.array([-1 if text is None else known[text] for text in texts], dtype=np.intp)
    return found


def _known(plan: Plan, texts: Iterable[str | None]) -> dict[str, int] | None:
    """Return the classes that texts name; ``None`` as soon as one names none."""
    known: dict[str, int] = {}
    for text in texts:
        if text is None:
            continue
        code = plan.classes.code(text)
        if code is None:
            return None
        known[text] = code
    return known
