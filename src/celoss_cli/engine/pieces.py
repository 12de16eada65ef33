"""Partitions cut into their batches as they are read, so that all threads work on what one would be given otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from celoss_cli.errors import DataError
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need, Partition

_WORTH_CUTTING = 1 << 16  # rows

_LEAST = 4 << 20  # bytes: what each piece costs beside its rows is then a small part


class Piece(NamedTuple):
    """Batches of a partition, read already. Implements ``Partition``."""

    held: tuple[Batch, ...]
    rows: int
    size: int

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:  # noqa: ARG002  they were read for them
        """Yield the batches."""
        yield from self.held


def cut(
    partitions: Iterable[Partition], threads: int, needs: Mapping[str, Need], *, all_of_them: bool
) -> Iterator[Partition]:
    """Yield the partitions; of those of many rows, the last in pieces where it would leave all other threads idle.

    Or ``all_of_them``. Pieces are read by whoever goes through them: one after the other.
    """
    ahead = iter(partitions)
    place, partition = 0, next(ahead, None)
    while partition is not None:
        following = next(ahead, None)
        alone = place % threads == 0 and following is None
        if (all_of_them or alone) and (partition.rows or 0) >= _WORTH_CUTTING:
            yield from _pieces(partition, needs)
        else:
            yield partition
        place, partition = place + 1, following


def _pieces(partition: Partition, needs: Mapping[str, Need]) -> Iterator[Piece]:
    """Yield the batches of a partition, some at a time. Raises what it does, rows counted from the last piece's end."""
    total, done = partition.rows or 1, 0
    held: list[Batch] = []
    size = 0

    def piece() -> Piece:
        nonlocal done, size
        before, rows = done, sum(batch.rows for batch in held)
        done += rows
        taken = Piece(tuple(held), rows, partition.size * done // total - partition.size * before // total)
        held.clear()
        size = 0
        return taken

    try:
        for batch in partition.batches(needs):
            held.append(batch)
            size += sum(batch.column(name).nbytes for name in needs)
            if size >= _LEAST:
                yield piece()
    except DataError as error:
        if held:
            yield piece()
        raise _counted_from(done, error) from error
    if held:
        yield piece()


def _counted_from(first: int, error: DataError) -> DataError:
    if error.where is None or error.where.row is None or error.where.line is not None:
        return error
    where = error.where._replace(row=error.where.row - first)
    return type(error)(error.message, code=error.code, where=where, hint=error.hint)
