"""A comparison as CSV: the differences by class, and by slice below them; or the leaderboard."""

from __future__ import annotations

from dataclasses import fields

from celoss_cli.render.evaluation.csv import Value, written
from celoss_cli.results.comparison import ClassDifference, Comparison, Standing


def render(comparison: Comparison) -> str:
    """Return one line a class, in class order, and with slices a line for each; what means nothing is an empty cell.

    Of several candidates it is the leaderboard instead: one line a model, the best first.
    """
    if comparison.leaderboard:
        return written([_LEADERBOARD, *(_cells(row) for row in comparison.leaderboard)])
    names = [field.name for field in fields(ClassDifference)]
    more = ["slice", "value"] if comparison.slices else []
    table: list[list[Value]] = [[*(name.rstrip("_") for name in names), *more]]
    table += [[*(getattr(row, name) for name in names), *(None for _ in more)] for row in comparison.per_class]
    for part in comparison.slices:
        table.append([None, *(getattr(part, name) for name in names[1:]), part.column, part.value])
    return written(table)


_LEADERBOARD = (
    *("rank", "model", "mean", "difference", "standard_error", "low", "high", "p_value"),
    *("to_best", "to_best_standard_error", "to_best_low", "to_best_high", "to_best_p_value", "p_adjusted"),
    *("indistinguishable", "outcome", "passed"),
)


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
