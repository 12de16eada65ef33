"""Which engine runs the partitions of a table, and how finely they are cut."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping

from celoss_cli.engine.interface import Engine
from celoss_cli.engine.serial import SerialEngine
from celoss_cli.tables.source import Need, Partition

_WORTH_SHARING = 1 << 13  # rows: below, there is one batch

_ROWS_WORTH_SHARING = 1 << 18  # of a few numbers each, on disk already


def engine_for(
    partitions: Iterator[Partition],
    threads: int | None,
    needs: Mapping[str, Need],
    *,
    in_order: bool,
    meanwhile: Iterator[None] | None = None,
) -> tuple[Engine, Iterable[Partition]]:
    """Return what runs ``partitions``, of which ``needs`` are read, and what it is to be given in their place.

    ``threads`` work at a time, or one for each core. ``in_order``: every result holds the rows of its partition, one
    by one. ``meanwhile`` is gone through while there is nothing else to do.
    """
    threads = threads_of(threads)
    first = list(itertools.islice(partitions, 2))
    everything: Iterator[Partition] = itertools.chain(first, partitions)
    serial = threads == 1 or not first or (len(first) == 1 and (first[0].rows or 0) < _WORTH_SHARING)
    if in_order or not serial:
        from celoss_cli.engine.pieces import cut

        everything = cut(everything, threads, needs, all_of_them=in_order)
    if serial:
        return SerialEngine(), everything
    from celoss_cli.engine.threads import ThreadedEngine

    return ThreadedEngine(threads, meanwhile), everything


def engine_for_rows(rows: int, threads: int | None) -> Engine:
    """Return what runs over ``rows`` rows that are on disk already, ``threads`` at a time, or one for each core."""
    threads = threads_of(threads)
    if threads == 1 or rows < _ROWS_WORTH_SHARING:
        return SerialEngine()
    from celoss_cli.engine.threads import ThreadedEngine

    return ThreadedEngine(threads)


def threads_of(asked: int | None) -> int:
    """Return how many threads are to work: as many as asked for, or as cores that this process may use."""
    if asked:
        return asked
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
