"""One partition after the other, each read one batch ahead: a thread decodes while this one computes."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from celoss_cli.engine.interface import Result, Work
from celoss_cli.engine.serial import SerialEngine
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need, Partition


class ReadingAhead:
    """For a table that is one partition: it cannot be shared out, but reading and computing can go on side by side."""

    def run(self, partitions: Iterable[Partition], work: Work[Result]) -> Generator[tuple[Partition, Result]]:
        """Yield each partition with its result."""
        originals, read = itertools.tee(partitions)
        for original, (_, result) in zip(originals, SerialEngine().run(map(_Ahead, read), work), strict=True):
            yield original, result


class _Ahead:
    """A partition whose next batch is being read while the last one is used. Implements ``Partition``."""

    def __init__(self, partition: Partition) -> None:
        self._partition = partition
        self.rows = partition.rows
        self.size = partition.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in order. Raises what the partition does."""
        batches = self._partition.batches(needs)
        with ThreadPoolExecutor(1, thread_name_prefix="celoss") as reader:
            coming = reader.submit(next, batches, None)
            while (batch := coming.result()) is not None:
                coming = reader.submit(next, batches, None)
                yield batch
