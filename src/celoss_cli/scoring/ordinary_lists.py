"""Lists of which all tokens count and are of the usual size, but for a first one without a value: scored in one go.

What the compiled core makes of them is what ``scoring.tokens`` does by NumPy for all lists: the same bits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.compiled import CORE, as_buffer
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.sequences.columns import LEAST_SENTINEL
from celoss_cli.request import InputForm
from celoss_cli.state.exact_sum import Accumulator

if TYPE_CHECKING:
    from celoss_cli.tables.arrow.lists import Ragged


def usual_range(form: InputForm) -> tuple[float, float]:
    """Return what ordinary logarithms of a form lie between, as they are written: beyond are sentinels and flaws."""
    nearly = math.nextafter(LEAST_SENTINEL, 0.0)
    return (0.0, -nearly) if form is InputForm.NLL else (nearly, 0.0)


class ScoredLists(NamedTuple):
    """What lists came to, up to the first that is not ordinary."""

    end: int
    """The list it ended at."""
    lead: npt.NDArray[np.bool_]
    """Which of the lists begin with a token that has no value, (n,) from the one it started at."""
    low: float
    """The smallest value."""
    high: float


def add_lists(form: InputForm, scores: Ragged, start: int, loss: Floats, total: Accumulator) -> ScoredLists:
    """Score lists from ``start`` on: the loss of each into ``loss`` (n,), and that of their tokens to ``total``.

    There has to be a core.
    """
    values = scores.values
    kind = np.dtype(np.float64 if values.dtype == np.float64 else np.float32)
    if values.dtype != kind and values.dtype != np.float16:
        kind = np.dtype(np.float64)
    n, size = scores.offsets.shape[0] - 1, int(scores.offsets[-1] - scores.offsets[start])
    lead = np.zeros(n, dtype=np.uint8)
    end, low, high = CORE.add_lists(
        as_buffer(values, kind),
        kind.char,
        as_buffer(scores.offsets, np.int64),
        form.nats,
        *usual_range(form),
        start,
        n,
        loss,
        lead,
        *total.counters(size),
    )
    return ScoredLists(end, lead[start:end] != 0, low + 0.0, high + 0.0)
