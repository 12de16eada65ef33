"""The 95 % interval of a mean loss: what is known of its spread, and where that is not enough."""

from __future__ import annotations

from fractions import Fraction

from celoss_cli.request import Denominator
from celoss_cli.state.loss import LossState
from celoss_cli.state.tail import TailState
from celoss_cli.statistics.skewed_mean import NORMAL_975, Interval, interval_of_mean, sample_skewness
from celoss_cli.summary.weighted_mean import Moments, ThirdMoments, Weighted, effective_rows, skewness_of, units_of
from celoss_cli.tuples import NamedTuple

FEWEST = 100
"""Effective rows below which the normal distribution does not do, and no interval is to be trusted blindly."""

_RESOLVED = 0.1  # how far from the exact spread that of the histogram may be, relative, if its skewness is to count


class MeanSpread(NamedTuple):
    """What the interval of a mean loss follows from, beside its standard error."""

    units: int
    """How many rows, or clusters of rows, are independent."""
    effective: float | None
    """(Σ v·l)² / Σ (v·l)², ``None`` where there is no loss."""
    skewness: float
    """Of the rows' losses; 0 where it is not known."""
    expected: float | None = None
    """The mean loss, in nats, that a calibrated model would expect of these rows; only where no error was seen."""
    clustered: bool = False
    """Whether the units are clusters that were added up in a pass of their own; ``error`` is theirs then."""
    error: float | None = None
    """The standard error of the mean, in nats, over such clusters; ``None`` for one."""

    @property
    def few(self) -> bool:
        """Whether so few rows make up the loss that the interval is to be taken with care."""
        return self.effective is not None and self.effective < FEWEST


def spread_of(
    state: LossState,
    sums: Weighted,
    class_weights: tuple[Fraction, ...],
    tail: TailState | None,
    thirds: ThirdMoments | None = None,
    kind: Denominator = Denominator.WEIGHTS,
) -> MeanSpread:
    """Return what is known of the spread of finite losses.

    ``tail`` holds them where all rows weigh the same; ``thirds`` are the moments of those with sample weights, of a
    mean with a denominator of that ``kind``.
    """
    units = units_of(state, class_weights, kind)
    skewness = 0.0 if tail is None else _skewness(state, sums, tail)
    if thirds is not None and sums.denominator:
        moments = Moments(sums.loss, *(part.total() for part in (state.squares, state.cross, state.weight_squares)))
        skewness = skewness_of(units, moments, thirds, sums.denominator, kind)
    return MeanSpread(units, effective_rows(state, sums, class_weights), skewness)


def interval_95(mean: float, error: float, spread: MeanSpread) -> Interval:
    """Return the 95 % interval of a mean loss, all in nats.

    Student's t with n − 1 degrees of freedom below ``FEWEST`` effective rows, else the normal distribution, and both
    turned by the skewness; never below 0, as no loss is. Where no error was seen it reaches to the loss that a
    calibrated model would expect.
    """
    quantile = NORMAL_975
    if spread.few:
        from celoss_cli.statistics.student_t import critical_value

        quantile = critical_value(0.05, spread.units - 1)
    low, high = interval_of_mean(mean, error, quantile, spread.units, spread.skewness)
    if spread.expected is not None:
        high = max(high, spread.expected)
    return max(0.0, low), high


def _skewness(state: LossState, sums: Weighted, tail: TailState) -> float:
    """Return the skewness by the histogram, 0 where its bins are too wide for the little that the losses differ by."""
    mean, second, third = tail.moments()
    n = state.scored
    if n < 3 or not sums.loss or not mean:
        return 0.0
    squares, unit = state.squares.total().as_integer_ratio()
    loss, per = sums.loss.as_integer_ratio()
    relative = (n * squares * per * per - loss * loss * unit) / (loss * loss * unit)
    if not abs(second / (n * mean * mean) - relative) <= _RESOLVED * relative:
        return 0.0
    return sample_skewness(n, second, third)
