"""Threads that each make one evaluation at a time: results in order, and few of them held."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from celoss_cli.engine.choice import threads_of

Task = TypeVar("Task")

Result = TypeVar("Result")


_GRACE = 0.1
"""Seconds that an interrupted run gives its workers to clean up: one that sorts the ids of millions of labels hears
nothing until it is done, and Ctrl-C is to end at once."""


class _Cancelled(BaseException):
    """Ends a worker whose result nobody waits for any more."""


class Workers:
    """Threads that each make one evaluation at a time; where there are fewer evaluations, each has several threads."""

    def __init__(self, threads: int | None, tasks: int) -> None:
        threads = threads_of(threads)
        self._count = max(1, min(threads, tasks))
        self.each = max(1, threads // self._count)
        self._stopped = threading.Event()
        self._waiting: deque[Future[Any]] = deque()

    def __enter__(self) -> Workers:
        self._pool = ThreadPoolExecutor(self._count, thread_name_prefix="celoss-batch")
        return self

    def __exit__(self, raised: type[BaseException] | None, *_: object) -> None:
        self._stopped.set()
        interrupted = raised is not None and not issubclass(raised, Exception)
        self._pool.shutdown(wait=not interrupted, cancel_futures=True)
        if interrupted:
            wait([one for one in self._waiting if not one.cancelled()], timeout=_GRACE)

    def map(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Yield the results in order, and hold few of them: a task is begun when one before it has been taken."""
        waiting = self._waiting
        for task in tasks:
            waiting.append(self._pool.submit(work, task))
            if len(waiting) > 2 * self._count:
                yield self._next()
        while waiting:
            yield self._next()

    def _next(self) -> Any:
        """Return the result of the first that waits, which stays among them until it has one."""
        found = self._waiting[0].result()
        self._waiting.popleft()
        return found

    def meter(self, total: int) -> AbstractContextManager[Any]:  # noqa: ARG002  as a progress is called
        """Return a meter that shows nothing, and ends the work where the run has ended."""
        return nullcontext(self)

    def advance(self, size: int) -> None:  # noqa: ARG002
        """End the work if the run has ended."""
        if self._stopped.is_set():
            raise _Cancelled
