"""The port that rows are handed out through, column by column, as NumPy arrays; and labels as codes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.kernels.compiled import CORE, as_buffer, letter_of
from celoss_cli.tuples import NamedTuple

FloatArray = npt.NDArray[np.floating[Any]]

ONE_SCORE_EACH = "every row needs one score per class"
"""What to do about vectors of scores that differ in length."""

_WIDEST_TABLE = 1 << 18

_MARKED = 1 << 16  # whole numbers below are marked by the core, one by one

_FEW = 16  # whole numbers in a row are looked for one by one

_SOME = 1000  # of many rows, in which each of a few numbers is most likely met

_LARGEST = (1 << 63) - 1

MISSING = -1

UNKNOWN = -2


class Categories(NamedTuple):
    """A column of names as codes: ``codes`` (n,) int32 into ``values``, −1 where the cell is empty or null."""

    codes: npt.NDArray[np.int32]
    values: tuple[str, ...]


class Batch(Protocol):
    """Consecutive rows of a table, column by column."""

    known: dict[Any, Any]
    """What was found out about these rows as a whole, by what found it: at hand when it is asked again."""

    @property
    def rows(self) -> int:
        """The number of rows."""
        ...

    def numbers(self, name: str) -> FloatArray | npt.NDArray[np.integer[Any]]:
        """Return a number column, shape (n,), in the file's own dtype; a view where there are no nulls.

        Nulls become NaN, and with them an integer or decimal column becomes float64. Booleans become 0 and 1.
        """
        ...

    def stacked(self, names: Sequence[str]) -> npt.NDArray[Any]:
        """Return the ``numbers`` of several columns, shape (C, n), not to be written to."""
        ...

    def matrix(self, name: str) -> FloatArray:
        """Return a vector column, shape (n, C), row-major. A null row or element is NaN.

        Raises ValueError with the offending row, counted in this batch, where a cell has another length.
        """
        ...

    def is_vector(self, name: str) -> bool:
        """Whether the cells of a column are vectors: then ``matrix`` reads it, else ``numbers``."""
        ...

    def categories(self, name: str) -> Categories:
        """Return a column of names or labels as codes. Numbers are named as numbers: ``1``, ``1.0`` and 1 agree."""
        ...

    def integers(self, name: str) -> npt.NDArray[np.integer[Any]] | None:
        """Return an integer column without nulls, shape (n,), or ``None`` if it is not that (then: ``categories``)."""
        ...

    def column(self, name: str) -> Any:
        """Return a column as an Arrow array, to be written elsewhere."""
        ...

    def held(self, name: str) -> Any:
        """Return a column as the batch holds it: an Arrow array, or what the compiled core made of text."""
        ...

    def stored(self, name: str) -> npt.NDArray[Any] | None:
        """Return a column of bfloat16 as it is stored, (n,) or (n, C); ``None`` for any other."""
        ...

    def taken(self, rows: npt.NDArray[np.signedinteger[Any]]) -> Batch:
        """Return some rows, by their places in this batch."""
        ...

    def text_at(self, name: str, row: int) -> str | None:
        """Return one cell as the text a person would type for it."""
        ...

    def texts(self, name: str) -> list[str | None]:
        """Return any column as the text a person would type for each cell."""
        ...


def label_text(value: Any) -> str | None:
    """Return the one spelling of a label or id: integral numbers without a point, blanks stripped, empty as None."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, bytes):
        try:
            return value.decode().strip() or None
        except UnicodeDecodeError:
            return value.hex()  # two of them may differ in bytes alone that are no text
    if isinstance(value, (float, Decimal)):
        if value != value:
            return None
        if isinstance(value, Decimal):
            return str(int(value)) if value == value.to_integral_value() else str(value.normalize())
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


class RaggedVector(ValueError):
    """A vector cell whose length differs from the others: its row in the batch, its length, the expected one."""

    def __init__(self, row: int, length: int, expected: int) -> None:
        super().__init__(f"row {row} has {length} elements, not {expected}")
        self.row, self.length, self.expected = row, length, expected

    def refused(self, where: Where, hint: str = ONE_SCORE_EACH) -> InvalidScores:
        """Return the error that says so of a cell of a file."""
        what = f"the vector has {self.length} elements, not {self.expected} as those before it"
        return InvalidScores(what, code="ragged_vector", where=where, hint=hint)


def _distinct(numbers: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return the different whole numbers of (n,), sorted, and the place of each row's among them.

    That is ``np.unique``, which sorts; where the numbers lie close together, a table of them takes a tenth of the time.
    """
    marked = None if CORE is None else _marked(numbers)
    if marked is not None:
        return marked
    low, high = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 1 << 64)
    if high - low > _WIDEST_TABLE:
        values, codes = np.unique(numbers, return_inverse=True)
        return values, codes
    near = high - low < _FEW and low >= -(1 << 31) and high < 1 << 31
    if near:
        codes = numbers.astype(np.int32)
        if low:
            codes -= np.int32(low)
        some = np.bincount(codes[:_SOME], minlength=high - low + 1)
        if bool(some.all()) or all(bool((codes == code).any()) for code in np.flatnonzero(some == 0).tolist()):
            return np.arange(low, high + 1), codes  # each is there: no table is needed
    places = (numbers - numbers.dtype.type(low)).astype(np.intp) if low >= 0 else numbers.astype(np.intp) - low
    seen = np.zeros(high - low + 1, dtype=bool)
    seen[places] = True
    present = np.flatnonzero(seen)
    table = np.zeros(seen.shape[0], dtype=np.int32)
    table[present] = np.arange(present.shape[0], dtype=np.int32)
    # Unsigned numbers may be too large for the intp of places: whole numbers of Python are not.
    return (present.astype(np.object_) if high > _LARGEST else present) + low, table[places]


def _marked(numbers: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[Any]] | None:
    """Return what ``_distinct`` does, by the core, or ``None`` where a number is negative or large."""
    letter = letter_of(numbers.dtype)
    if letter is None:
        return None
    seen = np.zeros(_MARKED, dtype=np.uint8)
    codes = np.empty(numbers.shape, dtype=np.int32)
    if not CORE.mark_codes(as_buffer(numbers), letter, seen, codes):
        return None
    present = np.flatnonzero(seen)
    if present.size and present[-1] >= present.size:  # not all from 0 on are there
        table = np.zeros(_MARKED, dtype=np.int32)
        table[present] = np.arange(present.size, dtype=np.int32)
        codes = table[codes]
    return present, codes


def categories_of_integers(numbers: npt.NDArray[np.integer[Any]]) -> Categories:
    """Return whole numbers (n,) as codes."""
    values, codes = _distinct(numbers)
    return Categories(codes.astype(np.int32, copy=False), tuple(str(value) for value in values.tolist()))


def categories_of(codes: npt.NDArray[np.int32], spelled: Sequence[Any]) -> Categories:
    """Return codes (n,) of cells as they are ``spelled`` as codes of labels: two spellings of one become that one."""
    names = [label_text(value) for value in spelled]
    values = tuple(dict.fromkeys(name for name in names if name is not None))
    if len(values) == len(names):
        return Categories(codes, values)
    # Two spellings of one number, or blanks: fold the file's dictionary onto ours. −1 stays −1 (the last entry).
    place = {name: code for code, name in enumerate(values)}
    fold = np.array([*(MISSING if name is None else place[name] for name in names), MISSING], dtype=np.int32)
    return Categories(fold[codes], values)


def renamed(categories: Categories, names: dict[str, int]) -> npt.NDArray[np.int32]:
    """Return a batch's codes in terms of all names so far, adding the new ones."""
    places = [names.setdefault(value, len(names)) for value in categories.values]
    if places == list(range(len(places))):
        return categories.codes
    table = np.array([*places, MISSING], dtype=np.int32)
    codes: npt.NDArray[np.int32] = table[categories.codes]
    return codes
