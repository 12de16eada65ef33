"""The page of a history: what the gate says, all names in a table, and each with its trend, the urgent ones first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from celoss_cli.render.forms.outline import (
    Block,
    Grid,
    Items,
    Line,
    Name,
    Outline,
    Section,
    Sentence,
    Strong,
    spoken,
    warnings_in,
)
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.render.history import reading
from celoss_cli.results.history import History, Series

_MOST_RUNS = 20  # in a comment

_MOST_SERIES = {True: 20, False: 1000}

_MOST_CHECKS = 100


def outline_of(history: History, *, comment: bool) -> Outline:
    """Return the page; for a ``comment`` without pictures, and no longer than one may be."""
    passed = None if history.verdict is None else history.verdict.passed
    tone = {None: Tone.PLAIN, True: Tone.GOOD, False: Tone.BAD}[passed]
    told = reading.by_urgency(history)[: _MOST_SERIES[comment]]
    sections = [
        Section((), (*_checks(history), *_overview(told if len(history.series) > 1 else (), len(history.series)))),
        *(Section((Name(series.name),), tuple(_series(series, comment=comment))) for series in told),
        Section(("Warnings",), tuple(warnings_in(history.warnings, 50))),
    ]
    shown = tuple(section for section in sections if section.blocks)
    return Outline(reading.title(history), tone, shown, f"celoss {history.celoss_version}", (history.path,))


def _checks(history: History) -> Iterator[Block]:
    """Yield each check that fails; of those that pass, of several names, how many there are."""
    remarks = reading.verdict(history)
    failed = [remark for remark in remarks if remark.tone is Tone.BAD]
    shown = [spoken(remark) for remark in (remarks if len(remarks) == 1 else failed)[:_MOST_CHECKS]]
    passed = len(remarks) - len(failed)
    if passed and len(remarks) > 1:
        of = f"{passed} of {len(remarks)} names" if failed else f"all {passed} names"
        shown.append(spoken(Remark(f"{of} (--max-regression)", "PASS", Tone.GOOD)))
    yield from shown if len(shown) == 1 else [Items(tuple(shown))] if shown else ()


def _overview(told: Sequence[Series], names: int) -> Iterator[Block]:
    if not told:
        return
    judged = any(series.verdict is not None for series in told)
    rows: list[tuple[Line, ...]] = []
    for series, (name, *figures) in zip(told, reading.overview(told), strict=True):
        gate: list[Line] = []
        if judged:
            gate = [("–" if series.verdict is None else "pass" if series.verdict.passed else Strong("FAIL"),)]
        rows.append(((Name(name),), *((figure,) for figure in figures), *gate))
    yield Grid((*reading.OVERVIEW, *(["gate"] if judged else [])), tuple(rows), figures_from=1)
    if len(told) < names:
        yield Sentence((f"The first {len(told)}; {names - len(told)} more.",))


def _series(series: Series, *, comment: bool) -> Iterator[Block]:
    told = [*(spoken(remark) for remark in reading.changes(series)), *(Sentence((t,)) for t in reading.beside(series))]
    if told:
        yield Items(tuple(told))
    pictures: list[Block] = []
    if not comment:
        from celoss_cli.render.pictures import svg
        from celoss_cli.render.pictures.trend import trend_of

        pictures = [svg.drawing(picture) for picture in trend_of(series)]
    yield from pictures or [reading.table(series, _MOST_RUNS if comment else None)]
