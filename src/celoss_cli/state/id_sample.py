"""Which ids stand in several rows: some ids, those with the smallest hashes, each with the first rows that have it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from celoss_cli.state.row_sample import MOST_IDS, Codes, Prints
from celoss_cli.state.runs import runs_of_equal

_HIGHEST = np.uint64(2**64 - 1)


class RepeatedId(NamedTuple):
    """An id, the value of each of its columns, and the first two of its rows."""

    values: tuple[str, ...]
    rows: tuple[int, int]


class IdSample:
    """Ids of rows, m of them: ``prints`` (m,) are their hashes in rising order, each once; ``counts`` (m,) in how many
    rows each stands, ``first`` and ``second`` (m,) the first of these rows and the next, −1 if there is none, and
    ``values`` what the id is, column by column.

    A value: the arrays are never written to. ``merge`` is associative and commutative on disjoint rows, and leaves the
    same ids however the rows were cut: an id is among the smallest of all only if it is so in every part that has it.
    ``IdSample()`` is the identity.
    """

    __slots__ = ("counts", "first", "prints", "second", "values")

    def __init__(
        self,
        prints: Prints | None = None,
        counts: Codes | None = None,
        first: Codes | None = None,
        second: Codes | None = None,
        values: tuple[tuple[str, ...], ...] = (),
    ) -> None:
        none = np.empty(0, dtype=np.int64)
        self.prints: Prints = np.empty(0, dtype=np.uint64) if prints is None else prints
        self.counts: Codes = none if counts is None else counts
        self.first: Codes = none if first is None else first
        self.second: Codes = none if second is None else second
        self.values = values

    @classmethod
    def of(cls, prints: Prints, rows: Codes) -> IdSample:
        """Return the sample of rows (n,) whose ids have these hashes (n,), without what the ids are."""
        rows = rows.astype(np.int64)
        return _folded(prints, rows, np.ones_like(rows), ())

    @property
    def size(self) -> int:
        """How many ids there are."""
        return int(self.prints.shape[0])

    @property
    def whole(self) -> bool:
        """Whether no id was left out."""
        return self.size < MOST_IDS

    @property
    def largest(self) -> np.uint64:
        """The largest hash that an id of more rows may have to be among those kept."""
        return _HIGHEST if self.whole else self.prints[-1]

    @property
    def repeated(self) -> int:
        """How many ids stand in several rows."""
        return int(np.count_nonzero(self.counts > 1))

    def examples(self, most: int) -> tuple[RepeatedId, ...]:
        """Return the first ids of the file that stand in several rows."""
        places = np.flatnonzero(self.counts > 1)
        places = places[np.argsort(self.first[places], kind="stable")][:most]
        return tuple(RepeatedId(self.values[i], (int(self.first[i]), int(self.second[i]))) for i in places)

    def with_values(self, values: Sequence[tuple[str, ...]]) -> IdSample:
        """Return the same sample, knowing what its ids are."""
        return IdSample(self.prints, self.counts, self.first, self.second, tuple(values))

    def merge(self, other: IdSample) -> IdSample:
        """Return the sample of both sets of rows."""
        if not other.size or not self.size:
            return self if not other.size else other
        prints, counts, first, second = (
            np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("prints", "counts", "first", "second")
        )
        later = np.flatnonzero(second >= 0)
        return _folded(
            np.concatenate([prints, prints[later]]),
            np.concatenate([first, second[later]]),
            np.concatenate([counts, np.zeros(later.shape[0], dtype=np.int64)]),
            (*self.values, *other.values),
        )

    def shifted(self, rows: int) -> IdSample:
        """Return the same ids, in rows numbered ``rows`` higher."""
        second = np.where(self.second >= 0, self.second + rows, self.second)
        return IdSample(self.prints, self.counts, self.first + rows, second, self.values)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, IdSample):
            return NotImplemented
        arrays = ("prints", "counts", "first", "second")
        same = all(np.array_equal(getattr(self, name), getattr(other, name)) for name in arrays)
        return same and self.values == other.values

    __hash__ = None  # type: ignore[assignment]  # equal by content, and arrays have no hash


def _folded(prints: Prints, rows: Codes, counts: Codes, values: Sequence[tuple[str, ...]]) -> IdSample:
    """Return the sample of ids that may stand here several times, each time in another row."""
    by_row = np.argsort(rows, kind="stable")
    order, starts = runs_of_equal(prints[by_row])
    order = by_row[order]
    if not starts.size:
        return IdSample()
    ends = np.append(starts[1:], order.shape[0])
    totals = np.add.reduceat(counts[order], starts)[:MOST_IDS]
    starts, ends = starts[:MOST_IDS], ends[:MOST_IDS]
    rows = rows[order]
    second = np.where(ends - starts > 1, rows[np.minimum(starts + 1, rows.shape[0] - 1)], -1)
    kept = tuple(values[place] for place in order[starts]) if values else ()
    return IdSample(prints[order][starts], totals, rows[starts], second, kept)
