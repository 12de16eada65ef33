"""The expected calibration error, what chance alone shows of it, and a root mean square error without that.

For a calibrated model the deviation of a bin, Σ (y − p), is about normal with variance Σ p(1 − p). Its absolute value
has mean √(2/π) σ and variance (1 − 2/π) σ²: no simulation is needed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

_MEAN = math.sqrt(2.0 / math.pi)

_VARIANCE = 1.0 - 2.0 / math.pi


class BinSums(NamedTuple):
    """The rows of one bin: how many, in how many of them the event happened, Σ p and Σ p(1 − p)."""

    rows: int
    happened: int
    p: float
    spread: float


class CalibrationErrorParts(NamedTuple):
    """An expected calibration error, Σ_b |Σ (p − y)| / n: ``over`` from bins that predict too much, and ``under``."""

    over: float
    under: float
    null_mean: float
    """What it would be on average if the probabilities were right."""
    null_sd: float

    @property
    def value(self) -> float:
        """The error."""
        return self.over + self.under


def calibration_error(bins: Sequence[BinSums]) -> CalibrationErrorParts:
    """Return the error of bins, at least one of them with rows, and what chance shows."""
    n = sum(one.rows for one in bins)
    gaps = [(one.p - one.happened) / n for one in bins]
    return CalibrationErrorParts(
        over=math.fsum(gap for gap in gaps if gap > 0.0),
        under=-math.fsum(gap for gap in gaps if gap < 0.0),
        null_mean=_MEAN / n * math.fsum(math.sqrt(max(0.0, one.spread)) for one in bins),
        null_sd=math.sqrt(_VARIANCE * math.fsum(max(0.0, one.spread) for one in bins)) / n,
    )


def rms_debiased(bins: Sequence[BinSums]) -> float:
    """Return √max(0, Σ n_b/n ((ȳ − p̄)² − ȳ(1 − ȳ)/(n_b − 1))) of bins, at least one of them with rows.

    A. Kumar, P. Liang, T. Ma, "Verified uncertainty calibration", NeurIPS 2019: the square of a bin's error is too
    large by the variance of ȳ. A bin of one row counts as 0, as in the authors' own package.
    """
    n = sum(one.rows for one in bins)
    terms = []
    for one in bins:
        if one.rows < 2:
            continue
        share = one.happened / one.rows
        gap = share - one.p / one.rows
        terms.append(one.rows / n * (gap * gap - share * (1.0 - share) / (one.rows - 1)))
    return math.sqrt(max(0.0, math.fsum(terms)))
