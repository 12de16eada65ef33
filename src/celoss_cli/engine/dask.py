"""Partitions on a Dask cluster: what travels is where rows lie and what to do with them, and what they leave behind."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import Any

from celoss_cli.engine.cluster import Versions, versions
from celoss_cli.engine.interface import Result
from celoss_cli.errors import CelossError, DataError
from celoss_cli.tables.elsewhere import OpenStretch, TableElsewhere
from celoss_cli.tables.stretches import Stretch

Work = Callable[[OpenStretch, Callable[[int], int], Callable[[], bool]], Result]
"""What to do with a stretch, given ``start(rows)`` and ``stopped()`` as in ``interface``. It has to pickle."""

_AHEAD = 3  # stretches for each thread of the cluster: as one ends the next is there, and few results wait

_ATTEMPTS = 4  # times that what was sent to workers which have died is sent again

_PATIENCE = 20.0  # seconds without a result, after which the workers are counted

_EMPTY = 3  # times that there were none


@dataclass(frozen=True)
class Errand:
    """What every worker is sent once: the table, what to do with its rows, and with which versions.

    No tuple: Dask would send its parts one by one, and could lose some of them.
    """

    table: TableElsewhere
    work: Work[Any]
    versions: Versions


@dataclass
class _Task:
    """A stretch that is being worked on."""

    stretch: Stretch
    first: int
    future: Any
    held: Any
    """The errand that it was given."""


class DaskEngine:
    """Runs stretches of a table wherever a cluster has a free thread, and yields the results in the order given."""

    def __init__(self, client: Any, table: TableElsewhere) -> None:
        self._client, self._table = client, table

    @property
    def threads(self) -> int:
        """How many stretches are worked on at a time."""
        threads: int = sum(self._client.nthreads().values())
        return max(1, threads)

    def run(self, partitions: Iterable[Stretch], work: Work[Result]) -> Generator[tuple[Stretch, Result]]:
        """Yield each stretch with its result. An error or a closed iterator cancels what is not done.

        The rows of a stretch have to be known unless it is the last, or none of them asks where it starts. A stretch
        whose worker dies is done again by another; DataError is raised where that does not help, and where the cluster
        is gone.
        """
        sent = _Sent(self._client, Errand(self._table, work, versions()))
        waiting: deque[_Task] = deque()
        ahead = _AHEAD * self.threads
        first = 0
        source = iter(partitions)
        end: Exception = StopIteration()  # why there are no more stretches
        try:
            while True:
                try:
                    stretch = next(source)
                except Exception as error:
                    end = error
                    break
                waiting.append(sent.task(stretch, first))
                first += stretch.rows or 0
                if len(waiting) > ahead:
                    task = waiting.popleft()
                    yield task.stretch, sent.result(task)
            while waiting:
                task = waiting.popleft()
                yield task.stretch, sent.result(task)
            if not isinstance(end, StopIteration):
                raise end
        finally:
            sent.cancel(waiting)


class _Sent:
    """An errand on the workers, and the tasks that need it."""

    def __init__(self, client: Any, errand: Errand) -> None:
        self._client, self._errand = client, errand
        self._renewals = 0
        self._held = self._scattered()

    def task(self, stretch: Stretch, first: int) -> _Task:
        """Give a stretch, whose first row is ``first`` of the table, to the cluster."""
        future = self._client.submit(_done, self._held, stretch, first, pure=False)
        return _Task(stretch, first, future, self._held)

    def result(self, task: _Task) -> Any:
        """Return what a stretch comes to, once it is there. Raises what it raised, and DataError as ``run``."""
        from distributed import CancelledError, KilledWorker

        empty = 0
        while True:
            try:
                found = task.future.result(_PATIENCE)
            except TimeoutError:
                empty = 0 if self._client.nthreads() else empty + 1
                if empty == _EMPTY:
                    raise _gone(f"has had no worker for {_PATIENCE * _EMPTY:.0f} seconds") from None
            except KilledWorker as error:
                raise DataError(
                    f"{error.allowed_failures + 1} workers in turn died over the same rows, the last at "
                    f"{error.last_worker.address}",
                    code="worker_died",
                    hint="their logs may say why: often a worker has too little memory",
                ) from None
            except CancelledError:
                self._renew(task)
            else:
                if isinstance(found, CelossError):
                    raise found
                return found

    def _renew(self, task: _Task) -> None:
        """Give a stretch to the cluster again: all workers that held the errand have died, or someone cancelled it."""
        if self._client.status != "running":
            raise _gone("is gone")
        if task.held is self._held:
            self._renewals += 1
            if self._renewals > _ATTEMPTS:
                raise DataError(
                    f"the workers that held the work died, or it was cancelled, {self._renewals} times in turn",
                    code="worker_died",
                    hint="their logs may say why: often a worker has too little memory",
                )
            self._held = self._scattered()
        again = self.task(task.stretch, task.first)
        task.future, task.held = again.future, again.held

    def cancel(self, tasks: Iterable[_Task]) -> None:
        """Let the cluster forget the tasks, and the errand."""
        if self._client.status == "running":
            self._client.cancel([*(task.future for task in tasks), self._held], force=True)

    def _scattered(self) -> Any:
        for attempt in range(_ATTEMPTS):
            try:
                if attempt:
                    time.sleep(attempt)
                    self._client.wait_for_workers(1, timeout=_PATIENCE)
                (held,) = self._client.scatter([self._errand], broadcast=True, hash=False)
            except (OSError, TimeoutError, KeyError):  # a worker that has just died is still on the list
                if self._client.status != "running":
                    break
            else:
                return held
        raise _gone("takes no work")


def _done(errand: Errand, stretch: Stretch, first: int) -> Any:
    """Do an errand for a stretch, on a worker. An error is returned: what is raised there, the worker would log."""
    here = versions()
    if here != errand.versions:  # a worker that came after the others were asked
        return DataError(
            f"a worker that joined the cluster computes with {here}, and this process with {errand.versions}",
            code="worker_version",
            hint="install the same versions everywhere: other ones may give other digits",
        )
    try:
        return errand.work(errand.table.rows_of(stretch), lambda rows: first, lambda: False)  # noqa: ARG005
    except CelossError as error:
        return error


def _gone(what: str) -> DataError:
    return DataError(f"the Dask cluster {what}", code="cluster_gone", hint="check the cluster, and run again")
