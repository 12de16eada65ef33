"""A table read from a temporary copy, which goes by the name of the original: in results and in every message."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from celoss_cli.errors import DataError
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need, Partition, Table
from celoss_cli.tables.views.view import View, ViewPartition


class RenamedTable(View):
    """Another table under the name ``path``; its file, ``copy``, lives as long as it does."""

    def __init__(self, table: Table, path: str, copy: Any) -> None:
        super().__init__(table)
        self.path = path
        self._copy = copy

    def head(self) -> Batch:
        """Return the first rows."""
        with self.called():
            return self.table.head()

    def partitions(self) -> Iterator[Partition]:
        """Yield the partitions of the table below."""
        with self.called():
            for partition in self.table.partitions():
                yield _RenamedPartition(self, partition)

    def line_of(self, row: int) -> int | None:
        """Return the line of a row, if there are lines."""
        with self.called():
            return self.table.line_of(row)

    def called(self) -> Any:
        """Return a context in which errors about the copy are about the original."""
        return named(self.table.path, self.path)


class _RenamedPartition(ViewPartition):
    """A partition of the table below."""

    def __init__(self, view: RenamedTable, partition: Partition) -> None:
        super().__init__(view, partition)
        self._called = view.called

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order. Raises what the partition below does."""
        with self._called():
            yield from self._partition.batches(needs)


def renamed(local: str, path: str, copy: Any, open_file: Callable[[str], Table]) -> Table:
    """Return the table that ``open_file`` makes of the file ``local``, under the name ``path``."""
    with named(local, path):
        table = open_file(local)
    if table.format in ("npy", "npz"):
        from celoss_cli.tables.arrays import ArrayTable

        if isinstance(table, ArrayTable):  # in memory, or mapped for good: nobody else can cut the copy short
            import numpy as np

            arrays = {name: np.asarray(a) if isinstance(a, np.memmap) else a for name, a in table.arrays.items()}
            return replace(table, path=path, arrays=arrays)
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
