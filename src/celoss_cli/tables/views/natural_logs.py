"""A table whose logarithms of probabilities are of another base or sign, presented with natural ones in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.arrow.build import numbers_array, vectors
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.views.view import View


class NaturalLogs(View):
    """Another table in which the columns of ``names`` are multiplied by ``nats``: ln 2, ln 10 or −1."""

    def __init__(self, table: Table, names: Iterable[str], nats: float, *, vector: bool) -> None:
        super().__init__(table)
        self._names, self._nats, self._vector = tuple(names), nats, vector

    def head(self) -> Batch:
        """Return the first rows."""
        head = self.table.head()
        return self.presented(head, {column.name: Need.KEY for column in self.columns}, 0)

    def presented(self, batch: Batch, needs: Mapping[str, Need], first: int) -> Batch:  # noqa: ARG002
        """Return a batch of the table below with natural logarithms."""
        columns: dict[str, Any] = {name: batch.column(name) for name in needs if name not in self._names}
        for name in self._names:
            if self._vector:
                columns[name] = vectors(batch.matrix(name).astype(np.float64) * self._nats)
            elif name in needs:
                columns[name] = numbers_array(batch.numbers(name).astype(np.float64) * self._nats)
        return ArrowBatch(columns, batch.rows)
