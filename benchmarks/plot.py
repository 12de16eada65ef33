"""Cost against rows as an SVG, written by hand: time on the left, peak memory on the right, one line for each tool."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

Points = Sequence[tuple[float, float]]

# The colours of Okabe and Ito, which people with any colour vision tell apart; black and the thick line are celoss.
STYLES = (
    ("#000000", 3.0, ""),
    ("#d55e00", 3.0, ""),
    ("#999999", 1.8, "2 4"),
    ("#0072b2", 1.8, ""),
    ("#e69f00", 1.8, ""),
    ("#cc79a7", 1.8, ""),
    ("#009e73", 1.8, ""),
)

WIDTH, HEIGHT = 960, 500
TOP, BOTTOM, LEFT, RIGHT, BETWEEN = 96, 76, 64, 24, 72
PANEL = (WIDTH - LEFT - RIGHT - BETWEEN) / 2


@dataclass(frozen=True)
class Axis:
    """A logarithmic scale from a pixel to a pixel."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value."""
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[float]:
        """1, 2, 5 of each decade in view, or the decades alone when there are more than two."""
        steps = (1,) if self.high / self.low > 100 else (1, 2, 5)
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        values = [step * 10.0**decade for decade in decades for step in steps]
        return [value for value in values if self.low * 0.999 <= value <= self.high * 1.001]


def axis(values: Sequence[float], start: float, end: float) -> Axis:
    """From the step (1, 2 or 5 of a decade) at or below the least value to the one at or above the greatest."""
    low = max(one for one in steps(min(values)) if one <= min(values) * 1.0001)
    high = min(one for one in steps(max(values)) if one >= max(values) * 0.9999)
    return Axis(low, high if high > low else low * 10, start, end)


def steps(value: float) -> list[float]:
    """The steps of the value's decade."""
    decade: float = 10.0 ** math.floor(math.log10(value))
    return [decade * factor for factor in (0.5, 1, 2, 5, 10, 20)]


def short(value: float) -> str:
    """10k, 1M, 0.5: a tick's number."""
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size * 0.999:
            return f"{value / size:g}{suffix}"
    return f"{value:g}"


def svg(title: str, note: str, seconds: Mapping[str, Points], megabytes: Mapping[str, Points]) -> str:
    """The drawing, with a note under it; each mapping gives (rows, cost) by tool, in the order of the legend."""
    styles = dict(zip(dict.fromkeys([*seconds, *megabytes]), STYLES, strict=False))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#333333" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        label(LEFT, 26, title, "start", 'font-size="16" font-weight="600"'),
        *legend(styles),
        label(LEFT, HEIGHT - 10, note, "start", 'font-size="11" fill="#666666"'),
        *panel(LEFT, "wall time, seconds", seconds, styles),
        *panel(LEFT + PANEL + BETWEEN, "peak memory, MB", megabytes, styles),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def label(x: float, y: float, text: str, anchor: str, extra: str = "") -> str:
    """A piece of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escape(text)}</text>'


def stroke(style: tuple[str, float, str]) -> str:
    """The attributes of a line."""
    colour, width, dashes = style
    return f'fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dashes or "none"}"'


def legend(styles: Mapping[str, tuple[str, float, str]]) -> list[str]:
    """One line of samples and names under the title."""
    parts: list[str] = []
    x = float(LEFT)
    for name, style in styles.items():
        parts.append(f'<path d="M{x:.1f} 48 h26" {stroke(style)}/>')
        parts.append(f'<circle cx="{x + 13:.1f}" cy="48" r="3" fill="{style[0]}"/>')
        parts.append(label(x + 32, 52, name, "start"))
        x += 32 + 7 * len(name) + 16
    return parts


def panel(
    left: float, title: str, lines: Mapping[str, Points], styles: Mapping[str, tuple[str, float, str]]
) -> list[str]:
    """One diagram with its grid, axes, lines and points."""
    points = [point for line in lines.values() for point in line]
    parts = [label(left, TOP - 12, title, "start", 'font-weight="600"')]
    if not points:
        return [*parts, label(left + PANEL / 2, HEIGHT / 2, "nothing was measured", "middle")]
    floor = HEIGHT - BOTTOM
    across = axis([x for x, _ in points], left, left + PANEL)
    up = axis([y for _, y in points], floor, TOP)
    for value in across.ticks():
        x = across(value)
        parts.append(f'<path d="M{x:.1f} {TOP} V{floor}" stroke="#e5e5e5"/>')
        parts.append(label(x, floor + 18, short(value), "middle"))
    for value in up.ticks():
        y = up(value)
        parts.append(f'<path d="M{left:.1f} {y:.1f} h{PANEL:.1f}" stroke="#e5e5e5"/>')
        parts.append(label(left - 8, y + 4, short(value), "end"))
    parts.append(f'<path d="M{left:.1f} {TOP} V{floor} h{PANEL:.1f}" fill="none" stroke="#666666"/>')
    parts.append(label(left + PANEL / 2, floor + 40, "rows", "middle"))
    # celoss last, so that it lies on top.
    for name, line in reversed(list(lines.items())):
        at = [(across(x), up(y)) for x, y in line]
        if at:
            path = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in at)
            parts.append(f'<path d="{path}" stroke-linejoin="round" {stroke(styles[name])}/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{styles[name][0]}"/>' for x, y in at]
    return parts
