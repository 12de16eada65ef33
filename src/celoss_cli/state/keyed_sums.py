"""Sums of the rows with the same key: of clusters, independent of each other where their rows are not."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Floats
from celoss_cli.state.runs import runs_of_equal
from celoss_cli.state.scores import Counts

Keys = npt.NDArray[np.uint64]

Rows = npt.NDArray[np.signedinteger[Any]]

_HELD = 1 << 17  # rows that wait to be added up

_QUANTA = 60  # all rows together come to at most 2^60 of them: no sum of int64 overflows


def quantum_of(total: float) -> float:
    """Return what terms are counted in whose absolute values sum to ``total`` at most: a power of two."""
    return math.ldexp(1.0, max(-1074, math.frexp(total)[1] - _QUANTA))


class KeyedSums:
    """``keys`` (m,) in rising order, ``sums`` (m, k) of k terms of their rows, in quanta; ``lost`` is the first row
    that has none, ``None`` if all have. A value: the arrays are never written to.

    Each term is rounded to its quantum once, and merging adds integers: the same bits for any cut and any order.
    ``KeyedSums()`` is the identity.
    """

    __slots__ = ("keys", "lost", "sums")

    def __init__(self, keys: Keys | None = None, sums: Counts | None = None, lost: int | None = None) -> None:
        self.keys: Keys = np.empty(0, dtype=np.uint64) if keys is None else keys
        self.sums: Counts = np.empty((0, 0), dtype=np.int64) if sums is None else sums
        self.lost = lost

    @property
    def size(self) -> int:
        """How many keys there are."""
        return int(self.keys.shape[0])

    def merge(self, other: KeyedSums) -> KeyedSums:
        """Return the sums of both sets of rows."""
        lost = min((row for row in (self.lost, other.lost) if row is not None), default=None)
        if not (self.size and other.size):
            one = self if self.size else other
            return KeyedSums(one.keys, one.sums, lost)
        keys, sums = np.concatenate([self.keys, other.keys]), np.concatenate([self.sums, other.sums])
        return _folded(keys, sums, lost)

    def shifted(self, rows: int) -> KeyedSums:
        """Return the same for rows that start ``rows`` further down the file."""
        return self if self.lost is None else KeyedSums(self.keys, self.sums, self.lost + rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, KeyedSums):
            return NotImplemented
        same = np.array_equal(self.keys, other.keys) and np.array_equal(self.sums, other.sums)
        return same and self.lost == other.lost

    __hash__ = None  # type: ignore[assignment]  # equal by content, and arrays have no hash


class KeyedAccumulator:
    """Takes blocks of rows and leaves ``KeyedSums``. Not thread-safe: one per partition."""

    def __init__(self, quanta: tuple[float, ...]) -> None:
        """``quanta`` (k,) are what each term is counted in: see ``quantum_of``."""
        self._quanta = np.array(quanta)
        self._state = KeyedSums()
        self._held: list[tuple[Keys, Counts]] = []
        self._size = 0

    def add(self, keys: Keys, terms: tuple[Floats, ...]) -> None:
        """Add rows with ``keys`` (n,) and k finite terms, each (n,)."""
        sums = np.rint(np.stack(terms, axis=1) / self._quanta).astype(np.int64)
        self._held.append((keys, sums))
        self._size += keys.shape[0]
        if self._size >= _HELD:
            self._fold()

    def lose(self, row: int) -> None:
        """Note that a row has no key."""
        self._state = self._state.merge(KeyedSums(lost=row))

    def finish(self) -> KeyedSums:
        """Return the state of all rows added so far."""
        self._fold()
        return self._state

    def _fold(self) -> None:
        if self._held:
            keys, sums = (np.concatenate(parts) for parts in zip(*self._held, strict=True))
            self._held, self._size = [], 0
            self._state = self._state.merge(_folded(keys, sums, None))


def _folded(keys: Keys, sums: Counts, lost: int | None) -> KeyedSums:
    """Return keys that may stand here several times, each once."""
    order, starts = runs_of_equal(keys)
    if not starts.size:
        return KeyedSums(lost=lost)
    return KeyedSums(keys[order][starts], np.add.reduceat(sums[order], starts, axis=0), lost)
