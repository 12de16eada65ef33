"""A Dask cluster: reached or started, and looked at before any work is given to it."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

from celoss_cli.engine.choice import threads_of
from celoss_cli.errors import CelossError, DataError, UsageError

_SECONDS = 30.0  # for a worker to be there


class Versions(NamedTuple):
    """What computes: where it differs, so may the last digits."""

    celoss: str
    numpy: str
    kernels: str


def versions() -> Versions:
    """Return what computes here. The instruction level is left out: all of one version give the same bits."""
    import numpy as np

    from celoss_cli._version import __version__
    from celoss_cli.kernels.compiled import KERNELS, NUMPY

    return Versions(__version__, np.__version__, NUMPY if KERNELS.core is None else f"compiled {KERNELS.core.VERSION}")


@contextmanager
def reached(scheduler: str | None, client: Any, threads: int | None) -> Iterator[Any]:
    """Give a client of a cluster: ``client`` itself, or one of the cluster at an address.

    The address is ``scheduler``, or that of Dask's configuration (``DASK_SCHEDULER_ADDRESS``). Without one a cluster of
    ``threads`` processes is started, one for each core where that is ``None``, and ended with the context.

    Raises
    ------
    UsageError
        Dask is not installed, or ``client`` is none.
    DataError
        The cluster cannot be reached, or its workers compute with another version than this process.
    """
    try:
        import dask
        import distributed
        from distributed.utils import silence_logging_cmgr
    except ImportError:
        raise UsageError(
            "--engine dask needs Dask, which is not installed",
            code="missing_extra",
            hint="pip install 'celoss-cli[dask]'",
        ) from None
    if client is not None:
        if not isinstance(client, distributed.Client) or client.asynchronous:
            raise UsageError(
                f"client is of type {type(client).__name__}",
                code="unfit_argument",
                hint="pass a distributed.Client that is not asynchronous",
            )
        _check_workers(client)
        yield client
        return
    address = scheduler or dask.config.get("scheduler-address", None)
    with ExitStack() as stack:
        stack.enter_context(silence_logging_cmgr(logging.CRITICAL))  # what matters is said in our words
        target = address or stack.enter_context(_started(distributed, threads_of(threads)))
        try:
            connected: Any = distributed.Client  # which has no types
            found = stack.enter_context(connected(target, set_as_default=False))
        except (OSError, TimeoutError, ValueError) as error:
            raise DataError(
                f"the Dask scheduler at {address} cannot be reached: {' '.join(str(error).split())}",
                code="cluster_unreachable",
                hint="check the address: --scheduler tcp://HOST:8786; without one a cluster of this machine is started",
            ) from None
        _check_workers(found)
        yield found


@contextmanager
def _started(distributed: Any, processes: int) -> Iterator[Any]:
    """Give a cluster of this machine, which is ended with the context."""
    import dask

    settings = {
        "distributed.worker.profile.enabled": False,  # nobody would look at it
        "distributed.worker.preload": ["celoss_cli.engine.memory"],
    }
    with ExitStack() as stack, dask.config.set(settings):
        with _interrupts_held(), _script_guarded():
            cluster = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=processes,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=":0",  # any that is free
                    silence_logs=logging.CRITICAL,
                )
            )
        yield cluster


@contextmanager
def _script_guarded() -> Iterator[None]:
    """Say what is wrong with a script that every process of the cluster would run again, and end these without a word.

    Raises UsageError where no process starts.
    """
    from multiprocessing import process

    if getattr(process.current_process(), "_inheriting", False):  # as multiprocessing asks itself, before it refuses
        raise SystemExit(1)
    try:
        yield
    except RuntimeError as error:
        raise UsageError(
            f"no process of a Dask cluster starts on this machine: {' '.join(str(error).split())}",
            code="cluster_start",
            hint='a script is read by each of them: call celoss under if __name__ == "__main__":',
        ) from None


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back until the end of the block, and for good from the processes that are started in it.

    A terminal sends it to all of them, and they would die of it one by one, each with its traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # it lets Ctrl-C through again once it has started
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _check_workers(client: Any) -> None:
    """Raise DataError where there is no worker, or one that computes with other versions."""
    try:
        client.wait_for_workers(1, timeout=_SECONDS)
    except (TimeoutError, OSError):
        raise DataError(
            f"the Dask cluster has had no worker for {_SECONDS:.0f} seconds",
            code="cluster_empty",
            hint="start some: dask worker ADDRESS",
        ) from None
    mine = versions()
    for worker, found in _asked(client, versions).items():
        if found != mine:
            here, there = (", ".join(f"{n} {v}" for n, v in one._asdict().items()) for one in (mine, found))
            raise DataError(
                f"{worker} computes with {there}, and this process with {here}",
                code="worker_version",
                hint="install the same versions everywhere: other ones may give other digits",
            )


def check_paths(client: Any, paths: Sequence[str], sizes: Sequence[int | None]) -> None:
    """Raise DataError for a worker that does not see the files, with ``sizes`` bytes each where they are known."""

    def look() -> tuple[str, str] | None:
        from celoss_cli.engine.cluster import unseen

        return unseen(paths, sizes)

    for worker, found in _asked(client, look).items():
        if found is not None:
            path, reason = found
            raise DataError(
                f"{path}: {worker} {reason}",
                code="worker_cannot_see",
                hint="the workers open the files themselves: name a path, or an object store, that all of them see",
            )


def unseen(paths: Sequence[str], sizes: Sequence[int | None]) -> tuple[str, str] | None:
    """Return the first file that this process does not see as it should, and why; of objects in a store the first."""
    for path, size in zip(paths, sizes, strict=True):
        if size is None:
            continue
        try:
            found = os.stat(path).st_size  # noqa: PTH116  a path given as text
            if not os.access(path, os.R_OK):
                return path, "may not read it"
        except OSError as error:
            return path, f"cannot see it: {error.strerror}"
        if found != size:
            return path, f"sees another file there, of {found:,} bytes and not {size:,}"
    stored = next((path for path, size in zip(paths, sizes, strict=True) if size is None), None)
    if stored is not None:
        from celoss_cli.tables.object_store import find_stored

        try:
            find_stored(stored)
        except CelossError as error:
            return stored, f"cannot see it: {error.message}"
    return None


def _asked(client: Any, question: Callable[[], Any]) -> dict[str, Any]:
    """Return what each worker answers. Raises DataError where one cannot, for want of celoss, say."""

    def ask() -> Any:  # sent by value: a worker without celoss could not read it otherwise
        try:
            import celoss_cli.engine.cluster  # noqa: F401
        except ImportError as error:
            return f"has no celoss of this version: {error}"
        return (question(),)

    answers = client.run(ask, on_error="return")
    if any(isinstance(answer, OSError) for answer in answers.values()):  # one that has just died is still on the list
        client.wait_for_workers(1, timeout=_SECONDS)
        answers = client.run(ask, on_error="return")
    names = {address: one.get("name", address) for address, one in client.scheduler_info()["workers"].items()}
    found = {}
    for address, answer in sorted(answers.items()):
        name = names.get(address, address)
        worker = f"worker {name}" if str(name) == address else f"worker {name} at {address}"
        if not isinstance(answer, tuple):
            raise DataError(
                f"{worker} {answer if isinstance(answer, str) else f'cannot be asked: {answer!r}'}",
                code="worker_unfit",
                hint="install the same version of celoss on every worker",
            )
        found[worker] = answer[0]
    return found
