"""Slices: which part of the rows each row belongs to, by the values of a column or by bins of its numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import DataError, Where
from celoss_cli.layout.slice_columns import SliceBy
from celoss_cli.spelling import number
from celoss_cli.tables.batch import Batch, Categories, label_text, renamed
from celoss_cli.tables.source import Need
from celoss_cli.tables.text.cells import MISSING

_TRAILING_ZERO = re.compile(r"[-+]?[0-9]*\.[0-9]*[1-9]0+")

_MOST_VALUES = 100_000  # of a column of the label file, of which the rows to be scored may have far fewer


def slice_codes(batch: Batch, by: SliceBy, read_as: Need) -> Categories:
    """Return the slice of each row of a batch: codes (n,) into the names of slices, −1 where the value is missing.

    ``read_as`` says what the column was read for, which another of its roles may have decided. Which rows make a slice
    depends on nothing but their own values: not on batches, threads or the other rows.
    """
    if by.period is not None:
        from celoss_cli.labels.periods import periods_of

        return periods_of(batch.categories(by.column), by)
    if not by.edges:
        named = batch.categories(by.column)
        return _as_numbers(named) if by.numbers else named
    if read_as is Need.NUMBER:
        return Categories(_bins(batch.numbers(by.column).astype(np.float64, copy=False), by.edges), by.bins)
    named = batch.categories(by.column)
    numbers = [_number(name, by) for name in named.values]
    codes = np.append(_bins(np.array(numbers, dtype=np.float64), by.edges), np.int32(-1))  # code −1 is the last entry
    return Categories(codes[named.codes], by.bins)


class SideSlices:
    """Takes the slices of the rows of a label file, batch by batch, by one column: 4 bytes a row.

    ``read_as`` as in ``slice_codes``, ``path`` that of the file.
    """

    def __init__(self, by: SliceBy, read_as: Need, path: str) -> None:
        self._by, self._read_as, self._path = by, read_as, path
        self._codes: list[npt.NDArray[np.int32]] = []
        self._values: dict[str, int] = {}

    def add(self, batch: Batch) -> None:
        """Add the rows of a batch. Raises DataError for a column whose values could never be slices."""
        self._codes.append(renamed(slice_codes(batch, self._by, self._read_as), self._values))
        if len(self._values) > _MOST_VALUES and not self._by.any_number:
            raise too_many_slices(self._by, self._path)

    def finish(self, order: Any) -> Categories:
        """Return the rows in the order of the predictions."""
        return Categories(np.concatenate(self._codes)[order], tuple(self._values))


def too_many_slices(by: SliceBy, path: str) -> DataError:
    """Return the error of a column with more values than there can be slices."""
    from celoss_cli.state.slices import MOST_SLICES

    return DataError(
        f"has more than {MOST_SLICES:,} different values, which is too many for slices",
        code="too_many_slices",
        where=Where(path, column=by.column),
        hint=f"give the edges of bins, if they are numbers: --slice {by.column}=18,40,65; or slice by a coarser column",
    )


def _as_numbers(named: Categories) -> Categories:
    """Return categories whose names are numbers with one spelling for each, as from a file that holds no text.

    1.10 stays as it is written until all slices are known (``shown_as``): beside 1.1 it is a version, and no number.
    """
    spelled = [_spelling(name) for name in named.values]
    if spelled == list(named.values):
        return named
    places = {name: place for place, name in enumerate(dict.fromkeys(spelled))}
    table = np.array([*(places[name] for name in spelled), -1], dtype=np.int32)  # code −1 is the last entry
    return Categories(table[named.codes], tuple(places))


def shown_as(by: SliceBy, values: Collection[str | None]) -> dict[str | None, str | None]:
    """Return what all slices of a column are shown as: numbers as numbers, but those that others spell otherwise."""
    shown: dict[str | None, str | None] = {value: value for value in values}
    if not by.numbers or by.edges:
        return shown
    spelled = [label_text(number(value)) or value for value in values if value is not None]
    for value in values:
        if value is not None and _TRAILING_ZERO.fullmatch(value):
            text = label_text(number(value))
            shown[value] = value if spelled.count(text or value) > 1 else text
    return shown


def _spelling(name: str) -> str:
    if name.lstrip("+-").isdecimal():
        return str(int(name))  # a float would lose the digits of a long one
    value = number(name)
    return name if value is None or _TRAILING_ZERO.fullmatch(name) else label_text(value) or name


def _number(text: str, by: SliceBy) -> float:
    """Return the number that a cell of a column with another role spells, NaN for none."""
    try:
        return math.nan if text in MISSING else float(text)
    except ValueError:
        raise DataError(
            f"{text!r} in column {by.column!r} is not a number, and has no place between edges",
            code="not_a_number",
            hint=f"--slice {by.column} makes each value a slice",
        ) from None


def _bins(values: npt.NDArray[np.float64], edges: tuple[float, ...]) -> npt.NDArray[np.int32]:
    """Return the bin of each value (n,), −1 for NaN."""
    codes = np.searchsorted(np.array(edges), values, side="right").astype(np.int32)
    codes[np.isnan(values)] = -1
    return codes
