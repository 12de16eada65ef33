"""What the reader should know about a comparison: the warnings of both models, and those of the pairs."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from celoss_cli.comparison.difference import PairedMeans
from celoss_cli.results.comparison import RowCounts
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.state.paired import PairedState

_FEW = 30  # rows below which the mean of what is not normal is not either

_MUCH = 0.25  # of the spread: then one row decides, and neither t nor the bootstrap can tell what others like it do


def comparison_notices(
    baseline: Evaluation,
    candidate: Evaluation,
    state: PairedState,
    counts: RowCounts,
    means: PairedMeans,
    *,
    clustered: bool,
) -> tuple[Notice, ...]:
    """Return all warnings that apply: those of both models once, those of one with its name."""
    of_models = model_notices((("baseline", baseline), ("candidate", candidate)))
    unpaired = _unpaired(counts)
    return (*of_models, *(() if unpaired is None else (unpaired,)), *spread_notices(state, means, clustered=clustered))


def model_notices(models: Sequence[tuple[str, Evaluation]]) -> tuple[Notice, ...]:
    """Return the warnings of the evaluations of several models: those of all once, the others with the model's name."""
    return named_notices([(name, evaluation.warnings) for name, evaluation in models])


def named_notices(models: Sequence[tuple[str, Sequence[Notice]]]) -> tuple[Notice, ...]:
    """Return notices about several models: those that all have once, the others with the model's name."""
    (_, first), *others = models
    shared = [notice for notice in first if all(notice in other for _, other in others)]
    of_one = [
        notice._replace(message=f"{name}: {notice.message}")
        for name, notices in models
        for notice in notices
        if notice not in shared
    ]
    return (*shared, *of_one)


def spread_notices(state: PairedState | None, means: PairedMeans, *, clustered: bool) -> tuple[Notice, ...]:
    """Return what is to be known of the spread of the differences."""
    found = (_few(means, clustered), None if state is None else _heavy(state))
    return tuple(notice for notice in found if notice is not None)


def left_out_notice(rows: int) -> Notice | None:
    """Return what is to be known of rows that some of several models were scored on, and others not."""
    if not rows:
        return None
    text = f"{rows:,} rows are scored under some models and not under all: the differences are without them"
    return Notice("unpaired_rows", text)


def _unpaired(counts: RowCounts) -> Notice | None:
    if not (counts.baseline_only or counts.candidate_only):
        return None
    text = (
        f"{counts.baseline_only:,} rows are scored for the baseline alone and {counts.candidate_only:,} for the "
        f"candidate alone: the difference is that of the {counts.paired:,} others, each loss that of its own rows"
    )
    return Notice("unpaired_rows", text)


def _few(means: PairedMeans, clustered: bool) -> Notice | None:
    if means.error is None or means.units >= _FEW:
        return None
    units = "clusters" if clustered else "independent rows"
    text = f"{means.units} {units} are few: Student's t is exact for normal differences, which these are not"
    return Notice("few_rows", text)


def _heavy(state: PairedState) -> Notice | None:
    squares = state.squares.total()
    held = [*state.most.improved[:1], *state.most.worsened[:1]]
    if not squares or state.infinite or state.total < _FEW:
        return None
    row = max(held, key=lambda row: abs(row.change))
    share = float(Fraction(row.change) ** 2 / squares)
    if share < _MUCH:
        return None
    text = (
        f"row {row.row} alone makes {share:.0%} of the spread of the differences: with tails so heavy an interval says "
        "less than its confidence, whichever way it is made"
    )
    return Notice("heavy_tail", text)
