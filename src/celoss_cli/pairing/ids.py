"""Ids as columns: whole numbers, or texts as bytes one after the other, eight of which are read as one word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 16
"""Rows that are worked on at once: what they need fits the cache."""

Rows = npt.NDArray[np.signedinteger[Any]]

Mask = npt.NDArray[np.bool_]

Words = npt.NDArray[np.uint64]

_MASKS = np.array([(1 << 8 * bytes_left) - 1 for bytes_left in range(9)], dtype=np.uint64)


class Numbers(NamedTuple):
    """Ids that are whole numbers, ``values`` (n,) int64; ``missing`` (n,) says which rows have none, if any."""

    values: npt.NDArray[np.int64]
    missing: Mask | None = None


@dataclass(frozen=True, slots=True)
class Texts:
    """Ids that are texts: row i is ``data[offsets[i]:offsets[i + 1]]``; ``missing`` as for ``Numbers``.

    ``data`` (bytes + 8,) uint8 ends in eight zeros, so that a word can be read from any place; ``offsets`` (n + 1,).
    """

    offsets: npt.NDArray[np.int64]
    data: npt.NDArray[np.uint8]
    missing: Mask | None = None

    def lengths(self, rows: slice | Rows) -> npt.NDArray[np.int64]:
        """Return the number of bytes of some rows."""
        starts, ends = self.offsets[:-1][rows], self.offsets[1:][rows]
        return ends - starts

    def words(self, rows: slice | Rows) -> Iterator[tuple[Rows, Words]]:
        """Yield the first eight bytes of some rows as one number each, then the next eight, as long as there are any.

        With each go the positions, among these rows, of those that have that many; zeros follow the last byte.
        """
        starts, left = self.offsets[:-1][rows], self.lengths(rows)
        # Every place of the data is the start of a word: one that overlaps the next is as good.
        every: Any = np.ndarray(shape=(self.data.size - 7,), dtype="<u8", buffer=self.data, strides=(1,))
        positions: Rows = np.flatnonzero(left)
        if positions.size < left.size:
            starts, left = starts[positions], left[positions]
        while positions.size:
            yield positions, every[starts] & _MASKS[np.minimum(left, 8)]
            longer = np.flatnonzero(left > 8)
            if longer.size < left.size:
                positions, starts, left = positions[longer], starts[longer], left[longer]
            starts, left = starts + 8, left - 8

    def text(self, row: int) -> str:
        """Return one text for a message: bytes that are none in hexadecimal digits."""
        data = bytes(self.data[self.offsets[row] : self.offsets[row + 1]])
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.hex()


Column = Numbers | Texts

Key = Sequence[Column]
"""The id columns of a table, which together name its rows."""


def count(column: Column) -> int:
    """Return the number of rows."""
    return int(column.values.shape[0] if isinstance(column, Numbers) else column.offsets.shape[0] - 1)


def missing_in(key: Key) -> Mask | None:
    """Return the rows that have no id, or not all parts of one; ``None`` if every row has."""
    masks = [column.missing for column in key if column.missing is not None]
    return np.logical_or.reduce(masks) if masks else None


def first_rows(column: Column, rows: int) -> Column:
    """Return the first rows of a column."""
    missing = None if column.missing is None else column.missing[:rows]
    if isinstance(column, Numbers):
        return Numbers(column.values[:rows], missing)
    return Texts(column.offsets[: rows + 1], column.data[: int(column.offsets[rows]) + 8], missing)


def joined(parts: list[Column]) -> Column:
    """Return the parts of a column, all numbers or all texts, as one; takes them out of the list as it goes.

    So at no time is there much more than one copy of the ids in memory.
    """
    if len(parts) == 1:
        return parts.pop()
    missing = None
    if any(part.missing is not None for part in parts):
        missing = np.concatenate(
            [np.zeros(count(part), dtype=bool) if part.missing is None else part.missing for part in parts]
        )
    if not parts or isinstance(parts[0], Numbers):
        values = np.empty(sum(count(part) for part in parts), dtype=np.int64)
        return Numbers(_poured(values, [part.values for part in _taken(parts) if isinstance(part, Numbers)]), missing)
    texts = [part for part in parts if isinstance(part, Texts)]
    parts.clear()
    offsets = np.zeros(sum(count(part) for part in texts) + 1, dtype=np.int64)
    data = np.zeros(sum(part.data.size - 8 for part in texts) + 8, dtype=np.uint8)
    row = place = 0
    texts.reverse()
    while texts:
        part = texts.pop()
        rows, size = count(part), part.data.size - 8
        offsets[row + 1 : row + rows + 1] = part.offsets[1:] + (place - int(part.offsets[0]))
        data[place : place + size] = part.data[:size]
        row, place = row + rows, place + size
    return Texts(offsets, data, missing)


def _taken(parts: list[Column]) -> list[Column]:
    taken = list(parts)
    parts.clear()
    return taken


def _poured(into: npt.NDArray[np.int64], values: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    place = 0
    values.reverse()
    while values:
        part = values.pop()
        into[place : place + part.size] = part
        place += part.size
    return into


def continues(column: Column, row: int, part: Column) -> bool:
    """Whether the rows of a column from ``row`` on are those of ``part``, every one of them with an id."""
    rows = count(part)
    if part.missing is not None or column.missing is not None or row + rows > count(column):
        return False
    if isinstance(column, Numbers):
        return isinstance(part, Numbers) and np.array_equal(column.values[row : row + rows], part.values)
    if not isinstance(part, Texts):
        return False
    start, end = int(column.offsets[row]), int(column.offsets[row + rows])
    theirs = part.offsets - (int(part.offsets[0]) - start)
    return np.array_equal(column.offsets[row : row + rows + 1], theirs) and np.array_equal(
        column.data[start:end], part.data[: part.data.size - 8]
    )


def all_same(mine: Column, rows: slice | Rows, theirs: Column, others: slice | Rows) -> bool:
    """Whether ``rows`` of one column are, byte by byte, the ids of ``others`` of another one."""
    if isinstance(mine, Numbers) and isinstance(theirs, Numbers):
        return bool((mine.values[rows] == theirs.values[others]).all())
    if isinstance(mine, Numbers) or isinstance(theirs, Numbers):
        raise TypeError("numbers and texts are not compared: spell the numbers first")
    if not np.array_equal(mine.lengths(rows), theirs.lengths(others)):
        return False
    pairs = zip(mine.words(rows), theirs.words(others), strict=True)
    return all(np.array_equal(word, other) for (_, word), (_, other) in pairs)


def strictly_increasing(column: Column) -> bool:
    """Whether every id is larger than the one before: then none stands there twice. Texts in the order of bytes."""
    if isinstance(column, Numbers):
        return bool((column.values[1:] > column.values[:-1]).all())
    for start in range(0, count(column) - 1, BLOCK):
        rows = slice(start, min(start + BLOCK + 1, count(column)))
        open_ = np.ones(rows.stop - rows.start - 1, dtype=bool)
        for positions, words in column.words(rows):
            ordered = np.zeros(rows.stop - rows.start, dtype=np.uint64)
            ordered[positions] = words.byteswap()  # the first byte weighs most
            if (open_ & (ordered[1:] < ordered[:-1])).any():
                return False
            open_ &= ordered[1:] == ordered[:-1]
            if not open_.any():
                break
        if open_.any():  # one is the beginning of the other, or they are equal: leave it to the join
            return False
    return True
