"""The spread of rows that are not independent: each cluster of them counts as one, with all its loss and weight."""

from __future__ import annotations

import numpy as np

from celoss_cli.state.exact_products import add_products
from celoss_cli.state.exact_sum import MAX_BLOCK, Accumulator, Floats
from celoss_cli.state.loss import LossState


class ClusterMoments:
    """Takes rows in whole clusters of ``size`` and puts their moments in the place of the rows' own.

    The standard error of a mean over clusters: K. Liang, S. Zeger, "Longitudinal data analysis using generalized
    linear models", Biometrika 73, 1986, for a mean.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._units = 0
        self._squares, self._cross, self._weight_squares = Accumulator(1), Accumulator(1), Accumulator(1)

    def add(self, weighted: Floats, weighing: Floats) -> None:
        """Add rows with v·l (n,) and v (n,), 0 for rows left out; infinite losses must be left out too."""
        loss = weighted.reshape(-1, self._size).sum(axis=1)
        weight = weighing.reshape(-1, self._size).sum(axis=1)
        self._units += int(np.count_nonzero(weight))
        for start in range(0, loss.shape[0], MAX_BLOCK):
            part = slice(start, start + MAX_BLOCK)
            a, b = loss[part], weight[part]
            for accumulator, x, y in ((self._squares, a, a), (self._cross, b, a), (self._weight_squares, b, b)):
                add_products(accumulator, x, y)

    def put_into(self, state: LossState) -> LossState:
        """Return the state with the moments of clusters."""
        return state._replace(
            units=self._units,
            squares=self._squares.finish(),
            cross=self._cross.finish(),
            weight_squares=self._weight_squares.finish(),
        )
