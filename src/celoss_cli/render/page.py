"""A page that text and tables are printed onto: fitted to a width, and nothing on it ever cropped."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich import box
from rich.console import Console, RenderableType
from rich.panel import Panel
from rich.table import Column, Table
from rich.text import Text

from celoss_cli.errors import brief
from celoss_cli.render.text import Charset
from celoss_cli.results.document import Notice
from celoss_cli.tuples import NamedTuple

INDENT = 2

GAP = (0, 3, 0, 0)  # between the columns of a table

LABEL = "dim"

TITLE = "bold"

_NO_EDGE = 1_000_000  # wider than any line: nothing folds

_PROSE_WIDTH = 100  # longer lines are hard to follow with the eye

_LEAST_NAME = 16  # columns below which a folded name is no longer readable

_BAR_WIDTH = 24


class Ink(NamedTuple):
    """The glyphs a charset allows."""

    frame: box.Box
    bar: str
    half: str


class Page:
    """Where sections are printed: a width (``None`` where there is no edge), colour or none, and a spelling."""

    def __init__(self, charset: Charset, width: int | None, color: bool) -> None:
        self.charset = charset
        self.width = _NO_EDGE if width is None else max(width, 20)
        self.has_edge = width is not None
        self.ink = Ink(box.ROUNDED, "━", "╸") if charset.can("╭─╮│╰╯━╸") else Ink(box.ASCII, "=", "-")
        self._out = io.StringIO()
        self.color = color
        # Everything that rich would look up in the environment is given, so that the text depends on
        # nothing but the arguments.
        self.console = Console(
            file=self._out,
            width=self.width,
            height=100,
            color_system="standard" if color else None,
            force_terminal=color,
            force_jupyter=False,
            no_color=not color,
            legacy_windows=False,
            markup=False,
            highlight=False,
            emoji=False,
            _environ={},
        )

    def text(self) -> str:
        """Return all that was printed, without padding at the end of lines."""
        lines = self._out.getvalue().strip("\n").split("\n")
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def heading(self, title: str) -> None:
        """Print a title, set off from what is above."""
        self.gap()
        self.put(Text(self.charset.prose(title), TITLE), indent=0)

    def opening(self, version: str) -> None:
        """Print which celoss this is from."""
        self.say(("celoss", TITLE), (f" {version}", LABEL), indent=0)

    def framed(self, title: Text, lines: Sequence[Text]) -> None:
        """Print a few lines in a frame with a title: the number that everything else is about."""
        self.gap()
        panel = Panel(
            Text("\n").join(lines),
            box=self.ink.frame,
            title=title,
            title_align="left",
            padding=(0, 2),
            border_style="cyan",
            expand=False,
        )
        self.put(panel, indent=0)

    def warnings(self, notices: Sequence[Notice]) -> None:
        """Print the warnings of a result."""
        if notices:
            self.gap()
        for notice in notices:
            self.say(("warning", "bold yellow"), (f": {notice.message}", ""), (f"  [{notice.code}]", LABEL), indent=0)

    def gap(self) -> None:
        """Print an empty line."""
        self.console.print()

    def prose(self, *parts: tuple[str, str]) -> Text:
        """Return a sentence from (text, style) parts; nothing in it is read as markup."""
        line = Text()
        for text, style in parts:
            line.append(self.charset.prose(brief(text)), style)
        return line

    def say(self, *parts: tuple[str, str], indent: int = INDENT) -> None:
        """Print a sentence from (text, style) parts, no wider than the eye can follow."""
        self.put(self.prose(*parts), indent=indent, most=_PROSE_WIDTH)

    def put(self, shown: RenderableType, *, indent: int = INDENT, most: int = _NO_EDGE) -> None:
        """Print at the page's width, or wider where ``shown`` cannot fold any further."""
        width = min(self.width, most) if self.has_edge else self.width
        width = max(width, least_width(shown) + indent if isinstance(shown, Table) else 0)
        start = self._out.tell()
        self.console.print(shown, width=width - indent, crop=False, overflow="fold")
        if indent:  # rich's Padding would lay out all that it holds once more
            self._out.seek(start)
            lines = self._out.read().split("\n")
            self._out.seek(start)
            self._out.write("\n".join(" " * indent + line if line else line for line in lines))

    def fits(self, table: Table) -> bool:
        """Return whether ``table`` can stand on this page, with its names folded if need be."""
        return least_width(table) + INDENT <= self.width

    def fits_unfolded(self, table: Table) -> bool:
        """Return whether every row of ``table`` can stand on one line."""
        return natural_width(table) + INDENT <= self.width


def least_width(table: Table) -> int:
    """Return the width below which ``table`` would lose text: figures whole, names folded to their least width."""
    return sum(
        _cells_width(column) if column.no_wrap else min(_cells_width(column), _LEAST_NAME) for column in table.columns
    ) + _gaps(table)


def natural_width(table: Table) -> int:
    """Return the width at which every row of ``table`` stands on one line."""
    return sum(_cells_width(column) for column in table.columns) + _gaps(table)


def _cells_width(column: Column) -> int:
    return max((cell.cell_len for cell in (*column.cells, column.header) if isinstance(cell, Text)), default=0)


def _gaps(table: Table) -> int:
    return GAP[1] * (len(table.columns) - 1)


def columns(page: Page, name: str, *figures: str) -> Table:
    """Return an empty table: names that fold on the left, figures that never do on the right."""
    table = headed()
    add_names(table, page.charset.prose(name))
    for figure in figures:
        add_figures(table, page.charset.prose(figure))
    return table


def bare() -> Table:
    """Return an empty table without a header."""
    return Table(box=None, show_header=False, padding=GAP, pad_edge=False)


def headed() -> Table:
    """Return an empty table with a header."""
    return Table(box=None, padding=GAP, pad_edge=False, header_style=LABEL)


def add_names(table: Table, title: str) -> None:
    """Add a column of names, which fold where the page is narrow."""
    table.add_column(Text(title), overflow="fold")


def add_figures(table: Table, title: str) -> None:
    """Add a column of figures, which never fold."""
    table.add_column(Text(title), justify="right", no_wrap=True)


def cell(text: str) -> Text:
    """Return a cell that is never empty: rich takes a column of width 0 for one of width 1, and folds another."""
    return Text(text or " ")


def bar(page: Page, share: float | None) -> Text:
    """Return a bar of ``share`` of the full width, to the half character; something is never nothing."""
    if share is None or not share > 0:
        return Text("")
    halves = max(1, round(2 * _BAR_WIDTH * min(share, 1.0)))
    return Text(page.ink.bar * (halves // 2) + page.ink.half * (halves % 2), "cyan", no_wrap=True)
