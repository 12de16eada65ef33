"""What may be said of each fix, and which one is to be recommended.

Is something to be mended is one question, a likelihood ratio test; how much it would save is another, an interval. As a
test the interval of paired differences has almost no power: 4 % where the ratio has 66 (200 rows, T = 1.5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.outcome import Floats
from celoss_cli.request import Margin
from celoss_cli.statistics.skewed_mean import NORMAL_975

LEVEL = 0.01
"""Of the likelihood ratio test."""

WORTH = Margin(0.01, relative=True)
"""The gain below which a fix is not worth the trouble, unless it is said: a share of the loss."""


class FixVerdict(StrEnum):
    """What may be said of a fix."""

    NOTHING_TO_GAIN = "nothing_to_gain"
    HELPS = "helps"
    PROBABLY_HELPS = "probably_helps"
    TOO_FEW_ROWS = "too_few_rows"
    CANNOT = "cannot"
    NO_BETTER = "no_better"


class Gained(NamedTuple):
    """What a fix saves, in nats a row."""

    name: str
    degrees: int
    in_sample: float
    optimism: float
    standard_error: float
    p_value: float | None
    """``None`` for what is cross-fitted."""
    corrected: Floats
    """(k,) what it saves for each row, or each row of a group, corrected; empty where that is not known."""
    weights: Floats
    """(k,) the weight of the rows that it stands for: one each, or the sample weights, whose mean is 1."""
    squares: Floats
    """(k,) the sum of the squares of these."""
    quantile: float = NORMAL_975
    """So many standard errors reach to the ends of the interval."""

    @property
    def gain(self) -> float:
        """What it saves on new rows."""
        return self.in_sample - self.optimism

    @property
    def ci95(self) -> tuple[float, float]:
        """Of the gain: from below it to above the one in sample, or about it where it is cross-fitted."""
        half = self.quantile * self.standard_error
        return self.gain - half, (self.gain if self.p_value is None else self.in_sample) + half


def verdict_of(gained: Gained, loss: float, worth: Margin = WORTH) -> FixVerdict:
    """Return what may be said of a fix by itself, where ``loss`` is the mean loss without it.

    Less than ``worth`` is nothing to gain.

    A fix of many parameters has to save more than its optimism, not merely more than nothing: of nine class biases
    fitted to 200 rows half of those that pass the weaker rule make new rows worse.
    """
    low, high = gained.ci95
    if high < worth.of(loss):
        return FixVerdict.NOTHING_TO_GAIN
    if gained.p_value is None:
        return FixVerdict.HELPS if low > 0.0 else FixVerdict.TOO_FEW_ROWS
    if not (gained.p_value < LEVEL and gained.gain > gained.optimism):
        return FixVerdict.TOO_FEW_ROWS
    return FixVerdict.HELPS if low > 0.0 else FixVerdict.PROBABLY_HELPS


class Ahead(NamedTuple):
    """By how much one fix is ahead of another, with its standard error; both in nats a row."""

    mean: float
    standard_error: float

    @property
    def clear(self) -> bool:
        """Whether it is ahead by more than one standard error."""
        return self.mean > self.standard_error


def ahead(one: Gained, other: Gained) -> Ahead:
    """Return how far the first fix is ahead of the second on the same rows."""
    n = float(one.weights.sum())
    difference = one.corrected - other.corrected
    mean = float((difference * one.weights).sum()) / n
    spread = difference - mean
    return Ahead(mean, math.sqrt(float((spread * spread * one.squares).sum()) / max(1.0, n - 1.0) / n))


def no_better_than(fixes: Sequence[Gained], verdicts: Sequence[FixVerdict]) -> list[str | None]:
    """Return for each fix that helps the simplest one that helps too and that it is not clearly ahead of."""
    helping = [
        fix
        for fix, verdict in zip(fixes, verdicts, strict=True)
        if verdict in (FixVerdict.HELPS, FixVerdict.PROBABLY_HELPS)
    ]
    found: list[str | None] = []
    for fix in fixes:
        simpler = sorted((other for other in helping if other.degrees < fix.degrees), key=lambda other: other.degrees)
        hides = fix in helping
        found.append(next((other.name for other in simpler if hides and not ahead(fix, other).clear), None))
    return found


def recommended(fixes: Sequence[Gained], verdicts: Sequence[FixVerdict]) -> Gained | None:
    """Return the fix with the fewest parameters that no other is clearly ahead of; ``None`` where none helps.

    The rule of one standard error, of the paired difference to the best.
    """
    helping = [
        fix
        for fix, verdict in zip(fixes, verdicts, strict=True)
        if verdict in (FixVerdict.HELPS, FixVerdict.PROBABLY_HELPS, FixVerdict.NO_BETTER)
    ]
    if not helping:
        return None
    best = max(helping, key=lambda fix: fix.gain)
    near = [fix for fix in helping if fix is best or not ahead(best, fix).clear]
    return min(near, key=lambda fix: (fix.degrees, -fix.gain))


def of_all(n: int) -> tuple[Floats, Floats]:
    """Return that each of n rows stands for itself: their weights and the squares of these."""
    return np.ones(n), np.ones(n)
