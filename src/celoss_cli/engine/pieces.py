"""Partitions cut into their batches as they are read, so that all threads work on what one would be given otherwise."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from celoss_cli.errors import DataError
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need, Partition

_LEAST = 2 << 20  # bytes: what each piece costs beside its rows is then a small part


_FEW_ROWS = 1 << 13  # in a batch: rows so long may have many classes, and a piece leaves sums behind for each of them


class Piece:
    """Batches of a partition, read already. Implements ``Partition``, but gives each batch away once."""

    def __init__(self, batches: Iterable[Batch], size: int) -> None:
        self._batches = deque(batches)
        self.rows = sum(batch.rows for batch in self._batches)
        self.size = size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:  # noqa: ARG002  they were read for them
        """Yield the batches, and let go of them: results may wait long after their rows are needed no more."""
        while self._batches:
            yield self._batches.popleft()


class ReadAhead:
    """A partition whose next batch is being read while the last one is used. Implements ``Partition``, for one pass."""

    def __init__(self, partition: Partition, batches: Iterator[Batch]) -> None:
        self.rows = partition.rows
        self.size = partition.size
        self._batches = batches

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:  # noqa: ARG002  they are read for them
        """Yield the rows in order. Raises what the partition does."""
        with ThreadPoolExecutor(1, thread_name_prefix="celoss") as reader:
            coming = reader.submit(next, self._batches, None)
            while (batch := coming.result()) is not None:
                coming = reader.submit(next, self._batches, None)
                yield batch


def cut(
    partitions: Iterable[Partition], threads: int, needs: Mapping[str, Need], *, all_of_them: bool
) -> Iterator[Partition]:
    """Yield the partitions, the last in pieces where it would leave all other threads idle; or ``all_of_them``.

    Those whose rows are not counted yet, ranges of text, are small already. Pieces are read by whoever goes through
    them: one after the other. Partitions of long rows stay whole, and are read ahead.
    """
    ahead = iter(partitions)
    place, partition = 0, next(ahead, None)
    while partition is not None:
        following = next(ahead, None)
        alone = place % threads == 0 and following is None
        if (all_of_them or alone) and partition.rows is not None:
            batches = partition.batches(needs)
            first = next(batches, None)
            everything = batches if first is None else itertools.chain((first,), batches)
            if first is not None and first.rows < min(_FEW_ROWS, partition.rows):
                yield ReadAhead(partition, everything)
            else:
                yield from _pieces(partition, everything, needs, 0 if all_of_them else _LEAST)
        else:
            yield partition
        place, partition = place + 1, following


def _bytes_of(batch: Batch, name: str) -> int:
    stored = batch.stored(name)
    size: int = batch.column(name).nbytes if stored is None else stored.nbytes
    return size


def _pieces(partition: Partition, batches: Iterator[Batch], needs: Mapping[str, Need], least: int) -> Iterator[Piece]:
    """Yield the ``batches`` of a partition, ``least`` bytes or more at a time.

    Raises what it does, rows counted from the last piece's end.
    """
    held: list[Batch] = []
    given = 0

    def piece() -> Piece:
        nonlocal given
        before, given = given, given + sum(batch.rows for batch in held)
        total = partition.rows or 1
        taken = Piece(held, partition.size * given // total - partition.size * before // total)
        held.clear()
        return taken

    try:
        for batch in batches:
            held.append(batch)
            if sum(_bytes_of(one, name) for one in held for name in needs) >= least:
                yield piece()
    except DataError as error:
        if held:
            yield piece()
        raise error.placed(lambda where, row: where._replace(row=row - given)) from error
    if held:
        yield piece()
