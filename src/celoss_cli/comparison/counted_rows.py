"""Rows that stand for several (``--count``), after they were paired: a bounded number at a time, as if written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Floats
from celoss_cli.state.exact_sum import MAX_BLOCK


class RowBlock(NamedTuple):
    """Some rows on end: ``places`` select them from arrays over all, one that stands for several as often.

    ``first`` (n,) says which of them are not the row before once more; ``None`` for all.
    """

    places: slice | npt.NDArray[np.intp]
    first: npt.NDArray[np.bool_] | None


def in_blocks(rows: int, counts: Floats | None) -> Iterator[RowBlock]:
    """Yield ``rows`` rows in order, each as often as ``counts`` (rows,) says, in whole numbers; ``None`` for once."""
    if counts is None:
        for start in range(0, rows, MAX_BLOCK):
            yield RowBlock(slice(start, min(rows, start + MAX_BLOCK)), None)
        return
    ends = np.cumsum(counts.astype(np.int64))
    total, last = int(ends[-1]) if rows else 0, -1
    for start in range(0, total, MAX_BLOCK):
        places: Any = np.searchsorted(ends, np.arange(start, min(start + MAX_BLOCK, total)), side="right")
        yield RowBlock(places, np.diff(places, prepend=last) > 0)
        last = int(places[-1])


def number_of(rows: npt.NDArray[np.bool_], counts: Floats | None) -> int:
    """Return for how many rows those chosen by ``rows`` (n,) stand."""
    return int(np.count_nonzero(rows)) if counts is None else int(counts[rows].sum())
