"""The port of an engine: partitions in, what each leaves behind out, in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import Protocol, TypeVar

from celoss_cli.tables.source import Partition

Result = TypeVar("Result")

Work = Callable[[Partition, Callable[[int], int], Callable[[], bool]], Result]
"""What to do with a partition, given ``start(rows)`` (where it starts) and ``stopped()`` (whether to give up)."""


class Engine(Protocol):
    """Runs work over partitions. Results come in file order, so the first error in the file is the one raised."""

    def run(self, partitions: Iterable[Partition], work: Work[Result]) -> Generator[tuple[Partition, Result]]:
        """Yield each partition with its result. Closing the iterator ends all work promptly."""
        ...
