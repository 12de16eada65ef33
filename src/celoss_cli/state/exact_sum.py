"""Sums of floats without any rounding: the same bits for any order, block size, thread count or sharding.

A double is an integer multiple of 2^-1074, so a sum of doubles is one exact integer in that unit. The accumulator
gets there at the speed of NumPy: it splits a block of values into *limbs*, multiples of a fixed quantum so few
bits wide that a whole block of them adds up below 2^53, where float addition is exact in any order. The limb totals
of a block are added as integers. (After R. Neal, "Fast exact summation using small and large superaccumulators",
arXiv:1505.05571, 2015; the carry-free limbs here suit vectors better than his per-element table.)
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.signedinteger[Any]]

UNIT_BITS = 1074
"""Every finite double is an integer multiple of 2^-1074."""

MAX_BLOCK = 1 << 15
"""The most values one ``add`` may take: limbs are below 2^38 quanta, and 2^15 · 2^38 = 2^53."""

_LIMB_BITS = 39  # the remainder of one limb is at most half a quantum: 2^38 quanta of the next
_FIRST_QUANTUM = 20  # 2^-20, where limbs are to lie on a fixed grid: values up to 2^18
_TINY = 1e-290
_LARGE = 2.0**500  # above it a product may overflow
_HUGE = 2.0**900  # above it the splitting constants would overflow


class ExactSums(NamedTuple):
    """Some sums, each an exact integer number of 2^-1074. A value; ``merge`` is addition, and has its laws."""

    units: tuple[int, ...]

    @classmethod
    def zeros(cls, size: int) -> ExactSums:
        """Return the identity of ``merge``."""
        return cls((0,) * size)

    @classmethod
    def of_integers(cls, values: tuple[int, ...]) -> ExactSums:
        """Return whole numbers as sums: what unweighted rows contribute."""
        return cls(tuple(value << UNIT_BITS for value in values))

    def merge(self, other: ExactSums) -> ExactSums:
        """Return the sums of both; neither input changes."""
        return ExactSums(tuple(a + b for a, b in zip(self.units, other.units, strict=True)))

    def fraction(self, index: int) -> Fraction:
        """Return one sum as an exact rational."""
        return Fraction(self.units[index], 1 << UNIT_BITS)

    def total(self) -> Fraction:
        """Return the sum over all entries as an exact rational."""
        return Fraction(sum(self.units), 1 << UNIT_BITS)


class Accumulator:
    """Adds blocks of finite floats into ``size`` exact sums. Not thread-safe: one per partition, then ``finish``."""

    def __init__(self, size: int, *, limbs: int | None = None) -> None:
        """``limbs`` stops after so many limbs, 2 of them being multiples of 2^-59: for what needs no more digits.

        Rounding each value to that grid keeps the sum independent of the order, and costs at most 2^-60 a value.
        """
        self._size = size
        self._most = limbs
        self._units = [0] * size
        self._limbs: dict[int, npt.NDArray[np.int64]] = {}
        self._room = _ROWS_PER_CARRY

    def add(self, values: Floats, groups: Codes | None = None, *, peak: float | None = None) -> None:
        """Add ``values`` (n,) to the sums that ``groups`` (n,) names, or to the only one.

        ``peak`` is the largest absolute value if the caller has it at hand. Values must be finite;
        n ≤ ``MAX_BLOCK``.
        """
        n = values.shape[0]
        if n == 0:
            return
        if peak is None:
            peak = max(float(values.max()), -float(values.min()))
        if peak >= _HUGE:
            self._add_one_by_one(values, groups)
            return
        self._room -= n
        if self._room < 0:
            self._carry()
            self._room -= n
        if self._size == 2 and groups is not None:
            groups = groups.astype(np.float64)  # see _add_limb
        exponent = _finest(peak) if self._most is None else -_FIRST_QUANTUM
        most = math.inf if self._most is None else self._most
        rest, part = values, np.empty(n)
        taken = 0
        while True:
            # Adding and subtracting 1.5·2^52 quanta rounds to a multiple of the quantum, exactly.
            magic = 1.5 * 2.0 ** (52 + exponent)
            np.add(rest, magic, out=part)
            np.subtract(part, magic, out=part)
            self._add_limb(exponent, part, groups)
            taken += 1
            if exponent == -UNIT_BITS or taken >= most:
                return
            rest = np.subtract(rest, part, out=None if rest is values else rest)
            exponent = max(exponent - _LIMB_BITS, -UNIT_BITS)
            unfinished = rest != 0.0
            left = np.count_nonzero(unfinished)
            if not left:
                return
            if left * 4 < rest.shape[0]:
                # Few values reach below this quantum: go on with those alone.
                some = np.flatnonzero(unfinished)
                rest = rest[some]
                groups = None if groups is None else groups[some]
                part = np.empty(left)

    def grow(self, size: int) -> None:
        """Make room for ``size`` sums, no fewer than there are: the new ones are zero."""
        more = size - self._size
        if more:
            self._units += [0] * more
            self._limbs = {exponent: np.pad(limb, (0, more)) for exponent, limb in self._limbs.items()}
            self._size = size

    def add_one_product(self, x: float, y: float, place: int) -> None:
        """Add x·y to one sum, in whole numbers: rounded down to 2^-1074 where it is finer than that."""
        (a, b), (c, d) = x.as_integer_ratio(), y.as_integer_ratio()
        self._units[place] += (a * c << UNIT_BITS) // (b * d)

    def finish(self) -> ExactSums:
        """Return the sums so far; the accumulator can go on."""
        self._carry()
        return ExactSums(tuple(self._units))

    def _limb(self, exponent: int) -> npt.NDArray[np.int64]:
        limb = self._limbs.get(exponent)
        if limb is None:
            limb = self._limbs[exponent] = np.zeros(self._size, dtype=np.int64)
        return limb

    def _add_limb(self, exponent: int, part: Floats, groups: Codes | None) -> None:
        limb = self._limb(exponent)
        if groups is None:
            limb[0] += int(np.ldexp(part.sum(), -exponent))
        elif self._size == 2:
            # Integers below 2^53 quanta add up exactly in any order: two plain sums, far cheaper than bincount.
            total = int(np.ldexp(part.sum(), -exponent))
            ones = int(np.ldexp((part * groups).sum(), -exponent))
            limb[0] += total - ones
            limb[1] += ones
        else:
            sums = np.bincount(groups, weights=part, minlength=self._size)
            limb += np.ldexp(sums, -exponent).astype(np.int64)

    def _carry(self) -> None:
        """Move the int64 limbs into Python's unbounded integers, before 2^63 quanta can be reached."""
        for exponent, limb in self._limbs.items():
            shift = UNIT_BITS + exponent
            for index, value in enumerate(limb.tolist()):
                if value:
                    self._units[index] += value << shift
        self._limbs.clear()
        self._room = _ROWS_PER_CARRY

    def _add_one_by_one(self, values: Floats, groups: Codes | None) -> None:
        places = [0] * len(values) if groups is None else groups.tolist()
        for value, place in zip(values.tolist(), places, strict=True):
            numerator, denominator = value.as_integer_ratio()
            self._units[place] += numerator * ((1 << UNIT_BITS) // denominator)


def _finest(peak: float) -> int:
    """Return the exponent of the finest quantum in which the largest value is still below 2^38 quanta."""
    if peak < _TINY:
        return -_FIRST_QUANTUM  # nothing, or so little that any limb will do to start from
    return max(math.frexp(peak)[1] - (_LIMB_BITS - 1), -UNIT_BITS)


_ROWS_PER_CARRY = 1 << 24  # 2^24 rows · 2^38 quanta = 2^62


def add_products(into: Accumulator, a: Floats, b: Floats, groups: Codes | None = None) -> None:
    """Add a·b (n,) without rounding; one by one where a product would overflow."""
    if max(float(np.abs(a).max(initial=0.0)), float(np.abs(b).max(initial=0.0))) < _LARGE:
        for part in exact_product(a, b):
            into.add(part, groups)
        return
    places = [0] * len(a) if groups is None else groups.tolist()
    for x, y, place in zip(a.tolist(), b.tolist(), places, strict=True):
        into.add_one_product(x, y, place)


def add_squares(into: Accumulator, values: Floats) -> None:
    """Add the squares of ``values`` (n,) without rounding: x = a + b in halves, and a², 2ab and b² are exact."""
    if float(np.abs(values).max(initial=0.0)) >= _LARGE:
        add_products(into, values, values)
        return
    high = _high_half(values)
    low = values - high
    cross = high * low
    cross *= 2.0
    for part in (np.square(high, out=high), cross, np.square(low, out=low)):
        into.add(part)


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
