"""Some scored rows, kept as they are: the first ones, and as many from everywhere in the file, for alarms to look at.

The file may be sorted by class, by score or by date, so its first rows are not enough. Those from everywhere are chosen
by a hash of their number in the file: the same ones for any number of threads and any cut into partitions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.compiled import CORE
from celoss_cli.state.exact_sum import Codes, Floats
from celoss_cli.tuples import NamedTuple

MOST_ROWS = 2000

FIRST_ROWS = 1000  # what ``head()`` of a table has: of these rows the other columns are at hand

RUN = 8
"""So many neighbours are chosen together: only they show a shift by one row, and how alike neighbours are."""

_MOST_SCORES = 1 << 17  # 1 MiB, and about two milliseconds to take the logarithm of

_FEWEST_ROWS = 8

_PIECE = 1 << 18  # rows whose keys are made at a time: 256 KiB of runs, which stay in the cache

_SPREADS = 6.0  # so many standard deviations more runs than are kept, and so many runs beside, are expected below the

_MORE_RUNS = 20  # bound on keys: that not even those that are kept lie there will not happen

_WITHOUT_PLACES = 2**64 - RUN  # the bits of a key but the last

UNSEEN = np.iinfo(np.int64).min
"""The class code of a row that no block has held yet."""

Keys = npt.NDArray[np.uint64]

_PLACES = np.arange(RUN)


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
        keys = keys[kept]
        # the keys of both rise: of each the first ones are kept, and no others need to be put together
        here = int(np.count_nonzero(kept < self.size))
        kept[kept >= self.size] -= self.size - here
        there = keys.shape[0] - here
        return Sample(
            np.concatenate([self.scores[:, :here], other.scores[:, :there]], axis=1).take(kept, axis=1),
            np.concatenate([self.codes[:here], other.codes[:there]])[kept],
            np.concatenate([self.rows[:here], other.rows[:there]])[kept],
            keys,
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
    """Where a partition stands in the file: ``rows`` rows from row ``start``; ``all_scored`` if none are left out.

    ``of`` rows are in the file, or more: 0 where nothing is known.
    """

    start: int
    rows: int
    all_scored: bool
    of: int = 0


class Slots(NamedTuple):
    """Rows of a partition that may be kept, m of them, and room for what they hold: whoever meets one fills it in."""

    numbers: npt.NDArray[np.int64]
    """The rows, numbered from the start of the partition, ascending (m,)."""
    keys: Keys
    """Their keys, (m,)."""
    scores: Floats
    """The scores, (C, m)."""
    codes: npt.NDArray[np.int64]
    """The classes, (m,); ``UNSEEN`` until the row is met."""


class SampleAccumulator:
    """Takes the blocks of a partition in row order. Not thread-safe: one per partition."""

    def __init__(self, width: int, span: Span, most: int | None = None) -> None:
        """``most`` rows from everywhere are kept where that is said, else as many as alarms look at."""
        self._most, self._first = most or most_rows(width), first_rows(width)
        self._start = span.start
        # Where every row is scored it can be said beforehand which rows have a chance: that is far cheaper.
        self.slots = _slots(span, width, self._most, self._first) if span.all_scored else None
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
        if self.slots is not None:
            _fill(self.slots, scores, axis, codes, rows)
            return
        numbers = np.arange(rows, rows + n) if isinstance(rows, int) else rows
        self._hold(scores, axis, codes, np.arange(n), numbers, spread_keys(numbers + self._start))
        if self._start + int(numbers[0]) < self._first:
            places = np.flatnonzero(numbers + self._start < self._first)
            keys = (numbers[places] + self._start).astype(np.uint64)
            opening = _taken(scores, axis, codes, places, numbers[places], keys, self._first)
            self._opening = self._opening.merge(opening)

    def finish(self) -> tuple[Sample, Sample]:
        """Return the rows kept from everywhere, and the first ones of the file."""
        if self.slots is not None:
            return self._filled(self.slots)
        self._merge_held()
        return self._spread, self._opening

    def _filled(self, slots: Slots) -> tuple[Sample, Sample]:
        numbers, keys, scores, codes = slots
        if codes.size and int(codes.min()) == UNSEEN:
            seen = codes != UNSEEN
            numbers, keys, scores, codes = numbers[seen], keys[seen], scores[:, seen], codes[seen]
        kept = keys.argsort()[: self._most]
        spread = Sample(scores.take(kept, axis=1), codes.take(kept), numbers.take(kept), keys.take(kept), self._most)
        if self._start >= self._first:
            return spread, Sample()
        first = slice(int(numbers.searchsorted(self._first - self._start)))
        places = (numbers[first] + self._start).astype(np.uint64)
        return spread, Sample(scores[:, first].copy(), codes[first].copy(), numbers[first].copy(), places, self._first)

    def _hold(self, scores: Floats, axis: int, codes: Codes, places: Codes, numbers: Codes, keys: Keys) -> None:
        """Hold the rows in ``places`` of a block, ``numbers`` of the partition, unless their keys are too large."""
        if self._spread.size == self._most:
            small = keys < self._spread.keys[-1]
            places, numbers, keys = places[small], numbers[small], keys[small]
        if not places.size:
            return
        self._held.append(_taken(scores, axis, codes, places, numbers, keys, self._most))
        self._size += places.shape[0]
        if self._size > 2 * self._most:
            self._merge_held()

    def _merge_held(self) -> None:
        """Let go of the rows that others of this partition have shut out."""
        if not self._held:
            return
        held = self._held
        keys = np.concatenate([part.keys for part in held])
        kept = np.argsort(keys)[: self._most]
        chosen = Sample(
            np.concatenate([part.scores for part in held], axis=1)[:, kept],
            np.concatenate([part.codes for part in held])[kept],
            np.concatenate([part.rows for part in held])[kept],
            keys[kept],
            self._most,
        )
        self._spread, self._held, self._size = self._spread.merge(chosen), [], 0


def _fill(slots: Slots, scores: Floats, axis: int, codes: Codes, rows: Codes | int) -> None:
    """Fill in what a block has of the rows in ``slots``; ``rows`` as for ``SampleAccumulator.add``."""
    numbers = slots.numbers
    if isinstance(rows, int):
        low, high = numbers.searchsorted((rows, rows + codes.shape[0])).tolist()
        into: Any = slice(low, high)
        places: Codes = numbers[into] - rows
    else:
        into = numbers.searchsorted(rows)
        places = np.flatnonzero(np.append(numbers, -1)[into] == rows)
        into = into[places]
    if places.size:
        slots.scores[:, into] = scores[:, places] if axis == 0 else scores[places].T
        slots.codes[into] = codes[places]


def _taken(scores: Floats, axis: int, codes: Codes, places: Codes, numbers: Codes, keys: Keys, most: int) -> Sample:
    block: Any = scores[:, places] if axis == 0 else scores[places].T
    return Sample(np.ascontiguousarray(block), codes[places], numbers, keys, most)


def _slots(span: Span, width: int, most: int, first: int) -> Slots:
    """Return the rows of a partition that may be among the ``most`` of the file, or are among its ``first``.

    The file has all rows up to the end of the partition at least, and more where that is known. Enough of these have
    keys below the bound, so none above it can be kept.
    """
    stop, kept = span.start + span.rows, most / RUN
    share = (kept + _SPREADS * math.sqrt(kept) + _MORE_RUNS) * RUN / max(1, stop, span.of)
    if share >= 1.0:
        rows = np.arange(span.start, stop, dtype=np.int64)
        keys = spread_keys(rows)
    else:
        rows, keys = _rows_below(int(share * 2.0**64), span.start, stop)
        if span.start < first:
            opening = np.arange(span.start, min(first, stop), dtype=np.int64)
            later = rows >= first
            rows = np.concatenate([opening, rows[later]])
            keys = np.concatenate([spread_keys(opening), keys[later]])
    codes = np.full(rows.shape[0], UNSEEN, dtype=np.int64)
    return Slots(rows - span.start, keys, np.empty((width, rows.shape[0])), codes)


def _rows_below(bound: int, start: int, stop: int) -> tuple[npt.NDArray[np.int64], Keys]:
    """Return which rows from ``start`` to ``stop`` are of runs with keys below ``bound``; and the keys of the rows."""
    rows, keys = _of_runs_below(bound, start // RUN, -(-stop // RUN))
    low, high = int(rows.searchsorted(start)), int(rows.searchsorted(stop))
    return rows[low:high], keys[low:high]


def _of_runs_below(bound: int, start: int, stop: int) -> tuple[npt.NDArray[np.int64], Keys]:
    """Return the rows of the runs from ``start`` to ``stop`` that have keys below ``bound``, and their keys."""
    if CORE is None:
        found = [*_of_runs_below_in_pieces(np.uint64(bound), start, max(stop, start + 1))]
        return np.concatenate([rows for rows, _ in found]), np.concatenate([keys for _, keys in found])
    room = _MORE_RUNS + int((stop - start) * bound / 2.0**63)  # twice as many as are expected
    while True:
        rows, keys = np.empty(room * RUN, dtype=np.int64), np.empty(room * RUN, dtype=np.uint64)
        runs = CORE.rows_below(start, stop - start, _WITHOUT_PLACES, bound, rows, keys)
        if runs <= room:
            return rows[: runs * RUN], keys[: runs * RUN]
        room = runs


def _of_runs_below_in_pieces(bound: np.uint64, start: int, stop: int) -> Iterator[tuple[npt.NDArray[np.int64], Keys]]:
    for first in range(start, stop, _PIECE // RUN):
        keys = _hashed(np.arange(first, min(first + _PIECE // RUN, stop)))
        small = np.flatnonzero(keys < bound)
        rows = ((small + first)[:, None] * RUN + _PLACES).ravel()
        yield rows, (keys[small][:, None] | _PLACES.astype(np.uint64)).ravel()
