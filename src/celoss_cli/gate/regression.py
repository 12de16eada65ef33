"""What an interval of the difference says about the regression that is allowed: pure, with a truth table."""

from __future__ import annotations

import math

from celoss_cli.request import OnInconclusive
from celoss_cli.results.comparison import ComparisonOutcome


def outcome_of(
    interval: tuple[float, float] | None,
    margin: float | None,
    *,
    infinite: bool,
    tied: bool = False,
    blind: bool = False,
) -> ComparisonOutcome:
    """Return what a comparison came to.

    ``interval`` is that of candidate − baseline, ``None`` where there is none (fewer than two rows); ``margin`` is the
    regression allowed; ``infinite`` if any loss is; ``tied`` if all rows are, but for
    rounding; ``blind`` if the rows cannot tell the models apart, whatever the interval.
    """
    if infinite:
        return ComparisonOutcome.INFINITE
    if interval is None or not all(map(math.isfinite, interval)):
        return ComparisonOutcome.UNDECIDED
    low, high = interval
    if tied:
        return ComparisonOutcome.SAME
    if blind:
        return ComparisonOutcome.UNDECIDED
    if high < 0.0:
        return ComparisonOutcome.BETTER
    if margin is not None and high <= margin:
        return ComparisonOutcome.NO_WORSE
    return ComparisonOutcome.WORSE if low > (margin or 0.0) else ComparisonOutcome.UNDECIDED


def passes(
    interval: tuple[float, float] | None,
    margin: float,
    *,
    infinite: bool,
    inconclusive: OnInconclusive,
    blind: bool = False,
) -> bool:
    """Return whether the gate is passed: if the interval ends at most at ``margin``.

    It fails if the interval begins above the margin. Between, ``inconclusive`` says. Where there is no interval, or a
    loss is infinite, nothing is a pass. Rows that are ``blind`` are inconclusive whatever the interval.
    """
    if infinite or interval is None or not all(map(math.isfinite, (*interval, margin))):
        return False
    low, high = interval
    if blind:
        return inconclusive is OnInconclusive.PASS
    return high <= margin or (low <= margin and inconclusive is OnInconclusive.PASS)
