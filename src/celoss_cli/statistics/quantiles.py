"""Quantiles by linear interpolation: those of ``np.quantile``, which imports ``np.ma`` on the way, to the last bit."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def quantile(values: Floats, q: float) -> Floats:
    """Return the quantile ``q``, from 0 to 1, of each column (k,) of ``values`` (n, k), none of them NaN.

    Between two values it lies on a straight line (type 7 of R. Hyndman, Y. Fan, "Sample quantiles in statistical
    packages", 1996), taken from the nearer one.
    """
    place = q * (values.shape[0] - 1)
    below = int(place)
    above = min(below + 1, values.shape[0] - 1)
    part = np.partition(values, (below, above), axis=0)
    share = place - below
    gap = part[above] - part[below]
    nearer: Floats = part[above] - gap * (1.0 - share) if share >= 0.5 else part[below] + gap * share
    return nearer
