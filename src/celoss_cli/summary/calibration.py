"""The calibration error of binned rows, and what chance alone would make of it for a calibrated model."""

from __future__ import annotations

import math
from fractions import Fraction

from celoss_cli.results.metrics import CalibrationBin, ChanceError
from celoss_cli.state.calibration import Bins
from celoss_cli.state.exact_sum import UNIT_BITS, quotient


def calibration_error(bins: Bins, total: Fraction) -> float:
    """Return Σ_b |hits − claimed| / Σ s, the expected calibration error; ``total`` is Σ s."""
    gaps = (abs(hits - claimed) for hits, claimed in zip(bins.hits.units, bins.claimed.units, strict=True))
    return quotient(sum(gaps), total)


def chance_of(bins: Bins, total: Fraction) -> ChanceError:
    """Return mean and standard deviation of the calibration error of a calibrated model on these rows.

    The gap of a bin is then a sum of independent terms with mean 0 and variance V_b = Σ s² p (1 − p), close to normal:
    its absolute value has mean √(2/π) √V_b and variance (1 − 2/π) V_b. Where a bin expects less than one event the
    normal is a rough guide, and errs to above.
    """
    square = total * total
    variances = [quotient(spread, square) for spread in bins.spread.units]
    return ChanceError(
        mean=math.sqrt(2.0 / math.pi) * math.fsum(map(math.sqrt, variances)),
        sd=math.sqrt((1.0 - 2.0 / math.pi) * math.fsum(variances)),
    )


def bins_of(bins: Bins, *, independent: bool) -> tuple[CalibrationBin, ...]:
    """Return what is predicted and what happens in each bin; ``independent`` as for the chance of all rows."""
    count = len(bins.weight.units)
    return tuple(_bin(bins, place, place / count, (place + 1) / count, independent) for place in range(count))


def _bin(bins: Bins, place: int, low: float, high: float, independent: bool) -> CalibrationBin:
    weight, hits, claimed, variance = (sums.units[place] for sums in bins)
    if not weight:
        return CalibrationBin(low, high, 0.0, None, None, None)
    spread = math.sqrt((variance << UNIT_BITS) / (weight * weight)) if independent else None
    return CalibrationBin(low, high, weight / (1 << UNIT_BITS), claimed / weight, hits / weight, spread)
