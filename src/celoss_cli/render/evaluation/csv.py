"""The per-class table as CSV, at full precision, safe to open in a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from celoss_cli.outputs.spreadsheet import neutral
from celoss_cli.render.evaluation import reading
from celoss_cli.results.evaluation import Evaluation

Value = str | int | float | None

HEADER = ("class", "count", "weight", "mean_loss", "loss_share", "recall")

SLICE_HEADER = ("slice", "value", "rows", "standard_error", "infinite", "accuracy")

_QUOTED = re.compile(r'[",\r\n]')

_SURROGATE = re.compile("[\ud800-\udfff]")


def render(evaluation: Evaluation) -> str:
    """Return one line a class, in class order; what means nothing is an empty cell.

    With slices there are columns more, and below the classes one line a slice, the worst of each column first.
    """
    if evaluation.loss.per is not None and not evaluation.slices:
        return written(_sequences(evaluation))
    more = SLICE_HEADER if evaluation.slices else ()
    table: list[Sequence[Value]] = [
        [*HEADER, *more],
        *([*row, *([None] * len(more))] for row in evaluation.per_class),
    ]
    for _, slices, _ in reading.sliced(evaluation, len(evaluation.slices)):
        for part in slices:
            shared = (None, part.scored, part.weight, part.mean_loss, part.loss_share, None)
            own = (part.column, part.value, part.rows, part.standard_error, part.infinite, part.accuracy)
            table.append([*shared, *own])
    return written(table)


def _sequences(evaluation: Evaluation) -> list[Sequence[Value]]:
    """Return one line a sequence, of those that cost most: there are no classes."""
    found = () if evaluation.sequences is None else evaluation.sequences.worst
    return [
        ["row", "id", "units", "loss_sum", "loss", "p_min"],
        *([row.row, row.id, row.units, row.sum, row.loss, row.p_min] for row in found),
    ]


def written(table: Iterable[Sequence[Value]]) -> str:
    """Return rows as CSV: ``None`` is an empty cell, numbers have full precision, text is never a formula."""
    return "".join(f"{','.join(_cell(value) for value in row)}\n" for row in table)


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) else repr(float(value))
    text = neutral(_SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", value))
    # Python's own writer leaves a carriage return bare, where readers end the row.
    return '"{}"'.format(text.replace('"', '""')) if _QUOTED.search(text) else text
