"""Where the loss is, row by row: how few rows carry half of it, its deciles, and a histogram on a scale of octaves."""

from __future__ import annotations

import math
from itertools import pairwise

from celoss_cli.results.diagnosis import Bar, Distribution
from celoss_cli.state.exact_sum import in_nats
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
    whole, square = loss.plain.fraction(0), loss.squares.total()
    total = in_nats(loss.plain.units[0])
    means = _means(tail, total)
    falling = [(means[place], tail.counts[place]) for place in range(TAIL_BINS - 1, -1, -1) if tail.counts[place]]
    known = not infinite and math.isfinite(total) and any(mean * rows for mean, rows in falling)
    return Distribution(
        half_rows=_half(falling) if known else None,
        effective_rows=float(whole * whole / square) if single and square and not infinite else None,
        deciles=_shares(falling) if known else (),
        bars=_bars(tail, means, known=known),
    )


def _means(tail: TailState, total: float) -> list[float]:
    """Return the loss that stands for each bin: its middle, and in the last, which has no end, what the sum leaves."""
    means = [middle_of(place) for place in range(TAIL_BINS)]
    last = tail.counts[-1]
    if last:
        rest = math.fsum(mean * rows for mean, rows in zip(means[:-1], tail.counts[:-1], strict=True))
        means[-1] = max(means[-1], (total - rest) / last)
    return means


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


def _bars(tail: TailState, means: list[float], *, known: bool) -> tuple[Bar, ...]:
    """Return at most 24 bars of equal width on the log axis, the narrowest that are so few; and one for all below.

    Bars are an octave wide at most. ``known`` says whether shares of the total are.
    """
    total = math.fsum(mean * rows for mean, rows in zip(means, tail.counts, strict=True))

    def bar(start: int, stop: int, low: float) -> Bar:
        rows = sum(tail.counts[start:stop])
        share = math.fsum(mean * rows for mean, rows in zip(means[start:stop], tail.counts[start:stop], strict=True))
        high = math.inf if stop >= TAIL_BINS else edges_of(stop)[0]
        return Bar(low, high, rows, share / total if known else None)

    held = [place for place, count in enumerate(tail.counts) if count and place]
    cuts = [1]
    if held:
        width = next((w for w in _WIDTHS if held[-1] // w - held[0] // w < MOST_BARS), _WIDTHS[-1])
        last = held[-1] // width
        first = max(held[0] // width, last - MOST_BARS + 1)
        cuts = [max(1, first * width), *(place * width for place in range(first + 1, last + 2))]
    bars = [bar(start, stop, edges_of(start)[0]) for start, stop in pairwise(cuts)]
    if any(tail.counts[: cuts[0]]):
        bars.insert(0, bar(0, cuts[0], 0.0))
    return tuple(bars)
