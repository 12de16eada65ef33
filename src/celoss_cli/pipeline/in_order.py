"""A spooled column read in the order of another file's rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.pipeline.row_order import Order
from celoss_cli.pipeline.spool import Numbers, SpooledColumn


class InOrder(NamedTuple):
    """Row i is row ``order[i]`` of ``column``, NaN where that is −1 (of a column of floats); ``None``: row i itself."""

    column: SpooledColumn
    order: Order | None

    def read(self, start: int, stop: int) -> Numbers:
        """Return rows ``start`` to ``stop`` (n,), in memory of their own."""
        if self.order is None:
            return self.column.read(start, stop)
        order = self.order[start:stop]
        values: Numbers = self.column.mapped()[order]
        if self.column.dtype == np.float64:
            values[order < 0] = np.nan
        return values
