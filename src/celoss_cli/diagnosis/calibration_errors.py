"""Calibration errors of the report's own bins, and of bins of equal mass made from the scores."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from celoss_cli.diagnosis.groups import Groups, sigmoid
from celoss_cli.results.miscalibration import Bin, CalibrationError, Ece
from celoss_cli.state.calibration import BINS, Bins, CalibrationState
from celoss_cli.state.exact_sum import UNIT_BITS, ExactSums
from celoss_cli.statistics.calibration_error import BinSums, rms_debiased
from celoss_cli.summary.calibration import calibration_error, chance_of


def calibration_errors(calibration: CalibrationState, positive: Bins | None, groups: Groups) -> Ece:
    """Return the errors of the most probable class and, with two classes, of P(positive); ``groups`` are of either."""
    mass, edges = equal_mass(groups)
    lower = [0.0, *edges[:-1]]
    return Ece(
        top_label=_error(calibration.top),
        positive=None if positive is None else _error(positive),
        rms_debiased=rms_debiased(mass),
        equal_mass=tuple(_bin(low, high, sums) for low, high, sums in zip(lower, edges, mass, strict=True)),
    )


def of_first(bins: Bins) -> Bins:
    """Return the bins of the first of two classes from those of the second: the same rows, at 1 − p.

    A probability on an edge of the bins stands in the one above it then.
    """
    rest = [weight - claimed for weight, claimed in zip(bins.weight.units, bins.claimed.units, strict=True)]
    missed = [weight - hits for weight, hits in zip(bins.weight.units, bins.hits.units, strict=True)]
    sums = (bins.weight.units, missed, rest, bins.spread.units)
    return Bins(*(ExactSums(tuple(reversed(units))) for units in sums))


def equal_mass(groups: Groups) -> tuple[list[BinSums], list[float]]:
    """Return the rows in at most 15 bins of equal mass, and the upper edge of each, half-way to the next score.

    Rows with one score are in one bin, the lower one, as in uncertainty-calibration: bins may differ, and be fewer.
    """
    z, counts = groups.points.z, groups.points.counts
    rows = counts.sum(axis=1)
    p = sigmoid(z)
    passed = np.cumsum(rows)
    n = int(passed[-1])
    sizes = np.full(min(BINS, n), n // min(BINS, n))
    sizes[: n % min(BINS, n)] += 1  # the first ones have one row more, as np.array_split has it
    last = z.shape[0] - 1
    # rising, so that equal ones stand together; np.unique would load np.ma to see that none is masked
    ends = np.append(np.searchsorted(passed, np.cumsum(sizes)[:-1]), last)
    ends = ends[np.append(np.diff(ends) > 0, True)]
    starts = np.concatenate([[0], ends[:-1] + 1])
    parts = (rows, counts[:, 1], p * rows)
    sums = [BinSums(*one) for one in zip(*(np.add.reduceat(part, starts).tolist() for part in parts), strict=True)]
    middles = (0.5 * (p[ends[:-1]] + p[ends[:-1] + 1])).tolist()
    return sums, [*middles, 1.0]


def bin_sums(bins: Bins) -> list[BinSums]:
    """Return the bins of rows without weights as numbers."""
    unit = 1 << UNIT_BITS
    sums = zip(bins.weight.units, bins.hits.units, bins.claimed.units, strict=True)
    return [BinSums(rows // unit, hits // unit, claimed / unit) for rows, hits, claimed in sums]


def _error(bins: Bins) -> CalibrationError:
    total = bins.weight.total()
    gaps = [bins.claimed.fraction(b) - bins.hits.fraction(b) for b in range(BINS)]
    chance = chance_of(bins, total)
    return CalibrationError(
        value=calibration_error(bins, total),
        null=chance.mean,
        null_sd=chance.sd,
        over=float(sum((gap for gap in gaps if gap > 0), Fraction(0)) / total),
        under=float(sum((-gap for gap in gaps if gap < 0), Fraction(0)) / total),
        bins=tuple(_bin(place / BINS, (place + 1) / BINS, one) for place, one in enumerate(bin_sums(bins))),
    )


def _bin(low: float, high: float, sums: BinSums) -> Bin:
    if not sums.rows:
        return Bin(low, high, 0, None, None)
    return Bin(low, high, sums.rows, sums.p / sums.rows, sums.happened / sums.rows)
