"""The slices in the report for a person: a table for each column sliced by, the worst slice first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from celoss_cli.evaluation import Evaluation, SliceResult
from celoss_cli.render import numbers, reading
from celoss_cli.render.page import INDENT, LABEL, Page, bar, columns

MOST_SLICES = 20


def show_slices(page: Page, evaluation: Evaluation) -> None:
    """Print the slices of each column, fitted to the page."""
    for column, shown, hidden in reading.sliced(evaluation, MOST_SLICES):
        which = f": the {len(shown)} with the largest loss" if hidden else ""
        page.heading(f"By {page.charset.name(column)}{which}")
        table = _table(page, shown, bars=True)
        if not page.fits_unfolded(table) or not any(result.loss_share for result in shown):
            table = _table(page, shown, bars=False)
        if page.fits(table):
            page.put(table)
        else:
            _line_by_line(page, shown)
        if hidden:
            page.say((f"… {numbers.count(hidden)} more; --format json has all", LABEL))


def _table(page: Page, shown: Sequence[SliceResult], *, bars: bool) -> Table:
    table = columns(page, "slice", "rows", "mean loss", "±", "accuracy", "share of loss")
    if bars:
        table.add_column(no_wrap=True)
    losses = numbers.column([result.mean_loss for result in shown])
    for result, loss in zip(shown, losses, strict=True):
        figures = [
            numbers.count(result.scored),
            loss,
            "–" if result.standard_error is None else numbers.significant(result.standard_error, 2),
            numbers.tabled_percent(result.accuracy),
            numbers.tabled_percent(result.loss_share),
        ]
        cells = [page.prose((reading.slice_value(result, page.charset), "")), *(page.prose((f, "")) for f in figures)]
        table.add_row(*cells, *([bar(page, result.loss_share)] if bars else []))
    return table


def _line_by_line(page: Page, shown: Sequence[SliceResult]) -> None:
    for result in shown:
        parts = [reading.rows(result.scored)]
        if result.mean_loss is not None:
            parts.append(f"mean loss {numbers.significant(result.mean_loss, 5)}")
        if result.accuracy is not None:
            parts.append(f"accuracy {numbers.percent(result.accuracy)}")
        if result.loss_share is not None:
            parts.append(f"{numbers.percent(result.loss_share)} of the loss")
        page.put(Text(reading.slice_value(result, page.charset)))
        page.say((", ".join(parts), LABEL), indent=INDENT + 2)
