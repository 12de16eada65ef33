"""A picture as data: panels with axes, and layers on them. Who draws it decides nothing but how a line looks."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from celoss_cli.render.forms.outline import Grid

MOST_NAMES = 20
"""So many classes, slices and the like are drawn."""

ROW = 24
"""The height of a line with a name."""

SIDES_90, SIDES_95 = 1.6448536269514722, 1.959963984540054
"""Standard deviations to each side that hold 90 and 95 % of what is normal."""


class Ink(Enum):
    """What a mark stands for, and so its colour: those of Okabe and Ito, which the colour-blind tell apart."""

    MAIN = "main"
    """What was found."""

    OTHER = "other"
    """What it is held against."""

    QUIET = "quiet"
    """What is there for orientation."""


class Axis(NamedTuple):
    """A scale of numbers from ``low`` to ``high``."""

    title: str
    low: float
    high: float
    log: bool = False
    """Equal distances are equal ratios; ``low`` is then above 0."""


class Names(NamedTuple):
    """A scale of names, the first at the top."""

    title: str
    names: tuple[str, ...]


class Band(NamedTuple):
    """What lies between two curves."""

    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    ink: Ink = Ink.QUIET


class Curve(NamedTuple):
    """Points joined by straight lines."""

    x: Sequence[float]
    y: Sequence[float]
    ink: Ink = Ink.MAIN
    dots: bool = False
    """Whether the points are shown."""

    dashed: bool = False


class Bars(NamedTuple):
    """Bars that stand on 0, from ``left`` to ``right``."""

    left: Sequence[float]
    right: Sequence[float]
    height: Sequence[float]
    ink: Ink = Ink.MAIN


class Dots(NamedTuple):
    """One mark a name: at ``x``, with a bar from ``low`` to ``high``. ``None`` is not drawn."""

    x: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    ink: Ink = Ink.MAIN
    hollow: bool = False


class Lengths(NamedTuple):
    """One bar a name, from 0 to ``x``."""

    x: Sequence[float]
    ink: Ink = Ink.MAIN


class Cells(NamedTuple):
    """A number for every pair of a name on y and a name on x, the darker the larger. ``None`` is left empty."""

    values: tuple[tuple[float | None, ...], ...]
    shown: tuple[tuple[str, ...], ...]
    """The numbers as text."""


class Rule(NamedTuple):
    """A line across the panel at one value of x, with what it stands for."""

    x: float
    label: str = ""
    ink: Ink = Ink.QUIET


class Key(NamedTuple):
    """What one mark means, for the key below the picture."""

    ink: Ink
    text: str
    hollow: bool = False


Layer = Band | Curve | Bars | Dots | Lengths | Cells | Rule


class Panel(NamedTuple):
    """Axes, and what is drawn on them, the last on top."""

    x: Axis | Names
    y: Axis | Names
    layers: tuple[Layer, ...]
    height: int
    """Of the drawing without its titles, in units of which a picture is 400 wide."""


class Picture(NamedTuple):
    """A picture, what it shows in words, and the numbers behind it."""

    name: str
    """What its file is called: lower case, without an ending."""

    title: str

    finding: str
    """The same for those who do not see it, with numbers."""

    panels: tuple[Panel, ...]
    """One below the other."""

    keys: tuple[Key, ...]
    table: Grid
