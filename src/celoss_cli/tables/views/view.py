"""What all tables have in common that present another table: everything that they do not change is that table's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from celoss_cli.spec import Decision
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Need, Partition, Table


class View:
    """Another table, ``table``, as it is. Implements ``Table``.

    A view of the same rows says in ``needed`` what it reads of the table, and in ``presented`` what it makes of a
    batch.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.path = table.path
        self.format = table.format
        self.named = table.named
        self.rows = table.rows
        self.size = table.size
        self.places = table.places
        self.decisions: tuple[Decision, ...] = table.decisions
        self.columns: tuple[Column, ...] = table.columns
        self.sequences_of = getattr(table, "sequences_of", None)

    def head(self) -> Batch:
        """Return the first rows."""
        return self.table.head()

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions of the table below, presented."""
        for partition in self.table.partitions():
            yield ViewPartition(self, partition)

    def line_of(self, row: int) -> int | None:
        """Return the line of a row, if there are lines."""
        return self.table.line_of(row)

    def needed(self, needs: Mapping[str, Need]) -> Mapping[str, Need]:
        """Return which columns of the table below are read, and for what."""
        return needs

    def presented(self, batch: Batch, needs: Mapping[str, Need], first: int) -> Batch:  # noqa: ARG002
        """Return a batch of the table below as this one's; its first row is row ``first`` of its partition."""
        return batch


class ViewPartition:
    """A partition of the table below. Implements ``Partition``."""

    def __init__(self, view: View, partition: Partition) -> None:
        self._view, self._partition = view, partition
        self.rows = partition.rows
        self.size = partition.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order. Raises what the partition below does, and InvalidScores, rows counted from here."""
        first = 0
        for batch in self._partition.batches(self._view.needed(needs)):
            yield self._view.presented(batch, needs, first)
            first += batch.rows


def stored(table: Table) -> Table:
    """Return the table below all views: flattened rows, structured cells and copies are that one in disguise."""
    while isinstance(table, View):
        table = table.table
    return table
