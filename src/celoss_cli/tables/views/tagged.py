"""The tag that Vowpal Wabbit puts behind the scores of a line, as a column of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from celoss_cli.spec import Decision
from celoss_cli.tables.arrow.build import texts_array
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Need, Partition, Table

TAG = "tag"


def with_tags(table: Table) -> Table:
    """Return a table of one column of ``class:score`` pairs with their tags beside them, if all first lines have one.

    Other tables are returned as they are.
    """
    if len(table.columns) != 1 or table.columns[0].kind is not Kind.TEXT:
        return table
    texts = table.head().texts(table.columns[0].name)
    if not texts or not _tag_of(texts[0] or "") or not all(_tag_of(text or "") for text in texts):
        return table
    return TaggedTable(table)


class TaggedTable:
    """A table of one column of text, with what stands behind the last blank of each as the column ``tag``."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.path, self.format, self.named = table.path, table.format, table.named
        self.rows, self.size, self.places = table.rows, table.size, table.places
        self.divisible = False
        self.decisions: tuple[Decision, ...] = table.decisions
        self.columns: tuple[Column, ...] = (*table.columns, Column(TAG, Kind.TEXT, "tag"))

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

    def presented(self, batch: Batch, names: Sequence[str]) -> Batch:
        """Return some columns of a batch of the table below."""
        lines = self.table.columns[0].name
        columns = {name: batch.column(name) for name in names if name != TAG}
        if TAG in names:
            columns[TAG] = texts_array([_tag_of(text or "") or None for text in batch.texts(lines)])
        return Batch(columns, batch.rows)


class _Presented:
    """A partition of the table below. Implements ``Partition``."""

    def __init__(self, table: TaggedTable, partition: Partition) -> None:
        self._table, self._partition = table, partition
        self.rows, self.size = partition.rows, partition.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order."""
        below = {name: need for name, need in needs.items() if name != TAG}
        if TAG in needs:
            below.setdefault(self._table.table.columns[0].name, Need.KEY)
        for batch in self._partition.batches(below):
            yield self._table.presented(batch, list(needs))


def _tag_of(text: str) -> str:
    """Return what stands behind pairs of class and score; empty where that is a pair, or nothing stands before it."""
    before, _, last = text.strip().rpartition(" ")
    return last if ":" in before and ":" not in last else ""
