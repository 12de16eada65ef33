"""ORC: a partition for each stripe."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spec import Decision
from celoss_cli.tables.arrow.columns import of_record_batch, ready, vector_widths
from celoss_cli.tables.arrow.errors import reading
from celoss_cli.tables.arrow.types import columns_of
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import HEAD_ROWS, Column, Need, Partition


@dataclass(frozen=True)
class OrcTable:
    """One ORC file. Implements ``Table``."""

    path: str
    rows: int
    stripes: int
    columns: tuple[Column, ...]
    format: str = "orc"
    named: bool = True
    places: tuple[int, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @property
    def size(self) -> int:
        """The number of stripes: what progress counts in."""
        return self.stripes

    def head(self) -> Batch:
        """Return the first rows of all columns."""
        return self._first_rows

    @functools.cached_property
    def _first_rows(self) -> Batch:
        return of_record_batch(stripe(self.path, 0, None).slice(0, HEAD_ROWS), "ORC", self.path)

    @functools.cached_property
    def widths(self) -> Mapping[str, int]:
        """The length of the vectors of each column."""
        return vector_widths(self._first_rows, self.columns)

    def partitions(self) -> Iterator[Partition]:
        """Yield the stripes."""
        for number in range(self.stripes):
            yield OrcStripe(self, number)

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: an ORC file has no lines."""
        return None


class OrcStripe:
    """A stripe, read by whoever asks for it."""

    def __init__(self, table: OrcTable, number: int) -> None:
        self._table, self._number = table, number
        self.rows: int | None = None
        self.size = 1

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows as one batch."""
        names = list(needs) or [self._table.columns[0].name]
        batch = of_record_batch(stripe(self._table.path, self._number, names), "ORC", self._table.path)
        widths = {name: width for name, width in self._table.widths.items() if name in needs}
        yield ready(batch, needs, widths, 0, self._table.path)


def open_orc(path: str, options: ReadOptions) -> OrcTable:  # noqa: ARG001  as every reader is called
    """Open an ORC file by its footer. Raises UnreadableFile where there is none, or no rows."""
    file = _file(path)
    if file.nrows == 0:
        raise UnreadableFile(
            "the file has no rows", code="no_rows", where=Where(path), hint="check the step that writes this file"
        )
    return OrcTable(path, file.nrows, file.nstripes, columns_of(file.schema))


def stripe(path: str, number: int, columns: list[str] | None) -> pa.RecordBatch:
    """Return a stripe of a file. Raises UnreadableFile."""
    with reading("ORC", path):
        batch: pa.RecordBatch = _file(path).read_stripe(number, columns=columns)
        return batch


def _file(path: str) -> Any:
    from pyarrow import orc

    with reading("ORC", path):
        return orc.ORCFile(path)
