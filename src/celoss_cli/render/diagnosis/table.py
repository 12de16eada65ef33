"""The diagnosis for a person at a terminal: the headline, why, what would fix it, and where to look."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from celoss_cli.render import numbers
from celoss_cli.render.diagnosis import fixes, picture, places, reading
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.render.page import INDENT, LABEL, TITLE, Page, add_figures, add_names, cell, headed
from celoss_cli.render.text import Charset
from celoss_cli.results.diagnosis import Diagnosis

MOST_CONFUSIONS = 8

_LEADS = {Tone.PLAIN: "bold", Tone.GOOD: "bold green", Tone.BAD: "bold red"}

_INKS = {"axis": LABEL, "band": LABEL, "curve": "cyan", "outside": "bold yellow", "levels": "cyan"}

_MARGIN = 8 + INDENT  # beside the axis of the picture


def render(diagnosis: Diagnosis, *, width: int | None = None, color: bool = False, encoding: str = "utf-8") -> str:
    """Return the diagnosis as text, fitted to ``width`` columns, or with ``None`` as wide as its content."""
    page = Page(Charset(encoding), width, color)
    for section in (_head, _why, _classes, _curve, _fixes, _where, _contradictions, _left_out, _verdict):
        section(page, diagnosis)
    page.warnings(diagnosis.warnings)
    return page.text()


def _head(page: Page, diagnosis: Diagnosis) -> None:
    page.opening(diagnosis.celoss_version)
    shown = ", ".join(page.charset.name(path) for path in reading.files(diagnosis))
    page.say((f"{shown}: {reading.source(diagnosis)}", LABEL), indent=0)
    page.gap()
    found = reading.headline(diagnosis)
    page.say((found.text, _LEADS[found.tone]), indent=0)


def _why(page: Page, diagnosis: Diagnosis) -> None:
    page.heading(f"Why the loss is {reading.mean(diagnosis)}")
    for remark in reading.why(diagnosis):
        _say(page, remark)


def _classes(page: Page, diagnosis: Diagnosis) -> None:
    odd = reading.odd_classes(diagnosis)
    if odd:
        page.gap()
        page.say(("Classes that are predicted more or less often than they occur:", ""))
        _put(page, places.CLASS_TITLES, places.class_lines(odd), names=(0,), named=(0,))


def _curve(page: Page, diagnosis: Diagnosis) -> None:
    corp = diagnosis.corp
    if corp is None or len(corp.curve) < 2:
        return
    width = min(picture.WIDEST, page.width - _MARGIN)
    page.gap()
    page.say((reading.outside_the_band(corp), ""))
    if width < picture.NARROWEST:
        return
    glyphs = picture.FINE if page.charset.can("".join(picture.FINE)) else picture.PLAIN
    ece = diagnosis.ece
    bins = () if ece is None else ece.equal_mass
    page.gap()
    for line in picture.reliability(corp.curve, bins, width, glyphs):
        drawn = Text(no_wrap=True)
        for characters, what in line:
            drawn.append(characters, _INKS[what])
        page.put(drawn)
    of, what = ("predicted", "happens") if corp.of == "positive" else ("confidence", "right")
    key = f"{of} → · {glyphs.curve} {what} · {glyphs.band} 90% of calibrated models · {glyphs.levels[-1]} rows"
    page.say((key, LABEL))


def _fixes(page: Page, diagnosis: Diagnosis) -> None:
    if not diagnosis.fixes:
        return
    page.heading("What would fix it")
    _put(page, fixes.TITLES, fixes.lines(diagnosis), names=(0, 4))
    for note in fixes.notes(diagnosis):
        page.say((note, LABEL))


def _where(page: Page, diagnosis: Diagnosis) -> None:
    said, confusions = reading.where(diagnosis), diagnosis.confusions
    if not (said or confusions):
        return
    page.heading("Where it is")
    for remark in said:
        _say(page, remark)
    _histogram(page, diagnosis)
    shown, more = places.costly(confusions, MOST_CONFUSIONS)
    if shown:
        page.gap()
        titles = places.confusion_titles(shown)
        names = tuple(range(len(titles) - 3))
        _put(page, titles, places.confusion_lines(shown), names=names, named=names)
        if more:
            page.say((f"… {places.more_confusions(shown, more)}; --format json has all", LABEL))
    for text in places.on_confusions(confusions):
        page.say((text, ""))


def _histogram(page: Page, diagnosis: Diagnosis) -> None:
    bars = () if diagnosis.distribution is None else diagnosis.distribution.bars
    if len(bars) < 2:
        return
    glyphs = picture.FINE if page.charset.can(picture.FINE.levels) else picture.PLAIN
    wide = max(1, min(3, (page.width - INDENT - 9) // len(bars)))
    heights = [("rows", [float(one.rows) for one in bars])]
    if any(one.loss_share for one in bars):
        heights.append(("share", [one.loss_share or 0.0 for one in bars]))
    page.gap()
    for name, values in heights:
        drawn = "".join(level * wide for level in picture.histogram(values, glyphs)).rstrip()
        page.put(Text.assemble((f"{name:<9}", LABEL), (drawn, "cyan"), no_wrap=True))
    low, high = numbers.significant(bars[0].low, 2), numbers.significant(bars[-1].high, 2)
    gap = max(1, len(bars) * wide - len(low) - len(high))
    page.put(Text(f"{'loss':<9}{low}{' ' * gap}{high}", LABEL, no_wrap=True))


def _contradictions(page: Page, diagnosis: Diagnosis) -> None:
    found = diagnosis.contradictions
    if found is None:
        return
    page.heading("Rows that contradict their label")
    page.say((reading.contradictions(found), ""))
    if found.rows:
        titles = places.row_titles(found.rows)
        names = tuple(i for i, title in enumerate(titles) if title in ("id", "label", "rather"))
        _put(page, titles, places.row_lines(found.rows), names=names, named=names, lead=0)
        page.say(("Rows are counted from 0.", LABEL))


def _left_out(page: Page, diagnosis: Diagnosis) -> None:
    if not diagnosis.left_out:
        return
    page.heading("Left out")
    for part, message in reading.left_out(diagnosis):
        page.say((part, TITLE), (f": {message}", ""))


def _verdict(page: Page, diagnosis: Diagnosis) -> None:
    found = reading.verdict(diagnosis)
    if found:
        page.gap()
    for remark in found:
        page.say((remark.lead, _LEADS[remark.tone]), (f"  {remark.text}", ""), indent=0)


def _say(page: Page, remark: Remark) -> None:
    lead = [(f"{remark.lead} ", _LEADS[remark.tone])] if remark.lead else []
    page.say(*lead, (remark.text, ""))


def _put(
    page: Page,
    titles: Sequence[str],
    lines: Sequence[Sequence[str]],
    *,
    names: Sequence[int],
    named: Sequence[int] = (),
    lead: int | None = None,
) -> None:
    """Print a table, or its rows line by line where the page is too narrow for it.

    ``names`` are the columns of words, which fold; the others hold figures, which do not. Those ``named`` are names
    from the files. Line by line, ``lead`` is what a row begins with: else the first of ``names``.
    """
    shown = [
        tuple(page.charset.name(text) if i in named else page.charset.prose(text) for i, text in enumerate(line))
        for line in lines
    ]
    table: Table = headed()
    for i, title in enumerate(titles):
        (add_names if i in names else add_figures)(table, page.charset.prose(title))
    for line in shown:
        table.add_row(*map(cell, line))
    if page.fits(table):
        page.put(table)
        return
    first = names[0] if lead is None else lead
    for line in shown:
        page.put(Text(line[first] if lead is None else f"{titles[first]} {line[first]}", TITLE))
        pairs = [*zip(titles, line, strict=True)]
        others = [f"{title} {text}".strip() for title, text in (*pairs[:first], *pairs[first + 1 :]) if text.strip()]
        page.say((" · ".join(others), LABEL), indent=INDENT + 2)
