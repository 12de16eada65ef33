"""Lists of any length, laid flat: the sum of each, in the order in which the classes of a row are summed.

List k of n has the values (m,) from ``offsets[k]`` to ``offsets[k + 1]``. Its sum is that of
``elementary.sum_over_classes`` for a row of as many classes: up to 64 values one after the other, more in runs of 128.
``c/lists.h`` does the same, compiled, with the same bits; ``functions.sum_over_lists`` picks one of the two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.elementary import FEW_CLASSES, RUN, sum_over_classes
from celoss_cli.kernels.outcome import Floats

Offsets = npt.NDArray[np.int64]

_RUNS_TOGETHER = 2048


def sum_over_lists(values: Floats, offsets: Offsets) -> Floats:
    """Return the sum (n,) of each list of ``values`` (m,) between ``offsets`` (n + 1,); 0 for one without values."""
    with np.errstate(over="ignore", invalid="ignore"):
        return _sums(values, offsets[:-1], np.diff(offsets))


def _sums(values: Floats, starts: Offsets, lengths: Offsets) -> Floats:
    sums = np.zeros(lengths.shape[0])
    few = np.flatnonzero(lengths <= FEW_CLASSES)
    sums[few] = _one_after_the_other(values, starts[few], lengths[few])
    many = np.flatnonzero(lengths > FEW_CLASSES)
    if many.size:
        runs = -(-lengths[many] // RUN)
        ends = np.cumsum(runs)
        place = np.arange(ends[-1]) - np.repeat(ends - runs, runs)
        first = np.repeat(starts[many], runs) + RUN * place
        left = np.repeat(lengths[many], runs) - RUN * place
        sums[many] = _one_after_the_other(_sums_of_runs(values, first, np.minimum(left, RUN)), ends - runs, runs)
    return sums


def _sums_of_runs(values: Floats, starts: Offsets, lengths: Offsets) -> Floats:
    """Return the sums (r,) of runs of 1 to 128 values, as the classes of a row of that many are summed."""
    sums = np.empty(starts.shape[0])
    for first in range(0, starts.shape[0], _RUNS_TOGETHER):
        part = slice(first, first + _RUNS_TOGETHER)
        place = np.arange(RUN)[:, np.newaxis]
        there = place < lengths[part]
        # What is added for those that are shorter is 0, which changes no sum. Every run is long enough for lanes then.
        padded = np.where(there, values[np.where(there, starts[part] + place, 0)], 0.0)
        sums[part] = sum_over_classes(padded, 0)
    return sums


def _one_after_the_other(values: Floats, starts: Offsets, lengths: Offsets) -> Floats:
    """Return the sums (n,) of lists whose values are added from the first to the last."""
    sums = np.zeros(starts.shape[0])
    long = np.flatnonzero(lengths > FEW_CLASSES)
    for k in long.tolist():
        sums[k] = np.add.accumulate(values[starts[k] : starts[k] + lengths[k]])[-1]
    order = np.argsort(-np.where(lengths > FEW_CLASSES, 0, lengths), kind="stable")
    ordered = np.where(lengths > FEW_CLASSES, 0, lengths)[order]
    for place in range(int(ordered[0]) if ordered.size else 0):
        alive = order[: int(np.searchsorted(-ordered, -place, side="left"))]
        sums[alive] += values[starts[alive] + place]
    return sums
