"""Partitions in threads: read ahead within bounds, results in file order, row numbers handed down the line."""

from __future__ import annotations

import functools
import itertools
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from celoss_cli.engine.interface import Result, Work
from celoss_cli.engine.serial import SerialEngine
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need, Partition


class ThreadedEngine:
    """Runs ``threads`` partitions at a time, and holds at most one more result for each thread.

    ``meanwhile`` is gone through until the first result is there.
    """

    def __init__(self, threads: int, meanwhile: Iterator[None] | None = None) -> None:
        self._threads = threads
        self._meanwhile = iter(()) if meanwhile is None else meanwhile

    def run(self, partitions: Iterable[Partition], work: Work[Result]) -> Generator[tuple[Partition, Result]]:
        """Yield each partition with its result. An error or a closed iterator stops every worker at its next batch."""
        line = _Line()
        waiting: deque[tuple[Partition, Future[Result]]] = deque()
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="celoss")
        try:
            for place, partition in enumerate(partitions):
                start = functools.partial(line.start, place)
                waiting.append((partition, pool.submit(work, partition, start, line.stopped)))
                if len(waiting) >= 2 * self._threads:
                    self._pass_time(waiting)
                    done, future = waiting.popleft()
                    yield done, future.result()
            self._pass_time(waiting)
            while waiting:
                done, future = waiting.popleft()
                yield done, future.result()
        finally:
            line.stop()
            pool.shutdown(wait=True, cancel_futures=True)

    def _pass_time(self, waiting: deque[tuple[Partition, Future[Result]]]) -> None:
        while waiting and not waiting[0][1].done() and next(self._meanwhile, _NOTHING_LEFT) is None:
            pass


_NOTHING_LEFT = object()


class _Stopped(Exception):
    """Ends a worker that waits for a partition which will never be counted."""


class _Line:
    """Tells each partition at which row it starts, as soon as all before it have said how many rows they have."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._starts = [0]
        self._counts: dict[int, int] = {}
        self._stop = threading.Event()

    def start(self, place: int, rows: int) -> int:
        """Return the first row of partition number ``place``, which has ``rows`` rows; waits for those before it."""
        with self._changed:
            self._counts[place] = rows
            while len(self._starts) - 1 in self._counts:
                self._starts.append(self._starts[-1] + self._counts.pop(len(self._starts) - 1))
            self._changed.notify_all()
            self._changed.wait_for(lambda: place < len(self._starts) or self._stop.is_set())
            if self._stop.is_set():
                raise _Stopped
            return self._starts[place]

    def stopped(self) -> bool:
        """Whether the work is to be given up."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Wake every worker that waits, and let the others end at their next batch."""
        with self._changed:
            self._stop.set()
            self._changed.notify_all()


class ReadingAhead:
    """For a table that is one partition: it cannot be shared out, but reading and computing can go on side by side."""

    def run(self, partitions: Iterable[Partition], work: Work[Result]) -> Generator[tuple[Partition, Result]]:
        """Yield each partition with its result."""
        originals, read = itertools.tee(partitions)
        for original, (_, result) in zip(originals, SerialEngine().run(map(_Ahead, read), work), strict=True):
            yield original, result


class _Ahead:
    """A partition whose next batch is being read while the last one is used. Implements ``Partition``."""

    def __init__(self, partition: Partition) -> None:
        self._partition = partition
        self.rows = partition.rows
        self.size = partition.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order. Raises what the partition does."""
        batches = self._partition.batches(needs)
        with ThreadPoolExecutor(1, thread_name_prefix="celoss") as reader:
            coming = reader.submit(next, batches, None)
            while (batch := coming.result()) is not None:
                coming = reader.submit(next, batches, None)
                yield batch
