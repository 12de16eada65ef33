"""The differences of all rows, sorted, from the histograms of those that fell and those that rose."""

from __future__ import annotations

import math
from collections.abc import Iterator

from celoss_cli.state.paired import PairedState
from celoss_cli.state.tail import middle_of


def percentiles_of(state: PairedState, nats: float) -> tuple[float, ...]:
    """Return the difference of the row with 0, 1, … 100 % of the others below it, in units of ``nats``.

    Rows of which only one loss is infinite are at the ends, those of which both are have not changed.
    """
    total = state.total
    if not total:
        return ()
    found: list[float] = []
    below = 0
    for difference, rows in _sorted(state):
        below += rows
        while len(found) <= 100 and len(found) * (total - 1) < 100 * below:
            found.append(difference / nats)
    return tuple(found)


def _sorted(state: PairedState) -> Iterator[tuple[float, int]]:
    """Yield the differences in rising order, each with how many rows have it."""
    both = sum(state.infinite_both)
    rises, sizes = state.rises.counts, state.spread.counts
    falls = [size - rise for size, rise in zip(sizes, rises, strict=True)]
    yield -math.inf, sum(state.infinite_baseline) - both
    for place in range(len(falls) - 1, 0, -1):
        yield -middle_of(place), falls[place]
    yield 0.0, falls[0] + rises[0] + both
    for place in range(1, len(rises)):
        yield middle_of(place), rises[place]
    yield math.inf, sum(state.infinite_candidate) - both
