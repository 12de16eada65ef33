"""The per-class table as CSV, at full precision, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import fields

from celoss_cli.evaluation import ClassResult, Evaluation
from celoss_cli.render import reading

HEADER = ("class", "count", "weight", "mean_loss", "loss_share", "recall")
SLICE_HEADER = ("slice", "value", "rows", "standard_error", "infinite", "accuracy")

# A spreadsheet runs text that begins like this as a formula (OWASP, "CSV injection"); a number it leaves alone.
_FORMULA_START = frozenset("=+-@\t\r\n")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_SURROGATE = re.compile("[\ud800-\udfff]")


def render(evaluation: Evaluation) -> str:
    """Return one line a class, in class order; what means nothing is an empty cell.

    With slices there are columns more, and below the classes one line a slice, the worst of each column first.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    more = SLICE_HEADER if evaluation.slices else ()
    writer.writerow([*HEADER, *more])
    for row in evaluation.per_class:
        writer.writerow([_cell(getattr(row, field.name)) for field in fields(ClassResult)] + [""] * len(more))
    for _, slices, _ in reading.sliced(evaluation, len(evaluation.slices)):
        for part in slices:
            shared = (None, part.scored, part.weight, part.mean_loss, part.loss_share, None)
            own = (part.column, part.value, part.rows, part.standard_error, part.infinite, part.accuracy)
            writer.writerow([_cell(value) for value in (*shared, *own)])
    return out.getvalue()


def neutral(text: str) -> str:
    """Return ``text`` with a leading apostrophe if a spreadsheet would run it. Numbers stay as they are."""
    text = _SURROGATE.sub(lambda half: f"\\u{ord(half[0]):04x}", text)
    runs = text != "" and text[0] in _FORMULA_START
    return f"'{text}" if runs and not _NUMBER.fullmatch(text) else text


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return neutral(value)
    return str(value) if isinstance(value, int) else repr(float(value))
