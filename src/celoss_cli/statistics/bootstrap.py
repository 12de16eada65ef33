"""The percentile bootstrap of a mean, row by row or cluster by cluster: one stream of random numbers a sample.

A sample draws as many units as there are, with replacement; its estimate is that of the whole, made of what it drew
(B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 6 and 13). Sample r draws from Philox
with the key (seed, r) (J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): no sample knows of
the others, so that any number of threads comes to the same interval. NumPy keeps the raw output of its bit generators
the same from version to version, which it does not promise of the integers it makes of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_DRAWN_AT_ONCE = 1 << 16

_SPAN = 1.0 / (1 << 53)


class Resampled(NamedTuple):
    """What is resampled: the contribution of each unit to the sum, and to the denominator of the mean, both (n,).

    ``weight`` is ``None`` where the denominator is the same for every sample: then it is ``denominator``.
    """

    change: Floats
    weight: Floats | None
    denominator: float


def estimate(units: Resampled, seed: int, replicate: int) -> float:
    """Return the mean of one sample. Holds 64 ki drawn units at a time, whatever their number."""
    n = units.change.shape[0]
    key = np.array([seed, replicate], dtype=np.uint64)
    stream = np.random.Philox(key=key)
    changes, weights = [], []
    for start in range(0, n, _DRAWN_AT_ONCE):
        raw = stream.random_raw(min(_DRAWN_AT_ONCE, n - start))
        # The upper 53 bits, as a number below 1, times n: below n whatever it is rounded to.
        drawn = ((raw >> np.uint64(11)).astype(np.float64) * (_SPAN * n)).astype(np.intp)
        changes.append(float(units.change[drawn].sum()))
        if units.weight is not None:
            weights.append(float(units.weight[drawn].sum()))
    return math.fsum(changes) / (units.denominator if units.weight is None else math.fsum(weights))


def percentile_interval(estimates: Sequence[float], confidence: float) -> tuple[float, float]:
    """Return the ends between which ``confidence`` of the estimates lie, as much on either side left out."""
    tail = 0.5 * (1.0 - confidence)
    low, high = np.quantile(np.array(estimates), [tail, 1.0 - tail])
    return float(low), float(high)
