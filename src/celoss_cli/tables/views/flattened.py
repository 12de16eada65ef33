"""A matrix that was written one number a line, row after row, as XGBoost's command line writes multi:softprob."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import MisalignedData, Where
from celoss_cli.request import Request, Task
from celoss_cli.spec import Decision, How
from celoss_cli.tables.array_batch import ArrayBatch
from celoss_cli.tables.batch import Batch, FloatArray
from celoss_cli.tables.source import Kind, Need, Partition, Table
from celoss_cli.tables.views.shards import batches_of
from celoss_cli.tables.views.view import View

_FEWEST_ROWS = 3

_MOST_CLASSES = 200

_TOLERANCE = 1e-4  # six significant digits of each number, and a float32 softmax


def unflattened(predictions: Table, labels: Table | None, request: Request) -> Table:
    """Return the predictions as a table of vectors where a single column without a name holds a row in several lines.

    They do if the numbers of every so many lines sum to 1 from the first line on, and there is a label for every so
    many lines; where each line has a label, it is a row. A file with a row too many or cut short is taken for rows,
    too: the error that follows counts these. ``--task binary`` says that each line is a row.
    """
    columns = predictions.columns
    if predictions.named or labels is None or len(columns) != 1 or columns[0].kind is not Kind.NUMBER:
        return predictions
    if request.task is Task.BINARY:
        return predictions
    widths = _row_widths(predictions.head().numbers(columns[0].name).astype(np.float64))
    if not widths:
        return predictions
    lines, rows = _rows_of(predictions, Need.NUMBER), _rows_of(labels, Need.LABEL)
    if lines == rows:
        return predictions
    width = next((width for width in widths if lines == width * rows), widths[0])
    if abs(lines - width * rows) > width:
        return predictions
    evidence = f"one number a line, and every {width} of them sum to 1: flattened rows"
    decision = Decision("layout", "XGBoost CLI", How.DETECTED, evidence, "--task binary", width == 2)
    return FlattenedTable(predictions, width, decision)


def _row_widths(numbers: npt.NDArray[np.float64]) -> list[int]:
    """Return how many numbers may make a row, the fewest first: multiples do where all rows are the same, too."""
    if not numbers.size or not ((numbers >= 0.0) & (numbers <= 1.0 + _TOLERANCE)).all() or (numbers == 1.0).all():
        return []
    found = []
    for width in range(2, min(_MOST_CLASSES, len(numbers) // _FEWEST_ROWS) + 1):
        rows = numbers[: len(numbers) // width * width].reshape(-1, width)
        if np.abs(rows.sum(axis=1) - 1.0).max() <= _TOLERANCE:
            found.append(width)
    return found


def _rows_of(table: Table, need: Need) -> int:
    """Return how many rows a table has, counted where that is not known."""
    if table.rows is not None:
        return table.rows
    return sum(batch.rows for batch in batches_of(table, {table.columns[0].name: need}))


class FlattenedTable(View):
    """A table of one number column as a table of vectors of ``width`` of its numbers."""

    def __init__(self, lines: Table, width: int, decision: Decision) -> None:
        super().__init__(lines)
        line = lines.columns[0]
        self.width = width
        self.named = False
        self.places = ()
        self.rows = None if lines.rows is None else lines.rows // width
        self.decisions = (*lines.decisions, decision)
        self.columns = (line._replace(kind=Kind.VECTOR, dtype=f"list<{line.dtype}>[{width}]", width=width),)

    def head(self) -> Batch:
        """Return the first whole rows."""
        numbers = self.table.head().numbers(self.columns[0].name)
        return self.as_rows(numbers[: len(numbers) // self.width * self.width])

    def partitions(self) -> Iterator[Partition]:
        """Yield everything as one: where a row begins is known only by counting from the start."""
        yield _Everything(self)

    def line_of(self, row: int) -> int | None:
        """Return the line on which a row starts."""
        return self.table.line_of(row * self.width)

    def as_rows(self, numbers: FloatArray | npt.NDArray[np.integer]) -> Batch:
        """Return the numbers of whole rows (n · width,) as those rows."""
        rows = numbers.astype(np.float64).reshape(-1, self.width)
        return ArrayBatch({self.columns[0].name: rows}, rows.shape[0])


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
        for partition in self._table.table.partitions():
            for batch in partition.batches({name: Need.NUMBER}):
                numbers = np.concatenate([waiting, batch.numbers(name)])
                whole = len(numbers) // width * width
                waiting = numbers[whole:]
                lines += batch.rows
                if whole:
                    yield self._table.as_rows(numbers[:whole])
        if waiting.size:
            raise MisalignedData(
                f"its {lines:,} numbers are no whole number of rows of {width}",
                code="flattened_rows",
                where=Where(self._table.path),
                hint="the file may be truncated: write it again",
            )
