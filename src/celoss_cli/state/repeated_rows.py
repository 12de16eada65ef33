"""How many rows stand in the file several times, with the same scores and label: from a sample of scores by their hash.

Rows with the same scores are no copies of each other where scores are coarse: leaves of a tree, votes, two decimals.
But then their labels differ as often as their probabilities say, and those of copies never do.
"""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.outcome import Codes, Floats, Mask
from celoss_cli.state.row_sample import Prints
from celoss_cli.state.runs import runs_of_equal

MOST = 2048
"""Scores that are kept: those with the smallest hashes."""

_MOST_COPIES = 16
"""So many rows of one hash count at most: probabilities of exactly 0 and 1 stand in many rows, and are one value."""

_FEWEST = 50  # different scores, below which they are coarse, whatever their labels

_TELLING = 10.0  # scores with labels that differ are expected at least, or that there are none tells nothing

_SELDOM = 0.2  # of those expected: labels of copies differ by the chance of a hash alone

_AS_OFTEN = 0.95  # of the scores, if each stands there as often as the others: then they are copies, however sure

_HIGHEST = np.uint64(2**64 - 1)

_ODD = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


class RepeatState:
    """Scores of rows, m of them: ``prints`` (m,) are their hashes in rising order, each once; ``counts`` (m,) in how
    many rows each stands, ``low`` and ``high`` (m,) the smallest and the largest class code in those, ``doubt`` (m,)
    how probable it is that two such rows have different labels. A value: the arrays are never written to.

    ``merge`` is associative and commutative, and leaves the same scores however the rows were cut: a score is among the
    smallest of all only if it is so in every part that has it. ``RepeatState()`` is the identity.
    """

    __slots__ = ("counts", "doubt", "high", "low", "prints")

    def __init__(
        self,
        prints: Prints | None = None,
        counts: Codes | None = None,
        low: Codes | None = None,
        high: Codes | None = None,
        doubt: Floats | None = None,
    ) -> None:
        none = np.empty(0, dtype=np.int64)
        self.prints: Prints = np.empty(0, dtype=np.uint64) if prints is None else prints
        self.counts: Codes = none if counts is None else counts
        self.low: Codes = none if low is None else low
        self.high: Codes = none if high is None else high
        self.doubt: Floats = np.empty(0) if doubt is None else doubt

    @property
    def size(self) -> int:
        """How many scores there are."""
        return int(self.prints.shape[0])

    @property
    def share(self) -> float:
        """The share of the rows that are copies of another, 0 where rows with the same scores are none."""
        several = self.counts > 1
        if self.size < _FEWEST or not several.any():
            return 0.0
        varying = several & (self.low != self.high)
        counts = np.minimum(self.counts, _MOST_COPIES)
        expected = float((1.0 - (1.0 - self.doubt[several]) ** (counts[several] - 1)).sum())
        alike = several & ~varying
        told_by_labels = expected >= _TELLING and np.count_nonzero(varying) <= _SELDOM * expected
        often = int(np.bincount(counts[alike]).argmax()) if alike.any() else 0
        told_by_number = np.count_nonzero(alike & (counts == often)) >= _AS_OFTEN * self.size
        return float(counts[alike].sum() / counts.sum()) if told_by_labels or told_by_number else 0.0

    def merge(self, other: RepeatState) -> RepeatState:
        """Return the state of both sets of rows."""
        if not other.size or not self.size:
            return self if not other.size else other
        pairs = ((getattr(self, name), getattr(other, name)) for name in ("prints", "counts", "low", "high", "doubt"))
        return _folded(*(np.concatenate(pair) for pair in pairs))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RepeatState):
            return NotImplemented
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]  # equal by content, and arrays have no hash


class RepeatAccumulator:
    """Takes blocks of rows and leaves a ``RepeatState``. Not thread-safe: one per partition."""

    def __init__(self) -> None:
        self._state = RepeatState()
        self._bar = _HIGHEST

    def sampled(self, scores: Floats, own: Mask | None = None) -> tuple[Codes, Prints]:
        """Return which rows (m,) of ``scores`` (C, n) are to be added, and the hash (m,) of each.

        Of a row the first, the middle and the last score are looked at. ``own`` (n,) says which count, ``None`` all.
        """
        prints = _prints(scores)
        bar = self._bar
        if bar == _HIGHEST:
            bar = _enough(prints if own is None else prints[own])
        wanted = prints <= bar
        some = np.flatnonzero(wanted if own is None else wanted & own)
        return some, prints[some]

    def add(self, prints: Prints, codes: Codes, p: Floats) -> None:
        """Add rows with these hashes (m,), class ``codes`` (m,) and probabilities ``p`` (C, m)."""
        if not prints.shape[0]:
            return
        codes = codes.astype(np.int64)
        doubt = np.clip(1.0 - (p * p).sum(axis=0), 0.0, 1.0)
        added = _folded(prints, np.ones(prints.shape[0], dtype=np.int64), codes, codes, doubt)
        self._state = self._state.merge(added)
        if self._state.size == MOST:
            self._bar = self._state.prints[-1]

    def finish(self) -> RepeatState:
        """Return the state of all rows added so far."""
        return self._state


def _enough(prints: Prints) -> np.uint64:
    """Return a bar below which there are enough different ``prints`` (n,): the others need not be looked at."""
    if prints.shape[0] <= 2 * MOST:
        return _HIGHEST
    bar: np.uint64 = np.partition(prints, 2 * MOST)[2 * MOST]
    least = np.sort(prints[prints <= bar])
    return bar if 1 + np.count_nonzero(least[1:] != least[:-1]) >= MOST else _HIGHEST


def _folded(prints: Prints, counts: Codes, low: Codes, high: Codes, doubt: Floats) -> RepeatState:
    """Return the state of scores that may stand here twice."""
    order, starts = runs_of_equal(prints)
    prints = prints[order]
    kept = slice(0, MOST)
    return RepeatState(
        prints[starts][kept],
        np.add.reduceat(counts[order], starts)[kept],
        np.minimum.reduceat(low[order], starts)[kept],
        np.maximum.reduceat(high[order], starts)[kept],
        np.minimum.reduceat(doubt[order], starts)[kept],
    )


def _prints(scores: Floats) -> Prints:
    """Return a hash (n,) of some of the scores (C, n) of each row: their bits times odd numbers, and no more.

    The upper bits of such a product, by which hashes are ordered, depend on all bits of the score.
    """
    classes = scores.shape[0]
    first, *others = sorted({0, classes // 2, classes - 1})
    prints: Prints = np.ascontiguousarray(scores[first]).view(np.uint64) * _ODD[0]
    for odd, place in zip(_ODD[1:], others, strict=False):
        prints += np.ascontiguousarray(scores[place]).view(np.uint64) * odd
    return prints
