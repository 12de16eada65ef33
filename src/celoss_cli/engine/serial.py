"""One partition after the other, in the calling thread."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from celoss_cli.engine.interface import Result, Work
from celoss_cli.tables.source import Partition


class SerialEngine:
    """The plainest engine: what every other must agree with, bit for bit."""

    def run(self, partitions: Iterable[Partition], work: Work[Result]) -> Generator[tuple[Partition, Result]]:
        """Yield each partition with its result."""
        done = 0

        def start(rows: int) -> int:
            nonlocal done
            first, done = done, done + rows
            return first

        for partition in partitions:
            yield partition, work(partition, start, lambda: False)
