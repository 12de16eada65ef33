"""What label columns say of each row: the code of a class, or a number for every class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Codes
from celoss_cli.labels.classes import ClassMap
from celoss_cli.tables.batch import MISSING, UNKNOWN, Batch, Categories


class ClassCodes:
    """Which class each of some labels names. Holds nothing that changes."""

    def __init__(self, values: Sequence[str], classes: ClassMap) -> None:
        places = [UNKNOWN if (code := classes.code(value)) is None else code for value in values]
        self.all_known = UNKNOWN not in places
        """Whether each of the labels names a class."""
        named = (value for value, place in zip(values, places, strict=True) if place != UNKNOWN)
        self.some_respelt = any(map(classes.respelt, named))
        """Whether one of them names it by its letters alone."""
        self._as_they_are = places == list(range(len(places)))
        self._table = np.array([*places, MISSING], dtype=np.intp)  # code −1 is the last entry

    def of(self, codes: Codes) -> Codes:
        """Return the class of each row (n,), of which ``codes`` (n,) name the label.

        It is MISSING where the label is, and UNKNOWN where that names no class.
        """
        if self._as_they_are:
            return codes
        found: Codes = self._table[codes]
        return found


def class_codes(labels: Categories, classes: ClassMap) -> Codes:
    """Return the class code of each row (n,): MISSING where the label is, UNKNOWN where it names no class."""
    return ClassCodes(labels.values, classes).of(labels.codes)


def integer_codes(values: npt.NDArray[np.integer[Any]], classes: ClassMap) -> Codes | None:
    """Return the class codes (n,) of whole-number labels, or ``None`` where one is out of the classes' range.

    Much cheaper than naming each label; ``None`` sends the batch down the general way, which names the unknown ones.
    """
    known = classes.by_integer
    if known is None or not values.shape[0]:
        return None
    first, table = known
    if not _within(values, first, first + len(table)):
        return None
    if table == list(range(len(table))) and first == 0:
        return values.astype(np.intp, copy=False)
    places = np.array([UNKNOWN if code is None else code for code in table], dtype=np.intp)
    codes: Codes = places[values.astype(np.intp) - first]
    return None if (codes == UNKNOWN).any() else codes


def _within(values: npt.NDArray[np.integer[Any]], first: int, end: int) -> bool:
    """Whether whole numbers (n,), of which there are some, are all in [first, end)."""
    if first == 0 and values.dtype.kind == "i":  # one look: read without a sign, those below 0 are too large
        return int(values.view(values.dtype.str.replace("i", "u")).max()) < end
    return first <= int(values.min()) and int(values.max()) < end


def batch_codes(batch: Batch, column: str, classes: ClassMap) -> tuple[Codes, Categories | None]:
    """Return the class codes (n,) of a label column, and its names unless whole numbers made them unnecessary."""
    integers = batch.integers(column)
    if integers is not None:
        codes = integer_codes(integers, classes)
        if codes is not None:
            return codes, None
    labels = batch.categories(column)
    return class_codes(labels, classes), labels


def target_numbers(batch: Batch, columns: tuple[str, ...]) -> npt.NDArray[np.float64]:
    """Return the numbers of label columns, (C, n) float64, from one column of vectors or from C columns."""
    if len(columns) == 1 and batch.is_vector(columns[0]):
        return np.ascontiguousarray(batch.matrix(columns[0]).T, dtype=np.float64)
    return np.stack([batch.numbers(name).astype(np.float64) for name in columns])
