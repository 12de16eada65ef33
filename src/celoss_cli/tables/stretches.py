"""Stretches: consecutive rows of one file, said by a few numbers: any process that opens the file can read them."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from celoss_cli.errors import DataError, UnreadableFile, Where
from celoss_cli.tables.arrow.parquet import ParquetTable
from celoss_cli.tables.source import Partition, Table
from celoss_cli.tables.text.csv import CsvTable
from celoss_cli.tables.views.constant import WithConstants
from celoss_cli.tables.views.in_order import InOrder
from celoss_cli.tables.views.renamed import RenamedTable
from celoss_cli.tables.views.shards import ShardedTable, check_widths
from celoss_cli.tables.views.structured_table import StructuredTable
from celoss_cli.tables.views.view import View

OF_A_FILE = (RenamedTable, WithConstants, StructuredTable, InOrder)
"""The views that opening a file makes, or one of several; all others stand over the whole table."""


class Stretch(NamedTuple):
    """Some consecutive rows of file number ``file`` of a table.

    ``start`` and ``stop`` are row groups of a Parquet file, or bytes of plain text; without ``stop`` it is all of the
    file. ``rows`` is ``None`` where they are not counted yet.
    """

    file: int
    start: int
    stop: int | None
    rows: int | None
    size: int


class _Part(NamedTuple):
    """A part of a file that is not cut: how far behind its start the next one starts, and what it holds."""

    length: int
    rows: int
    bytes: int
    size: int


def files_of(table: Table) -> tuple[Table, ...]:
    """Return the tables of the files that a table is made of, whatever views stand over all of them."""
    whole = _below_views(table)
    return whole.shards if isinstance(whole, ShardedTable) else (whole,)


def _below_views(table: Table) -> Table:
    while isinstance(table, View) and not isinstance(table, OF_A_FILE):
        table = table.table
    return table


def uncounted(table: Table) -> Iterator[Stretch]:
    """Yield the files whose rows are not known before they are read, each as a whole."""
    for number, file in enumerate(files_of(table)):
        if file.rows is None:
            yield Stretch(number, 0, None, None, file.size)


def stretches(table: Table, least: int, counted: Iterator[tuple[Stretch, ...]]) -> Iterator[Stretch]:
    """Yield all rows of a table in order, ``least`` bytes or more at a time where a file can be read in stretches.

    ``counted`` has those of each file that ``uncounted`` gave. Raises UnreadableFile for vectors of another length than
    in the first file.
    """
    files, whole = files_of(table), _below_views(table)
    lists = whole.lists if isinstance(whole, ShardedTable) else ()
    for number, file in enumerate(files):
        if number:
            check_widths(files[0], file, lists)
        base = _base(file)
        if file.rows is None:
            found = next(counted)
            yield from found
            if found[-1].rows is None:  # then it cannot be read: that is the error, if scoring it does not say so first
                break
        elif isinstance(base, ParquetTable):
            yield from _joined(number, _groups(base), least)
        else:
            yield Stretch(number, 0, None, file.rows, file.size)
    else:
        return
    raise UnreadableFile(
        "its rows cannot be counted", code="uncounted", where=Where(file.path), hint="without --engine it may be read"
    )


def counted_in(table: Table, whole: Stretch, least: int) -> tuple[Stretch, ...]:
    """Return a file as stretches of ``least`` bytes or more, its rows counted; as one where it is no plain text.

    A file that cannot be read is one stretch that is not counted: what is wrong with it is said when it is scored.
    """
    base = _base(table)
    try:
        if isinstance(base, CsvTable) and base.is_plain:
            return tuple(_joined(whole.file, map(_counted, base.partitions()), least))
        return (whole._replace(rows=sum(_counted(part).rows for part in table.partitions())),)
    except DataError:
        return (whole,)


def only(table: Table, stretch: Stretch) -> Table:
    """Return the rows of a file that are in a stretch, under the views that opening it made."""
    if stretch.stop is None:
        return table
    if isinstance(table, ParquetTable | CsvTable):
        return _Some(table, stretch.start, stretch.stop)
    if not isinstance(table, View):
        raise TypeError(f"a {table.format} table has no stretches")
    view = copy.copy(table)
    view.table = only(table.table, stretch)
    return view


class _Some(View):
    """A file with the partitions of a stretch alone."""

    def __init__(self, file: ParquetTable | CsvTable, start: int, stop: int) -> None:
        super().__init__(file)
        self._file, self._start, self._stop = file, start, stop

    def partitions(self) -> Iterator[Partition]:
        """Yield them."""
        if isinstance(self._file, CsvTable):
            yield from self._file.between(self._start, self._stop)
        else:
            yield from itertools.islice(self._file.partitions(), self._start, self._stop)


def _base(table: Table) -> Table:
    """Return the table of a file below its views; what is read from a copy stays as it is, and is no stretch."""
    while isinstance(table, View) and not isinstance(table, RenamedTable):
        table = table.table
    return table


def _groups(table: ParquetTable) -> Iterator[_Part]:
    """Yield the row groups, put together as ``partitions`` does."""
    for part in table.partitions():
        size = sum(table.metadata.row_group(group).total_byte_size for group in part.groups)
        yield _Part(1, part.rows, size, part.rows)


def _counted(part: Partition) -> _Part:
    """Return a range of text, its rows counted."""
    return _Part(part.size, sum(batch.rows for batch in part.batches({})), part.size, part.size)


def _joined(file: int, parts: Iterable[_Part], least: int) -> Iterator[Stretch]:
    """Yield neighbouring parts as stretches of ``least`` bytes or more."""
    start = 0
    held: list[_Part] = []

    def stretch() -> Stretch:
        stop = start + sum(part.length for part in held)
        return Stretch(file, start, stop, sum(part.rows for part in held), sum(part.size for part in held))

    for part in parts:
        held.append(part)
        if sum(one.bytes for one in held) >= least:
            found = stretch()
            yield found
            start, held = found.stop or 0, []
    if held:
        yield stretch()
