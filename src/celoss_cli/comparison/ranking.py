"""Several candidates on the rows that every model scored, each beside the baseline and beside the best."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import NamedTuple

import numpy as np

from celoss_cli.comparison.counted_rows import number_of
from celoss_cli.comparison.difference import PairedMeans
from celoss_cli.comparison.leaderboard import Entry, best_of, standings, with_leaderboard
from celoss_cli.comparison.notices import left_out_notice, model_notices, named_notices
from celoss_cli.comparison.paired_models import Compared, MatchedModel, PairedModels
from celoss_cli.comparison.spool import InOrder, Spool, SpooledColumn
from celoss_cli.results.comparison import Comparison


def ranked(models: PairedModels, matches: Sequence[MatchedModel], stack: ExitStack) -> Comparison:
    """Return the comparison of the first candidate in detail, with all of them and the baseline on its leaderboard."""
    baseline = models.baseline
    losses = [InOrder(baseline.spool.loss, None), *(match.losses for match in matches)]
    common = common_rows(losses, baseline.spool, stack)
    found = [models.compare_on(common.column, match, whole=not number) for number, match in enumerate(matches)]
    entries = [Entry(baseline.path, found[0].means.baseline)]
    for match, one in zip(matches, found, strict=True):
        entries.append(Entry(match.model.path, one.means.candidate, one.comparison.difference, one.comparison.verdict))
    beside_best = _beside_best(models, matches, found, best_of([entry.mean for entry in entries]))
    leaderboard = standings(entries, beside_best, models.asked.confidence)
    unmatched = sum(match.rows.unmatched_there for match in matches)
    named = [(model.path, model.evaluation) for model in (baseline, *(match.model for match in matches))]
    notices = [*model_notices(named), left_out_notice(common.left_out + unmatched)]
    notices += named_notices([(match.model.path, one.notices) for match, one in zip(matches, found, strict=True)])
    return with_leaderboard([one.comparison for one in found], leaderboard, [note for note in notices if note])


def _beside_best(
    models: PairedModels, matches: Sequence[MatchedModel], found: Sequence[Compared], best: int | None
) -> list[PairedMeans | None]:
    """Return what the baseline and each candidate came to beside the ``best`` of them, ``None`` for that itself."""
    if best is None:
        return [None] * (1 + len(found))
    if best == 0:
        return [None, *(one.means for one in found)]
    reference = matches[best - 1]
    return [
        found[best - 1].means.reversed(),
        *(
            None if match is reference else models.beside(reference, match, one.pairs)
            for match, one in zip(matches, found, strict=True)
        ),
    ]


_RUN = 1 << 18  # rows at a time


class CommonRows(NamedTuple):
    """``column`` says of each row whether every model scored it, ``None`` where all did or no model did.

    ``left_out`` counts the rows that some models scored and others did not.
    """

    column: SpooledColumn | None
    left_out: int


def common_rows(losses: Sequence[InOrder], baseline: Spool, stack: ExitStack) -> CommonRows:
    """Return what rows of the ``baseline`` have a loss (not NaN) in each of ``losses``. Closed with ``stack``."""
    rows = baseline.rows
    column = SpooledColumn(np.bool_)
    stack.callback(column.close)
    left_out = 0
    for start in range(0, rows, _RUN):
        stop = min(rows, start + _RUN)
        scored = np.zeros(stop - start, dtype=np.int64)
        for loss in losses:
            scored += ~np.isnan(loss.read(start, stop))
        counts = None if baseline.counts is None else baseline.counts.read(start, stop)
        left_out += number_of((scored > 0) & (scored < len(losses)), counts)
        column.append(scored == len(losses))
    return CommonRows(column if left_out else None, left_out)
