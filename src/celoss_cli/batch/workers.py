"""Threads that each make one evaluation at a time: results in order, and few of them held."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from celoss_cli.engine.choice import threads_of

Task = TypeVar("Task")

Result = TypeVar("Result")


class _Cancelled(BaseException):
    """Ends a worker whose result nobody waits for any more."""


class Workers:
    """Threads that each make one evaluation at a time; where there are fewer evaluations, each has several threads."""

    def __init__(self, threads: int | None, tasks: int) -> None:
        threads = threads_of(threads)
        self._count = max(1, min(threads, tasks))
        self.each = max(1, threads // self._count)
        self._stopped = threading.Event()

    def __enter__(self) -> Workers:
        self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="celoss-batch")
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the results in order, and hold few of them: a task is begun when one before it has been taken."""
        waiting: deque[Future[Result]] = deque()
        for task in tasks:
            waiting.append(self._pool.submit(work, task))
            if len(waiting) > 2 * self._count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def meter(self, total: int) -> AbstractContextManager[Any]:  # noqa: ARG002  as a progress is called
        """Return a meter that shows nothing, and ends the work where the run has ended."""
        return nullcontext(self)

    def advance(self, size: int) -> None:  # noqa: ARG002
        """End the work if the run has ended."""
        if self._stopped.is_set():
            raise _Cancelled
