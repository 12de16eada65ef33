"""The rows of one model in unlinked temporary files: its losses and what goes with them, in file order."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.comparison.row_order import Order
from celoss_cli.errors import OutputError
from celoss_cli.scoring.rows import KeptRows
from celoss_cli.tables.batch import Categories, renamed

Numbers = npt.NDArray[Any]


class SpooledColumn:
    """Numbers of one type, appended in order and read back by range or by position. The file has no name."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self.dtype = np.dtype(dtype)
        self.rows = 0
        with _writing():
            self._file: IO[bytes] = tempfile.TemporaryFile(prefix="celoss-")  # noqa: SIM115  it lives as long as this

    def append(self, values: Numbers) -> None:
        """Add ``values`` (n,) at the end."""
        with _writing():
            self._file.write(np.ascontiguousarray(values, dtype=self.dtype).data)
            self._file.flush()
        self.rows += values.shape[0]

    def read(self, start: int, stop: int) -> Numbers:
        """Return the numbers of rows ``start`` to ``stop``, in memory of their own. From any thread or process."""
        stop = min(stop, self.rows)
        if not hasattr(os, "pread"):  # Windows
            return self.mapped()[start:stop].copy()
        size = self.dtype.itemsize
        return np.frombuffer(os.pread(self._file.fileno(), (stop - start) * size, start * size), dtype=self.dtype)

    def mapped(self) -> Numbers:
        """Return all numbers (rows,) as a view of the file, to be read out of order; the system holds what it likes."""
        if not self.rows:
            return np.empty(0, dtype=self.dtype)
        return np.memmap(self._file, dtype=self.dtype, mode="r", shape=(self.rows,))

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()


class Spool:
    """The rows of one model as ``KeptRows`` has them: 8 bytes a row for the loss, and more only for what there is.

    ``truth`` is not kept where the labels are of a file that both models share; ``slices`` are codes into ``names``.
    """

    def __init__(self, *, truth: bool) -> None:
        self._truth = truth
        self.loss = SpooledColumn(np.float64)
        self.truth: SpooledColumn | None = None
        self.weight: SpooledColumn | None = None
        self.counts: SpooledColumn | None = None
        self.slices: list[SpooledColumn] = []
        self._names: list[dict[str, int]] = []
        self.partitions: list[int] = []

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.loss.rows

    def names(self, column: int) -> tuple[str, ...]:
        """Return the values that the codes of a column of slices stand for."""
        return tuple(self._names[column])

    def append(self, partition: Iterable[KeptRows]) -> None:
        """Add the rows of a partition."""
        before = self.rows
        for kept in partition:
            self._append(kept)
        self.partitions.append(self.rows - before)

    def close(self) -> None:
        """Give the disk space back."""
        for column in (self.loss, self.truth, self.weight, self.counts, *self.slices):
            if column is not None:
                column.close()

    def _append(self, kept: KeptRows) -> None:
        self.loss.append(kept.loss)
        if self._truth:
            self.truth = self.truth or SpooledColumn(kept.truth.dtype)
            self.truth.append(kept.truth)
        if kept.weight is not None:
            self.weight = self.weight or SpooledColumn(np.float64)
            self.weight.append(kept.weight)
        if kept.counts is not None:
            self.counts = self.counts or SpooledColumn(np.float64)
            self.counts.append(kept.counts)
        self._append_slices(kept.slices)

    def _append_slices(self, slices: tuple[Categories, ...]) -> None:
        if not self.slices:
            self.slices = [SpooledColumn(np.int32) for _ in slices]
            self._names = [{} for _ in slices]
        for column, names, categories in zip(self.slices, self._names, slices, strict=True):
            column.append(renamed(categories, names))


@contextmanager
def _writing() -> Iterator[None]:
    """Turn what the operating system says of the temporary disk into an ``OutputError``."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"a temporary file cannot be written: {error.strerror or error}",
            code="spool_failed",
            hint="the losses of each file take 8 bytes a row for a while; TMPDIR names another place for them",
        ) from error


class InOrder(NamedTuple):
    """Row i is row ``order[i]`` of ``column``, NaN where that is −1 (of a column of floats); ``None``: row i itself."""

    column: SpooledColumn
    order: Order | None

    def read(self, start: int, stop: int) -> Numbers:
        """Return rows ``start`` to ``stop`` (n,), in memory of their own."""
        if self.order is None:
            return self.column.read(start, stop)
        order = self.order[start:stop]
        values: Numbers = self.column.mapped()[order]
        if self.column.dtype == np.float64:
            values[order < 0] = np.nan
        return values
