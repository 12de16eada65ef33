"""Parts of a diagnosis that need nothing of each other, worked out in several threads: the results of one, sooner."""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

Given = ParamSpec("Given")

Item = TypeVar("Item")

Result = TypeVar("Result")


class SideBySide:
    """Works on several things at a time, in as many threads; with one thread on one after the other, in the caller's.

    NumPy's error state is that of the caller. What is raised is raised where the result is asked for.
    """

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="celoss") if threads > 1 else None

    def begin(self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Callable[[], Result]:
        """Begin to work, and return what waits for the result."""
        if self._pool is None:
            return lambda: work(*args, **kwargs)
        # a thread begins with a context of its own, and in that of the caller is NumPy's error state
        context, task = contextvars.copy_context(), functools.partial(work, *args, **kwargs)
        return self._pool.submit(lambda: context.run(task)).result

    def each(self, work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Return what comes of each item, in their order."""
        return [result() for result in [self.begin(work, item) for item in items]]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


def alone() -> SideBySide:
    """Return what works in the thread of the caller."""
    return SideBySide(1)
