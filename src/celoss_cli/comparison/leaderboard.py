"""Several models on the same rows, ranked, and which of them cannot be told from the best: pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from celoss_cli.comparison.difference import PairedMeans, interval_of, p_value_of
from celoss_cli.results.comparison import Comparison, ComparisonVerdict, Difference, Standing, ToBest
from celoss_cli.results.document import Notice
from celoss_cli.statistics.holm import holm


class Entry(NamedTuple):
    """A model to be ranked by its mean loss. ``difference`` and ``verdict`` are a candidate's, beside the baseline."""

    path: str
    mean: float
    difference: Difference | None = None
    verdict: ComparisonVerdict | None = None


def best_of(means: Sequence[float]) -> int | None:
    """Return the place of the smallest mean, the first of equal ones; ``None`` where all are infinite."""
    place = min(range(len(means)), key=means.__getitem__)
    return place if math.isfinite(means[place]) else None


def standings(
    entries: Sequence[Entry], beside_best: Sequence[PairedMeans | None], confidence: float
) -> tuple[Standing, ...]:
    """Return the leaderboard, the smallest mean first, equal ones in the order given, infinite ones last.

    ``beside_best`` is what each of ``entries`` came to beside the best, ``None`` for the best itself, and for all where
    none is. Models with an infinite mean are told from the best without a test, and count in no adjustment.
    """
    p_values = [None if means is None else p_value_of(means) for means in beside_best]
    adjusted = iter(holm([p for p in p_values if p is not None]))
    results = []
    for entry, means, p in zip(entries, beside_best, p_values, strict=True):
        after = None if p is None else next(adjusted)
        same = means is not None and means.within_rounding
        told = not math.isfinite(entry.mean) or (after is not None and not after >= 1.0 - confidence and not same)
        to_best = None if means is None else _to_best(means, p, after, confidence)
        results.append((entry, to_best, not told))
    results.sort(key=lambda result: result[0].mean)  # stable
    return tuple(
        Standing(
            rank=rank,
            path=entry.path,
            mean=entry.mean,
            difference=entry.difference,
            to_best=to_best,
            indistinguishable=indistinguishable,
            outcome=None if entry.verdict is None else entry.verdict.outcome,
            text=None if entry.verdict is None else entry.verdict.text,
            passed=None if entry.verdict is None else entry.verdict.passed,
        )
        for rank, (entry, to_best, indistinguishable) in enumerate(results, start=1)
    )


def _to_best(means: PairedMeans, p_value: float | None, p_adjusted: float | None, confidence: float) -> ToBest:
    return ToBest(means.difference, means.error, interval_of(means, confidence), p_value, p_adjusted)


def with_leaderboard(
    comparisons: Sequence[Comparison], leaderboard: tuple[Standing, ...], notices: Sequence[Notice]
) -> Comparison:
    """Return the first of ``comparisons`` with one baseline, with what there is to say of them all.

    Each candidate is a check of its own, and the gate is passed if each passes.
    """
    first, *others = comparisons
    checks = tuple(
        check._replace(subject=one.inputs.candidate.path, asked=one.inputs.candidate.path)
        for one in comparisons
        for check in one.verdict.checks
    )
    passed = None if first.verdict.passed is None else all(one.verdict.passed is True for one in comparisons)
    return replace(
        first,
        inputs=replace(first.inputs, others=tuple(other.inputs.candidate for other in others)),
        spec=replace(first.spec, others=tuple(other.spec.candidate for other in others)),
        warnings=tuple(notices),
        verdict=replace(first.verdict, passed=passed, checks=checks),
        leaderboard=leaderboard,
    )
