"""A table that is read once, however often it is asked for: its batches stay in memory."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Mapping

from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need, Partition, Table
from celoss_cli.tables.views.shards import ShardedTable
from celoss_cli.tables.views.view import View


class Remembered(View):
    """Another table, of which each column that was read once is kept. Implements ``Table``."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._lock = threading.Lock()
        self._partitions: list[Partition] | None = None

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions of the table below, each of which keeps what it has read."""
        with self._lock:
            if self._partitions is None:
                self._partitions = [_Kept(partition) for partition in self.table.partitions()]
        return iter(self._partitions)


class _Kept:
    """A partition that keeps its batches. Implements ``Partition``."""

    def __init__(self, partition: Partition) -> None:
        self._partition = partition
        self._lock = threading.Lock()
        self._read: dict[frozenset[tuple[str, Need]], list[Batch]] = {}
        self.rows = partition.rows
        self.size = partition.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order. Raises what the partition does, each time."""
        wanted = frozenset(needs.items())
        with self._lock:
            if wanted not in self._read:
                self._read[wanted] = list(self._partition.batches(needs))
        return iter(self._read[wanted])


def remembered(table: Table) -> Table:
    """Return a table of which each column is read once; what is in memory already stays as it is."""
    from celoss_cli.tables.arrays import ArrayTable
    from celoss_cli.tables.memory import MemoryTable

    if isinstance(table, ArrayTable | MemoryTable):
        return table
    if isinstance(table, ShardedTable):
        again = copy.copy(table)
        again.shards = tuple(remembered(shard) for shard in table.shards)
        return again
    return Remembered(table)
