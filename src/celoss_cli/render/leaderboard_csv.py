"""The leaderboard as CSV, at full precision: one row a model."""

from __future__ import annotations

from celoss_cli.comparison.result import Comparison, Standing
from celoss_cli.render.csv import Value, written

_HEADER = (
    *("rank", "model", "mean", "difference", "standard_error", "low", "high", "p_value"),
    *("to_best", "to_best_standard_error", "to_best_low", "to_best_high", "to_best_p_value", "p_adjusted"),
    *("indistinguishable", "outcome", "passed"),
)


def render(comparison: Comparison) -> str:
    """Return one line a model, the best first; what means nothing is an empty cell."""
    return written([_HEADER, *(_cells(row) for row in comparison.leaderboard)])


def _cells(row: Standing) -> list[Value]:
    cells: list[Value] = [row.rank, row.path, row.mean]
    for change in (row.difference, row.to_best):
        if change is None:
            cells += [None] * 5
        else:
            cells += [change.mean, change.standard_error, *(change.interval or (None, None)), change.p_value]
    adjusted = None if row.to_best is None else row.to_best.p_adjusted
    outcome = None if row.outcome is None else row.outcome.value
    return [*cells, adjusted, _yes(row.indistinguishable), outcome, None if row.passed is None else _yes(row.passed)]


def _yes(value: bool) -> str:
    return "true" if value else "false"
