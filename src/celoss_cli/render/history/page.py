"""The page of a history: the trend of each name as a picture, where its level changed, and its runs."""

from __future__ import annotations

from collections.abc import Iterator

from celoss_cli.render.forms.outline import (
    Block,
    Grid,
    Items,
    Line,
    Name,
    Outline,
    Section,
    Sentence,
    spoken,
    warnings_in,
)
from celoss_cli.render.forms.remark import Tone
from celoss_cli.render.history import reading
from celoss_cli.results.history import History, Series

_MOST_RUNS = {True: 20, False: 1000}

_MOST_SERIES = {True: 20, False: 1000}


def outline_of(history: History, *, comment: bool) -> Outline:
    """Return the page; for a ``comment`` without pictures, and no longer than one may be."""
    passed = None if history.verdict is None else history.verdict.passed
    tone = {None: Tone.PLAIN, True: Tone.GOOD, False: Tone.BAD}[passed]
    summary: list[Block] = []
    verdict = [spoken(remark) for remark in reading.verdict(history)]
    if verdict:
        summary.append(Items(tuple(verdict[:100])))
    told = history.series[: _MOST_SERIES[comment]]
    sections = [
        Section((), tuple(summary)),
        *(Section((Name(series.name),), tuple(_series(series, comment=comment))) for series in told),
        Section(("Warnings",), tuple(warnings_in(history.warnings, 50))),
    ]
    shown = tuple(section for section in sections if section.blocks)
    return Outline(reading.title(history), tone, shown, f"celoss {history.celoss_version}", (history.path,))


def _series(series: Series, *, comment: bool) -> Iterator[Block]:
    if not comment:
        from celoss_cli.render.pictures import svg
        from celoss_cli.render.pictures.trend import trend_of

        yield from (svg.drawing(picture) for picture in trend_of(series))
    told = [*(spoken(remark) for remark in reading.changes(series)), *(Sentence((t,)) for t in reading.beside(series))]
    if told:
        yield Items(tuple(told))
    rows: list[tuple[Line, ...]] = []
    for run, (*figures, tags) in reading.lines(series)[-_MOST_RUNS[comment] :]:
        rows.append(
            ((Name(reading.time(run.time)),), *((figure,) for figure in figures), (Name(tags) if tags else "–",))
        )
    yield Grid(("time, UTC", *reading.TITLES), tuple(rows), figures_from=1)
