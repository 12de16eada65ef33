"""Pictures in characters: the reliability curve inside its band, and histograms of one line."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from celoss_cli.results.miscalibration import Bin, CurvePoint

WIDEST = 48

NARROWEST = 16

_HEIGHT = 12

_TOPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Where the axes may end: the first that holds everything."""


class Glyphs(NamedTuple):
    """The characters a picture is drawn with."""

    band: str
    curve: str
    side: str
    corner: str
    floor: str
    levels: str
    """From the least that is something to the most."""


FINE = Glyphs("░", "●", "│", "└", "─", "▁▂▃▄▅▆▇█")

PLAIN = Glyphs(".", "o", "|", "+", "-", ".:-=+*#@")

Piece = tuple[str, str]
"""Characters and what they are: ``axis``, ``band``, ``curve``, ``outside`` or ``levels``."""


class _Column(NamedTuple):
    """What is drawn above one place of the axis: what happens there, and between which a calibrated model would be."""

    frequency: float
    low: float
    high: float


def reliability(curve: Sequence[CurvePoint], bins: Sequence[Bin], width: int, glyphs: Glyphs) -> list[list[Piece]]:
    """Return the lines of the picture: what happens against what is predicted, and how many rows are where.

    Both axes begin at 0 and end at the same number, so a calibrated model is on the diagonal. ``width`` is that of the
    axis, in characters; beside it stand eight more. ``bins`` may be of any width.
    """
    top = next((one for one in _TOPS if all(max(p.p, p.frequency, p.high) <= one for p in curve)), 1.0)
    columns = [_column(curve, top * i / width, top * (i + 1) / width) for i in range(width)]
    lines = []
    for level in reversed(range(_HEIGHT)):
        floor, ceiling = top * level / _HEIGHT, top * (level + 1) / _HEIGHT
        label = f"{top:g}" if level == _HEIGHT - 1 else f"{top / 2:g}" if level == _HEIGHT // 2 - 1 else ""
        lines.append([(f"{label:>6} {glyphs.side}", "axis"), *_line(columns, floor, ceiling, top, glyphs)])
    lines.append([(f"{'0':>6} {glyphs.corner}{glyphs.floor * width}", "axis")])
    if bins:
        lines.append([(" " * 8, "axis"), (histogram(_rows_at(bins, width, top), glyphs).rstrip(), "levels")])
    half, end = f"{top / 2:g}", f"{top:g}"
    gap = width // 2 - len(half) // 2
    scale = f"0{half:>{gap + len(half) - 1}}"
    lines.append([(f"{' ' * 8}{scale}{end:>{max(1, width - len(scale))}}", "axis")])
    return lines


def histogram(heights: Sequence[float], glyphs: Glyphs) -> str:
    """Return one character a height, in proportion to the largest; what is something is never nothing."""
    most = max(heights, default=0.0)
    if not most > 0 or not math.isfinite(most):
        return " " * len(heights)
    last = len(glyphs.levels) - 1
    return "".join(" " if not height > 0 else glyphs.levels[round(last * height / most)] for height in heights)


def _line(columns: Sequence[_Column | None], floor: float, ceiling: float, top: float, glyphs: Glyphs) -> list[Piece]:
    pieces: list[Piece] = []
    for column in columns:
        if column is None:
            found = (" ", "axis")
        elif floor <= column.frequency < ceiling or (ceiling == top == column.frequency):
            inside = column.low <= column.frequency <= column.high
            found = (glyphs.curve, "curve" if inside else "outside")
        else:
            found = (glyphs.band, "band") if column.low < ceiling and column.high >= floor else (" ", "axis")
        if pieces and pieces[-1][1] == found[1]:
            pieces[-1] = (pieces[-1][0] + found[0], found[1])
        else:
            pieces.append(found)
    return pieces[:-1] if pieces and not pieces[-1][0].strip() else pieces


def _column(curve: Sequence[CurvePoint], start: float, end: float) -> _Column | None:
    """Return the mean of the steps that begin between ``start`` and ``end``; else the step that goes on there."""
    places = [point.p for point in curve]
    inside = [point for point in curve if start <= point.p < end or point.p == end == places[-1]]
    if inside:
        rows = sum(point.rows for point in inside)
        means = (
            sum(getattr(point, name) * point.rows for point in inside) / rows for name in ("frequency", "low", "high")
        )
        return _Column(*means)
    after = bisect_right(places, start)
    if not 0 < after < len(curve):
        return None
    before, behind = curve[after - 1], curve[after]
    middle = (start + end) / 2
    step = before if middle - before.p <= behind.p - middle else behind
    share = (middle - before.p) / (behind.p - before.p)
    low, high = (getattr(before, name) * (1 - share) + getattr(behind, name) * share for name in ("low", "high"))
    return _Column(step.frequency, low, high)


def _rows_at(bins: Sequence[Bin], width: int, top: float) -> list[float]:
    """Return how many rows there are at each place of the axis, those of a bin spread evenly over it."""
    counts = [0.0] * width
    for one in bins:
        first, last = (min(width - 1, math.floor(end / top * width)) for end in (one.low, one.high))
        for i in range(first, last + 1):
            start, end = top * i / width, top * (i + 1) / width
            share = (min(end, one.high) - max(start, one.low)) / (one.high - one.low) if one.high > one.low else 1.0
            counts[i] += one.rows * max(0.0, share)
    return counts
