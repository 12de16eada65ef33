"""A picture as SVG: nothing is loaded, nothing runs, and readers of screens are told what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import assert_never

from celoss_cli.render.forms.markup import Markup, element
from celoss_cli.render.forms.outline import Drawing
from celoss_cli.render.pictures.picture import (
    Axis,
    Band,
    Bars,
    Cells,
    Curve,
    Dots,
    Key,
    Layer,
    Lengths,
    Names,
    Panel,
    Picture,
    Rule,
)
from celoss_cli.render.pictures.scale import position, tick_texts, ticks
from celoss_cli.render.text import Charset

WIDTH = 400
"""Units: on a phone a little more than a pixel each, so that letters of 12 of them can be read there."""

_RIGHT = 14
_TOP = 20  # for what a line across the panel stands for
_BELOW = 40  # for the numbers and the title of x
_LINE = 16
_LETTER = 7.4  # the width of a letter of 12 units, on average, in a wide font
_LONGEST = 21  # letters of a name beside an axis
_CHARSET = Charset()

STYLE = """
.picture{max-width:30rem;width:100%;height:auto;font:12px system-ui,sans-serif}
.picture{--main:#0072b2;--other:#d55e00;--quiet:#767676;--text:#222;--paper:#fff}
@media(prefers-color-scheme:dark){.picture{--main:#56b4e9;--other:#ff9e5e;--quiet:#9a9a9a;--text:#e6e6e6;--paper:#121212}}
.picture text{fill:var(--text)}
.picture .main{fill:var(--main);stroke:var(--main)}.picture .other{fill:var(--other);stroke:var(--other)}
.picture .quiet{fill:var(--quiet);stroke:var(--quiet)}
.picture .line{fill:none;stroke-width:2}.picture .thin{stroke-width:1}.picture .dashed{stroke-dasharray:5 4}
.picture .area{stroke:none}.picture .pale{opacity:.3}.picture .hollow{fill:var(--paper);stroke-width:1.5}
.picture .end{text-anchor:end}.picture .middle{text-anchor:middle}
"""
"""The colours of every picture, light and dark; on a page it stands once, in a file of one picture inside it."""


MARK = b'role="img" class="picture"'
"""What stands at the beginning of each of these files, and of no other."""


def drawing(picture: Picture) -> Drawing:
    """Return the picture as a block of a page."""
    return Drawing(drawn(picture), picture.title, picture.finding, picture.table)


def document(picture: Picture) -> str:
    """Return the picture as a file of its own."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawn(picture, alone=True)}\n'


def drawn(picture: Picture, *, alone: bool = False) -> Markup:
    """Return the picture as an element for a page that has ``STYLE``; with that inside if it stands ``alone``."""
    left = max(_left(panel) for panel in picture.panels)
    parts: list[str] = []
    top = _TOP
    for panel in picture.panels:
        parts += _panel(panel, left, top)
        top += panel.height + _BELOW + _TOP
    parts += _keys(picture.keys, top)
    height = top + _LINE * len(picture.keys) + (6 if picture.keys else 0)
    head = [element("title", _CHARSET.prose(picture.title)), element("desc", _CHARSET.prose(picture.finding))]
    if alone:
        head.append(element("style", Markup(STYLE)))
    size = {"width": str(WIDTH), "height": str(height)} if alone else {}
    return element(
        "svg",
        *head,
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {height}",
        role="img",
        class_="picture",
        **size,
    )


def _left(panel: Panel) -> int:
    """Return the room that what is written left of a panel takes."""
    if isinstance(panel.y, Names):
        longest = max((len(short_name(name)) for name in panel.y.names), default=0)
    else:
        longest = max((len(text) for text in tick_texts(ticks(panel.y))), default=0)
    return round(_LETTER * longest) + 14 + (_LINE if panel.y.title else 0)


def _panel(panel: Panel, left: int, top: int) -> Iterator[Markup]:
    frame = _Frame(panel, left, top)
    yield from _axes(frame)
    for layer in panel.layers:
        yield from _layer(frame, layer)


class _Frame:
    """Where on the paper the values of a panel lie."""

    def __init__(self, panel: Panel, left: int, top: int) -> None:
        self.panel = panel
        self.left, self.top = left, top
        self.right, self.bottom = WIDTH - _RIGHT, top + panel.height

    def x(self, value: float) -> float:
        """Return the place of a number on x, or of the middle of name ``value``."""
        return self.left + (self.right - self.left) * _place(self.panel.x, value)

    def y(self, value: float) -> float:
        """Return the place of a number on y (up is more), or of the middle of name ``value`` (down is later)."""
        place = _place(self.panel.y, value)
        return self.top + (self.bottom - self.top) * (place if isinstance(self.panel.y, Names) else 1.0 - place)

    def points(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """Return the points of a line."""
        return " ".join(f"{_short_number(self.x(x))},{_short_number(self.y(y))}" for x, y in zip(xs, ys, strict=True))


def _place(scale: Axis | Names, value: float) -> float:
    return (value + 0.5) / len(scale.names) if isinstance(scale, Names) else position(scale, value)


def _axes(frame: _Frame) -> Iterator[Markup]:
    x, y = frame.panel.x, frame.panel.y
    yield _line(frame.left, frame.bottom, frame.right, frame.bottom, "quiet thin")
    if isinstance(x, Axis):
        marks, texts = _fitting(x, frame.right - frame.left)
        for value, text in zip(marks, texts, strict=True):
            yield _line(frame.x(value), frame.bottom, frame.x(value), frame.bottom + 4, "quiet thin")
            yield _text(frame.x(value), frame.bottom + 16, text, "middle")
    else:
        for i, name in enumerate(x.names):
            yield _text(frame.x(i), frame.bottom + 16, short_name(name, 8), "middle")
    if x.title:
        yield _text((frame.left + frame.right) / 2, frame.bottom + 34, x.title, "middle")
    if isinstance(y, Axis):
        marks = ticks(y)
        for value, text in zip(marks, tick_texts(marks), strict=True):
            yield _line(frame.left - 4, frame.y(value), frame.left, frame.y(value), "quiet thin")
            yield _text(frame.left - 8, frame.y(value) + 4, text, "end")
    else:
        for i, name in enumerate(y.names):
            yield _text(frame.left - 8, frame.y(i) + 4, short_name(name), "end", whole=name)
    if y.title:
        middle = (frame.top + frame.bottom) / 2
        turned = f"rotate(-90 12 {_short_number(middle)})"
        yield _text(12, middle, y.title, "middle", transform=turned)


def _fitting(x: Axis, room: float) -> tuple[list[float], list[str]]:
    """Return the round numbers below an axis that is ``room`` wide: as many as leave a gap between them."""
    for most in (6, 5, 4, 3):
        marks = ticks(x, most)
        texts = tick_texts(marks)
        places = [room * position(x, mark) for mark in marks]
        widest = _LETTER * max(map(len, texts), default=0)
        if all(after - before > widest for before, after in pairwise(places)):
            break
    return marks, texts


def _layer(frame: _Frame, layer: Layer) -> Iterator[Markup]:
    match layer:
        case Band():
            there = frame.points(layer.x, layer.high)
            back = frame.points(tuple(reversed(layer.x)), tuple(reversed(layer.low)))
            yield element("polygon", points=f"{there} {back}", class_=f"{layer.ink.value} area pale")
        case Curve():
            dashed = " dashed" if layer.dashed else ""
            points = frame.points(layer.x, layer.y)
            yield element("polyline", points=points, class_=f"{layer.ink.value} line{dashed}")
            if layer.dots:
                for x, y in zip(layer.x, layer.y, strict=True):
                    yield _dot(frame.x(x), frame.y(y), layer.ink.value)
        case Bars():
            for low, high, height in zip(layer.left, layer.right, layer.height, strict=True):
                yield _rect(frame.x(low), frame.y(height), frame.x(high), frame.bottom, f"{layer.ink.value} area")
        case Dots():
            yield from _dots(frame, layer)
        case Lengths():
            thick = min(0.35 * frame.panel.height / max(1, len(layer.x)), 9.0)
            for i, x in enumerate(layer.x):
                ends = sorted((frame.x(0.0), frame.x(x)))
                yield _rect(ends[0], frame.y(i) - thick, ends[1], frame.y(i) + thick, f"{layer.ink.value} area")
        case Cells():
            yield from _cells(frame, layer)
        case Rule():
            yield _line(frame.x(layer.x), frame.top, frame.x(layer.x), frame.bottom, f"{layer.ink.value} thin dashed")
            if layer.label:
                late = frame.x(layer.x) > (frame.left + frame.right) / 2
                yield _text(
                    frame.x(layer.x) + (-4 if late else 4), frame.top - 6, layer.label, "end" if late else "start"
                )
        case _:
            assert_never(layer)


def _dots(frame: _Frame, layer: Dots) -> Iterator[Markup]:
    for i, (low, high) in enumerate(zip(layer.low, layer.high, strict=True)):
        if low is not None and high is not None:
            yield _line(frame.x(low), frame.y(i), frame.x(high), frame.y(i), f"{layer.ink.value} line")
    for i, x in enumerate(layer.x):
        if x is not None:
            yield _dot(frame.x(x), frame.y(i), f"{layer.ink.value}{' hollow' if layer.hollow else ''}")


def _cells(frame: _Frame, layer: Cells) -> Iterator[Markup]:
    largest = max((value for row in layer.values for value in row if value is not None), default=0.0)
    wide = (frame.right - frame.left) / max(1, len(layer.values[0]) if layer.values else 1) / 2 - 0.5
    tall = frame.panel.height / max(1, len(layer.values)) / 2 - 0.5
    for i, (row, texts) in enumerate(zip(layer.values, layer.shown, strict=True)):
        for j, (value, shown) in enumerate(zip(row, texts, strict=True)):
            if value is None:
                continue
            x, y = frame.x(j), frame.y(i)
            share = value / largest if largest > 0 else 0.0
            yield _rect(
                x - wide, y - tall, x + wide, y + tall, "main area", opacity=_short_number(0.04 + 0.36 * share, 3)
            )
            if len(shown) * _LETTER <= 2 * wide:
                yield _text(x, y + 4, shown, "middle")


def _keys(keys: Sequence[Key], top: int) -> Iterator[Markup]:
    for i, key in enumerate(keys):
        y = top + _LINE * i + 4
        yield _dot(16, y, f"{key.ink.value}{' hollow' if key.hollow else ''}")
        yield _text(28, y + 4, key.text, "start")


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> Markup:
    ends = {name: _short_number(value) for name, value in (("x1", x1), ("y1", y1), ("x2", x2), ("y2", y2))}
    return element("line", class_=style, **ends)


def _rect(left: float, top: float, right: float, bottom: float, style: str, **more: str) -> Markup:
    return element(
        "rect",
        x=_short_number(left),
        y=_short_number(top),
        width=_short_number(max(0.0, right - left)),
        height=_short_number(max(0.0, bottom - top)),
        class_=style,
        **more,
    )


def _dot(x: float, y: float, style: str) -> Markup:
    return element("circle", cx=_short_number(x), cy=_short_number(y), r="4", class_=style)


def _text(x: float, y: float, content: str, anchor: str, *, whole: str | None = None, **more: str) -> Markup:
    shown = _CHARSET.prose(content)
    told = [element("title", _CHARSET.prose(whole))] if whole is not None else []
    return element("text", *told, shown, x=_short_number(x), y=_short_number(y), class_=anchor, **more)


def short_name(written: str, most: int = _LONGEST) -> str:
    """Return a name as it is shown, with its middle left out where it is longer than there is room for."""
    name = _CHARSET.prose(written)
    if len(name) <= most:
        return name
    head = (most - 1) // 2
    return f"{name[:head]}…{name[len(name) - (most - 1 - head) :]}"


def _short_number(value: float, decimals: int = 1) -> str:
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
