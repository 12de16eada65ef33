"""A last row of means or totals is no sample: it is found by its name, or because it is what the rows above come to."""

from __future__ import annotations

import math

from celoss_cli.errors import DataError, InvalidLabels
from celoss_cli.layout.cells import head_is_all
from celoss_cli.request import InvalidRows, Request
from celoss_cli.spelling import number, option, same
from celoss_cli.tables.source import Kind, Table
from celoss_cli.tables.views.shards import place

_SUMMARIES = (
    "mean", "means", "average", "avg", "total", "totals", "sum", "sums", "overall", "median", "std", "all",
    "grand total", "subtotal", "mean:", "total:", "sum:", "average:", "moyenne", "summe", "gesamt", "mittelwert",
    "durchschnitt",
)  # fmt: skip

_FEWEST = 3

_CLOSE = 5e-3  # of a mean in two digits


def check_last_row(table: Table, label: str, request: Request, *, single: bool) -> None:
    """Raise InvalidLabels if the last row of a file that has been read whole is a mean or a total of those above.

    Its label is then no class: a fraction, a number above all others, or missing. That the number alone says so is
    believed only where a ``single`` column speaks of 0 and 1.
    """
    rows = table.head().rows
    if rows < 2 or not head_is_all(table) or request.where:
        return
    column = next((column for column in table.columns if column.name == label), None)
    if column is None or column.kind not in (Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN):
        return
    whole = table.head().integers(label)
    if whole is not None and bool((whole[:-1] == whole[-1]).any()):
        return
    texts = table.head().texts(label)
    last, above = texts[-1], set(texts[:-1])
    if last is None and request.invalid is InvalidRows.DROP:
        return
    if last in above or (request.ignore_index is not None and same(last or "", request.ignore_index)):
        return
    named = _summary_named(table, label)
    by_value = single and rows > _FEWEST and last is not None and _is_summary(last, texts[:-1])
    if named is not None or by_value:
        raise last_row_refused(table, rows - 1, label, last, named)


def last_row_refused(table: Table, row: int, label: str, last: str | None, named: str | None = None) -> DataError:
    """Return the error that a row of means or totals stands at the end."""
    said = "" if named is None else f" ({named!r})"
    what = "no label" if last is None else f"label {last!r}, which no other row has"
    return InvalidLabels(
        f"the last row looks like one of means or totals{said}: it has {what}",
        code="summary_row",
        where=place(table, row, label),
        hint="--invalid drop leaves it out, counted"
        if last is None
        else f"{option('--ignore-index', last)} leaves it out",
    )


def _summary_named(table: Table, label: str) -> str | None:
    """Return the cell that calls the last row a mean or a total, if one does and no other row is called so."""
    for column in table.columns:
        if column.kind is not Kind.TEXT or column.name == label:
            continue
        texts = table.head().texts(column.name)
        last = texts[-1]
        if last is not None and last.strip().casefold() in _SUMMARIES and last not in texts[:-1]:
            return last
    return None


def _is_summary(last: str, above: list[str | None]) -> bool:
    """Whether a label is the mean of those above, which are 0 and 1, or their sum."""
    value, values = number(last), [number(text or "") for text in above]
    known = [one for one in values if one is not None]
    if value is None or len(known) < len(values) or not set(known) <= {0.0, 1.0} or value in (0.0, 1.0):
        return False
    return math.isclose(value, sum(known) / len(known), abs_tol=_CLOSE) or value == sum(known)
