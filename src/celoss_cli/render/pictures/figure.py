"""A picture drawn by matplotlib, from the same data and in the same colours as the SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from celoss_cli.errors import UsageError
from celoss_cli.render.pictures.picture import (
    Axis,
    Band,
    Bars,
    Cells,
    Curve,
    Dots,
    Ink,
    Key,
    Layer,
    Lengths,
    Names,
    Panel,
    Picture,
    Rule,
)
from celoss_cli.render.pictures.svg import short_name
from celoss_cli.render.text import Charset

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

_CHARSET = Charset()

COLOURS = {Ink.MAIN: "#0072b2", Ink.OTHER: "#d55e00", Ink.QUIET: "#767676"}


def figure_of(picture: Picture) -> Figure:
    """Return the picture as a matplotlib figure that belongs to the caller: no window is opened for it.

    Raises UsageError where matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise UsageError(
            "matplotlib is not installed", code="missing_extra", hint="pip install 'celoss-cli[plot]'"
        ) from error
    heights = [panel.height for panel in picture.panels]
    figure = Figure(figsize=(6.4, (sum(heights) + 60 * len(heights)) / 75), layout="constrained")
    axes = figure.subplots(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    for ax, panel in zip(axes, picture.panels, strict=True):
        _panel(ax, panel)
    axes[0].set_title(_CHARSET.prose(picture.title), parse_math=False)
    if picture.keys:
        marks = [_mark(key) for key in picture.keys]
        figure.legend(handles=marks, loc="outside lower left", ncols=1, frameon=False, fontsize="small")
    return figure


def _mark(key: Key) -> Line2D:
    from matplotlib.lines import Line2D

    colour = COLOURS[key.ink]
    return Line2D([], [], linestyle="", marker="o", markeredgecolor=colour,
                  markerfacecolor="none" if key.hollow else colour, label=key.text)  # fmt: skip


def _panel(ax: Axes, panel: Panel) -> None:
    for layer in panel.layers:
        _layer(ax, layer)
    if isinstance(panel.x, Axis):
        ax.set_xlim(panel.x.low, panel.x.high)
        if panel.x.log:
            ax.set_xscale("log")
    else:
        ax.set_xticks(range(len(panel.x.names)), [*map(short_name, panel.x.names)], parse_math=False)
    if isinstance(panel.y, Names):
        ax.set_yticks(range(len(panel.y.names)), [*map(short_name, panel.y.names)], parse_math=False)
        ax.set_ylim(len(panel.y.names) - 0.5, -0.5)
    else:
        ax.set_ylim(panel.y.low, panel.y.high)
    ax.set_xlabel(panel.x.title, parse_math=False)
    ax.set_ylabel(panel.y.title, parse_math=False)


def _layer(ax: Axes, layer: Layer) -> None:
    match layer:
        case Band():
            ax.fill_between(layer.x, layer.low, layer.high, color=COLOURS[layer.ink], alpha=0.3, linewidth=0)
        case Curve():
            style = "--" if layer.dashed else "-"
            ax.plot(layer.x, layer.y, style, marker="o" if layer.dots else None, color=COLOURS[layer.ink])
        case Bars():
            widths = [right - left for left, right in zip(layer.left, layer.right, strict=True)]
            ax.bar(layer.left, layer.height, widths, align="edge", color=COLOURS[layer.ink])
        case Dots():
            for i, (low, high) in enumerate(zip(layer.low, layer.high, strict=True)):
                if low is not None and high is not None:
                    ax.plot([low, high], [i, i], color=COLOURS[layer.ink])
            held = [(x, i) for i, x in enumerate(layer.x) if x is not None]
            face = "none" if layer.hollow else COLOURS[layer.ink]
            ax.scatter(*zip(*held, strict=True), edgecolors=COLOURS[layer.ink], facecolors=face, zorder=3)
        case Lengths():
            ax.barh(range(len(layer.x)), layer.x, height=0.6, color=COLOURS[layer.ink])
        case Cells():
            _cells(ax, layer)
        case Rule():
            ax.axvline(layer.x, linestyle="--", linewidth=1, color=COLOURS[layer.ink])
            if layer.label:
                ax.annotate(layer.label, (layer.x, 1), xycoords=("data", "axes fraction"), va="top", fontsize="small")
        case _:
            assert_never(layer)


def _cells(ax: Axes, layer: Cells) -> None:
    values = [[0.0 if value is None else value for value in row] for row in layer.values]
    ax.imshow(values, cmap="Blues", vmin=0.0, vmax=2.0 * max(map(max, values)), aspect="auto")
    for i, row in enumerate(layer.shown):
        for j, text in enumerate(row):
            ax.annotate(text, (j, i), ha="center", va="center", fontsize="small")
