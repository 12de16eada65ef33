"""A table with columns beside its own, which stand in memory and not in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.arrow.types import column_of, plain
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need, Partition, Table
from celoss_cli.tables.views.view import View


class WithColumns(View):
    """Another table, whose partitions know their rows, and ``beside``: Arrow arrays of one value a row, by name."""

    def __init__(self, table: Table, beside: Mapping[str, Any]) -> None:
        super().__init__(table)
        self._beside = {name: plain(array) for name, array in beside.items()}
        fields = (pa.field(name, array.type) for name, array in beside.items())
        self.columns = (*table.columns, *map(column_of, fields))

    def head(self) -> Batch:
        """Return the first rows."""
        return self.joined(self.table.head(), [column.name for column in self.columns], 0)

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions of the table below, each with its rows of the columns beside it."""
        first = 0
        for partition in self.table.partitions():
            yield _Beside(self, partition, first)
            first += partition.rows or 0

    def needed(self, needs: Mapping[str, Need]) -> Mapping[str, Need]:
        """Return which columns of the table below are read."""
        return {name: need for name, need in needs.items() if name not in self._beside}

    def joined(self, batch: Batch, names: list[str], first: int) -> Batch:
        """Return a batch of the table below, which begins at its row ``first``, with the columns ``names``."""
        columns = {
            name: self._beside[name].slice(first, batch.rows) if name in self._beside else batch.column(name)
            for name in names
        }
        return ArrowBatch(columns, batch.rows)


class _Beside:
    """A partition that begins at row ``first``. Implements ``Partition``."""

    def __init__(self, view: WithColumns, partition: Partition, first: int) -> None:
        self._view, self._partition, self._first = view, partition, first
        self.rows, self.size = partition.rows, partition.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order. Raises what the partition below does."""
        first = self._first
        for batch in self._partition.batches(self._view.needed(needs)):
            yield self._view.joined(batch, list(needs), first)
            first += batch.rows
