"""The batch as CSV: one line an evaluation, at full precision, safe to open in a spreadsheet."""

from __future__ import annotations

from celoss_cli.render.evaluation.csv import Value, written
from celoss_cli.results.batch import Batch, BatchRow


def render(batch: Batch) -> str:
    """Return one line an evaluation; what it does not have is an empty cell."""
    return written([BatchRow._fields, *([_plain(value) for value in row] for row in batch.table())])


def _plain(value: Value) -> Value:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value
