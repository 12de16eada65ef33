"""Products of floats added up without any rounding, and the moments of a block: its sum and that of its squares."""

from __future__ import annotations

import math

import numpy as np

from celoss_cli.kernels.compiled import CORE
from celoss_cli.state.exact_sum import Accumulator, Codes, Floats, exact_dot, round_to

_LARGE = 2.0**500  # above it a product may overflow

_TINY = 2.0**-480  # below it, not all bits of a product are doubles

_SMALL = 2.0**-200  # below it the limbs of a product may be finer than the finest double


# Limbs of 18 bits: the products of two, 2^15 of them, add up below 2^53; and so does the sum of two limbs in a row.
_WIDTH = 18

_STEP = _WIDTH + 1  # the remainder of one limb is at most half a quantum: 2^18 quanta of the next

_MOST = 7


def add_with_squares(
    sums: Accumulator, squares: Accumulator, values: Floats, groups: Codes | None, *, peak: float
) -> None:
    """Add ``values`` (n,) to the ``sums`` that ``groups`` (n,) names, and their squares to ``squares``; all exact.

    ``peak`` is the largest absolute value. The same limbs serve both: x = a + b + c + …, and the products of limbs add
    up without rounding, so that Σ x² is a handful of dot products. n ≤ ``MAX_BLOCK``.
    """
    if CORE is not None and peak < _LARGE:
        sums.add(values, groups)
        squares.add_squares(values)
        return
    if not _SMALL < peak < _LARGE:
        sums.add(values, groups, peak=peak)
        add_products(squares, values, values)
        return
    first = math.frexp(peak)[1] - _WIDTH
    limbs, unfinished = _limbs(values, first)
    if unfinished.size:  # few values that reach below the last limb
        for limb in limbs:
            limb[unfinished] = 0.0
        few = values[unfinished]
        sums.add(few, None if groups is None else groups[unfinished])
        add_products(squares, few, few)
    for order, total in enumerate(_squared(limbs, first)):
        squares.add_quanta(2 * first - order * _STEP, total)
    picked = None if groups is None else sums.picked(groups)
    for number in range(0, len(limbs), 2):
        exponent, part = first - number * _STEP, limbs[number]
        if number + 1 < len(limbs):
            part += limbs[number + 1]
            exponent -= _STEP
        sums.add_limb(exponent, part, picked)


def _limbs(values: Floats, exponent: int) -> tuple[list[Floats], Codes]:
    """Return the limbs (n,) of ``values``, the first in quanta of 2^exponent, and which values have more than those."""
    limbs: list[Floats] = []
    rest = values
    while True:
        part = np.empty_like(values)
        round_to(exponent, rest, part)
        limbs.append(part)
        rest = np.subtract(rest, part, out=None if rest is values else rest)
        exponent -= _STEP
        if len(limbs) > 1:
            unfinished = rest != 0.0
            if np.count_nonzero(unfinished) * 64 <= rest.shape[0] or len(limbs) == _MOST:
                return limbs, np.flatnonzero(unfinished)


def _squared(limbs: list[Floats], first: int) -> list[int]:
    """Return the square of the sum of ``limbs``, summed over rows, as whole numbers of quanta: one for each order."""
    totals = [0] * (2 * len(limbs) - 1)
    for i, a in enumerate(limbs):
        for j, b in enumerate(limbs[i:], i):
            product = int(math.ldexp(exact_dot(a, b), (i + j) * _STEP - 2 * first))
            totals[i + j] += product if i == j else 2 * product
    return totals


def add_products(into: Accumulator, a: Floats, b: Floats, groups: Codes | None = None) -> None:
    """Add a·b (n,) without rounding; one by one where a product would leave the range of doubles."""
    if max(float(np.abs(a).max(initial=0.0)), float(np.abs(b).max(initial=0.0))) >= _LARGE:
        _add_one_by_one(into, a, b, groups)
        return
    if a is b and groups is None and CORE is not None and into.rounds_nothing:
        into.add_squares(a)
        return
    tiny = ((np.abs(a) < _TINY) | (np.abs(b) < _TINY)) & (a != 0.0) & (b != 0.0)
    if tiny.any():
        _add_one_by_one(into, a[tiny], b[tiny], None if groups is None else groups[tiny])
        a, b, groups = a[~tiny], b[~tiny], None if groups is None else groups[~tiny]
    for part in exact_product(a, b):
        into.add(part, groups)


def _add_one_by_one(into: Accumulator, a: Floats, b: Floats, groups: Codes | None) -> None:
    """Add a·b (n,) in whole numbers: what is finer than 2^-1074 is cut off."""
    places = [0] * len(a) if groups is None else groups.tolist()
    for x, y, place in zip(a.tolist(), b.tolist(), places, strict=True):
        into.add_one_product(x, y, place)


def exact_product(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """Return (hi, lo), both (n,), with hi + lo = a·b exactly and hi the rounded product.

    T. J. Dekker, "A floating-point technique for extending the available precision", 1971. Needs |a|, |b| below
    about 2^500 and no underflow; beyond, lo loses its meaning but hi stays the rounded product.
    """
    hi = a * b
    a_high = _high_half(a)
    a_low = a - a_high
    b_high, b_low = (a_high, a_low) if b is a else ((h := _high_half(b)), b - h)
    lo = a_high * b_high
    lo -= hi
    lo += a_high * b_low
    lo += a_low * b_high
    lo += a_low * b_low
    return hi, lo


def _high_half(values: Floats) -> Floats:
    """Return the upper 26 bits of each value (Veltkamp's splitting), so that products of halves are exact."""
    scaled = values * 134217729.0  # 2^27 + 1
    high: Floats = scaled - values
    return np.subtract(scaled, high, out=high)
