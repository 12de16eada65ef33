"""How exactly scores are written down, and how far that alone can move the sum of a row from 1."""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout import Layout
from celoss_cli.tuples import NamedTuple

_MOST_EXPLAINED = 0.1

_AT_ONCE = 1 << 16  # numbers

_EPS = {kind: float(np.finfo(kind).eps) for kind in (np.float16, np.float32, np.float64)}

_LONG_LOGS = 1e-11  # the rounding of a logarithm of 5e4 nats, in float64


class WrittenPrecision(NamedTuple):
    """How exactly the scores are written: ``tolerance`` is how far that alone can move the sum of a row from 1."""

    tolerance: float
    source: str

    def of_sums(self, *, percent: bool) -> float:
        """Return the tolerance for sums of probabilities; few digits explain much, but not everything."""
        return min(self.tolerance / 100.0 if percent else self.tolerance, _MOST_EXPLAINED)


def precision_of(head: Floats, layout: Layout, *, text: bool) -> WrittenPrecision:
    """Return how far the dtype or the printed digits let the sum of a row of C probabilities stray from 1."""
    width = head.shape[1]
    column = layout.scores[0]
    if text:
        digits = max((column.digits or 0 for column in layout.scores), default=0)
        printed = width * 0.5 * 10.0**-digits
        if digits >= 6:  # float32 prints with 6 to 9 digits, or with 17 once widened
            printed = max(printed, _rounding(np.float32, width) if digits <= 9 or _is_float32(head) else 0.0)
        return WrittenPrecision(
            max(printed, _rounding(np.float64, width)),
            f"{digits} printed digit{'' if digits == 1 else 's'}",
        )
    kind = column.dtype
    if "float16" in kind or "halffloat" in kind:
        return WrittenPrecision(_rounding(np.float16, width), "float16")
    if "float32" in kind or kind == "float" or "<float>" in kind or "float[" in kind or _is_float32(head):
        return WrittenPrecision(_rounding(np.float32, width), "float32")
    return WrittenPrecision(_rounding(np.float64, width), kind)


def _rounding(dtype: type[np.float16 | np.float32 | np.float64], width: int) -> float:
    """Return the room for rounding each of ``width`` probabilities, and for a softmax computed in that dtype.

    Naive Bayes takes the exponential of log-probabilities of many thousand nats, which it has to some 1e-13 only.
    """
    room = _EPS[dtype] * (8.0 + width)
    return max(room, _LONG_LOGS) if dtype is np.float64 else room


def _is_float32(head: Floats) -> bool:
    """Whether all values are float32 numbers, though stored or printed wider: mostly the first of them tell."""
    step = max(1, _AT_ONCE // max(1, head.shape[1]))
    some = (head[start : start + step] for start in range(0, head.shape[0], step))
    with np.errstate(over="ignore"):
        return bool(head.size) and all(bool((rows.astype(np.float32) == rows).all()) for rows in some)
