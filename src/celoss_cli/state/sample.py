"""The first rows that were scored, kept as they are: what alarms look at when the pass is over."""

from __future__ import annotations

from typing import Any

import numpy as np

from celoss_cli.state.exact_sum import Codes, Floats

MOST_ROWS = 2000

_MOST_SCORES = 1 << 17  # 1 MiB, and about two milliseconds to take the logarithm of

_FEWEST_ROWS = 8


def most_rows(width: int) -> int:
    """Return how many rows are kept where each has ``width`` scores."""
    return max(_FEWEST_ROWS, min(MOST_ROWS, _MOST_SCORES // width))


class Sample:
    """The first scored rows of the file, n of them: ``scores`` (C, n), class ``codes`` (n,), row numbers ``rows`` (n,).

    A value: the arrays are never written to. ``merge`` is associative and commutative on disjoint rows, and leaves the
    same rows however the file was cut, because it goes by row numbers. ``Sample()`` is its identity.
    """

    __slots__ = ("codes", "rows", "scores")

    def __init__(self, scores: Floats | None = None, codes: Codes | None = None, rows: Codes | None = None) -> None:
        self.scores: Floats = np.empty((0, 0)) if scores is None else scores
        self.codes: Codes = np.empty(0, dtype=np.intp) if codes is None else codes
        self.rows: Codes = np.empty(0, dtype=np.intp) if rows is None else rows

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.codes.shape[0])

    def merge(self, other: Sample) -> Sample:
        """Return the first rows of both."""
        if not other.size or not self.size:
            return self if not other.size else other
        most = most_rows(self.scores.shape[0])
        if self.size == most and int(self.rows[-1]) < int(other.rows[0]):
            return self  # in file order, as a fold goes: nothing to copy
        rows = np.concatenate([self.rows, other.rows])
        first = np.argsort(rows)[:most]
        scores = np.concatenate([self.scores, other.scores], axis=1)
        return Sample(scores[:, first], np.concatenate([self.codes, other.codes])[first], rows[first])

    def shifted(self, rows: int) -> Sample:
        """Return the same rows, numbered ``rows`` higher: a partition's own count becomes the file's."""
        return Sample(self.scores, self.codes, self.rows + rows)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sample):
            return NotImplemented
        pairs = ((self.rows, other.rows), (self.codes, other.codes), (self.scores, other.scores))
        return all(np.array_equal(mine, theirs, equal_nan=mine.dtype.kind == "f") for mine, theirs in pairs)

    __hash__ = None  # type: ignore[assignment]  # equal by content, and arrays have no hash


class SampleAccumulator:
    """Takes blocks in row order until it has enough. Not thread-safe: one per partition."""

    def __init__(self, width: int) -> None:
        self._room = most_rows(width)
        self._scores: list[Floats] = []
        self._codes: list[Codes] = []
        self._rows: list[Codes] = []

    def add(self, scores: Floats, axis: int, codes: Codes, rows: Codes | int) -> None:
        """Add a block (C, n) or (n, C), classes along ``axis``; ``rows`` numbers its rows, or the first of them."""
        if not self._room:
            return
        taken = slice(0, min(self._room, codes.shape[0]))
        count = taken.stop
        self._room -= count
        block: Any = scores[:, taken] if axis == 0 else scores[taken].T
        self._scores.append(block.copy())
        self._codes.append(codes[taken].copy())
        self._rows.append(np.arange(rows, rows + count) if isinstance(rows, int) else rows[taken].copy())

    def finish(self) -> Sample:
        """Return the rows kept."""
        if not self._codes:
            return Sample()
        return Sample(np.concatenate(self._scores, axis=1), np.concatenate(self._codes), np.concatenate(self._rows))
