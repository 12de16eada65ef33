"""A file with one row for each item and class, presented as one row an item with the scores of all classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from celoss_cli.errors import InvalidScores
from celoss_cli.spec import Decision
from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.arrow.build import texts_array, vectors
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Need, Partition, Table
from celoss_cli.tables.views.shards import batches_of, place
from celoss_cli.tables.views.view import View


@dataclass(frozen=True)
class LongForm:
    """Which columns make a file long: ``classes`` stand in ``class_column``, their scores in ``value_column``.

    ``keys`` name the item; ``kept`` are the columns that are the same in all rows of an item, the keys among them.
    ``truth`` is the one column of those that can hold the item's true class, if there is one; ``indicator`` the column
    that has a 1 in the row of that class and 0 in the others, if one does.
    """

    class_column: str
    value_column: str
    classes: tuple[str, ...]
    keys: tuple[str, ...]
    kept: tuple[str, ...]
    truth: str | None
    indicator: str | None
    decision: Decision


class LongFormTable(View):
    """A long table whose items each have their rows together, one a class in any order."""

    def __init__(self, table: Table, form: LongForm) -> None:
        super().__init__(table)
        self.form = form
        self.width = len(form.classes)
        self.named = True
        self.rows = None if table.rows is None else table.rows // self.width
        self.decisions = (*table.decisions, form.decision)
        self.columns = tuple(self._presented(column) for column in table.columns if self._has(column))

    def _has(self, column: Column) -> bool:
        form = self.form
        return column.name in (*form.kept, form.value_column, form.indicator)

    def _presented(self, column: Column) -> Column:
        if column.name == self.form.value_column:
            return column._replace(kind=Kind.VECTOR, width=self.width, classes=self.form.classes)
        if column.name == self.form.indicator:
            return Column(column.name, Kind.TEXT, "class of the row with a 1")
        return column

    def head(self) -> Batch:
        """Return the first whole items."""
        return self._first_items

    @cached_property
    def _first_items(self) -> Batch:
        head = self.table.head()
        rows = head.rows // self.width * self.width
        columns = {column.name: head.column(column.name).slice(0, rows) for column in self.table.columns}
        needs = {column.name: Need.CATEGORY for column in self.columns}
        return self.presented(ArrowBatch(columns, rows), needs, 0)

    def partitions(self) -> Iterator[Partition]:
        """Yield everything as one: the rows of an item may lie on both sides of a cut."""
        yield _Everything(self)

    def line_of(self, row: int) -> int | None:
        """Return the line on which an item starts."""
        return self.table.line_of(row * self.width)

    def needed(self, needs: Mapping[str, Need]) -> dict[str, Need]:
        """Return which columns of the file are needed, and for what."""
        form = self.form
        below = {name: need for name, need in needs.items() if name not in (form.value_column, form.indicator)}
        for name in form.keys:
            below.setdefault(name, Need.KEY)
        below[form.class_column] = Need.CATEGORY
        if form.value_column in needs:
            below[form.value_column] = Need.NUMBER
        if form.indicator is not None and form.indicator in needs:
            below[form.indicator] = Need.NUMBER
        return below

    def presented(self, batch: Batch, needs: Mapping[str, Need], first: int) -> Batch:
        """Return the items of a batch of whole ones, whose first row is ``first`` of the file.

        Raises InvalidScores for an item whose rows are not together, or that lacks the row of a class.
        """
        form, items = self.form, batch.rows // self.width
        codes = self._codes(batch, first)
        self._check_keys(batch, codes, first)
        columns: dict[str, Any] = {}
        for name in needs:
            if name == form.value_column:
                matrix = np.empty((items, self.width))
                np.put_along_axis(matrix, codes, batch.numbers(name).astype(np.float64).reshape(codes.shape), axis=1)
                columns[name] = vectors(matrix)
            elif name == form.indicator:
                columns[name] = self._true_classes(batch, codes, first)
            else:
                columns[name] = _every(batch.column(name), self.width)
        return ArrowBatch(columns, items)

    def _codes(self, batch: Batch, first: int) -> npt.NDArray[np.intp]:
        """Return the class of each row, (items, C). Raises InvalidScores unless every item has each class once."""
        categories = batch.categories(self.form.class_column)
        known = {name: code for code, name in enumerate(self.form.classes)}
        table = np.array([*(known.get(value, -1) for value in categories.values), -1], dtype=np.intp)
        codes = table[categories.codes].reshape(-1, self.width)
        strange = codes < 0
        if strange.any():
            row = int(np.flatnonzero(strange.reshape(-1))[0])
            found = categories.codes[row]
            what = (
                "has no class" if found < 0 else f"has class {categories.values[found]!r}, which no item before it has"
            )
            raise self.error(first + row, what)
        seen = np.zeros(codes.shape, dtype=bool)
        np.put_along_axis(seen, codes, True, axis=1)
        if not seen.all():
            item = int(np.flatnonzero(~seen.all(axis=1))[0])
            missing = self.form.classes[int(np.flatnonzero(~seen[item])[0])]
            raise self.error(
                first + item * self.width,
                f"these {self.width} rows do not have each class once: there is none of class {missing!r}",
            )
        return codes

    def _check_keys(self, batch: Batch, codes: npt.NDArray[np.intp], first: int) -> None:
        """Refuse items whose rows have more than one key, and an item that begins twice in a row."""
        again = np.ones(max(0, codes.shape[0] - 1), dtype=bool)
        for name in self.form.keys:
            keys = batch.categories(name).codes.reshape(codes.shape)
            odd = (keys != keys[:, :1]).any(axis=1)
            if odd.any():
                row = first + int(odd.argmax()) * self.width
                raise self.error(
                    row, f"the rows of an item do not stand together: {name!r} changes within {self.width} rows"
                )
            again &= keys[1:, 0] == keys[:-1, 0]
        if self.form.keys and again.any():
            row = first + (int(again.argmax()) + 1) * self.width
            raise self.error(
                row, f"the item that {' and '.join(map(repr, self.form.keys))} name has rows before this one"
            )

    def _true_classes(self, batch: Batch, codes: npt.NDArray[np.intp], first: int) -> Any:
        name = self.form.indicator or ""
        marks = batch.numbers(name).astype(np.float64).reshape(codes.shape)
        odd = ((marks != 0.0) & (marks != 1.0)).any(axis=1) | (marks.sum(axis=1) != 1.0)
        if odd.any():
            row = first + int(odd.argmax()) * self.width
            raise self.error(row, f"{name!r} is not 1 in one row of this item and 0 in the others")
        true = codes[np.arange(codes.shape[0]), marks.argmax(axis=1)]
        return texts_array([self.form.classes[code] for code in true.tolist()])

    def error(self, row: int, what: str) -> InvalidScores:
        """Return the error that the file is long and a row of it unfit."""
        return InvalidScores(
            f"{what}. The file is in long form, one row for each item and class "
            f"({self.form.class_column!r}, {self.form.value_column!r})",
            code="long_form",
            where=place(self.table, row),
            hint="sort the rows by item, each class once; or write one row for each item, with a column for each class",
        )


class _Everything:
    """All items. Implements ``Partition``."""

    def __init__(self, table: LongFormTable) -> None:
        self._table = table
        self.rows, self.size = table.rows, table.size

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the items; the rows of one that a batch cuts wait for the next."""
        table = self._table
        below = table.needed(needs)
        waiting: dict[str, Any] = {}
        left = done = 0
        for batch in batches_of(table.table, below):
            columns = {name: _flat(batch.column(name)) for name in below}
            if left:
                columns = {name: pa.concat_arrays([waiting[name], column]) for name, column in columns.items()}
            rows = left + batch.rows
            whole = rows // table.width * table.width
            if whole:
                items = ArrowBatch({name: column.slice(0, whole) for name, column in columns.items()}, whole)
                yield table.presented(items, needs, done)
            waiting = {name: column.slice(whole) for name, column in columns.items()}
            left, done = rows - whole, done + whole
        if left:
            raise table.error(done, f"the last item has {left} of {table.width} rows")


def _flat(array: Any) -> Any:
    """Return a column whose type is that of every other batch: without a dictionary of its own."""
    return array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array


def _every(array: Any, step: int) -> Any:
    """Return every so manieth cell."""
    places = np.arange(0, len(array), step, dtype=np.int64)
    view: Any = places
    return array.take(pa.Array.from_buffers(pa.int64(), places.shape[0], [None, pa.py_buffer(view)]))
