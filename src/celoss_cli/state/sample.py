"""Some scored rows, kept as they are: the first ones, and as many from everywhere in the file, for alarms to look at.

The file may be sorted by class, by score or by date, so its first rows are not enough. Those from everywhere are chosen
by a hash of their number in the file: the same ones for any number of threads and any cut into partitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.compiled import CORE
from celoss_cli.state.exact_sum import Codes, Floats

MOST_ROWS = 2000

FIRST_ROWS = 1000  # what ``head()`` of a table has: of these rows the other columns are at hand

RUN = 8
"""So many neighbours are chosen together: only they show a shift by one row, and how alike neighbours are."""

_MOST_SCORES = 1 << 17  # 1 MiB, and about two milliseconds to take the logarithm of

_FEWEST_ROWS = 8

_PIECE = 1 << 18  # rows whose keys are made at a time: 256 KiB of runs, which stay in the cache

_SURPLUS = 2.0  # so many times the rows that are kept, and as many runs more, are expected below the bound on keys:

_MORE_RUNS = 40  # that not even the rows that are kept lie there will not happen

_WITHOUT_PLACES = 2**64 - RUN  # the bits of a key but the last

Keys = npt.NDArray[np.uint64]


def most_rows(width: int) -> int:
    """Return how many rows from everywhere are kept where each has ``width`` scores."""
    return max(_FEWEST_ROWS, min(MOST_ROWS, _MOST_SCORES // width))


def first_rows(width: int) -> int:
    """Return how many of the first rows are kept where each has ``width`` scores."""
    return min(FIRST_ROWS, most_rows(width))


def spread_keys(rows: Codes) -> Keys:
    """Return a key for each row number (n,) of the file. The rows with the smallest keys lie everywhere, in runs."""
    keys = _hashed(rows // RUN)
    keys |= (rows % RUN).astype(np.uint64)
    return keys


def _hashed(runs: Codes) -> Keys:
    """Return runs as numbers (n,) without any order left in them, the last bits 0: those of the place in the run."""
    mixed: Keys = runs.astype(np.uint64)
    mixed += np.uint64(1)
    mixed *= np.uint64(0x9E3779B97F4A7C15)  # the multipliers of splitmix64 and of murmur3
    mixed ^= mixed >> np.uint64(32)
    mixed *= np.uint64(0xFF51AFD7ED558CCD)
    mixed ^= mixed >> np.uint64(29)
    mixed &= np.uint64(_WITHOUT_PLACES)
    return mixed


class Sample:
    """The rows with the smallest keys, n of them and ``most`` at most, in the order of their keys.

    ``scores`` (C, n), class ``codes`` (n,), row numbers ``rows`` (n,), ``keys`` (n,).
    A value: the arrays are never written to. ``merge`` is associative and commutative on disjoint rows, and leaves the
    same rows however the file was cut. ``Sample()`` is its identity.
    """

    __slots__ = ("codes", "keys", "most", "rows", "scores")

    def __init__(
        self, scores: Floats | None = None, codes: Codes | None = None, rows: Codes | None = None,
        keys: Keys | None = None, most: int = 0,
    ) -> None:  # fmt: skip
        """Without ``keys`` the rows are those of a whole file, in its order, and all are kept."""
        self.scores: Floats = np.empty((0, 0)) if scores is None else scores
        self.codes: Codes = np.empty(0, dtype=np.intp) if codes is None else codes
        self.rows: Codes = np.empty(0, dtype=np.intp) if rows is None else rows
        self.keys: Keys = self.rows.astype(np.uint64) if keys is None else keys
        self.most = most or self.size

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.codes.shape[0])

    def merge(self, other: Sample) -> Sample:
        """Return the rows of both that have the smallest keys."""
        if not other.size or not self.size:
            return self if not other.size else other
        for mine, theirs in ((self, other), (other, self)):
            if mine.size == mine.most and mine.keys[-1] < theirs.keys[0]:
                return mine
        keys = np.concatenate([self.keys, other.keys])
        kept = np.argsort(keys, kind="stable")[: self.most]
        return Sample(
            np.concatenate([self.scores, other.scores], axis=1)[:, kept],
            np.concatenate([self.codes, other.codes])[kept],
            np.concatenate([self.rows, other.rows])[kept],
            keys[kept],
            self.most,
        )

    def shifted(self, rows: int) -> Sample:
        """Return the same rows, numbered ``rows`` higher: a partition's own count becomes the file's."""
        return Sample(self.scores, self.codes, self.rows + rows, self.keys, self.most) if self.size else self

    def in_file_order(self) -> Sample:
        """Return the same rows as they follow each other in the file."""
        order = np.argsort(self.rows)
        return Sample(self.scores[:, order], self.codes[order], self.rows[order])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sample):
            return NotImplemented
        pairs: tuple[tuple[Any, Any], ...] = (
            (self.rows, other.rows), (self.keys, other.keys), (self.codes, other.codes), (self.scores, other.scores),
        )  # fmt: skip
        return all(np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f") for mine, theirs in pairs)

    __hash__ = None  # type: ignore[assignment]  # equal by content, and arrays have no hash


class Span(NamedTuple):
    """Where a partition stands in the file: ``rows`` rows from row ``start``; ``all_scored`` if none are left out."""

    start: int
    rows: int
    all_scored: bool


class SampleAccumulator:
    """Takes the blocks of a partition in row order. Not thread-safe: one per partition."""

    def __init__(self, width: int, span: Span, most: int | None = None) -> None:
        """``most`` rows from everywhere are kept where that is said, else as many as alarms look at."""
        self._most, self._first = most or most_rows(width), first_rows(width)
        self._start = span.start
        # Where every row is scored it can be said beforehand which rows have no chance: that is far cheaper.
        self._wanted = _wanted(span, self._most) if span.all_scored else None
        self._passed = 0
        self._asked: slice | None = None  # which of the wanted rows are given next
        self._spread, self._opening = Sample(), Sample()
        self._held: list[Sample] = []
        self._size = 0

    def add(self, scores: Floats, axis: int, codes: Codes, rows: Codes | int) -> None:
        """Add a block (C, n) or (n, C), classes along ``axis``; ``rows`` numbers its rows, or the first of them.

        Rows are numbered from the start of the partition.
        """
        n = codes.shape[0]
        if not n:
            return
        if not isinstance(rows, int) and self._asked is not None:
            self._hold_asked(scores, axis, codes)
        elif isinstance(rows, int) and self._wanted is not None:
            numbers, keys = self._wanted
            low = self._passed
            self._passed = high = int(numbers.searchsorted(rows + n))
            if low < high:
                self._hold(scores, axis, codes, numbers[low:high] - rows, numbers[low:high], keys[low:high])
        elif self._wanted is not None and n == self._wanted[0].shape[0]:
            self._hold(scores, axis, codes, self._wanted[0], *self._wanted)
        else:
            numbers = np.arange(rows, rows + n) if isinstance(rows, int) else rows
            self._hold(scores, axis, codes, np.arange(n), numbers, spread_keys(numbers + self._start))
        first = rows if isinstance(rows, int) else int(rows[0])
        self._asked = None
        if self._start + first < self._first:
            numbers = np.arange(rows, rows + n) if isinstance(rows, int) else rows
            places = np.flatnonzero(numbers + self._start < self._first)
            keys = (numbers[places] + self._start).astype(np.uint64)
            opening = _taken(scores, axis, codes, places, numbers[places], keys, self._first)
            self._opening = self._opening.merge(opening)

    def wanted(self, row: int, rows: int) -> Codes:
        """Return which of ``rows`` rows from ``row`` on may be kept, (n,): the others need not be added,
        but these must be.

        Known only where every row of the file is scored.
        """
        if self._wanted is None:
            return np.arange(row, row + rows)
        numbers, _ = self._wanted
        if rows == numbers.shape[0] <= self._first - self._start:
            return numbers  # a small file: all of it
        low, high = numbers.searchsorted((row, row + rows)).tolist()
        self._passed = high
        some = numbers[low:high]
        last = self._first - self._start
        if row >= last:
            self._asked = slice(low, high) if some.size else None
            return some
        opening = np.arange(row, min(row + rows, last))
        if opening.size == rows:
            return opening
        return np.concatenate([opening, some[some >= row + opening.size]])

    def finish(self) -> tuple[Sample, Sample]:
        """Return the rows kept from everywhere, and the first ones of the file."""
        self._merge_held()
        return self._spread, self._opening

    def _hold_asked(self, scores: Floats, axis: int, codes: Codes) -> None:
        """Hold the rows that ``wanted`` has named last: these alone, and none of the first ones."""
        if self._wanted is None or self._asked is None:
            raise AssertionError("asked for before")
        numbers, keys = self._wanted[0][self._asked], self._wanted[1][self._asked]
        if self._spread.size == self._most:
            self._hold(scores, axis, codes, np.arange(numbers.shape[0]), numbers, keys)
            return
        self._put(Sample((scores if axis == 0 else scores.T).copy("C"), codes.copy(), numbers, keys, self._most))

    def _hold(self, scores: Floats, axis: int, codes: Codes, places: Codes, numbers: Codes, keys: Keys) -> None:
        """Hold the rows in ``places`` of a block, ``numbers`` of the partition, unless their keys are too large."""
        if self._spread.size == self._most:
            small = keys < self._spread.keys[-1]
            places, numbers, keys = places[small], numbers[small], keys[small]
        if not places.size:
            return
        self._put(_taken(scores, axis, codes, places, numbers, keys, self._most))

    def _put(self, some: Sample) -> None:
        self._held.append(some)
        self._size += some.size
        if self._size > 2 * self._most:
            self._merge_held()

    def _merge_held(self) -> None:
        """Let go of the rows that others of this partition have shut out."""
        if not self._held:
            return
        parts, held = self._held, self._held[0]
        if len(parts) > 1:
            held = Sample(
                np.concatenate([part.scores for part in parts], axis=1),
                np.concatenate([part.codes for part in parts]),
                np.concatenate([part.rows for part in parts]),
                np.concatenate([part.keys for part in parts]),
            )
        kept = np.argsort(held.keys)[: self._most]
        chosen = Sample(held.scores.take(kept, 1), held.codes[kept], held.rows[kept], held.keys[kept], self._most)
        self._spread, self._held, self._size = self._spread.merge(chosen), [], 0


def _taken(scores: Floats, axis: int, codes: Codes, places: Codes, numbers: Codes, keys: Keys, most: int) -> Sample:
    if places.shape[0] == codes.shape[0]:  # all of them
        return Sample((scores if axis == 0 else scores.T).copy("C"), codes.copy(), numbers, keys, most)
    block: Any = scores[:, places] if axis == 0 else scores[places].T
    return Sample(np.ascontiguousarray(block), codes[places], numbers, keys, most)


def _wanted(span: Span, most: int) -> tuple[Codes, Keys]:
    """Return which rows of a partition, numbered from its start, may be among the ``most`` of the file; and their keys.

    The file has all rows up to the end of the partition at least. Enough of these have keys below the bound, so none
    above it can be kept.
    """
    stop = span.start + span.rows
    share = (_SURPLUS * most + _MORE_RUNS * RUN) / max(1, stop)
    if share >= 1.0:
        rows = np.arange(span.start, stop)
        return rows - span.start, spread_keys(rows)
    runs, keys = _runs_below(int(share * 2.0**64), span.start // RUN, stop // RUN + 1)
    rows = (runs[:, None] * RUN + np.arange(RUN)).ravel()
    keys = (keys[:, None] | np.arange(RUN, dtype=np.uint64)).ravel()
    inside = (rows >= span.start) & (rows < stop)
    return rows[inside] - span.start, keys[inside]


def _runs_below(bound: int, start: int, stop: int) -> tuple[Codes, Keys]:
    """Return which runs from ``start`` to ``stop`` have keys below ``bound``, and these keys."""
    if CORE is not None:
        runs, keys = np.empty(stop - start, dtype=np.int64), np.empty(stop - start, dtype=np.uint64)
        found = CORE.runs_below(start, _WITHOUT_PLACES, bound, runs, keys)
        return runs[:found].copy(), keys[:found].copy()
    parts = [*_runs_below_in_pieces(np.uint64(bound), start, stop)]
    return np.concatenate([runs for runs, _ in parts]), np.concatenate([keys for _, keys in parts])


def _runs_below_in_pieces(bound: np.uint64, start: int, stop: int) -> Iterator[tuple[Codes, Keys]]:
    for first in range(start, stop, _PIECE // RUN):
        keys = _hashed(np.arange(first, min(first + _PIECE // RUN, stop)))
        small = np.flatnonzero(keys < bound)
        yield small + first, keys[small]
