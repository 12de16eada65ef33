"""The classes in the report for a person: a table of those that cost most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from celoss_cli.evaluation import ClassResult, Evaluation
from celoss_cli.render import numbers, reading
from celoss_cli.render.page import INDENT, LABEL, Page, bar, columns

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
    parts = [reading.rows(result.count)]
    if result.mean_loss is not None:
        parts.append(f"mean loss {numbers.significant(result.mean_loss, 5)}")
    if weighted:
        parts.append(f"weight {numbers.significant(result.weight, 4)}")
    if result.recall is not None:
        parts.append(f"recall {numbers.percent(result.recall)}")
    if result.loss_share is not None and not math.isnan(result.loss_share):
        parts.append(f"{numbers.percent(result.loss_share)} of the loss")
    return ", ".join(parts)
