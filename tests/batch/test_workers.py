"""The threads of a batch: results in order, few held, and none waited for where the run was interrupted."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from celoss_cli.batch.workers import Workers


def test_results_come_in_order_and_few_are_held() -> None:
    begun: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        time.sleep(0.002 * (task % 3))
        return task

    with Workers(2, 40) as workers:
        for place, result in enumerate(workers.map(work, range(40))):
            assert result == place
            assert len(begun) <= place + 6, "two threads, and two tasks ahead of each"


@pytest.mark.parametrize("raised", [KeyboardInterrupt, ValueError])
def test_an_interrupt_waits_for_nobody(raised: type[BaseException]) -> None:
    """Who sorts millions of ids hears nothing; after an error the work that was begun is seen to its end."""
    begun, end = threading.Event(), threading.Event()
    ended: list[int] = []

    def deaf(task: int) -> None:
        begun.set()
        end.wait(5.0)
        ended.append(task)

    def tasks() -> Iterator[int]:
        yield from (0, 1)
        begun.wait()
        if raised is ValueError:
            threading.Timer(0.1, end.set).start()
        raise raised

    started = time.monotonic()
    with pytest.raises(raised), Workers(2, 9) as workers:
        list(workers.map(deaf, tasks()))
    took, seen = time.monotonic() - started, sorted(ended)
    end.set()
    assert seen == ([0, 1] if raised is ValueError else [])
    assert took < 2.0
