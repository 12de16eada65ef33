"""A table read from a temporary copy, which goes by the name of the original: in results and in every message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from celoss_cli.errors import DataError
from celoss_cli.spec import Decision
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Need, Partition, Table


class RenamedTable:
    """Another table under the name ``path``; its file, ``copy``, lives as long as it does. Implements ``Table``."""

    def __init__(self, table: Table, path: str, copy: Any) -> None:
        self.path = path
        self.table = table
        self._copy = copy
        self.format = table.format
        self.columns: tuple[Column, ...] = table.columns
        self.named = table.named
        self.rows = table.rows
        self.size = table.size
        self.places = table.places
        self.divisible = False
        self.decisions: tuple[Decision, ...] = table.decisions

    def head(self) -> Batch:
        """Return the first rows."""
        with self.called():
            return self.table.head()

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions of the table below."""
        with self.called():
            for partition in self.table.partitions():
                yield RenamedPartition(self, partition)

    def line_of(self, row: int) -> int | None:
        """Return the line of a row, if there are lines."""
        with self.called():
            return self.table.line_of(row)

    def called(self) -> Any:
        """Return a context in which errors about the copy are about the original."""
        return named(self.table.path, self.path)


class RenamedPartition:
    """A partition of the table below. Implements ``Partition``."""

    def __init__(self, table: RenamedTable, partition: Partition) -> None:
        self._table, self._partition = table, partition
        self.rows = partition.rows
        self.size = partition.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order. Raises what the partition below does."""
        with self._table.called():
            yield from self._partition.batches(needs)


def renamed(local: str, path: str, copy: Any, open_file: Callable[[str], Table]) -> Table:
    """Return the table that ``open_file`` makes of the file ``local``, under the name ``path``."""
    from celoss_cli.tables.arrays import ArrayTable

    with named(local, path):
        table = open_file(local)
    if isinstance(table, ArrayTable):  # mapped or in memory by now, and asked for what it is elsewhere
        return table._replace(path=path)
    return RenamedTable(table, path, copy)


@contextmanager
def named(local: str, path: str) -> Iterator[None]:
    """Raise errors about the file ``local`` as errors about ``path``."""
    try:
        yield
    except DataError as error:
        if error.where is None or error.where.path != local:
            raise
        where = error.where._replace(path=path)
        raise type(error)(error.message, code=error.code, where=where, hint=error.hint) from error.__cause__
