"""What only forked workers do: end with their parent's iterator, and say so when they are ended from outside."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from celoss_cli.errors import DataError, InvalidScores, Where

if not hasattr(os, "fork"):
    pytest.skip("processes cannot be forked here", allow_module_level=True)

from celoss_cli.engine.processes import ForkedEngine


@dataclass(frozen=True)
class Part:
    """A partition that knows its number, and how many rows it has or not."""

    number: int
    rows: int | None = 10
    size: int = 1

    def batches(self, needs: Any) -> Iterator[Any]:
        raise NotImplementedError


def children() -> list[int]:
    """Return the processes that this one has started and not yet buried."""
    with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as file:  # noqa: PTH123
        return [int(pid) for pid in file.read().split()]


def test_work_is_done_in_other_processes_at_the_same_time() -> None:
    def work(_part: Part, _start: Any, _stopped: Any) -> int:
        time.sleep(0.05)
        return os.getpid()

    found = {process for _, process in ForkedEngine(3).run([Part(i) for i in range(6)], work)}
    assert len(found) == 3
    assert os.getpid() not in found


@pytest.mark.parametrize("known", [True, False])
def test_rows_are_counted_whether_known_before_or_not(known: bool) -> None:
    rows = [5, 1, 0, 7, 2, 2, 9, 4]

    def work(part: Part, start: Callable[[int], int], _stopped: Any) -> int:
        time.sleep(0.01 if part.number % 2 else 0.0)
        return start(rows[part.number])

    parts = [Part(i, rows[i] if known else None) for i in range(8)]
    assert [first for _, first in ForkedEngine(3).run(parts, work)] == [0, 5, 6, 6, 13, 15, 17, 26]


def test_an_error_arrives_whole() -> None:
    def work(_part: Part, _start: Any, _stopped: Any) -> None:
        raise InvalidScores("0.5 is odd", code="odd", where=Where("f.csv", 3, None, "p"), hint="--pred")

    with pytest.raises(InvalidScores) as caught:
        list(ForkedEngine(2).run([Part(0), Part(1)], work))
    error = caught.value
    assert (error.message, error.code, error.where, error.hint) == (
        "0.5 is odd", "odd", Where("f.csv", 3, None, "p"), "--pred",
    )  # fmt: skip
    assert not children()


def test_a_bug_keeps_the_traceback_of_its_worker() -> None:
    class Unpicklable(Exception):
        def __init__(self, one: int, two: int) -> None:
            super().__init__(f"{one} and {two}")

    def broken(part: Part, _start: Any, _stopped: Any) -> None:
        raise KeyError("lost") if part.number == 0 else Unpicklable(1, 2)

    with pytest.raises(KeyError, match="lost") as caught:
        list(ForkedEngine(1).run([Part(0)], broken))
    assert "in broken" in caught.value.__notes__[0]
    with pytest.raises(RuntimeError, match="Unpicklable: 1 and 2"):
        list(ForkedEngine(1).run([Part(1)], broken))


def test_a_worker_ended_from_outside_is_an_error_and_no_result() -> None:
    def work(part: Part, _start: Any, _stopped: Any) -> int:
        if part.number == 2:
            os.kill(os.getpid(), signal.SIGKILL)  # what the kernel does when memory runs out
        return part.number

    with pytest.raises(DataError, match="SIGKILL") as caught:
        list(ForkedEngine(2).run([Part(i) for i in range(6)], work))
    assert caught.value.code == "worker_ended"
    assert not children()


def test_closing_the_iterator_ends_every_worker_at_once() -> None:
    def work(part: Part, _start: Any, _stopped: Any) -> int:
        time.sleep(0.0 if part.number == 0 else 60.0)
        return part.number

    results = ForkedEngine(3).run([Part(i) for i in range(9)], work)
    assert next(results)[1] == 0
    assert len(children()) == 3
    begun = time.monotonic()
    results.close()
    assert time.monotonic() - begun < 5.0
    assert not children()


def test_ctrl_c_is_the_parents_to_handle() -> None:
    """Ctrl-C reaches every process of the group: a worker takes no notice, its parent ends it."""

    def work(part: Part, _start: Any, _stopped: Any) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        return part.number

    assert [result for _, result in ForkedEngine(2).run([Part(i) for i in range(4)], work)] == [0, 1, 2, 3]


def test_no_more_results_wait_than_two_for_each_worker(tmp_path: Any) -> None:
    def work(part: Part, _start: Any, _stopped: Any) -> int:
        (tmp_path / str(part.number)).touch()
        return part.number

    for consumed, _ in enumerate(ForkedEngine(2).run([Part(i) for i in range(30)], work)):
        time.sleep(0.005)
        assert len(list(tmp_path.iterdir())) <= consumed + 1 + 4
