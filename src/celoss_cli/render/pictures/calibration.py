"""How often things happen as they are predicted: the panels that a diagnosis and an evaluation share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from celoss_cli.render.pictures.picture import Axis, Band, Bars, Curve, Ink, Panel


class Bin(Protocol):
    """A bin of probabilities."""

    @property
    def low(self) -> float:
        """Where it begins."""

    @property
    def high(self) -> float:
        """Where it ends."""


def named(*, positive: bool) -> tuple[str, str]:
    """Return what is predicted, and how often it happens, in words: of the positive class, or of the likeliest."""
    return ("P(positive)", "share of positives") if positive else ("confidence", "share predicted right")


def panels(
    what: str, happens: str, band: Sequence[Band], curve: Curve, bins: Sequence[Bin], rows: Sequence[float]
) -> tuple[Panel, Panel]:
    """Return a curve over its band and the diagonal, and below it how many ``rows`` each of ``bins`` has."""
    diagonal = Curve((0.0, 1.0), (0.0, 1.0), Ink.QUIET, dashed=True)
    bars = Bars([one.low for one in bins], [one.high for one in bins], rows, Ink.QUIET)
    return (
        Panel(Axis("", 0.0, 1.0), Axis(happens, 0.0, 1.0), (*band, diagonal, curve), 240),
        Panel(Axis(what, 0.0, 1.0), Axis("rows", 0.0, float(max(rows))), (bars,), 60),
    )
