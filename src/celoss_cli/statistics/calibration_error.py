"""The root mean square calibration error of bins, without what chance alone shows of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class BinSums(NamedTuple):
    """The rows of one bin: how many, in how many of them the event happened, and Σ p."""

    rows: int
    happened: int
    p: float


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
