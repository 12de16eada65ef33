"""Calibration errors of a state's bins, and of bins of equal mass made from its scores."""

from __future__ import annotations

import numpy as np

from celoss_cli.diagnosis.groups import Groups, sigmoid
from celoss_cli.results.miscalibration import Bin, CalibrationError, Ece
from celoss_cli.state.bins import BinState
from celoss_cli.state.calibration import BINS
from celoss_cli.state.exact_sum import UNIT_BITS
from celoss_cli.statistics.calibration_error import BinSums, calibration_error, rms_debiased


def calibration_errors(top: BinState, positive: BinState | None, groups: Groups) -> Ece:
    """Return the errors of the most probable class and, with two classes, of P(positive); ``groups`` are of either."""
    mass, edges = equal_mass(groups)
    return Ece(
        top_label=_error(top),
        positive=None if positive is None else _error(positive),
        rms_debiased=rms_debiased(mass),
        equal_mass=tuple(
            _bin(low, high, sums) for low, high, sums in zip([0.0, *edges[:-1]], edges, mass, strict=True)
        ),
    )


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
    ends = np.unique(np.searchsorted(passed, np.cumsum(sizes)[:-1]))
    last = z.shape[0] - 1
    ends = np.append(ends[ends < last], last)
    starts = np.concatenate([[0], ends[:-1] + 1])
    sums = [
        BinSums(*one)
        for one in zip(
            np.add.reduceat(rows, starts).tolist(),
            np.add.reduceat(counts[:, 1], starts).tolist(),
            np.add.reduceat(p * rows, starts).tolist(),
            np.add.reduceat(p * (1.0 - p) * rows, starts).tolist(),
            strict=True,
        )
    ]
    middles = (0.5 * (p[ends[:-1]] + p[ends[:-1] + 1])).tolist()
    return sums, [*middles, 1.0]


def bin_sums(state: BinState) -> list[BinSums]:
    """Return the bins of a state as sums."""
    unit = 1 << UNIT_BITS
    return [
        BinSums(rows, happened, p / unit, spread / unit)
        for rows, happened, p, spread in zip(state.rows, state.happened, state.p.units, state.spread.units, strict=True)
    ]


def _error(state: BinState) -> CalibrationError:
    sums = bin_sums(state)
    found = calibration_error(sums)
    return CalibrationError(
        value=found.value,
        null=found.null_mean,
        null_sd=found.null_sd,
        over=found.over,
        under=found.under,
        bins=tuple(_bin(place / BINS, (place + 1) / BINS, one) for place, one in enumerate(sums)),
    )


def _bin(low: float, high: float, sums: BinSums) -> Bin:
    if not sums.rows:
        return Bin(low, high, 0, None, None)
    return Bin(low, high, sums.rows, sums.p / sums.rows, sums.happened / sums.rows)
