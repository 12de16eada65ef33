"""A page before it is Markdown or HTML: headings, sentences, lists and tables, with names from files marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from celoss_cli.render.forms.markup import Markup
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.results.document import Notice


class Name(str):
    """A name from a file: shown as code, so that nothing in it reads as a sentence of ours."""

    __slots__ = ()


class Strong(str):
    """Words that stand out."""

    __slots__ = ()


Line = tuple[str, ...]
"""Pieces of text one after the other: ``Name``, ``Strong``, or plain sentences, which may quote names from files."""


class Sentence(NamedTuple):
    """A paragraph, in the tone it is meant."""

    line: Line
    tone: Tone = Tone.PLAIN


class Items(NamedTuple):
    """A list of sentences."""

    sentences: tuple[Sentence, ...]


class Grid(NamedTuple):
    """A table. The columns from ``figures_from`` on hold figures."""

    header: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    figures_from: int | None = None

    told: bool = False
    """Whether it has cells of whole sentences: where there is little room it becomes a list."""


class Drawing(NamedTuple):
    """A picture, for forms that can show one: the others leave it out, as the numbers stand elsewhere on the page."""

    svg: Markup
    title: str
    finding: str
    """What it shows, in a sentence with numbers."""

    table: Grid
    """The numbers behind it."""


Block = Sentence | Items | Grid | Drawing


class Section(NamedTuple):
    """A part of the page. Without a title it continues the part above."""

    title: Line
    blocks: tuple[Block, ...]


class Outline(NamedTuple):
    """The whole page."""

    title: str
    """The result."""

    tone: Tone
    """Whether that is good or bad."""

    sections: tuple[Section, ...]

    maker: str
    """Which version of celoss made it."""

    files: tuple[str, ...] = ()
    """What was read, for a form that may leave the place where that is known."""

    tags: tuple[tuple[str, str], ...] = ()
    """What the user noted about the run."""

    @property
    def noted(self) -> tuple[str, ...]:
        """The tags, as they were written."""
        return tuple(f"{key}={value}" for key, value in self.tags)


def warnings_in(notices: Sequence[Notice], most: int) -> Iterator[Block]:
    """Yield a list of the first ``most`` warnings, and how many more there are."""
    if not notices:
        return
    items = [Sentence((notice.message, " (", Name(notice.code), ")")) for notice in notices[:most]]
    if len(notices) > most:
        items.append(Sentence((f"{len(notices) - most} more",)))
    yield Items(tuple(items))


def spoken(remark: Remark) -> Sentence:
    """Return a remark, its lead standing out."""
    return Sentence((Strong(remark.lead), f" {remark.text}") if remark.lead else (remark.text,), remark.tone)
