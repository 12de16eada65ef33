"""Whether one number a line is a matrix row after row, as XGBoost's command line writes multi:softprob."""

from __future__ import annotations

import numpy as np

from celoss_cli.request import Request, Task
from celoss_cli.spec import Decision, How
from celoss_cli.tables.source import Kind, Table

_FEWEST_ROWS = 3

_MOST_CLASSES = 200

_TOLERANCE = 1e-4  # six significant digits of each number, and a float32 softmax


def unflattened(predictions: Table, labels: Table | None, request: Request) -> Table:
    """Return the predictions as a table of vectors where a single column without a name holds a row in several lines.

    They do if the numbers of every so many lines sum to 1 from the first line on. The smallest such number counts: of
    single probabilities even three pairs would hardly do so. ``--task binary`` says that each line is a row.
    """
    columns = predictions.columns
    if predictions.named or labels is None or len(columns) != 1 or columns[0].kind is not Kind.NUMBER:
        return predictions
    if request.task is Task.BINARY:
        return predictions
    numbers = predictions.head().numbers(columns[0].name).astype(np.float64)
    if not numbers.size or not ((numbers >= 0.0) & (numbers <= 1.0 + _TOLERANCE)).all() or (numbers == 1.0).all():
        return predictions
    for width in range(2, min(_MOST_CLASSES, len(numbers) // _FEWEST_ROWS) + 1):
        rows = numbers[: len(numbers) // width * width].reshape(-1, width)
        if np.abs(rows.sum(axis=1) - 1.0).max() <= _TOLERANCE:
            from celoss_cli.tables.views.flattened import FlattenedTable

            evidence = f"one number a line, and every {width} of them sum to 1: flattened rows"
            decision = Decision("layout", "XGBoost CLI", How.DETECTED, evidence, "--task binary", width == 2)
            return FlattenedTable(predictions, width, decision)
    return predictions
