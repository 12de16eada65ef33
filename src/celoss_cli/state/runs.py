"""Where equal keys stand together: keys of several rows in rising order, and where each different one begins."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Mask

Places = npt.NDArray[np.signedinteger[Any]]


def first_of_runs(keys: npt.NDArray[Any]) -> Mask:
    """Return which of ``keys`` (n,), in rising order, are not the same as the one before."""
    first = np.ones(keys.shape[0], dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=first[1:])
    return first


def runs_of_equal(keys: npt.NDArray[Any]) -> tuple[Places, Places]:
    """Return the order (n,) in which ``keys`` (n,) rise, equal ones as they came, and where in it each begins (m,)."""
    order = np.argsort(keys, kind="stable")
    return order, np.flatnonzero(first_of_runs(keys[order]))
