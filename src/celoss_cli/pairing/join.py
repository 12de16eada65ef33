"""The join: for each row of one table the row of the other with the same id, by sorted fingerprints, bucket by bucket.

A bucket holds the rows whose fingerprints begin with the same bits, so few that sorting and searching them stays in
the cache: half the time of sorting all at once. Fingerprints only propose pairs: each is then compared byte by byte,
and where two different ids share a fingerprint the work starts again under another seed.

Why it is here although libraries join: CPU seconds and peak memory of whole processes that read ten million shuffled
ids of two Parquet files and join them (``python -m benchmarks.join``; AMD EPYC, NumPy 2.4.6, pyarrow 26.0.1, pandas
3.1.1)::

                         this join        index_in         pandas merge     Index.get_indexer
    integers 0 to n − 1  1.9 s,  760 MB   3.6 s, 1430 MB    7.1 s, 1460 MB   2.5 s,  820 MB
    integers of 62 bits  1.8 s,  770 MB   3.2 s, 1430 MB   10.2 s, 1490 MB   3.7 s,  850 MB
    UUIDs as text        9.3 s, 1600 MB   9.8 s, 2260 MB   39.4 s, 5000 MB  37.5 s, 3900 MB

On texts Arrow's ``index_in`` is as fast, with 1.4 times the memory. One join for both kinds of id is simpler than two.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np

from celoss_cli.pairing.fingerprints import Fingerprint, fingerprints, is_exact
from celoss_cli.pairing.ids import BLOCK, Key, Rows, Words, all_same, count, missing_in, strictly_increasing

_BUCKET_BITS = 15  # a bucket is to hold about 2^15 rows

_MOST_BITS = 15  # buckets have numbers of 16 bits; one more than these is for the rows without an id

T = TypeVar("T")


class _Collision(Exception):
    """Two different ids have the same fingerprint."""


class Joined(NamedTuple):
    """How the n rows of one table and the m of another belong together.

    ``order`` (n,) is the other table's row for each row, −1 where there is none. ``repeated`` and ``repeated_there``
    are the rows, in order, whose id stands in an earlier row of the same table too.
    """

    order: Rows
    repeated: Rows
    repeated_there: Rows


def join(key: Key, other: Key, fingerprint: Fingerprint = fingerprints) -> Joined:
    """Return which rows of ``other`` the rows of ``key`` belong to. The columns pair up, each of one kind.

    Rows without an id, or not all parts of it, belong to none. Memory: about 40 bytes a row of either table.
    """
    return _with_seeds(lambda seed: _joined(key, other, seed, fingerprint))


def repeated(key: Key, fingerprint: Fingerprint = fingerprints) -> Rows:
    """Return the rows, in order, whose id stands in an earlier row too."""
    if len(key) == 1 and key[0].missing is None and strictly_increasing(key[0]):
        return np.empty(0, dtype=np.int64)
    return _with_seeds(lambda seed: _repeated(key, seed, fingerprint))


def _with_seeds(work: Callable[[int], T]) -> T:
    for seed in itertools.count():
        try:
            return work(seed)
        except _Collision:
            continue
    raise AssertionError("there is always another seed")


def _joined(key: Key, other: Key, seed: int, fingerprint: Fingerprint) -> Joined:
    bits = _bits(max(count(key[0]), count(other[0])))
    mine, theirs = _Side(key, fingerprint(key, seed), bits), _Side(other, fingerprint(other, seed), bits)
    order: Rows = np.full(count(key[0]), -1, dtype=theirs.row_type)
    for number in range(1 << bits):
        rows, prints = mine.bucket(number)
        others, wanted = theirs.bucket(number)
        if rows.size and others.size:
            place = np.minimum(np.searchsorted(wanted, prints), wanted.size - 1)
            found = wanted[place] == prints
            order[rows[found]] = others[place[found]]
    repeats = mine.repeated(), theirs.repeated()
    if not is_exact(key):
        for start in range(0, order.shape[0], BLOCK):
            pairs = order[start : start + BLOCK]
            paired = np.flatnonzero(pairs >= 0)
            _compare(key, paired + start, other, pairs[paired])
    return Joined(order, *repeats)


def _repeated(key: Key, seed: int, fingerprint: Fingerprint) -> Rows:
    bits = _bits(count(key[0]))
    side = _Side(key, fingerprint(key, seed), bits)
    for number in range(1 << bits):
        side.bucket(number)
    return side.repeated()


def _bits(rows: int) -> int:
    """Return how many bits number the buckets."""
    return min(max(rows.bit_length() - _BUCKET_BITS, 1), _MOST_BITS)


class _Side:
    """The rows of one table in buckets. ``repeated`` knows of those in the buckets that have been opened."""

    def __init__(self, key: Key, prints: Words, bits: int) -> None:
        numbers = (prints >> np.uint64(64 - bits)).astype(np.uint16)
        missing = missing_in(key)
        if missing is not None:
            numbers[missing] = 1 << bits  # a bucket that nobody opens
        self.row_type: type[np.signedinteger[Any]] = np.int32 if prints.size < 1 << 31 else np.int64
        self._key, self._prints = key, prints
        self._rows: Rows = np.argsort(numbers, kind="stable").astype(self.row_type)
        self._ends = [0, *np.cumsum(np.bincount(numbers, minlength=1 << bits)).tolist()]
        self._alike: list[Rows] = []

    def bucket(self, number: int) -> tuple[Rows, Words]:
        """Return the rows of a bucket and their fingerprints, sorted by these."""
        rows = self._rows[self._ends[number] : self._ends[number + 1]]
        prints = self._prints[rows]
        order = np.argsort(prints)
        rows, prints = rows[order], prints[order]
        equal = prints[1:] == prints[:-1]
        if equal.any():
            alike = np.zeros(rows.shape, dtype=bool)
            alike[1:] = equal
            alike[:-1] |= equal
            self._alike.append(rows[alike])
        return rows, prints

    def repeated(self) -> Rows:
        """Return the rows whose id stands in an earlier row too, in order."""
        if not self._alike:
            return np.empty(0, dtype=self.row_type)
        rows = np.concatenate(self._alike)
        rows = rows[np.lexsort((rows, self._prints[rows]))]
        equal = self._prints[rows[1:]] == self._prints[rows[:-1]]
        later, earlier = rows[1:][equal], rows[:-1][equal]
        _compare(self._key, later, self._key, earlier)
        return np.sort(later)


def _compare(key: Key, rows: Rows, other: Key, others: Rows) -> None:
    """Raise ``_Collision`` unless all these rows have the same ids as the others."""
    for mine, theirs in zip(key, other, strict=True):
        if not all_same(mine, rows, theirs, others):
            raise _Collision
