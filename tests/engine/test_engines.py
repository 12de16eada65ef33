"""The engines: results in file order, bounded look-ahead, errors in their place, no worker left behind."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from celoss_cli.engine.interface import Engine
from celoss_cli.engine.processes import ForkedEngine
from celoss_cli.engine.serial import SerialEngine
from celoss_cli.engine.threads import ReadingAhead, ThreadedEngine

PATIENCE = 10.0
"""Seconds after which a test is said to hang."""

FORKED = [ForkedEngine(1), ForkedEngine(2), ForkedEngine(7)] if hasattr(os, "fork") else []
ENGINES = [SerialEngine(), ThreadedEngine(1), ThreadedEngine(2), ThreadedEngine(7), *FORKED]
THREADED = [1, 2, 7]


@dataclass(frozen=True)
class Part:
    """A partition that knows its number and how many rows it has."""

    number: int
    rows: int
    size: int = 1

    def batches(self, needs: Any) -> Iterator[Any]:
        raise NotImplementedError


def parts(count: int) -> list[Part]:
    return [Part(i, 10 + i % 3) for i in range(count)]


def in_time(work: Callable[[], Any]) -> Any:
    """Return what ``work`` returns or raise what it raises; fail if that takes too long."""
    outcome: list[tuple[bool, Any]] = []

    def run() -> None:
        try:
            outcome.append((True, work()))
        except BaseException as error:
            outcome.append((False, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    assert outcome, "deadlock"
    good, value = outcome[0]
    if good:
        return value
    raise value


def workers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("celoss")]


def until_stopped(stopped: Callable[[], bool]) -> bool:
    """Work on, batch by batch, until told to stop; ``False`` if that never comes."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if stopped():
            return True
        time.sleep(0.001)
    return False


@pytest.mark.parametrize("engine", ENGINES)
def test_results_come_in_file_order_whatever_finishes_first(engine: Engine) -> None:
    delays = random.Random(4)
    pauses = [delays.choice([0.0, 0.0, 0.004, 0.012]) for _ in range(30)]

    def work(part: Part, _start: Any, _stopped: Any) -> int:
        time.sleep(pauses[part.number])
        return part.number * 7

    found = in_time(lambda: list(engine.run(parts(30), work)))
    assert [part.number for part, _ in found] == list(range(30))
    assert [result for _, result in found] == [7 * i for i in range(30)]
    assert not workers()


@pytest.mark.parametrize("engine", ENGINES)
def test_each_partition_learns_where_it_starts(engine: Engine) -> None:
    pauses = random.Random(8)
    delay = [pauses.choice([0.0, 0.005]) for _ in range(20)]

    def work(part: Part, start: Callable[[int], int], _stopped: Any) -> int:
        time.sleep(delay[part.number])
        return start(part.rows)

    found = in_time(lambda: list(engine.run(parts(20), work)))
    firsts, done = [], 0
    for part, _ in found:
        firsts.append(done)
        done += part.rows
    assert [first for _, first in found] == firsts


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_to_do(engine: Engine) -> None:
    assert in_time(lambda: list(engine.run([], lambda *_: 1))) == []


@pytest.mark.parametrize("threads", THREADED)
def test_partitions_do_run_at_the_same_time(threads: int) -> None:
    together = threading.Barrier(threads, timeout=PATIENCE)

    def work(_part: Part, _start: Any, _stopped: Any) -> bool:
        together.wait()
        return True

    found = in_time(lambda: list(ThreadedEngine(threads).run(parts(threads), work)))
    assert [result for _, result in found] == [True] * threads


@pytest.mark.parametrize("threads", THREADED)
def test_look_ahead_is_bounded(threads: int) -> None:
    taken, finished, consumed, largest = 0, 0, 0, 0
    lock = threading.Lock()

    def source() -> Iterable[Part]:
        nonlocal taken
        for part in parts(40):
            taken += 1
            yield part

    def work(part: Part, _start: Any, _stopped: Any) -> int:
        nonlocal finished, largest
        with lock:
            finished += 1
            largest = max(largest, finished - consumed)
        return part.number

    def consume() -> None:
        nonlocal consumed
        for _ in ThreadedEngine(threads).run(source(), work):
            with lock:
                assert taken - consumed <= 2 * threads
            time.sleep(0.002)  # the workers have time to run away, if they could
            with lock:
                consumed += 1

    in_time(consume)
    assert taken == consumed == finished == 40
    assert largest <= 2 * threads + 1


@pytest.mark.parametrize("engine", ENGINES)
def test_an_error_comes_after_the_results_before_it(engine: Engine) -> None:
    def work(part: Part, _start: Any, _stopped: Any) -> int:
        if part.number == 5:
            raise ValueError("row 3 of partition 5")
        time.sleep(0.004)  # the failing partition is done before the others
        return part.number

    seen: list[int] = []

    def consume() -> None:
        seen.extend(result for _, result in engine.run(parts(12), work))

    with pytest.raises(ValueError, match="row 3 of partition 5"):
        in_time(consume)
    assert seen == [0, 1, 2, 3, 4]
    assert not workers()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_first_error_of_the_file_is_the_one_raised(engine: Engine) -> None:
    def work(part: Part, _start: Any, _stopped: Any) -> int:
        if part.number == 1:
            time.sleep(0.03)
        if part.number:
            raise ValueError(f"partition {part.number}")
        return 0

    with pytest.raises(ValueError, match="partition 1"):
        in_time(lambda: list(engine.run(parts(6), work)))


def test_an_error_stops_the_other_workers_at_their_next_batch() -> None:
    ends: list[bool] = []

    def work(part: Part, _start: Any, stopped: Callable[[], bool]) -> None:
        if part.number == 0:
            time.sleep(0.02)
            raise ValueError("bad row")
        ends.append(until_stopped(stopped))

    begun = time.monotonic()
    with pytest.raises(ValueError, match="bad row"):
        in_time(lambda: list(ThreadedEngine(3).run(parts(9), work)))
    assert time.monotonic() - begun < PATIENCE / 2
    assert ends
    assert all(ends)
    assert not workers()


def test_closing_the_iterator_ends_the_workers() -> None:
    ends: list[bool] = []

    def work(part: Part, _start: Any, stopped: Callable[[], bool]) -> int:
        if part.number:
            ends.append(until_stopped(stopped))
        return part.number

    def consume() -> int:
        results = ThreadedEngine(2).run(parts(20), work)
        first = next(results)[1]
        assert workers()
        results.close()
        return first

    assert in_time(consume) == 0
    assert all(ends)
    assert len(ends) <= 3  # what had not begun never does
    assert not workers()


def test_start_waits_for_the_partitions_before() -> None:
    begun: list[int] = []
    asked = threading.Event()

    def work(part: Part, start: Callable[[int], int], _stopped: Any) -> int:
        if part.number == 0:
            assert asked.wait(PATIENCE)  # the next one asks first
            time.sleep(0.02)
            begun.append(0)
        else:
            asked.set()
        first = start(part.rows)
        begun.append(part.number)
        return first

    found = in_time(lambda: list(ThreadedEngine(2).run(parts(2), work)))
    assert [first for _, first in found] == [0, 10]
    assert begun.index(0) < begun.index(1)


def test_a_worker_waiting_to_start_is_released_by_an_error() -> None:
    asked = threading.Event()

    def work(part: Part, start: Callable[[int], int], _stopped: Any) -> int:
        if part.number == 0:
            assert asked.wait(PATIENCE)
            raise ValueError("unreadable")  # and never says how many rows it has
        asked.set()
        return start(part.rows)

    with pytest.raises(ValueError, match="unreadable"):
        in_time(lambda: list(ThreadedEngine(3).run(parts(8), work)))
    assert not workers()


def test_a_worker_waiting_to_start_is_released_by_closing() -> None:
    asked = threading.Event()

    def work(part: Part, start: Callable[[int], int], stopped: Callable[[], bool]) -> int:
        if part.number == 1:
            until_stopped(stopped)
        if part.number == 2:
            asked.set()
        return start(part.rows)

    def consume() -> int:
        results = ThreadedEngine(3).run(parts(9), work)
        first = next(results)[1]
        assert asked.wait(PATIENCE)
        results.close()
        return first

    assert in_time(consume) == 0
    assert not workers()


@pytest.mark.parametrize("engine", ENGINES)
def test_an_error_of_the_reader_itself_is_raised(engine: Engine) -> None:
    def source() -> Iterable[Part]:
        yield from parts(3)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        in_time(lambda: list(engine.run(source(), lambda part, *_: part.number)))
    assert not workers()


def test_an_engine_can_run_again() -> None:
    engine = ThreadedEngine(2)
    for _ in range(2):
        found = in_time(lambda: [r for _, r in engine.run(parts(5), lambda part, start, _: start(part.rows))])
        assert found == [0, 10, 21, 33, 43]


class Batches(Part):
    """A partition of five batches, the last of which cannot be read."""

    def batches(self, needs: Any) -> Iterator[Any]:  # noqa: ARG002
        yield from range(4)
        raise ValueError("row 3 is damaged")


def test_reading_ahead_hands_on_every_batch_and_then_the_error() -> None:
    seen: list[int] = []

    def work(part: Part, _start: Any, _stopped: Any) -> None:
        seen.extend(part.batches({}))

    with pytest.raises(ValueError, match="row 3"):
        in_time(lambda: list(ReadingAhead().run([Batches(0, 40)], work)))
    assert seen == [0, 1, 2, 3]
    assert not workers()


def test_reading_ahead_ends_when_the_work_does() -> None:
    def work(part: Part, _start: Any, _stopped: Any) -> int:
        return int(next(iter(part.batches({}))))

    assert [result for _, result in in_time(lambda: list(ReadingAhead().run([Batches(0, 40)], work)))] == [0]
    assert not workers()


def test_reading_ahead_counts_rows_and_hands_partitions_back() -> None:
    found = in_time(lambda: list(ReadingAhead().run(parts(4), lambda part, start, _: start(part.rows))))
    assert [part for part, _ in found] == parts(4)
    assert [first for _, first in found] == [0, 10, 21, 33]
