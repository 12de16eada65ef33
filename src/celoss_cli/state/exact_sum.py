"""Sums of floats without any rounding: the same bits for any order, block size, thread count or sharding.

A double is an integer multiple of 2^-1074, so a sum of doubles is one exact integer in that unit. The accumulator
gets there at the speed of NumPy: it splits a block of values into *limbs*, multiples of a fixed quantum so few
bits wide that a whole block of them adds up below 2^53, where float addition is exact in any order. The limb totals
of a block are added as integers. (After R. Neal, "Fast exact summation using small and large superaccumulators",
arXiv:1505.05571, 2015; the carry-free limbs here suit vectors better than his per-element table.)
"""

from __future__ import annotations

import math
import operator
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.compiled import CORE, as_buffer
from celoss_cli.tuples import NamedTuple

Floats = npt.NDArray[np.float64]

Codes = npt.NDArray[np.signedinteger[Any]]

UNIT_BITS = 1074
"""Every finite double is an integer multiple of 2^-1074."""

MAX_BLOCK = 1 << 15
"""The most values one ``add`` may take: limbs are below 2^38 quanta, and 2^15 · 2^38 = 2^53."""

CORE_LIMBS = (-22, -49, -76)
"""The quanta of the core's three limbs: 2 to these powers."""

CORE_CHUNKS = 68
"""The core's 64-bit chunks hold 32 bits each, from 2^-1074 on."""

_LIMB_BITS = 39  # the remainder of one limb is at most half a quantum: 2^38 quanta of the next

_TINY = 1e-290

_ALONE = 1 << 13  # below the 10,000 from which OpenBLAS uses threads

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
        if len(self.units) != len(other.units):
            raise ValueError("these are not the same sums")
        return ExactSums(tuple(map(operator.add, self.units, other.units)))

    def fraction(self, index: int) -> Fraction:
        """Return one sum as an exact rational."""
        return in_fractions(self.units[index])

    def total(self) -> Fraction:
        """Return the sum over all entries as an exact rational."""
        return in_fractions(sum(self.units))


def in_fractions(units: int) -> Fraction:
    """Return a sum as an exact rational."""
    # Most sums end in hundreds of zeros: without them Fraction has far less to reduce.
    zeros = min((units & -units).bit_length() - 1, UNIT_BITS) if units else UNIT_BITS
    return Fraction(units >> zeros) if zeros == UNIT_BITS else Fraction(units >> zeros, 1 << UNIT_BITS - zeros)


def quotient(units: int, by: Fraction) -> float:
    """Return a sum divided by a number, rounded once: what a quotient of fractions would be, without reducing any."""
    return units * by.denominator / (by.numerator << UNIT_BITS)


def in_nats(units: int) -> float:
    """Return a sum as a number, infinite where it is beyond all."""
    try:
        return units / (1 << UNIT_BITS)
    except OverflowError:
        return math.inf if units > 0 else -math.inf


class Accumulator:
    """Adds blocks of finite floats into ``size`` exact sums. Not thread-safe: one per partition, then ``finish``."""

    def __init__(self, size: int, *, grid: int = -UNIT_BITS) -> None:
        """``grid`` rounds each value to a multiple of 2^grid: for what needs no more digits.

        That keeps the sum independent of the order, and costs at most half of the grid a value.
        """
        self._size = size
        self._grid = grid
        self._units = [0] * size
        self._limbs: dict[int, npt.NDArray[np.int64]] = {}
        self._compiled: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None = None
        self._room = _ROWS_PER_CARRY

    def add(self, values: Floats, groups: Codes | None = None, *, peak: float | None = None) -> None:
        """Add ``values`` (n,) to the sums that ``groups`` (n,) names, or to the only one.

        ``peak`` is the largest absolute value if the caller has it at hand. Values must be finite;
        n ≤ ``MAX_BLOCK``.
        """
        n = values.shape[0]
        if n == 0:
            return
        if CORE is not None and self._grid == -UNIT_BITS:
            limbs, chunks = self.counters(n)
            named = None if groups is None else as_buffer(groups, np.int64)
            CORE.add_values(as_buffer(values, np.float64), named, limbs, chunks)
            return
        if peak is None:
            peak = max(float(values.max()), -float(values.min()))
        if peak >= _HUGE:
            self._add_one_by_one(values, groups)
            return
        picked = None if groups is None else self.picked(groups)
        exponent = max(_finest(peak), self._grid)
        rest, part = values, np.empty(n)
        while True:
            round_to(exponent, rest, part)
            self.add_limb(exponent, part, picked)
            if exponent == self._grid:
                return
            rest = np.subtract(rest, part, out=None if rest is values else rest)
            exponent = max(exponent - _LIMB_BITS, self._grid)
            unfinished = rest != 0.0
            left = np.count_nonzero(unfinished)
            if not left:
                return
            if left * 4 < rest.shape[0]:
                # Few values reach below this quantum: go on with those alone.
                some = np.flatnonzero(unfinished)
                rest = rest[some]
                picked = None if picked is None else picked[some]
                part = np.empty(left)

    @property
    def rounds_nothing(self) -> bool:
        """Whether values are added as they are, and not rounded to a grid."""
        return self._grid == -UNIT_BITS

    def add_squares(self, values: Floats) -> None:
        """Add the squares of ``values`` (n,) within ±2^500 to the only sum, compiled: there has to be a core."""
        _, chunks = self.counters(values.shape[0])
        CORE.add_squares(as_buffer(values, np.float64), chunks)

    def grow(self, size: int) -> None:
        """Make room for ``size`` sums, no fewer than there are: the new ones are zero."""
        more = size - self._size
        if more:
            self._carry()
            self._units += [0] * more
            self._size = size

    def add_one_product(self, x: float, y: float, place: int) -> None:
        """Add x·y to one sum, in whole numbers: rounded down to 2^-1074 where it is finer than that."""
        (a, b), (c, d) = x.as_integer_ratio(), y.as_integer_ratio()
        self._units[place] += (a * c << UNIT_BITS) // (b * d)

    def picked(self, groups: Codes) -> Codes | Floats:
        """Return ``groups`` (n,) as ``add_limb`` wants them."""
        return groups.astype(np.float64) if self._size == 2 else groups

    def add_limb(self, exponent: int, part: Floats, picked: Codes | Floats | None) -> None:
        """Add values ``part`` (n,) that are multiples of 2^exponent, and add up below 2^53 of them."""
        self._room -= part.shape[0]
        if self._room < 0:
            self._carry()
            self._room -= part.shape[0]
        limb = self._limb(exponent)
        if picked is None:
            limb[0] += int(math.ldexp(part.sum(), -exponent))
        elif self._size == 2:
            # Integers below 2^53 quanta add up exactly in any order: two plain sums, far cheaper than bincount.
            total = int(math.ldexp(part.sum(), -exponent))
            ones = int(math.ldexp(exact_dot(part, picked), -exponent))
            limb[0] += total - ones
            limb[1] += ones
        else:
            sums = np.bincount(picked, weights=part, minlength=self._size)
            limb += np.ldexp(sums, -exponent).astype(np.int64)

    def add_quanta(self, exponent: int, quanta: int, place: int = 0) -> None:
        """Add a whole number of 2^exponent to one sum."""
        self._units[place] += quanta << UNIT_BITS + exponent

    def finish(self) -> ExactSums:
        """Return the sums so far; the accumulator can go on."""
        self._carry()
        return ExactSums(tuple(self._units))

    def _limb(self, exponent: int) -> npt.NDArray[np.int64]:
        limb = self._limbs.get(exponent)
        if limb is None:
            limb = self._limbs[exponent] = np.zeros(self._size, dtype=np.int64)
        return limb

    def _carry(self) -> None:
        """Move the int64 limbs into Python's unbounded integers, before 2^63 quanta can be reached."""
        for exponent, limb in self._limbs.items():
            shift = UNIT_BITS + exponent
            for index, value in enumerate(limb.tolist()):
                if value:
                    self._units[index] += value << shift
        self._limbs.clear()
        if self._compiled is not None:
            added = units_of(*self._compiled)
            self._units = [mine + more for mine, more in zip(self._units, added, strict=True)]
            self._compiled = None
        self._room = _ROWS_PER_CARRY

    def counters(self, rows: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return what the core adds up in, with room for so many more rows: limbs (size, 3) and chunks (size, 68)."""
        self._room -= rows
        if self._room < 0:
            self._carry()
            self._room -= rows
        if self._compiled is None:
            shapes = ((self._size, len(CORE_LIMBS)), (self._size, CORE_CHUNKS))
            self._compiled = (np.zeros(shapes[0], dtype=np.int64), np.zeros(shapes[1], dtype=np.int64))
        return self._compiled

    def _add_one_by_one(self, values: Floats, groups: Codes | None) -> None:
        places = [0] * len(values) if groups is None else groups.tolist()
        for value, place in zip(values.tolist(), places, strict=True):
            numerator, denominator = value.as_integer_ratio()
            units = numerator * ((1 << UNIT_BITS) // denominator)
            self._units[place] += units if self._grid == -UNIT_BITS else self._on_grid(units)

    def _on_grid(self, units: int) -> int:
        """Return a number of units rounded to the grid, half to even: as limbs of smaller values are."""
        quantum = 1 << UNIT_BITS + self._grid
        quanta, rest = divmod(units, quantum)
        up = 2 * rest > quantum or (2 * rest == quantum and quanta % 2 == 1)
        return (quanta + up) * quantum


def units_of(
    limbs: npt.NDArray[np.int64],
    chunks: npt.NDArray[np.int64] | None = None,
    exponents: tuple[int, ...] = CORE_LIMBS,
) -> tuple[int, ...]:
    """Return what the core added up, in units of 2^-1074: limbs (size, k) in quanta of 2^exponent, chunks (size, 68).

    Without ``chunks`` there is nothing beside the limbs.
    """
    units, finest = [0] * limbs.shape[0], 0
    for exponent, quanta in zip(exponents, limbs.T.tolist(), strict=True):
        units = [(unit << finest - exponent) + quantum for unit, quantum in zip(units, quanta, strict=True)]
        finest = exponent
    units = [unit << UNIT_BITS + finest for unit in units]
    if chunks is not None and chunks.any():
        for place in np.flatnonzero(chunks.any(axis=1)).tolist():
            units[place] += sum(chunk << 32 * i for i, chunk in enumerate(chunks[place].tolist()))
    return tuple(units)


def round_to(exponent: int, values: Floats, out: Floats) -> None:
    """Round ``values`` (n,) below 2^50 quanta of 2^exponent to multiples of it: adding 1.5·2^52 quanta does it."""
    magic = 1.5 * 2.0 ** (52 + exponent)
    np.add(values, magic, out=out)
    np.subtract(out, magic, out=out)


def exact_dot(a: Floats, b: Floats | Codes) -> float:
    """Return Σ a·b of values (n,) whose products are whole numbers of some quantum, and add up below 2^53 of them.

    In pieces: OpenBLAS shares longer products among threads, where it has any, and waking them takes longer than the
    work.
    """
    return float(sum(a[i : i + _ALONE].dot(b[i : i + _ALONE]) for i in range(0, a.shape[0], _ALONE)))


def _finest(peak: float) -> int:
    """Return the exponent of the finest quantum in which the largest value is still below 2^38 quanta."""
    if peak < _TINY:
        return 0  # nothing, or so little that any limb will do to start from
    return max(math.frexp(peak)[1] - (_LIMB_BITS - 1), -UNIT_BITS)


_ROWS_PER_CARRY = 1 << 24  # 2^24 rows · 2^38 quanta = 2^62
