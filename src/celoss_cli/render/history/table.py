"""The history for a person at a terminal: the trend of each name, and the runs of a few."""

from __future__ import annotations

from celoss_cli.render import numbers
from celoss_cli.render.forms.remark import Tone
from celoss_cli.render.history import reading
from celoss_cli.render.page import INDENT, LABEL, TITLE, Page, add_figures, add_names, cell, columns
from celoss_cli.render.text import Charset
from celoss_cli.results.history import History, Series

_MOST_SHOWN_WHOLE = 3

_MOST_RUNS = 30

_STYLES = {Tone.GOOD: "green", Tone.BAD: "bold red", Tone.PLAIN: ""}


def render(history: History, *, width: int | None = None, color: bool = False, encoding: str = "utf-8") -> str:
    """Return the history as text, fitted to ``width`` columns, or with ``None`` as wide as its content."""
    page = Page(Charset(encoding), width, color)
    page.opening(history.celoss_version)
    if len(history.series) > 1:
        _overview(page, history)
    for series in history.series if len(history.series) <= _MOST_SHOWN_WHOLE else ():
        _runs(page, series)
    _changes(page, history)
    for remark in reading.verdict(history):
        page.say((remark.lead, _STYLES[remark.tone]), (f"  {remark.text}", ""), indent=0)
    page.warnings(history.warnings)
    return page.text()


def _trend(page: Page, series: Series) -> str:
    shown = reading.sparkline(series)
    return shown if page.charset.can(shown) else reading.sparkline(series, plain=True)


def _overview(page: Page, history: History) -> None:
    page.heading("The last run of each, and its trend")
    table = columns(page, "name", "runs", "loss", "beside the best")
    add_names(table, "trend")
    for series in history.series:
        best = next((one for one in series.beside if one.of == "best"), None)
        figures = (
            numbers.count(len(series.runs)),
            numbers.significant(series.runs[-1].mean),
            "–" if best is None else numbers.signed(best.difference, 3),
        )
        table.add_row(
            cell(page.charset.name(series.name)),
            *(cell(page.charset.prose(figure)) for figure in figures),
            cell(_trend(page, series)),
        )
    page.put(table)


def _runs(page: Page, series: Series) -> None:
    page.heading(f"{page.charset.name(series.name)}, {series.runs[-1].unit}")
    page.say((_trend(page, series), "cyan"))
    shown = reading.lines(series)[-_MOST_RUNS:]
    tagged = any(run.tags for run, _ in shown)
    table = columns(page, "time, UTC")
    for title in reading.TITLES[:-1]:
        add_figures(table, title)
    if tagged:
        add_names(table, reading.TITLES[-1])
    for run, figures in shown:
        *first, tags = (page.charset.prose(figure) for figure in figures)
        row = [cell(reading.time(page.charset.name(run.time))), *map(cell, first)]
        row += [cell(page.charset.name(tags) if tags else "")] if tagged else []
        table.add_row(*row, style="bold red" if run.passed is False else "")
    if page.fits(table):
        page.put(table)
    else:
        for run, figures in shown:
            page.say((reading.time(page.charset.name(run.time)), TITLE), (f"  {figures[0]}", ""), indent=INDENT)
    if len(series.runs) > _MOST_RUNS:
        page.say((f"the last {_MOST_RUNS} of {numbers.count(len(series.runs))} runs", LABEL))
    for text in reading.beside(series):
        page.say((text, ""))


def _changes(page: Page, history: History) -> None:
    several = len(history.series) > 1
    remarks = [(series.name, remark) for series in history.series for remark in reading.changes(series)]
    if remarks:
        page.gap()
    for name, remark in remarks:
        of = f"{page.charset.name(name)} " if several else ""
        page.say((f"{of}{remark.lead}", _STYLES[remark.tone]), (f" {remark.text}", ""), indent=0)
