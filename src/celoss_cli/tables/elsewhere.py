"""A table that another process opens: its files by their paths, how they are read, and the views over all of them."""

from __future__ import annotations

import copy
import functools
import os
import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from celoss_cli.errors import DataError, UnreadableFile, UsageError, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.directory import Part
from celoss_cli.tables.opening import STORES, open_part, with_structure
from celoss_cli.tables.source import Column, Need, Partition, Table
from celoss_cli.tables.stretches import OF_A_FILE, Stretch, counted_in, files_of, only
from celoss_cli.tables.views.constant import WithConstants
from celoss_cli.tables.views.in_order import in_order_of
from celoss_cli.tables.views.renamed import named
from celoss_cli.tables.views.structured_table import StructuredTable
from celoss_cli.tables.views.view import View

_HELD = 4  # files that a process keeps open: their footers and first rows


class _File(NamedTuple):
    """A file: where it lies, as the user named it, what the folders above it say, and what was found in it."""

    path: str
    called: str
    values: tuple[tuple[str, str | None], ...]
    columns: tuple[Column, ...]
    structured: bool


class TableElsewhere:
    """What it takes to read a table in another process. Pickles small, without what was opened; threads may use it."""

    def __init__(self, table: Table, options: ReadOptions) -> None:
        """``options`` are those that ``table`` was opened with. Raises UsageError for one that is read as a whole."""
        self._options = options
        self._views: list[View] = []
        while isinstance(table, View) and not isinstance(table, OF_A_FILE):
            if type(table).partitions is not View.partitions:
                raise _refused(f"{table.path} has several lines for each row")
            self._views.append(_bare(table))
            table = table.table
        if table.places:
            raise _refused(f"{table.path} is an array of more than two axes")
        columns: dict[tuple[Column, ...], tuple[Column, ...]] = {}  # files share theirs: they are pickled once
        self._files = tuple(_file_of(one, columns) for one in files_of(table))
        self._forget()

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the files lie, for any process."""
        return tuple(file.path for file in self._files)

    def rows_of(self, stretch: Stretch) -> OpenStretch:
        """Return a stretch as a partition. Raises DataError where its file cannot be read, or is another one here."""
        with self.calling(stretch):
            return OpenStretch(self, stretch, self._opened(stretch.file))

    def presented(self, table: Table) -> Table:
        """Return rows of one of the files as the views over the whole table present them."""
        for bare in reversed(self._views):
            view = copy.copy(bare)
            view.table = table
            table = view
        return table

    def calling(self, stretch: Stretch) -> Any:
        """Return a context in which errors name the file of a stretch as the user did."""
        file = self._files[stretch.file]
        return named(file.path, file.called)

    def _opened(self, number: int) -> Table:
        with self._lock:
            if number in self._open:
                return self._open[number]
        file, options = self._files[number], self._options
        like = self._opened(0) if number and file.structured else None
        table = with_structure(open_part(Part(file.path, file.values), options, _store(file.path)), options, like)
        table = in_order_of(table, [column.name for column in file.columns])
        if table.columns != file.columns:
            raise UnreadableFile(
                "has other columns where it is read than where it was looked at",
                code="input_changed",
                where=Where(file.path),
                hint="all machines have to see the same file under this path",
            )
        with self._lock:
            while len(self._open) >= _HELD:
                del self._open[next(iter(self._open))]
            self._open[number] = table
        return table

    def _forget(self) -> None:
        self._open: dict[int, Table] = {}
        self._lock = threading.Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_open", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._forget()


class OpenStretch:
    """A stretch whose file is open. Implements ``Partition``."""

    def __init__(self, table: TableElsewhere, stretch: Stretch, file: Table) -> None:
        self.rows = stretch.rows
        self.size = stretch.size
        self._table, self._stretch, self._file = table, stretch, file

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order. Raises as any partition does, with rows counted from the start of the stretch."""
        done = first = 0
        with self._table.calling(self._stretch):
            try:
                for partition in self._partitions():
                    first = done
                    for batch in partition.batches(needs):
                        done += batch.rows
                        yield batch
            except DataError as error:
                raise error.placed(lambda where, row: where._replace(row=first + row)) from error
            if self.rows not in (None, done):
                raise UnreadableFile(
                    f"{done:,} rows were read where {self.rows:,} had been counted",
                    code="input_changed",
                    where=Where(self._file.path),
                    hint="run again when the step that writes it has ended",
                )

    def counted(self, least: int) -> tuple[Stretch, ...]:
        """Return the file as stretches whose rows are counted: see ``counted_in``."""
        with self._table.calling(self._stretch):
            return counted_in(self._file, self._stretch, least)

    def _partitions(self) -> Iterator[Partition]:
        return self._table.presented(only(self._file, self._stretch)).partitions()


def _file_of(table: Table, columns: dict[tuple[Column, ...], tuple[Column, ...]]) -> _File:
    values: tuple[tuple[str, str | None], ...] = ()
    structured = False
    below = table
    while isinstance(below, View):
        values = below.given if isinstance(below, WithConstants) else values
        structured = structured or isinstance(below, StructuredTable)
        below = below.table
    path = table.path if table.path.startswith(STORES) else os.path.abspath(table.path)  # noqa: PTH100  of a text
    return _File(path, table.path, values, columns.setdefault(table.columns, table.columns), structured)


def _bare(view: View) -> View:
    """Return a view without its table, and without what it has kept of it."""
    bare = copy.copy(view)
    kept = [name for name in vars(bare) if isinstance(getattr(type(view), name, None), functools.cached_property)]
    for name in ("table", *kept):
        delattr(bare, name)
    return bare


def _store(path: str) -> Any:
    if not path.startswith(STORES):
        return None
    from celoss_cli.tables.object_store import find_stored

    return find_stored(path)


def _refused(what: str) -> UsageError:
    return UsageError(
        f"--engine dask: {what}", code="engine_input", hint="leave --engine out: one machine reads it as a whole"
    )
