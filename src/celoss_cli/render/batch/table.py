"""The batch for a person at a terminal: one line an evaluation, then what was not met and what could not be scored."""

from __future__ import annotations

from celoss_cli.render.batch import reading
from celoss_cli.render.evaluation.checks import verdict as verdict_in_words
from celoss_cli.render.page import INDENT, LABEL, TITLE, Page, cell, columns
from celoss_cli.render.text import Charset
from celoss_cli.results.batch import Batch

_STYLES = {True: "", False: "bold red", None: ""}


def render(batch: Batch, *, width: int | None = None, color: bool = False, encoding: str = "utf-8") -> str:
    """Return the table as text, fitted to ``width`` columns, or with ``None`` as wide as its content."""
    page = Page(Charset(encoding), width, color)
    page.opening(batch.celoss_version)
    _evaluations(page, batch)
    _missed(page, batch)
    _errors(page, batch)
    page.warnings(batch.warnings)
    page.gap()
    page.say((reading.sentence(batch), TITLE), indent=0)
    return page.text()


def _evaluations(page: Page, batch: Batch) -> None:
    lines = reading.lines(batch)
    if not lines:
        return
    page.heading(f"Mean cross-entropy, {reading.unit(batch)}")
    titles = reading.titles(batch)
    table = columns(page, "name", *titles)
    for item, figures in lines:
        cells = [cell(page.charset.name(item.name)), *(cell(page.charset.prose(figure)) for figure in figures)]
        table.add_row(*cells, style=_STYLES[item.passed])
    if page.fits(table):
        page.put(table)
        return
    for item, figures in lines:
        page.say((page.charset.name(item.name), TITLE))
        pairs = (f"{title} {figure}" for title, figure in zip(titles, figures, strict=True))
        page.say((" · ".join(pairs), LABEL), indent=INDENT + 2)


def _missed(page: Page, batch: Batch) -> None:
    failed = [(name, found) for name, found in batch.scored if found.verdict is not None and not found.verdict.passed]
    if not failed:
        return
    page.heading("Limits that are not met")
    for name, found in failed:
        for remark in verdict_in_words(found):
            if remark.lead == "FAIL":
                page.say((page.charset.name(name), TITLE), (f"  {remark.text}", ""))


def _errors(page: Page, batch: Batch) -> None:
    names = [page.charset.name(item.name) for item, _ in batch.failures]
    if names:  # each error stands on standard error, as everywhere
        page.gap()
        page.say(("Could not be scored:", "bold red"), (f" {', '.join(names)}", ""), indent=0)
