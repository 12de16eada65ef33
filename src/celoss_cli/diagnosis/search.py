"""The search for the best temperature, in as many passes as it takes: scores may be of any size.

Each pass multiplies the scores by a power of two and has the loss at five β about it. While none of them is beyond the
minimum the power moves on by 4, 8, 16 and more binary places; once it lies between two, by half of the distance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from celoss_cli.diagnosis.left_out import Reason
from celoss_cli.diagnosis.temperature import best_beta, knots_of
from celoss_cli.state.temperature import CurveState
from celoss_cli.statistics.hermite import Knot

_PASSES = 24

_FIRST_MOVE = 4

_FARTHEST = 1000  # binary places

_NOTHING = 1e-3  # a standard deviation of scaled scores, in nats: the loss is that of β = 0

_HARDLY = 1e-2  # of the scores as they are: what is left of rounded probabilities that are all the same

_LEAST_LOSS = 0.5  # nats: at β = 0 two classes cost log 2

_CERTAIN = 1.96


class Searched(NamedTuple):
    """Where the best temperature is, or why there is none."""

    scale: float = 1.0
    """The power of two that scores are multiplied with."""
    beta: float | None = None
    """The best β of scores so multiplied."""
    reason: Reason | None = None
    """Why no β is best."""


def search(curve: CurveState, curve_at: Callable[[float], CurveState | None]) -> Searched:
    """Return about where the loss is lowest; ``curve_at(scale)`` adds up another pass."""
    if not curve.behind:
        return Searched(reason=_of_rows_all_right(curve))
    low: int | None = None
    high: int | None = None
    place, move = 0, _FIRST_MOVE
    for _ in range(_PASSES):
        knots = knots_of(curve)
        known = all(map(math.isfinite, (part for knot in knots for part in knot)))
        beta = best_beta(knots) if known else None
        if beta is not None:
            return Searched(2.0**place, beta)
        if known and not knots[0].slope > 0.0:
            low = place
        else:
            high = place
            if known and _flat(knots[0], _NOTHING):
                return Searched(reason=_below_zero(curve))
        if low is None or high is None:
            place, move = place + (move if high is None else -move), 2 * move
        else:
            place = (low + high) // 2
        if abs(place) > _FARTHEST or place in (low, high):
            break
        again = curve_at(2.0**place)
        if again is None:
            break
        curve = again
    return Searched(reason=Reason.NO_FIT)


def hardly_differ(knots: Sequence[Knot]) -> bool:
    """Return whether the scores as they are, at the middle one of the five ``knots``, are nearly the same."""
    return bool(knots) and _flat(knots[len(knots) // 2], _HARDLY)


def _flat(knot: Knot, limit: float) -> bool:
    """Return whether the scores differ by so little that the loss is about that of β = 0.

    Where they differ by very much there is no curvature either; but then the loss is 0, or grows with β.
    """
    return knot.value > _LEAST_LOSS and abs(knot.slope) < limit and _spread(knot) < limit


def _spread(knot: Knot) -> float:
    """Return the standard deviation of the scaled scores of a row, in nats, from the curvature by β."""
    return math.sqrt(max(0.0, knot.curvature - knot.slope))


def _of_rows_all_right(curve: CurveState) -> Reason:
    falls = curve.loss.units[-1] < curve.loss.units[0] or not curve.loss.units[0]
    return Reason.SEPARATION if falls else Reason.CONSTANT_SCORES


def _below_zero(curve: CurveState) -> Reason:
    """Return why the loss rises from β = 0 on: by more than chance, or by no more (a score test)."""
    knot = knots_of(curve)[0]
    spread = _spread(knot)
    if spread > 0.0 and knot.slope * math.sqrt(curve.rows) > _CERTAIN * spread:
        return Reason.REVERSED
    return Reason.UNINFORMATIVE
