"""Partitions in forked processes: where threads would wait for the interpreter, each worker has one of its own.

A worker inherits the tables and the work, so only what tells a partition from its table, row counts and results travel,
through pipes. Results come in file order, as from the other engines.
"""

from __future__ import annotations

import gc
import io
import os
import pickle
import select
import signal
import sys
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import IO, Any, NoReturn

from celoss_cli.engine.interface import Result, Work
from celoss_cli.errors import DataError
from celoss_cli.tables.source import Partition

_ROWS, _DONE, _FAILED = "rows", "done", "failed"


class ForkedEngine:
    """Runs partitions in ``workers`` processes at a time; at most two results for each wait for their turn.

    For a process that has no threads of its own: the copy of a lock that another thread holds is never released.
    ``inherited`` are the objects that partitions refer to and every worker has already: their tables. ``meanwhile`` is
    gone through while this process would only wait.
    """

    def __init__(self, workers: int, inherited: Sequence[object] = (), meanwhile: Iterator[None] | None = None) -> None:
        self._workers = workers
        self._inherited = inherited
        self._meanwhile = iter(()) if meanwhile is None else meanwhile

    def run(self, partitions: Iterable[Partition], work: Work[Result]) -> Generator[tuple[Partition, Result]]:
        """Yield each partition with its result. An error or a closed iterator ends every worker at once."""
        source = iter(partitions)
        ahead: deque[Partition] = deque()
        results: dict[int, tuple[str, Any]] = {}
        line = _Line()
        end: Exception | None = None  # why there are no more partitions
        place = 0
        with _Crew(self._workers, self._inherited, work) as crew:
            while True:
                while end is None and len(ahead) < 2 * self._workers and crew.has_time():
                    try:
                        partition = next(source)
                    except Exception as error:
                        end = error
                        break
                    number = place + len(ahead)
                    ahead.append(partition)
                    line.note(number, partition.rows)
                    crew.give(partition, number, line.start(number))
                if end is not None:
                    crew.dismiss_idle()
                if place in results:
                    kind, value = results.pop(place)
                    if kind == _FAILED:
                        raise value
                    yield ahead.popleft(), value
                    place += 1
                elif ahead:
                    crew.wait(self._meanwhile)
                    for worker, (kind, number, value) in crew.messages():
                        if kind == _ROWS:
                            line.wait(worker, number, value)
                        else:
                            results[number] = (kind, value)
                            crew.idle.append(worker)
                    line.answer()
                elif isinstance(end, StopIteration):
                    return
                elif end is not None:
                    raise end


class _Worker:
    """The parent's end of one worker."""

    def __init__(self, process: int, requests: IO[bytes], answers: IO[bytes]) -> None:
        self.process, self.requests, self.answers = process, requests, answers

    def send(self, message: Any) -> None:
        """Tell the worker something; one that is gone is noticed when its answer is read."""
        with suppress(BrokenPipeError):
            pickle.dump(message, self.requests, pickle.HIGHEST_PROTOCOL)
            self.requests.flush()

    def receive(self) -> tuple[str, int, Any]:
        """Return what the worker says. Raises DataError if it was ended from outside."""
        try:
            message: tuple[str, int, Any] = pickle.load(self.answers)
        except (EOFError, pickle.UnpicklingError):
            _, status = os.waitpid(self.process, 0)
            self.process = 0
            raise DataError(
                f"a worker process was ended from outside ({_ending(status)})",
                code="worker_ended",
                hint="if memory is short, --threads 1 needs the least",
            ) from None
        return message

    def kill(self) -> None:
        """End the worker, whatever it is doing; ``end`` sees it gone."""
        if self.process:
            os.kill(self.process, signal.SIGKILL)

    def end(self) -> None:
        """See a killed worker gone."""
        if self.process:
            os.waitpid(self.process, 0)
        self.answers.close()
        with suppress(BrokenPipeError):  # what was not sent has nobody left to read it
            self.requests.close()


class _Crew:
    """The workers: each started when there is something for it to do, all ended on exit."""

    def __init__(self, most: int, inherited: Sequence[object], work: Work[Any]) -> None:
        self._most, self._inherited, self._work = most, inherited, work
        self._names = {id(thing): name for name, thing in enumerate(inherited)}
        self._workers: dict[int, _Worker] = {}
        self._poll = select.poll()
        self.idle: list[_Worker] = []

    def __enter__(self) -> _Crew:
        gc.freeze()  # a collection in a worker would otherwise copy every page it looks at
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers.values():
            worker.kill()
        for worker in self._workers.values():
            worker.end()
        gc.unfreeze()

    def has_time(self) -> bool:
        """Whether a worker waits for work, or one more may be started."""
        return bool(self.idle) or len(self._workers) < self._most

    def give(self, partition: Partition, number: int, start: int | None) -> None:
        """Give a partition to a worker that has time. ``start`` is its first row, if known."""
        if not self.idle:
            self._start()
        packed = io.BytesIO()
        _ByName(packed, self._names).dump(partition)
        self.idle.pop().send((packed.getvalue(), number, start))

    def dismiss_idle(self) -> None:
        """End the workers that nothing is left for, while others still work: it takes a while."""
        while self.idle:
            worker = self.idle.pop()
            self._poll.unregister(worker.answers)
            worker.kill()

    def wait(self, meanwhile: Iterator[None]) -> None:
        """Wait until a worker has something to say; go through ``meanwhile`` until then, or to its end."""
        while not self._poll.poll(0):
            if next(meanwhile, _DONE) is _DONE:
                break

    def messages(self) -> Iterator[tuple[_Worker, tuple[str, int, Any]]]:
        """Yield what the workers say, once at least one of them has something to say."""
        for descriptor, _ in self._poll.poll():
            worker = self._workers[descriptor]
            yield worker, worker.receive()

    def _start(self) -> None:
        requests, told = os.pipe()
        heard, answers = os.pipe()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # it was closed
                stream.flush()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # other threads: of Arrow or BLAS, which allow for it
            process = os.fork()
        if process == 0:
            os.close(told)
            os.close(heard)
            for worker in self._workers.values():  # or a worker would outlive the parent's end of its pipe
                os.close(worker.requests.fileno())
                os.close(worker.answers.fileno())
            _serve(self._inherited, self._work, os.fdopen(requests, "rb"), os.fdopen(answers, "wb"))
        os.close(requests)
        os.close(answers)
        worker = _Worker(process, os.fdopen(told, "wb"), os.fdopen(heard, "rb"))
        self._workers[heard] = worker
        self._poll.register(heard, select.POLLIN)
        self.idle.append(worker)


class _ByName(pickle.Pickler):
    """Packs what refers to inherited objects: these go by their number."""

    def __init__(self, file: IO[bytes], names: dict[int, int]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._names = names

    def persistent_id(self, thing: object) -> int | None:
        """Return the number of an inherited object, ``None`` for any other."""
        return self._names.get(id(thing))


class _FromName(pickle.Unpickler):
    """Unpacks it in a worker."""

    def __init__(self, file: IO[bytes], inherited: Sequence[object]) -> None:
        super().__init__(file)
        self._inherited = inherited

    def persistent_load(self, name: int) -> object:
        """Return the inherited object of that number."""
        return self._inherited[name]


class _Line:
    """Tells each partition at which row it starts, as soon as all before it have said how many rows they have."""

    def __init__(self) -> None:
        self.starts = [0]
        self._counts: dict[int, int] = {}
        self._waiting: dict[int, _Worker] = {}

    def note(self, place: int, rows: int | None) -> None:
        """Note how many rows partition number ``place`` has, if that is known."""
        if rows is not None:
            self._counts[place] = rows
            self._advance()

    def start(self, place: int) -> int | None:
        """Return where a partition starts if that is known, and so is how many rows it adds for those after it."""
        return self.starts[place] if place + 1 < len(self.starts) else None

    def wait(self, worker: _Worker, place: int, rows: int) -> None:
        """Note how many rows partition number ``place`` has, and that its worker waits to hear where it starts."""
        self._waiting[place] = worker
        self.note(place, rows)

    def answer(self) -> None:
        """Tell the workers that wait for what is known by now."""
        for place in [place for place in self._waiting if place < len(self.starts)]:
            self._waiting.pop(place).send(self.starts[place])

    def _advance(self) -> None:
        while len(self.starts) - 1 in self._counts:
            self.starts.append(self.starts[-1] + self._counts.pop(len(self.starts) - 1))


def _serve(inherited: Sequence[object], work: Work[Any], requests: IO[bytes], answers: IO[bytes]) -> NoReturn:
    """Be a worker: take partitions until the parent is gone."""
    parent = os.getppid()
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent ends its workers
        for name in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_DFL)

        def say(kind: str, place: int, value: Any) -> None:
            answers.write(pickle.dumps((kind, place, value), pickle.HIGHEST_PROTOCOL))
            answers.flush()

        while True:
            packed, place, start = pickle.load(requests)
            try:
                partition = _FromName(io.BytesIO(packed), inherited).load()
                first = _starts_at(start, place, say, requests)
                result = work(partition, first, lambda: os.getppid() != parent)
            except Exception as error:
                say(_FAILED, place, _portable(error))
            else:
                say(_DONE, place, result)
    except BaseException:  # the parent is gone, or has ended this process: there is nobody to tell
        pass
    finally:
        os._exit(0)


def _starts_at(
    start: int | None, place: int, say: Callable[[str, int, Any], None], requests: IO[bytes]
) -> Callable[[int], int]:
    """Return what tells the work at which row its partition starts: at once, or when the parent knows."""

    def ask(rows: int) -> int:
        if start is not None:
            return start
        say(_ROWS, place, rows)
        first: int = pickle.load(requests)
        return first

    return ask


def _portable(error: Exception) -> Exception:
    """Return an error that survives the way to the parent, with the traceback of the worker in a note."""
    if isinstance(error, DataError):
        return error
    import traceback

    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}", *error.__notes__)
    return error


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
