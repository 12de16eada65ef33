"""Numbers as places on an axis, and the round numbers that are written beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from celoss_cli.render import numbers
from celoss_cli.render.pictures.picture import Axis

T = TypeVar("T")

_STEPS = (1.0, 2.0, 5.0, 10.0)  # of a power of ten: what people count by


def position(axis: Axis, value: float) -> float:
    """Return where ``value`` lies on ``axis``: 0 at its low end, 1 at its high end, held within the two."""
    low, high, value = (_logged(end) if axis.log else end for end in (axis.low, axis.high, value))
    return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 0.5


def spanning(values: Sequence[float], title: str, *, zero: bool = False, room: float = 0.04) -> Axis:
    """Return an axis that holds every finite value of ``values``, with some room at both ends; and 0, if asked."""
    held = [value for value in values if math.isfinite(value)] + ([0.0] if zero else [])
    low, high = min(held, default=0.0), max(held, default=1.0)
    if low == high:
        low, high = low - max(abs(low), 1e-9) / 2, high + max(abs(high), 1e-9) / 2
    margin = room * (high - low)
    return Axis(title, low if zero and low == 0 else low - margin, high if zero and high == 0 else high + margin)


def ticks(axis: Axis, most: int = 6) -> list[float]:
    """Return at most ``most`` round numbers on ``axis``, in order."""
    return _ratios(axis, most) if axis.log else _differences(axis, most)


def tick_texts(values: Sequence[float]) -> list[str]:
    """Return round numbers as they are written beside an axis: as few digits as tell them apart."""
    return [f"−{_plain(-value)}" if value < 0 else _plain(value) for value in values]


def thinned(values: Sequence[T], most: int) -> Sequence[T]:
    """Return all of ``values``, or so many of them at even distances, both ends among them."""
    if len(values) <= most:
        return values
    return [values[round(i * (len(values) - 1) / (most - 1))] for i in range(most)]


def _differences(axis: Axis, most: int) -> list[float]:
    span = axis.high - axis.low
    if not span > 0:
        return [axis.low]
    power = 10.0 ** math.floor(math.log10(span / most))
    for step in (s * power for s in _STEPS):
        first, last = math.ceil(axis.low / step - 1e-9), math.floor(axis.high / step + 1e-9)
        if last - first < most:
            break
    return [round(i * step, 12 - math.floor(math.log10(step))) for i in range(first, last + 1)]


def _ratios(axis: Axis, most: int) -> list[float]:
    low, high = math.log10(axis.low), math.log10(axis.high)
    if high - low < 2:
        found = [d * 10.0**e for e in range(math.floor(low), math.ceil(high) + 1) for d in (1, 2, 5)]
    else:
        found = [10.0**e for e in range(math.floor(low), math.ceil(high) + 1)]
    held = [value for value in found if axis.low * (1 - 1e-9) <= value <= axis.high * (1 + 1e-9)]
    return held[:: max(1, math.ceil(len(held) / most))]


def _plain(value: float) -> str:
    if value != 0 and not 1e-4 <= value < 1e6:
        return numbers.significant(value, 3)
    return f"{value:,.6f}".rstrip("0").rstrip(".")


def _logged(value: float) -> float:
    return math.log(value) if value > 0 else -math.inf
