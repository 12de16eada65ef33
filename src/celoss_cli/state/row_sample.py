"""How often ids stand in the file, with one truth or several: some ids, chosen by hash so that those repeated meet."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.state.runs import runs_of_equal

Prints = npt.NDArray[np.uint64]

Codes = npt.NDArray[np.signedinteger[Any]]

MOST_IDS = 2048
"""Ids kept of one column. Of more, those with the smallest hashes are."""

WANTED_ROWS = 1024
"""About how many rows of the whole file are looked at."""


class RowSample:
    """Ids of rows looked at, m of them: ``prints`` (m,) are their hashes in rising order, each once; ``counts`` (m,)
    in how many rows each stands, ``low`` and ``high`` (m,) the smallest and the largest class code in those.

    A value: the arrays are never written to. ``merge`` is associative and commutative, and leaves the same ids however
    the rows were cut: an id is among the smallest of all only if it is so in every part that has it. ``RowSample()`` is
    the identity.
    """

    __slots__ = ("counts", "high", "low", "prints")

    def __init__(
        self,
        prints: Prints | None = None,
        counts: Codes | None = None,
        low: Codes | None = None,
        high: Codes | None = None,
    ) -> None:
        none = np.empty(0, dtype=np.int64)
        self.prints: Prints = np.empty(0, dtype=np.uint64) if prints is None else prints
        self.counts: Codes = none if counts is None else counts
        self.low: Codes = none if low is None else low
        self.high: Codes = none if high is None else high

    @classmethod
    def of(cls, prints: Prints, codes: Codes) -> RowSample:
        """Return the sample of rows with these hashes (n,) and class codes (n,)."""
        return _folded(prints, np.ones(prints.shape[0], dtype=np.int64), codes.astype(np.int64), codes.astype(np.int64))

    @property
    def size(self) -> int:
        """How many ids there are."""
        return int(self.prints.shape[0])

    @property
    def repeated(self) -> int:
        """How many ids stand in several rows."""
        return int(np.count_nonzero(self.counts > 1))

    @property
    def varying(self) -> int:
        """How many ids stand in rows of different truth."""
        return int(np.count_nonzero(self.low != self.high))

    def merge(self, other: RowSample) -> RowSample:
        """Return the sample of both sets of rows."""
        if not other.size or not self.size:
            return self if not other.size else other
        pairs = ((getattr(self, name), getattr(other, name)) for name in ("prints", "counts", "low", "high"))
        return _folded(*(np.concatenate(pair) for pair in pairs))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RowSample):
            return NotImplemented
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]  # equal by content, and arrays have no hash


def _folded(prints: Prints, counts: Codes, low: Codes, high: Codes) -> RowSample:
    """Return the sample of ids that may stand here twice."""
    order, starts = runs_of_equal(prints)
    prints = prints[order]
    if not starts.size:
        return RowSample()
    kept = slice(0, MOST_IDS)
    return RowSample(
        prints[starts][kept],
        np.add.reduceat(counts[order], starts)[kept],
        np.minimum.reduceat(low[order], starts)[kept],
        np.maximum.reduceat(high[order], starts)[kept],
    )
