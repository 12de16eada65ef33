"""The differences by class, and by slice below them, as CSV."""

from __future__ import annotations

from dataclasses import fields

from celoss_cli.comparison.result import ClassDifference, Comparison
from celoss_cli.render import leaderboard_csv
from celoss_cli.render.csv import Value, written


def render(comparison: Comparison) -> str:
    """Return one line a class, in class order, and with slices a line for each; what means nothing is an empty cell.

    Of several candidates it is the leaderboard instead.
    """
    if comparison.leaderboard:
        return leaderboard_csv.render(comparison)
    names = [field.name for field in fields(ClassDifference)]
    more = ["slice", "value"] if comparison.slices else []
    table: list[list[Value]] = [[*(name.rstrip("_") for name in names), *more]]
    table += [[*(getattr(row, name) for name in names), *(None for _ in more)] for row in comparison.per_class]
    for part in comparison.slices:
        table.append([None, *(getattr(part, name) for name in names[1:]), part.column, part.value])
    return written(table)
