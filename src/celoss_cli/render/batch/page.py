"""The page of a batch: a row an evaluation, and a section for each."""

from __future__ import annotations

from collections.abc import Iterator

from celoss_cli.render.batch import reading
from celoss_cli.render.evaluation import page as evaluation_page
from celoss_cli.render.evaluation.page import Room
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
    warnings_in,
)
from celoss_cli.render.forms.remark import Tone
from celoss_cli.render.text import apart
from celoss_cli.results.batch import Batch, Failure, Item

FILE = Room(checks=100, classes=50, slices=50, rows=10, warnings=20, decisions=20, pictures=False)

_MOST_ROWS = {True: 200, False: 10_000}

_MOST_SECTIONS = {True: 0, False: 1000}


def outline_of(batch: Batch, *, comment: bool) -> Outline:
    """Return the page: the verdict, the table, what could not be scored, and a section for each evaluation.

    A comment has the table alone.
    """
    passed = None if batch.verdict is None else batch.verdict.passed
    tone = {None: Tone.PLAIN, True: Tone.GOOD, False: Tone.BAD}[passed]
    sections = [
        Section((), tuple(_overview(batch, _MOST_ROWS[comment], drawn=not comment))),
        Section(("Could not be scored",), tuple(_errors(batch, _MOST_ROWS[comment]))),
        Section(("Warnings",), tuple(warnings_in(batch.warnings, 50))),
        *_evaluations(batch, _MOST_SECTIONS[comment]),
    ]
    shown = tuple(section for section in sections if section.blocks)
    return Outline(reading.title(batch), tone, shown, f"celoss {batch.celoss_version}", tags=batch.tags)


def _overview(batch: Batch, most: int, *, drawn: bool) -> Iterator[Block]:
    yield Sentence((Strong(reading.sentence(batch)), f" · losses in {reading.unit(batch)}"))
    if drawn:
        from celoss_cli.render.pictures import svg
        from celoss_cli.render.pictures.batch import of_batch

        yield from (svg.drawing(picture) for picture in of_batch(batch))
    lines = reading.lines(batch)
    names = apart([item.name for item, _ in lines])
    rows: list[tuple[Line, ...]] = []
    for (item, figures), name in zip(lines[:most], names, strict=False):
        cells: list[Line] = [(figure,) for figure in figures]
        if item.passed is False:
            cells[-1] = (Strong("FAIL"),)
        rows.append(((Name(name),), *cells))
    if rows:
        yield Grid(("name", *reading.titles(batch)), tuple(rows), figures_from=1)
    if len(lines) > most:
        yield Sentence((f"The first {most}; {len(lines) - most} more.",))


def _errors(batch: Batch, most: int) -> Iterator[Block]:
    failures = list(batch.failures)
    if failures:
        told = [
            Sentence(
                (Name(item.name), f": {_what(item, failure)}", *([f" – {failure.hint}"] if failure.hint else [])),
                Tone.BAD,
            )
            for item, failure in failures[:most]
        ]
        if len(failures) > most:
            told.append(Sentence((f"{len(failures) - most} more",)))
        yield Items(tuple(told))


def _what(item: Item, failure: Failure) -> str:
    """Return what was found, and where if that is not said by the name."""
    return str(failure).removeprefix(f"{item.name}: ")


def _evaluations(batch: Batch, most: int) -> Iterator[Section]:
    shared = batch.tags
    for name, evaluation in list(batch.scored)[:most]:
        outline = evaluation_page.outline_of(evaluation, FILE)
        own = [
            part for key, value in outline.tags if (key, value) not in shared for part in (" ", Name(f"{key}={value}"))
        ]
        title = Section((Name(name),), (Sentence((Strong(outline.title), *own), outline.tone),))
        yield title
        for section in outline.sections:
            told: tuple[Block, ...] = (Sentence((Strong("".join(section.title)),)),) if section.title else ()
            yield Section((), (*told, *section.blocks))
