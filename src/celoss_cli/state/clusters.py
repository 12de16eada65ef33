"""The spread of rows that are not independent: each cluster of them counts as one, with all its loss and weight."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.state.exact_products import add_products
from celoss_cli.state.exact_sum import MAX_BLOCK, Accumulator, Floats
from celoss_cli.state.loss import LossState
from celoss_cli.state.paired import ThirdAccumulator, ThirdSums


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
            idle=None,
        )


Codes = npt.NDArray[np.signedinteger[Any]]


class ClusterSums:
    """Adds up the weighted difference and the weight of each of ``size`` clusters, 16 bytes each, row by row in order.

    In order, since the sum of a cluster is one of floats: it then depends on the rows alone, and not on how they came.
    """

    def __init__(self, size: int) -> None:
        self.change, self.weight = np.zeros(size), np.zeros(size)

    def add(self, codes: Codes, change: Floats, weight: Floats) -> None:
        """Add rows that follow those before, all (n,); those of weight 0 may have any code."""
        np.add.at(self.change, codes, change)
        np.add.at(self.weight, codes, weight)

    def counted(self) -> tuple[Floats, Floats]:
        """Return the differences and the weights of the clusters that have a weight."""
        some = self.weight > 0.0
        return self.change[some], self.weight[some]

    def sums(self) -> tuple[Fraction, Fraction, Fraction, Fraction]:
        """Return Σ D, Σ D², Σ V·D and Σ V² over the clusters, exact."""
        change, weight = self.counted()
        total, squares, cross, weights = (Accumulator(1) for _ in range(4))
        for start in range(0, change.shape[0], MAX_BLOCK):
            d, v = change[start : start + MAX_BLOCK], weight[start : start + MAX_BLOCK]
            total.add(d)
            for accumulator, x, y in ((squares, d, d), (cross, v, d), (weights, v, v)):
                add_products(accumulator, x, y)
        return tuple(a.finish().total() for a in (total, squares, cross, weights))  # type: ignore[return-value]  # four

    def thirds(self) -> ThirdSums:
        """Return what the skewness over the clusters follows from."""
        change, weight = self.counted()
        sums = ThirdAccumulator(1)
        for start in range(0, change.shape[0], MAX_BLOCK):
            sums.add(change[start : start + MAX_BLOCK], weight[start : start + MAX_BLOCK], None)
        return sums.finish()
