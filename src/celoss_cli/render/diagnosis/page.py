"""What the page of a diagnosis says, section by section, for the forms that are laid out: Markdown and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from celoss_cli.render import numbers
from celoss_cli.render.diagnosis import fixes, places, reading
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
from celoss_cli.render.forms.remark import Tone
from celoss_cli.results.diagnosis import Diagnosis
from celoss_cli.results.miscalibration import CalibrationError


class Room(NamedTuple):
    """How many of each kind a page shows."""

    classes: int
    confusions: int
    rows: int
    bars: int
    warnings: int
    pictures: bool


COMMENT = Room(classes=10, confusions=15, rows=20, bars=0, warnings=20, pictures=False)

_BESIDE_PICTURE = 15  # confusions

FILE = Room(classes=1000, confusions=100, rows=1000, bars=100, warnings=1000, pictures=True)


def outline_of(diagnosis: Diagnosis, room: Room) -> Outline:
    """Return the page: the headline and the verdict first, then why, what would fix it, and where to look."""
    verdict, headline = diagnosis.verdict, reading.headline(diagnosis)
    drawings = dict(_pictures(diagnosis)) if room.pictures else {}

    def drawn(name: str) -> tuple[Block, ...]:
        return (drawings[name],) if name in drawings else ()

    word, tone = "", headline.tone
    if verdict is not None:
        word, tone = (": PASS", Tone.GOOD) if verdict.passed else (": FAIL", Tone.BAD)
    sections = (
        Section((), tuple(_summary(diagnosis))),
        Section((), (*drawn("reliability"), *_curve(diagnosis))),
        Section((f"Why the loss is {reading.mean(diagnosis)}",), tuple(_why(diagnosis))),
        Section(("What would fix it",), (*drawn("fixes"), *_fixes(diagnosis), *drawn("temperature"))),
        Section(
            ("Where it is",),
            (*drawn("losses"), *_where(diagnosis, room, drawn=bool(drawn("losses"))), *drawn("confusions")),
        ),
        Section(("Rows that contradict their label",), tuple(_contradictions(diagnosis, room.rows))),
        Section(("Calibration error beside what chance shows",), tuple(_ece(diagnosis))),
        Section(("By class",), (*drawn("classes"), *_classes(diagnosis, room.classes))),
        Section(("How it was read",), (_read(diagnosis),)),
        Section(("Left out",), tuple(_left_out(diagnosis))),
        Section(("Warnings",), tuple(warnings_in(diagnosis.warnings, room.warnings))),
    )
    return Outline(
        f"Diagnosis of a loss of {reading.mean(diagnosis)}{word}",
        tone,
        tuple(section for section in sections if section.blocks),
        f"celoss {diagnosis.celoss_version}",
        tuple(reading.files(diagnosis)),
        tuple(diagnosis.tags.items()),
    )


def _pictures(diagnosis: Diagnosis) -> Iterator[tuple[str, Block]]:
    from celoss_cli.render.pictures import diagnosis as pictures
    from celoss_cli.render.pictures import svg

    yield from ((picture.name, svg.drawing(picture)) for picture in pictures.pictures_of(diagnosis))


def _summary(diagnosis: Diagnosis) -> Iterator[Block]:
    found = reading.headline(diagnosis)
    yield Sentence((Strong(found.text),), found.tone)
    yield from (spoken(remark) for remark in reading.verdict(diagnosis))


def _read(diagnosis: Diagnosis) -> Sentence:
    paths: list[str] = []
    for path in reading.files(diagnosis):
        paths += [", ", Name(path)] if paths else [Name(path)]
    return Sentence((*paths, f": {reading.source(diagnosis)}"))


def _why(diagnosis: Diagnosis) -> Iterator[Block]:
    said = reading.why(diagnosis)
    if said:
        yield Items(tuple(spoken(remark) for remark in said))


def _ece(diagnosis: Diagnosis) -> Iterator[Block]:
    ece = diagnosis.ece
    if ece is None:
        return
    found = [("the top label", ece.top_label), *([] if ece.positive is None else [("P(positive)", ece.positive)])]
    yield _grid(("ECE of", "value", "if calibrated", "±", "over", "under"), [_ece_line(*one) for one in found])


def _ece_line(of: str, found: CalibrationError) -> tuple[str, ...]:
    values = (found.value, found.null, found.null_sd, found.over, found.under)
    return of, *numbers.column([reading.without_noise(value) for value in values], digits=3)


def _classes(diagnosis: Diagnosis, most: int) -> Iterator[Block]:
    ordered = sorted(diagnosis.classes, key=lambda one: -abs(one.z or 0.0))
    shown = ordered[:most]
    if shown:
        yield _grid(places.CLASS_TITLES, places.class_lines(shown), named=(0,))
    if len(shown) < len(ordered):
        yield Sentence((f"The {len(shown)} that are farthest off; {numbers.count(len(ordered) - len(shown))} more.",))


def _curve(diagnosis: Diagnosis) -> Iterator[Block]:
    corp = diagnosis.corp
    if corp is None or not corp.curve:
        return
    yield Sentence((reading.outside_the_band(corp),))


def _fixes(diagnosis: Diagnosis) -> Iterator[Block]:
    if not diagnosis.fixes:
        return
    yield _grid(fixes.TITLES, fixes.lines(diagnosis))
    yield Items(tuple(Sentence((note,)) for note in fixes.notes(diagnosis)))


def _where(diagnosis: Diagnosis, room: Room, *, drawn: bool) -> Iterator[Block]:
    """Yield where the loss is; only the beginning of it where pictures are ``drawn``, which have it behind them."""
    said = [spoken(remark) for remark in reading.where(diagnosis)]
    said += [Sentence((text,)) for text in places.on_confusions(diagnosis.confusions)]
    if said:
        yield Items(tuple(said))
    shown, more = places.costly(
        diagnosis.confusions, min(room.confusions, _BESIDE_PICTURE) if drawn else room.confusions
    )
    if shown:
        titles = places.confusion_titles(shown)
        names = tuple(range(len(titles) - 3))
        yield _grid(titles, places.confusion_lines(shown), named=names, figures_from=len(names))
    if more:
        yield Sentence((f"The {len(shown)} that cost most; {places.more_confusions(shown, more)}.",))
    bars = () if diagnosis.distribution is None or drawn else diagnosis.distribution.bars[: room.bars]
    if bars:
        yield _grid(places.BAR_TITLES, places.bar_lines(bars), figures_from=0)


def _contradictions(diagnosis: Diagnosis, most: int) -> Iterator[Block]:
    found = diagnosis.contradictions
    if found is None:
        return
    yield Sentence((reading.contradictions(found),))
    shown = found.rows[:most]
    if shown:
        titles = places.row_titles(shown)
        names = tuple(i for i, title in enumerate(titles) if title in ("id", "label", "rather"))
        yield _grid(titles, places.row_lines(shown), named=names, figures_from=None)
        yield Sentence(("Rows are counted from 0.",))


def _left_out(diagnosis: Diagnosis) -> Iterator[Block]:
    if diagnosis.left_out:
        said = reading.left_out(diagnosis)
        yield Items(tuple(Sentence((Strong(part), f": {message}")) for part, message in said))


def _grid(
    titles: Sequence[str], lines: Sequence[Sequence[str]], *, named: Sequence[int] = (), figures_from: int | None = 1
) -> Grid:
    rows: list[tuple[Line, ...]] = [
        tuple((Name(text) if i in named and text != "–" else text,) for i, text in enumerate(line)) for line in lines
    ]
    return Grid(tuple(titles), tuple(rows), figures_from)
