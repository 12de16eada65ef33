"""The spread of an evaluation's rows by clusters that a column names: summed up row by row, in file order."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np

from celoss_cli.errors import DataError, Where
from celoss_cli.pipeline.passes import Pass, RowSink
from celoss_cli.pipeline.settled import Settled
from celoss_cli.scoring.scorer import Scored
from celoss_cli.state.clusters import ClusterSums
from celoss_cli.tables.batch import renamed


class ClusterSink:
    """Takes the rows of a pass. In order, so that the sum of a cluster is the same however rows came."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._sums = ClusterSums(0)
        self._rows = 0
        self._lost: int | None = None

    def begin(self, stack: ExitStack) -> RowSink:  # noqa: ARG002  what a pass opens belongs there: nothing here
        """Start a pass: what an earlier one left is thrown away."""
        self._names, self._sums, self._rows, self._lost = {}, ClusterSums(0), 0, None
        return self._take

    def put_into(self, found: Pass) -> Settled:
        """Return what the pass settled, with the spread of clusters. Raises DataError for a row that is in none."""
        settled = found.settled
        if self._lost is not None:
            raise DataError(
                "it belongs to no cluster",
                code="no_cluster",
                where=Where(settled.predictions.path, row=self._lost, column=settled.request.cluster),
                hint=f"give every row a value of {settled.request.cluster!r}",
            )
        totals = settled.partial.totals
        loss = self._sums.put_into(totals.loss)
        return settled._replace(partial=settled.partial._replace(totals=totals._replace(loss=loss)))

    def _take(self, scored: Scored) -> None:
        for kept in scored.kept:
            codes = renamed(kept.slices[-1], self._names)
            known = ~np.isnan(kept.loss)
            weight = np.where(known, 1.0 if kept.weight is None else kept.weight, 0.0)
            finite = np.isfinite(kept.loss)
            lost = known & (codes < 0) & (weight > 0.0)
            if lost.any() and self._lost is None:
                self._lost = self._rows + int(np.argmax(lost))
            self._rows += codes.shape[0]
            self._sums.grow(len(self._names))
            places = np.flatnonzero(finite & (codes >= 0))
            self._sums.add(codes[places], kept.loss[places], weight[places])
