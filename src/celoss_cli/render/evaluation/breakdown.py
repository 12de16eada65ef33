"""Where the loss is, for a person at a terminal: by class, by slice, and in which rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from celoss_cli.render import numbers
from celoss_cli.render.evaluation import reading
from celoss_cli.render.page import INDENT, LABEL, Page, add_figures, add_names, bar, columns, headed
from celoss_cli.results.evaluation import ClassResult, Evaluation, SliceResult, WorstRow

MOST_CLASSES = 20

_WORTH_A_BAR = 0.05  # of the loss: where no class has as much, the bars say nothing


def show_classes(page: Page, evaluation: Evaluation) -> None:
    """Print the classes that cost most, as a table or line by line, as the page allows."""
    if not evaluation.per_class:
        return
    shown = reading.costliest(evaluation, MOST_CLASSES)
    hidden = len(evaluation.per_class) - len(shown)
    page.heading("By class" if not hidden else f"By class: the {len(shown)} that cost most")
    weighted = reading.is_weighted_by_class(evaluation)
    table = _class_table(page, shown, weighted=weighted, bars=True)
    if not page.fits_unfolded(table) or not _worth_bars(shown):
        table = _class_table(page, shown, weighted=weighted, bars=False)
    if page.fits(table):
        page.put(table)
    else:
        _class_line_by_line(page, shown, weighted=weighted)
    if hidden:
        page.say((f"… {numbers.count(hidden)} more; --format csv has all", LABEL))


def _class_table(page: Page, shown: Sequence[ClassResult], *, weighted: bool, bars: bool) -> Table:
    table = columns(page, "class", "rows", "mean loss", *(["weight"] if weighted else []), "recall", "share of loss")
    if bars:
        table.add_column(no_wrap=True)
    losses = numbers.column([result.mean_loss for result in shown])
    weights = numbers.column([result.weight for result in shown], digits=4)
    for result, loss, weight in zip(shown, losses, weights, strict=True):
        figures = [numbers.count(result.count), loss, *([weight] if weighted else [])]
        figures += [numbers.tabled_percent(result.recall), numbers.tabled_percent(result.loss_share)]
        cells = [Text(page.charset.name(result.class_)), *(page.prose((figure, "")) for figure in figures)]
        table.add_row(*cells, *([bar(page, result.loss_share)] if bars else []))
    return table


def _worth_bars(shown: Sequence[ClassResult]) -> bool:
    return any(result.loss_share is not None and result.loss_share >= _WORTH_A_BAR for result in shown)


def _class_line_by_line(page: Page, shown: Iterable[ClassResult], *, weighted: bool) -> None:
    for result in shown:
        page.put(Text(page.charset.name(result.class_)))
        page.say((_class_sentence(result, weighted=weighted), LABEL), indent=INDENT + 2)


def _class_sentence(result: ClassResult, *, weighted: bool) -> str:
    parts = [numbers.rows(result.count)]
    if result.mean_loss is not None:
        parts.append(f"mean loss {numbers.significant(result.mean_loss, 5)}")
    if weighted:
        parts.append(f"weight {numbers.significant(result.weight, 4)}")
    if result.recall is not None:
        parts.append(f"recall {numbers.percent(result.recall)}")
    if result.loss_share is not None and not math.isnan(result.loss_share):
        parts.append(f"{numbers.percent(result.loss_share)} of the loss")
    return ", ".join(parts)


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
        parts = [numbers.rows(result.scored)]
        if result.mean_loss is not None:
            parts.append(f"mean loss {numbers.significant(result.mean_loss, 5)}")
        if result.accuracy is not None:
            parts.append(f"accuracy {numbers.percent(result.accuracy)}")
        if result.loss_share is not None:
            parts.append(f"{numbers.percent(result.loss_share)} of the loss")
        page.put(Text(reading.slice_value(result, page.charset)))
        page.say((", ".join(parts), LABEL), indent=INDENT + 2)


def show_worst(page: Page, evaluation: Evaluation) -> None:
    """Print the rows with the largest loss, as a table or line by line, as the page allows."""
    if evaluation.sequences is not None:
        _show_worst_sequences(page, evaluation)
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


def _show_worst_sequences(page: Page, evaluation: Evaluation) -> None:
    """Print the sequences with the largest loss per unit, each with its worst tokens."""
    from celoss_cli.render.evaluation import sequences

    rows = sequences.worst(evaluation, len(evaluation.sequences.worst) if evaluation.sequences else 0)
    if not rows:
        return
    page.heading("The worst sequence" if len(rows) == 1 else f"The {len(rows)} worst sequences")
    with_id = any(row.id is not None for row in rows)
    table = headed()
    add_figures(table, "row")
    if with_id:
        add_names(table, "id")
    for figure in ("loss", "sum", "units", "least p"):
        add_figures(table, figure)
    add_names(table, "worst tokens")
    losses = numbers.column([row.loss for row in rows])
    for row, loss in zip(rows, losses, strict=True):
        identity = [page.prose(("–", LABEL)) if row.id is None else Text(page.charset.name(row.id))]
        tokens = ", ".join(f"{page.charset.name(name)} {cost}" for name, cost in sequences.worst_tokens(row))
        table.add_row(
            Text(str(row.row)),
            *(identity if with_id else []),
            Text(loss),
            Text(numbers.significant(row.sum, 5)),
            Text(f"{row.units:g}"),
            Text(numbers.probability(row.p_min)),
            Text(tokens or " "),
        )
    if page.fits(table):
        page.put(table)
    else:
        for row in rows:
            identity_text = "" if row.id is None else f" ({page.charset.name(row.id)})"
            page.say((f"row {row.row}{identity_text}", ""), (f"  loss {numbers.significant(row.loss, 5)}", ""))
            of = f"sum {numbers.significant(row.sum, 5)} over {row.units:g}, least p {numbers.probability(row.p_min)}"
            page.say((of, LABEL), indent=INDENT + 2)
    page.say(("Rows and tokens are counted from 0.", LABEL))


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
