"""A table one of whose columns goes by another name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from celoss_cli.spec import Decision
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Need, Partition, Table


class AliasedTable:
    """A table whose column ``name`` is called ``alias``. Implements ``Table``."""

    divisible = False

    def __init__(self, table: Table, name: str, alias: str) -> None:
        self.table, self._name, self._alias = table, name, alias
        self.path, self.format, self.named = table.path, table.format, table.named
        self.rows, self.size, self.places = table.rows, table.size, table.places
        self.decisions: tuple[Decision, ...] = table.decisions
        self.columns: tuple[Column, ...] = tuple(
            column._replace(name=alias) if column.name == name else column for column in table.columns
        )

    def head(self) -> Batch:
        """Return the first rows."""
        return self.presented(self.table.head(), [column.name for column in self.columns])

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions of the table below."""
        for partition in self.table.partitions():
            yield _Presented(self, partition)

    def line_of(self, row: int) -> int | None:
        """Return the line of a row, if there are lines."""
        return self.table.line_of(row)

    def below(self, name: str) -> str:
        """Return what a column is called in the table below."""
        return self._name if name == self._alias else name

    def presented(self, batch: Batch, names: list[str]) -> Batch:
        """Return some columns of a batch of the table below."""
        return Batch({name: batch.column(self.below(name)) for name in names}, batch.rows)


class _Presented:
    """A partition of the table below. Implements ``Partition``."""

    def __init__(self, table: AliasedTable, partition: Partition) -> None:
        self._table, self._partition = table, partition
        self.rows, self.size = partition.rows, partition.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order."""
        below = {self._table.below(name): need for name, need in needs.items()}
        for batch in self._partition.batches(below):
            yield self._table.presented(batch, list(needs))
