"""Which engine runs the partitions of a table."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Iterable

from celoss_cli.engine.interface import Engine, OwnProcess
from celoss_cli.engine.serial import SerialEngine
from celoss_cli.tables.source import Partition, Table

_WORTH_FORKING = 1 << 18  # rows, or bytes of text: below, starting processes takes longer than it saves

_WORTH_READING_AHEAD = 1 << 13  # rows: below, there is one batch


def engine_for(
    table: Table, workers: int | None, *, own_process: OwnProcess | None, in_order: bool, compiled: bool = False
) -> tuple[Engine, Iterable[Partition]]:
    """Return what runs the partitions of ``table``, and the partitions; ``workers`` at a time, or one for each core.

    ``own_process``: nobody else lives in this process. ``in_order``: one partition after the other, for the work
    itself writes rows to a file. ``compiled``: neither the reading nor the work needs the interpreter to speak of, so
    that threads do not wait for each other.
    """
    workers = workers_of(workers)
    partitions = table.partitions()
    first = list(itertools.islice(partitions, 2))
    everything = itertools.chain(first, partitions)
    if workers == 1 or not first:
        return SerialEngine(), everything
    if len(first) == 1 or in_order:
        if len(first) == 1 and (first[0].rows or 0) < _WORTH_READING_AHEAD:
            return SerialEngine(), everything
        from celoss_cli.engine.threads import ReadingAhead

        return ReadingAhead(), everything
    if own_process is not None and not compiled and table.divisible and table.size >= _WORTH_FORKING and _can_fork():
        from celoss_cli.engine.processes import ForkedEngine

        return ForkedEngine(workers, (table, *getattr(table, "shards", ())), own_process.meanwhile), everything
    from celoss_cli.engine.threads import ThreadedEngine

    return ThreadedEngine(workers, None if own_process is None else own_process.meanwhile), everything


def engine_for_rows(rows: int, workers: int | None, *, own_process: OwnProcess | None) -> Engine:
    """Return what runs over ``rows`` rows that are on disk already, ``workers`` at a time, or one for each core."""
    workers = workers_of(workers)
    if workers == 1 or rows < _WORTH_FORKING:
        return SerialEngine()
    if own_process is not None and _can_fork():
        from celoss_cli.engine.processes import ForkedEngine

        return ForkedEngine(workers, (), own_process.meanwhile)
    from celoss_cli.engine.threads import ThreadedEngine

    return ThreadedEngine(workers)


def workers_of(asked: int | None) -> int:
    """Return how many are to work at a time: as many as asked for, or as cores that this process may use."""
    if asked:
        return asked
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _can_fork() -> bool:
    """Whether a copy of this process works: on Linux, while no other thread of Python could hold a lock."""
    if not sys.platform.startswith("linux"):
        return False  # macOS: its system libraries may crash after a fork
    import threading

    return threading.active_count() == 1
