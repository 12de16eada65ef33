"""A matrix that was written one number a line, row after row, read as its rows again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from celoss_cli.errors import MisalignedData, Where
from celoss_cli.spec import Decision
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Need, Partition, Table


@dataclass(frozen=True)
class FlattenedTable:
    """A table of one number column as a table of vectors of ``width`` of its numbers. Implements ``Table``."""

    lines: Table
    width: int
    decision: Decision

    named = False
    places: tuple[int, ...] = ()
    divisible = False

    @property
    def path(self) -> str:
        """What messages call it."""
        return self.lines.path

    @property
    def format(self) -> str:
        """The form of the file."""
        return self.lines.format

    @property
    def columns(self) -> tuple[Column, ...]:
        """The one column of vectors."""
        line = self.lines.columns[0]
        return (line._replace(kind=Kind.VECTOR, dtype=f"list<{line.dtype}>[{self.width}]", width=self.width),)

    @property
    def rows(self) -> int | None:
        """The number of rows, where that of the lines is known."""
        return None if self.lines.rows is None else self.lines.rows // self.width

    @property
    def size(self) -> int:
        """The size of the file."""
        return self.lines.size

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """How the file is being read."""
        return (*self.lines.decisions, self.decision)

    def head(self) -> Batch:
        """Return the first whole rows."""
        name = self.columns[0].name
        numbers = self.lines.head().numbers(name)
        return _batch(name, numbers[: len(numbers) // self.width * self.width], self.width)

    def partitions(self) -> Iterator[Partition]:
        """Yield everything as one: where a row begins is known only by counting from the start."""
        yield _Everything(self)

    def line_of(self, row: int) -> int | None:
        """Return the line on which a row starts."""
        return self.lines.line_of(row * self.width)


class _Everything:
    """All rows. Implements ``Partition``."""

    def __init__(self, table: FlattenedTable) -> None:
        self._table = table
        self.rows = table.rows
        self.size = table.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:  # noqa: ARG002
        """Yield the rows; what is left of one at the end of a batch waits for the next."""
        width, name = self._table.width, self._table.columns[0].name
        waiting = np.empty(0)
        lines = 0
        for partition in self._table.lines.partitions():
            for batch in partition.batches({name: Need.NUMBER}):
                numbers = np.concatenate([waiting, batch.numbers(name)])
                whole = len(numbers) // width * width
                waiting = numbers[whole:]
                lines += batch.rows
                if whole:
                    yield _batch(name, numbers[:whole], width)
        if waiting.size:
            raise MisalignedData(
                f"its {lines:,} numbers are no whole number of rows of {width}",
                code="flattened_rows",
                where=Where(self._table.path),
                hint="the file may be truncated: write it again",
            )


def _batch(name: str, numbers: Any, width: int) -> Batch:
    values = np.ascontiguousarray(numbers, dtype=np.float64)
    view: Any = values
    flat = pa.Array.from_buffers(pa.float64(), values.size, [None, pa.py_buffer(view)])
    return Batch({name: pa.FixedSizeListArray.from_arrays(flat, width)}, values.size // width)
