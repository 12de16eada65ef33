"""Partitions in threads: bounded look-ahead, results in file order, row numbers handed down the line."""

from __future__ import annotations

import functools
import itertools
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from celoss_cli.engine.interface import Result, Work
from celoss_cli.tables.source import Partition


class ThreadedEngine:
    """Runs ``threads`` partitions at a time, and holds one more at most: waiting for a thread, or a result.

    The calling thread takes the partitions from their source meanwhile: what that reads, it reads beside the work.
    Where there is nothing to do but wait, it goes through ``meanwhile``.
    """

    def __init__(self, threads: int, meanwhile: Iterator[None] | None = None) -> None:
        self._threads = threads
        self._meanwhile = iter(()) if meanwhile is None else meanwhile

    def run(self, partitions: Iterable[Partition], work: Work[Result]) -> Generator[tuple[Partition, Result]]:
        """Yield each partition with its result. An error or a closed iterator stops every worker at its next batch.

        An error of ``partitions`` itself is raised after all results before it.
        """
        line = _Line()
        source = iter(partitions)
        end: Exception = StopIteration()  # why there are no more partitions
        waiting: deque[tuple[Partition, Future[Result]]] = deque()
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="celoss")
        try:
            for place in itertools.count():
                try:
                    partition = next(source)
                except Exception as error:
                    end = error
                    break
                start = functools.partial(line.start, place)
                waiting.append((partition, pool.submit(work, partition, start, line.stopped)))
                if len(waiting) > self._threads:
                    yield self._next_result(waiting)
            while waiting:
                yield self._next_result(waiting)
            if not isinstance(end, StopIteration):
                raise end
        finally:
            line.stop()
            pool.shutdown(wait=True, cancel_futures=True)

    def _next_result(self, waiting: deque[tuple[Partition, Future[Result]]]) -> tuple[Partition, Result]:
        partition, future = waiting.popleft()
        while not future.done() and next(self._meanwhile, _NOTHING_LEFT) is None:
            pass
        return partition, future.result()


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
