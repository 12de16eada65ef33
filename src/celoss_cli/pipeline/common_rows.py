"""Which rows are scored under every one of several models: the rows that they are ranked by."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import NamedTuple

import numpy as np

from celoss_cli.pipeline.in_order import InOrder
from celoss_cli.pipeline.spool import SpooledColumn

_RUN = 1 << 18  # rows at a time


class CommonRows(NamedTuple):
    """``column`` says of each row whether every model scored it, ``None`` where all did or no model did.

    ``left_out`` counts the rows that some models scored and others did not.
    """

    column: SpooledColumn | None
    left_out: int


def common_rows(losses: Sequence[InOrder], rows: int, stack: ExitStack) -> CommonRows:
    """Return what rows have a loss (not NaN) in each of ``losses``, all in one order. Closed with ``stack``."""
    column = SpooledColumn(np.bool_)
    stack.callback(column.close)
    left_out = 0
    for start in range(0, rows, _RUN):
        stop = min(rows, start + _RUN)
        scored = np.zeros(stop - start, dtype=np.int64)
        for loss in losses:
            scored += ~np.isnan(loss.read(start, stop))
        left_out += int(np.count_nonzero((scored > 0) & (scored < len(losses))))
        column.append(scored == len(losses))
    return CommonRows(column if left_out else None, left_out)
