"""The engines: results in file order, bounded look-ahead, errors in their place, no worker left behind."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pytest

from celoss_cli.engine.interface import Engine
from celoss_cli.engine.pieces import cut
from celoss_cli.engine.serial import SerialEngine
from celoss_cli.engine.threads import ThreadedEngine
from celoss_cli.errors import InvalidScores, Where
from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need

PATIENCE = 10.0
"""Seconds after which a test is said to hang."""

ENGINES = [SerialEngine(), ThreadedEngine(1), ThreadedEngine(2), ThreadedEngine(7)]
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
                assert taken - consumed <= threads + 1
            time.sleep(0.002)  # the workers have time to run away, if they could
            with lock:
                consumed += 1

    in_time(consume)
    assert taken == consumed == finished == 40
    assert largest <= threads + 2


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

    seen: list[int] = []

    def work(part: Part, *_: Any) -> int:
        time.sleep(0.004)  # the reader fails before there is any result
        return part.number

    def consume() -> None:
        seen.extend(result for _, result in engine.run(source(), work))

    with pytest.raises(OSError, match="the disk is gone"):
        in_time(consume)
    assert seen == [0, 1, 2]
    assert not workers()


def test_an_engine_can_run_again() -> None:
    engine = ThreadedEngine(2)
    for _ in range(2):
        found = in_time(lambda: [r for _, r in engine.run(parts(5), lambda part, start, _: start(part.rows))])
        assert found == [0, 10, 21, 33, 43]


@dataclass(frozen=True)
class Rows:
    """A partition of batches of so many rows of 8 bytes, with an error behind them if there is one."""

    batches_of: tuple[int, ...]
    bad: int | None = None
    size: int = 1000

    @property
    def rows(self) -> int:
        return sum(self.batches_of)

    def batches(self, needs: Any) -> Iterator[Batch]:
        for rows in self.batches_of:
            yield ArrowBatch(dict.fromkeys(needs, pa.nulls(rows, pa.float64())), rows)
        if self.bad is not None:
            raise InvalidScores("odd", code="odd", where=Where("f", self.bad), hint="--pred")


NEEDS = {"p": Need.NUMBER}
LARGE = Rows((600_000, 600_000, 1))  # 4.8 MB each


@pytest.mark.parametrize(
    ("count", "threads", "whole"),
    [(1, 2, 0), (2, 2, 2), (3, 2, 2), (4, 3, 3), (5, 3, 5), (1, 8, 0), (2, 8, 2)],
)
def test_a_partition_that_would_keep_one_thread_busy_alone_is_cut(count: int, threads: int, whole: int) -> None:
    found = list(cut([LARGE] * count, threads, NEEDS, all_of_them=False))
    assert found[:whole] == [LARGE] * whole
    assert [part.rows for part in found[whole:]] == [600_000, 600_000, 1] * (count - whole)
    assert sum(part.size for part in found) == 1000 * count


def test_all_are_cut_but_those_of_unknown_size() -> None:
    small, text = Rows((10, 10)), Part(0, None)  # type: ignore[arg-type]
    found = list(cut([LARGE, small, text], 2, NEEDS, all_of_them=True))
    assert [part.rows for part in found] == [600_000, 600_000, 1, 20, None]


def test_small_batches_are_taken_together() -> None:
    (piece,) = cut([Rows((30_000, 30_000, 30_000))], 2, NEEDS, all_of_them=False)
    assert (piece.rows, piece.size) == (90_000, 1000)
    assert [batch.rows for batch in piece.batches(NEEDS)] == [30_000] * 3
    assert not list(piece.batches(NEEDS)), "it holds its batches no longer"


def test_long_rows_are_read_ahead() -> None:
    (whole,) = cut([Rows((700, 700, 700))], 2, NEEDS, all_of_them=False)
    assert (whole.rows, whole.size) == (2100, 1000)
    assert [batch.rows for batch in whole.batches(NEEDS)] == [700] * 3
    (bad,) = cut([Rows((700, 700), bad=1403)], 2, NEEDS, all_of_them=True)
    read = bad.batches(NEEDS)
    assert [next(read).rows, next(read).rows] == [700, 700]
    with pytest.raises(InvalidScores) as caught:
        next(read)
    assert caught.value.where == Where("f", 1403)
    assert not workers()


def test_reading_ahead_ends_when_the_work_does() -> None:
    def work(part: Any, _start: Any, _stopped: Any) -> int:
        return int(next(part.batches(NEEDS)).rows)

    parts_of_long_rows = cut([Rows((700, 700, 700))], 2, NEEDS, all_of_them=False)
    assert [result for _, result in in_time(lambda: list(ThreadedEngine(2).run(parts_of_long_rows, work)))] == [700]
    assert not workers()


def test_an_error_in_a_piece_counts_rows_from_the_end_of_the_last_one() -> None:
    pieces = cut([Rows((600_000, 40_000), bad=640_017)], 2, NEEDS, all_of_them=False)
    assert [next(pieces).rows, next(pieces).rows] == [600_000, 40_000]
    with pytest.raises(InvalidScores) as caught:
        next(pieces)
    assert (caught.value.message, caught.value.code, caught.value.where, caught.value.hint) == (
        "odd", "odd", Where("f", 17), "--pred",
    )  # fmt: skip
