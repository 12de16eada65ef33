"""The worst rows in the report for a person."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from celoss_cli.evaluation import Evaluation, WorstRow
from celoss_cli.render import numbers
from celoss_cli.render.page import INDENT, LABEL, Page, add_figures, add_names, headed


def show_worst(page: Page, evaluation: Evaluation) -> None:
    """Print the rows with the largest loss, as a table or line by line, as the page allows."""
    rows = evaluation.worst
    if not rows:
        return
    page.heading("The worst row" if len(rows) == 1 else f"The {len(rows)} worst rows")
    table = _worst_table(page, rows)
    if page.fits(table):
        page.put(table)
    else:
        _worst_line_by_line(page, rows)
    page.say(("Rows are counted from 0.", LABEL))


def _worst_table(page: Page, rows: Sequence[WorstRow]) -> Table:
    with_id = any(row.id is not None for row in rows)
    table = headed()
    add_figures(table, "row")
    if with_id:
        add_names(table, "id")
    add_figures(table, "loss")
    for title in ("truth", "predicted"):
        add_names(table, title)
        add_figures(table, f"p({title})")
    losses = numbers.column([row.loss for row in rows])
    for row, loss in zip(rows, losses, strict=True):
        identity = [page.prose(("–", LABEL)) if row.id is None else Text(page.charset.name(row.id))]
        table.add_row(
            Text(str(row.row)),
            *(identity if with_id else []),
            Text(loss),
            Text(page.charset.name(row.label)),
            Text(numbers.probability(row.p_true)),
            Text(page.charset.name(row.predicted)),
            Text(numbers.probability(row.p_predicted)),
        )
    return table


def _worst_line_by_line(page: Page, rows: Sequence[WorstRow]) -> None:
    for row in rows:
        identity = "" if row.id is None else f" ({page.charset.name(row.id)})"
        page.say((f"row {row.row}{identity}", ""), (f"  loss {numbers.significant(row.loss, 5)}", ""))
        truth, predicted = page.charset.name(row.label), page.charset.name(row.predicted)
        page.say((f"truth {truth}, given {numbers.probability(row.p_true)}", LABEL), indent=INDENT + 2)
        page.say((f"predicted {predicted}, given {numbers.probability(row.p_predicted)}", LABEL), indent=INDENT + 2)
