"""Arrays as columns: one partition per run of leading indices, memory-mapped where the file allows.

(N,), (N, 1), (N, C), (N, C, d1, d2, …) or (N, d1, d2, …, C), where each of the N·d1·d2·… places is a sample. Labels are
(N,) or (N, d1, d2, …). Object arrays are refused: reading them would run code.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.kernels.bfloat16 import BFLOAT16
from celoss_cli.spec import Decision
from celoss_cli.tables.array_batch import ArrayBatch, described
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.class_axis import FIRST, LAST, class_axis
from celoss_cli.tables.mapped import unmapped
from celoss_cli.tables.source import HEAD_ROWS, Column, Need, Partition, Table

PARTITION_BYTES = 16 << 20

BATCH_ROWS = 1 << 16

BATCH_BYTES = 16 << 20  # what is read of a file at once: large enough for the large pages that NumPy asks for

_SHARES = 2  # of a partition that lies in memory: what a batch costs beside its rows is then a small part

_FLOAT8 = np.dtype("V1")

_AS_THEY_ARE = tuple(np.dtype(kind) for kind in ("f2", "f4", "f8"))  # what no batch makes a copy of

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class ArrayTable:
    """The arrays of one file as columns. Implements ``Table``.

    ``arrays`` are by name, each with the same first axis; ``places`` is the shape of what one holds, () for rank ≤ 2:
    every leading index is then one row. Where the file has the classes on the last axis, they are views with it moved
    to axis 1, and ``axis`` says so.
    """

    path: str
    format: str
    arrays: Mapping[str, Array]
    named: bool
    places: tuple[int, ...]
    columns: tuple[Column, ...]
    decisions: tuple[Decision, ...] = ()
    axis: int = FIRST

    @functools.cached_property
    def leading(self) -> int:
        """How many leading indices there are."""
        return int(next(iter(self.arrays.values())).shape[0])

    @functools.cached_property
    def samples(self) -> int:
        """How many samples each leading index holds."""
        return math.prod(self.places)

    @property
    def bytes_each(self) -> int:
        """How many bytes a sample has."""
        return max(1, sum(array.nbytes for array in self.arrays.values()) // self.rows)

    @functools.cached_property
    def in_place(self) -> bool:
        """Whether batches are views of arrays in memory, of which nothing is read or copied."""
        return not self.places and all(
            type(array) is np.ndarray and array.flags.c_contiguous and array.dtype in _AS_THEY_ARE
            for array in self.arrays.values()
        )

    @property
    def rows(self) -> int:
        """The number of samples."""
        return self.leading * self.samples

    @property
    def size(self) -> int:
        """The number of samples: what progress counts in."""
        return self.rows

    def head(self) -> Batch:
        """Return the first rows of all columns."""
        return self._first_rows

    def partitions(self) -> Iterator[Partition]:
        """Yield runs of leading indices of about 16 MiB."""
        step = self.whole_runs(PARTITION_BYTES // (self.bytes_each * self.samples))
        for start in range(0, self.leading, step):
            yield ArrayPartition(self, start, min(self.leading, start + step))

    def whole_runs(self, step: int) -> int:
        """Return about ``step`` leading indices, at least 1: whole runs of those that the file keeps together."""
        together = max((getattr(array, "together", 1) for array in self.arrays.values()), default=1)
        return max(1, step // together * together if step >= together else step)

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: arrays have no lines."""
        return None

    @functools.cached_property
    def _first_rows(self) -> Batch:
        count = max(1, min(self.leading, HEAD_ROWS // self.samples))
        return self.batch(0, count, self.arrays)

    def batch(self, start: int, stop: int, names: Mapping[str, Any]) -> Batch:
        """Return leading indices ``start`` to ``stop`` of the named arrays as a batch."""
        rows = (stop - start) * self.samples
        return ArrayBatch(
            {name: _samples(unmapped(self.arrays[name][start:stop]), self.places) for name in names}, rows
        )


class ArrayPartition:
    """Leading indices ``start`` to ``stop``."""

    def __init__(self, table: ArrayTable, start: int, stop: int) -> None:
        self._table, self._start, self._stop = table, start, stop
        self.rows: int | None = (stop - start) * table.samples
        self.size = (stop - start) * table.samples

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in batches of whole leading indices."""
        if self._start == 0 and self.rows == self._table.rows <= HEAD_ROWS:
            yield self._table.head()  # which has been looked at already
            return
        step = self._table.whole_runs(min(BATCH_ROWS, BATCH_BYTES // self._table.bytes_each) // self._table.samples)
        if self._table.in_place:  # the last one is still shared out among threads
            step = max(step, math.ceil((self._stop - self._start) / _SHARES))
        for start in range(self._start, self._stop, step):
            yield self._table.batch(start, min(self._stop, start + step), needs)


def of_array(array: Array, role: str, decisions: tuple[Decision, ...] = ()) -> ArrayTable:
    """Return an array in memory as a table; ``role`` is what messages call it, and its column."""
    return table_of(role, "memory", {role: array}, decisions, named=False)


def laid_out_together(predictions: Table, labels: Table) -> tuple[Table, Table]:
    """Return predictions of rank > 2 with their classes on the axis that the labels leave, and labels a row a place.

    On their own, two axes of whole numbers are taken for a number for every class.
    """
    if isinstance(predictions, ArrayTable):
        predictions = _turned(predictions, labels)
    places = predictions.places
    if not isinstance(labels, ArrayTable) or labels.places == places:
        return predictions, labels
    if all(array.shape[1:] == places for array in labels.arrays.values()):
        return predictions, _laid_out(labels.path, labels.format, labels.arrays, places, labels.decisions, labels.named)
    return predictions, labels


def _turned(predictions: ArrayTable, labels: Table) -> ArrayTable:
    """Return predictions with their classes on the axis that labels of another table say."""
    arrays = predictions.arrays
    if predictions.axis == LAST:
        arrays = {
            name: np.moveaxis(a, 1, -1) if a.ndim > 1 + len(predictions.places) else a for name, a in arrays.items()
        }
    theirs: list[Array] = list(labels.arrays.values()) if isinstance(labels, ArrayTable) else []
    if isinstance(labels, ArrayTable) and labels.axis == LAST:
        theirs = [np.moveaxis(array, 1, -1) for array in theirs]
    shapes = [array.shape for array in theirs] or ([] if labels.rows is None else [(labels.rows,)])
    turned = _with_axis(predictions.path, predictions.format, arrays, predictions.named, shapes, theirs)
    before = [one for one in predictions.decisions if one.what != "class axis"]
    return replace(turned, decisions=(*before, *turned.decisions))


def table_of(
    path: str, form: str, arrays: Mapping[str, Array], decisions: tuple[Decision, ...] = (), *, named: bool
) -> ArrayTable:
    """Return arrays as a table; ``decisions`` were made before.

    Raises UnreadableFile for those that are empty, of different first axes, or hold neither numbers nor names.
    """
    for name, array in arrays.items():
        _check_kind(path, name, array)
        if array.ndim == 0 or array.size == 0:
            what = f"array {name!r}" if named else "the array"
            raise UnreadableFile(
                f"{what} of shape {array.shape} has no rows",
                code="no_rows",
                where=Where(path),
                hint="check the step that writes it",
            )
    rows = {name: array.shape[0] for name, array in arrays.items()}
    if len(set(rows.values())) > 1:
        raise UnreadableFile(
            f"its arrays have different first axes: {', '.join(f'{n} {a.shape}' for n, a in arrays.items())}",
            code="arrays_differ",
            where=Where(path),
            hint="every array needs one entry for each sample",
        )
    table = _with_axis(path, form, arrays, named, [array.shape for array in arrays.values()], list(arrays.values()))
    return replace(table, decisions=(*decisions, *table.decisions)) if decisions else table


def _with_axis(
    path: str,
    form: str,
    arrays: Mapping[str, Array],
    named: bool,
    labels: Sequence[tuple[int, ...]],
    alike: Sequence[Array],
) -> ArrayTable:
    """Return arrays as a table; those of rank > 2 with their classes on axis 1."""
    largest = max(arrays.values(), key=lambda array: array.ndim)
    if largest.ndim <= 2:
        return _laid_out(path, form, arrays, (), (), named)
    found = class_axis(largest, labels, [one for one in alike if one is not largest])
    if found.axis == LAST:
        arrays = {name: np.moveaxis(a, -1, 1) if a.ndim == largest.ndim else a for name, a in arrays.items()}
        largest = np.moveaxis(largest, -1, 1)
    table = _laid_out(path, form, arrays, largest.shape[2:], (found.decision,), named)
    return replace(table, axis=found.axis)


def _check_kind(path: str, name: str, array: Array) -> None:
    """Refuse what holds neither numbers nor names: complex numbers, records, dates, bytes of a damaged archive."""
    kind = getattr(array, "dtype", None)
    names = kind is not None and kind.kind in "US" and array.ndim == 1
    if kind is not None and kind == _FLOAT8:
        raise UnreadableFile(
            f"array {name!r} has bytes without a type, as NumPy saves float8: nothing says which of them it is",
            code="array_kind",
            where=Where(path),
            hint="save it as float32: array.astype(numpy.float32)",
        )
    if not names and (kind is None or (kind.kind not in "fiub" and kind != BFLOAT16)):
        raise UnreadableFile(
            f"holds neither numbers nor names in {name!r} ({kind or 'no array'}{getattr(array, 'shape', '')})",
            code="array_kind",
            where=Where(path),
            hint="save scores as float, labels as integers or a list of strings",
        )


def _laid_out(
    path: str,
    form: str,
    arrays: Mapping[str, Array],
    places: tuple[int, ...],
    decisions: tuple[Decision, ...],
    named: bool,
) -> ArrayTable:
    for name, array in arrays.items():
        if array.ndim > 1 and array.shape[1:] != places and array.shape[2:] != places:
            raise UnreadableFile(
                f"array {name!r} of shape {array.shape} does not fit the places {places} of the largest one",
                code="arrays_differ",
                where=Where(path),
                hint=f"expected one entry for each sample, place or class: (N,), (N, {', '.join(map(str, places))}) …",
            )
    columns = tuple(
        described(name, _samples(np.zeros((1, *array.shape[1:]), array.dtype), places))
        for name, array in arrays.items()
    )
    return ArrayTable(path, form, arrays, named, places, columns, decisions=decisions)


def _samples(array: Array, places: tuple[int, ...]) -> Array:
    """Return (n,) or (n, C) with one row a sample: the class axis moved last, the places flattened into rows."""
    if places and array.ndim == 1:
        return np.repeat(array, math.prod(places))  # one entry for all places of a sample
    if array.ndim == 2 + len(places):
        if places:
            array = np.moveaxis(array, 1, -1)
        flat = array.reshape(-1, array.shape[-1])
        return flat[:, 0] if flat.shape[1] == 1 else flat
    return array.reshape(-1)
