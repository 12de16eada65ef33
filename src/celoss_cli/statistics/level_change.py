"""Where the level of a series changed: one split, and a permutation test that says whether order has to do with it.

A series is split where the means before and after differ most, in units of the spread within the two parts. It changed
there if at most ``LEVEL`` of random orders of the same numbers can be split as well. Where nothing changes every order
is as probable as any other, so that a change is found in at most that share of quiet series, whatever the distribution
of the numbers. The parts are split again as long as a change is found.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

LEVEL = 0.05

FEWEST = 6
"""Fewer numbers have too few orders."""

_ORDERS = 999

_EVEN = 1e-9
"""A spread this much smaller than the numbers is rounding."""


class LevelChange(NamedTuple):
    """A place where the level changed."""

    place: int
    """The first number of the new level."""

    before: float
    """The mean of the numbers from the last change, or the beginning."""

    after: float
    """The mean of the numbers up to the next change, or the end."""

    p_value: float
    """The share of orders of the numbers on both sides that split as well."""


def level_changes(values: Sequence[float]) -> list[LevelChange]:
    """Return where the level of finite numbers changed, in order; the same numbers give the same answer."""
    if len(values) < FEWEST:
        return []
    numbers = np.array(values, dtype=np.float64)
    found: dict[int, float] = {}
    _search(numbers, 0, found)
    ends = [0, *sorted(found), len(values)]
    means = [float(numbers[start:stop].mean()) for start, stop in itertools.pairwise(ends)]
    return [LevelChange(place, means[part], means[part + 1], found[place]) for part, place in enumerate(sorted(found))]


def _search(numbers: npt.NDArray[np.float64], first: int, found: dict[int, float]) -> None:
    if numbers.shape[0] < FEWEST or not np.ptp(numbers) > _EVEN * float(np.abs(numbers).max()):
        return
    draw = np.random.default_rng(0)
    orders = draw.permuted(np.tile(numbers, (_ORDERS, 1)), axis=1)
    steps, places = _largest_steps(np.vstack([numbers, orders]))
    p_value = float((steps >= steps[0] * (1.0 - _EVEN)).sum()) / (_ORDERS + 1)
    if p_value > LEVEL:
        return
    place = int(places[0])
    found[first + place] = p_value
    _search(numbers[:place], first, found)
    _search(numbers[place:], first + place, found)


def _largest_steps(rows: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Return for each row (k, n) the largest share of its variance that one split explains, and where it is.

    The share grows with the t of the difference of the two means, and needs no division by a spread of 0.
    """
    n = rows.shape[1]
    centred = rows - rows.mean(axis=1, keepdims=True)
    sums = np.cumsum(centred, axis=1)[:, :-1]
    sizes = np.arange(1, n)
    explained = sums**2 * (n / (sizes * (n - sizes)))
    shares = explained / (centred**2).sum(axis=1, keepdims=True)
    return shares.max(axis=1), shares.argmax(axis=1) + 1
