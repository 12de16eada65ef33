"""A leaderboard in words and figures, the same for every renderer."""

from __future__ import annotations

import math

from celoss_cli.comparison.result import Comparison, Difference, Standing, ToBest
from celoss_cli.render import comparison_reading as reading
from celoss_cli.render import numbers

TITLES = ("rank", "model", "mean", "difference", "±", "to best", "±", "p (Holm)", "")


def lines(comparison: Comparison) -> list[tuple[str, ...]]:
    """Return the cells of a line a model, as ``TITLES``; the second is the path as it is in the file system."""
    board = comparison.leaderboard
    finite = [abs(row.mean) for row in board if math.isfinite(row.mean)]
    means = numbers.column([row.mean for row in board], like=max(finite, default=1.0))
    return [
        (
            numbers.count(row.rank),
            source(row.path),
            mean,
            *_change(row.difference),
            *_change(row.to_best),
            "–" if row.to_best is None or row.to_best.p_adjusted is None else _p(row.to_best.p_adjusted),
            " · ".join(_remarks(row)),
        )
        for row, mean in zip(board, means, strict=True)
    ]


def source(path: str) -> str:
    """Return what a model is called."""
    return "standard input" if path == "-" else path


def sentence(comparison: Comparison) -> str:
    """Return how many models cannot be told from the best."""
    count = sum(row.indistinguishable for row in comparison.leaderboard) - 1
    if count < 0:
        return "every mean is infinite: no model is the best"
    confidence = f"{100 * comparison.difference.confidence:.6g}%"
    models = "1 other model" if count == 1 else f"{count} other models"
    told = f"{models} cannot be told from the best" if count else "every other model is told from the best"
    return f"{told}, at {confidence} (paired t-tests on the rows of all models, Holm-adjusted)"


def _change(found: Difference | ToBest | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    error = found.standard_error
    return reading.signed(found.mean, 3), "–" if error is None else numbers.significant(error, 2)


def _p(value: float) -> str:
    return numbers.significant(value, 3) if value else "0"


def _remarks(row: Standing) -> list[str]:
    remarks = []
    if row.difference is None:
        remarks.append("baseline")
    if math.isinf(row.mean):
        remarks.append("infinite losses")
    elif row.to_best is None:
        remarks.append("best")
    elif row.indistinguishable:
        remarks.append("indistinguishable from the best")
    if row.passed is not None:
        remarks.append("PASS" if row.passed else "FAIL")
    return remarks
