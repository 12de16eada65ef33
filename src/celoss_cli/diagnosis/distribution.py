"""Where the loss is, row by row: how few rows carry half of it, its deciles, and a histogram on a scale of octaves."""

from __future__ import annotations

import math
from itertools import pairwise

from celoss_cli.results.diagnosis import Bar, Distribution
from celoss_cli.state.exact_sum import UNIT_BITS
from celoss_cli.state.loss import LossState
from celoss_cli.state.tail import TAIL_BINS, TailState, edges_of, middle_of

MOST_BARS = 24

_WIDTHS = (4, 8, 16, 32)  # bins a bar: an eighth, a quarter, a half of an octave, and a whole one

_PARTS = 10


def distribution_of(tail: TailState, loss: LossState, *, single: bool) -> Distribution:
    """Return how the losses lie; ``single`` says that rows are independent and weigh 1, so that their squares tell.

    Shares come from the histogram, whose bins are 2 to 3 % wide: half of the loss in how many rows is right to 0.2 %.
    """
    infinite = any(loss.infinite)
    total, square = loss.plain.units[0] / (1 << UNIT_BITS), sum(loss.squares.units) / (1 << UNIT_BITS)
    falling = [(middle_of(place), tail.counts[place]) for place in range(TAIL_BINS - 1, -1, -1) if tail.counts[place]]
    shares = () if infinite or not total else _shares(falling)
    return Distribution(
        half_rows=None if infinite or not total else _half(falling),
        effective_rows=total * total / square if single and square and not infinite else None,
        deciles=shares,
        bars=_bars(tail, infinite=infinite),
    )


def _half(falling: list[tuple[float, int]]) -> int:
    """Return how few rows carry half, of ``falling`` losses with how many rows have each."""
    left = 0.5 * math.fsum(loss * rows for loss, rows in falling)
    taken = 0
    for loss, rows in falling:
        if loss * rows >= left:
            return taken + max(1, math.ceil(left / loss))
        left -= loss * rows
        taken += rows
    return taken


def _shares(falling: list[tuple[float, int]]) -> tuple[float, ...]:
    """Return the share of each tenth of the rows, those with the largest losses first."""
    total = math.fsum(loss * rows for loss, rows in falling)
    n = sum(rows for _, rows in falling)
    if not total:
        return ()
    ends = [n * part / _PARTS for part in range(1, _PARTS + 1)]
    sums, place, passed = [0.0] * _PARTS, 0, 0.0
    for loss, rows in falling:
        left = float(rows)
        while left > 0.0 and place < _PARTS:
            taken = min(left, ends[place] - passed)
            sums[place] += loss * taken
            passed += taken
            left -= taken
            if passed >= ends[place]:
                place += 1
    return tuple(part / total for part in sums)


def _bars(tail: TailState, *, infinite: bool) -> tuple[Bar, ...]:
    """Return at most 24 bars of equal width on the log axis, the widest that are no wider than an octave need be."""
    held = [place for place, count in enumerate(tail.counts) if count and place]
    zeros = tail.counts[0]
    total = math.fsum(middle_of(place) * tail.counts[place] for place in held)
    bars: list[Bar] = []
    if held:
        width = next((w for w in _WIDTHS if held[-1] // w - held[0] // w < MOST_BARS), _WIDTHS[-1])
        last = held[-1] // width
        first = max(held[0] // width, last - MOST_BARS + 1)
        cuts = [max(1, first * width), *((place * width) for place in range(first + 1, last + 2))]
        for start, stop in pairwise(cuts):
            bars.append(_bar(tail, start, stop, total, infinite=infinite))
        cut = cuts[0]
    else:
        cut = 1
    below = sum(tail.counts[1:cut]) + zeros
    if below:
        share = math.fsum(middle_of(place) * tail.counts[place] for place in range(1, cut))
        bars.insert(0, Bar(0.0, edges_of(cut)[0], below, None if infinite or not total else share / total))
    return tuple(bars)


def _bar(tail: TailState, start: int, stop: int, total: float, *, infinite: bool) -> Bar:
    places = range(start, min(stop, TAIL_BINS))
    rows = sum(tail.counts[place] for place in places)
    share = math.fsum(middle_of(place) * tail.counts[place] for place in places)
    high = edges_of(stop - 1)[1] if stop <= TAIL_BINS else math.inf
    return Bar(edges_of(start)[0], high, rows, None if infinite or not total else share / total)
