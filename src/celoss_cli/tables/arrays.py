"""NumPy files, .npy and .npz: one partition per run of leading indices, memory-mapped where the file allows.

Axis 1 holds the classes, as in torch: (N,), (N, 1), (N, C) or (N, C, d1, d2, …), where each of the N·d1·d2·… places
is a sample. Labels are (N,) or (N, d1, d2, …). Object arrays are refused: reading them would run code.
"""

from __future__ import annotations

import math
import re
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.spec import Decision, How
from celoss_cli.tables.arrow.batch import ArrowBatch, buffer_of
from celoss_cli.tables.arrow.build import texts_array
from celoss_cli.tables.arrow.types import column_of
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import HEAD_ROWS, Column, Need, Partition, Table

PARTITION_BYTES = 16 << 20

_FEW = 64  # samples whose sums say whether they are probabilities

_ROUNDING = 1e-3  # of sums of probabilities, in half precision too

BATCH_ROWS = 1 << 16

BATCH_BYTES = 4 << 20

_DAMAGE = (
    ValueError, OSError, EOFError, KeyError, TypeError, SyntaxError, MemoryError, RuntimeError, zlib.error,
    zipfile.BadZipFile, tokenize.TokenError,
)  # fmt: skip
"""What NumPy, zipfile and zlib raise for a file that is damaged, or made to look like one of theirs."""

Array = np.ndarray[Any, np.dtype[Any]]


class ArrayTable(NamedTuple):
    """The arrays of one file as columns. Implements ``Table``.

    ``arrays`` are by name, each with the same first axis; ``places`` is the shape of what one holds, () for rank ≤ 2:
    every leading index is then one row.
    """

    path: str
    format: str
    arrays: Mapping[str, Array]
    named: bool
    places: tuple[int, ...]
    columns: tuple[Column, ...]
    decisions: tuple[Decision, ...] = ()

    @property
    def leading(self) -> int:
        """How many leading indices there are."""
        return int(next(iter(self.arrays.values())).shape[0])

    @property
    def samples(self) -> int:
        """How many samples each leading index holds."""
        return int(np.prod(self.places, dtype=np.int64))

    @property
    def bytes_each(self) -> int:
        """How many bytes a sample has."""
        return max(1, sum(array.nbytes for array in self.arrays.values()) // self.rows)

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
        count = max(1, min(self.leading, HEAD_ROWS // self.samples))
        return self.batch(0, count, self.arrays)

    def partitions(self) -> Iterator[Partition]:
        """Yield runs of leading indices of about 16 MiB."""
        step = max(1, PARTITION_BYTES // (self.bytes_each * self.samples))
        for start in range(0, self.leading, step):
            yield ArrayPartition(self, start, min(self.leading, start + step))

    def line_of(self, row: int) -> int | None:  # noqa: ARG002
        """Return ``None``: arrays have no lines."""
        return None

    def batch(self, start: int, stop: int, names: Mapping[str, Any]) -> Batch:
        """Return leading indices ``start`` to ``stop`` of the named arrays as a batch."""
        rows = (stop - start) * self.samples
        return ArrowBatch(
            {name: _as_arrow(_samples(self.arrays[name][start:stop], self.places)) for name in names}, rows
        )


class ArrayPartition:
    """Leading indices ``start`` to ``stop``."""

    def __init__(self, table: ArrayTable, start: int, stop: int) -> None:
        self._table, self._start, self._stop = table, start, stop
        self.rows: int | None = (stop - start) * table.samples
        self.size = (stop - start) * table.samples

    def batches(self, needs: Mapping[str, Need]) -> Iterator[Batch]:
        """Yield the rows in batches of whole leading indices."""
        step = max(1, min(BATCH_ROWS, BATCH_BYTES // self._table.bytes_each) // self._table.samples)
        for start in range(self._start, self._stop, step):
            yield self._table.batch(start, min(self._stop, start + step), needs)


def open_npy(path: str) -> ArrayTable:
    """Open a .npy file, memory-mapped. Raises UnreadableFile for object arrays, empty ones and damaged files."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except _DAMAGE as error:
        raise _unreadable(path, error) from error
    return _table(path, "npy", {"values": array}, named=False)


def open_npz(path: str) -> ArrayTable:
    """Open a .npz archive of arrays with the same first axis; its members are decompressed into memory."""
    try:
        # Opened here: where the archive is damaged, np.load leaves open what it opened.
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except _DAMAGE as error:
        raise _unreadable(path, error) from error
    if not arrays:
        raise UnreadableFile("there is no array in it", code="no_rows", where=Where(path))
    positional = all(re.fullmatch(r"arr_[0-9]+", name) for name in arrays)  # what np.savez calls arrays without names
    return _table(path, "npz", arrays, named=not positional)


def of_array(array: Array, role: str, decisions: tuple[Decision, ...] = ()) -> ArrayTable:
    """Return an array in memory as a table; ``role`` is what messages call it, and its column."""
    table = _table(role, "memory", {role: array}, named=False)
    return table._replace(decisions=(*decisions, *table.decisions)) if decisions else table


def of_arrays(arrays: Mapping[str, Array], role: str) -> ArrayTable:
    """Return arrays in memory as a table, as those of an .npz."""
    return _table(role, "memory", arrays, named=True)


def laid_out_like(labels: Table, places: tuple[int, ...]) -> Table:
    """Return label arrays (N, d1, …) with a row for each place, if the predictions (N, C, d1, …) have such places.

    On their own, two axes of whole numbers are taken for a number for every class.
    """
    if not isinstance(labels, ArrayTable) or labels.places == places:
        return labels
    if all(array.shape[1:] == places for array in labels.arrays.values()):
        return _laid_out(labels.path, labels.format, labels.arrays, places, named=labels.named)
    return labels


def _table(path: str, form: str, arrays: Mapping[str, Array], *, named: bool) -> ArrayTable:
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
    largest = max(arrays.values(), key=lambda array: array.ndim)
    return _laid_out(path, form, arrays, largest.shape[2:], named=named)


def _check_kind(path: str, name: str, array: Array) -> None:
    """Refuse what holds neither numbers nor names: complex numbers, records, dates, bytes of a damaged archive."""
    kind = getattr(array, "dtype", None)
    names = kind is not None and kind.kind in "US" and array.ndim == 1
    if not names and (kind is None or kind.kind not in "fiub"):
        raise UnreadableFile(
            f"holds neither numbers nor names in {name!r} ({kind or 'no array'}{getattr(array, 'shape', '')})",
            code="array_kind",
            where=Where(path),
            hint="save scores as float, labels as integers or a list of strings",
        )


def _laid_out(path: str, form: str, arrays: Mapping[str, Array], places: tuple[int, ...], *, named: bool) -> ArrayTable:
    for name, array in arrays.items():
        if array.ndim > 1 and array.shape[1:] != places and array.shape[2:] != places:
            raise UnreadableFile(
                f"array {name!r} of shape {array.shape} does not fit the places {places} of the largest one",
                code="arrays_differ",
                where=Where(path),
                hint=f"expected one entry for each sample, place or class: (N,), (N, {', '.join(map(str, places))}) …",
            )
    columns = tuple(
        column_of(pa.field(name, _as_arrow(_samples(array[:1], places)).type)) for name, array in arrays.items()
    )
    return ArrayTable(path, form, arrays, named, places, columns, decisions=_class_axis(arrays, places))


def _class_axis(arrays: Mapping[str, Array], places: tuple[int, ...]) -> tuple[Decision, ...]:
    """Return the decision that axis 1 holds the classes, a guess where the last axis could as well.

    It could where the labels have the same shape either way, unless probabilities say along which axis they sum to 1.
    """
    scores = next((array for array in arrays.values() if array.ndim == 2 + len(places)), None)
    if not places or scores is None:
        return ()
    evidence = f"shape {scores.shape}: axis 1 holds the classes, as in torch, and each of the other places is a sample"
    guess = scores.shape[1:-1] == places and not _sums_to_one(scores[:_FEW])
    if guess:
        evidence += "; the last one is as long and could, too: one row for each place (n, C) leaves nothing to guess"
    return (Decision("class axis", "1", How.DETECTED, evidence, guess=guess),)


def _sums_to_one(scores: Array) -> bool:
    """Whether probabilities sum to 1 over axis 1, and not over the last one."""
    over_classes, over_places = (np.abs(scores.sum(axis=axis, dtype=np.float64) - 1.0).max() for axis in (1, -1))
    return bool(over_classes <= _ROUNDING < over_places)


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


def _as_arrow(array: Array) -> Any:
    """Return an Arrow array over the same memory where it can be. pa.array would import pandas."""
    if array.dtype.kind in "US":
        return texts_array([t if isinstance(t, str) else t.decode("utf-8", "replace") for t in array.tolist()])
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    if array.dtype.kind == "f" and array.dtype.itemsize > np.dtype(np.float64).itemsize:
        array = array.astype(np.float64)  # long doubles
    native = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    flat = pa.Array.from_buffers(pa.from_numpy_dtype(native.dtype), native.size, [None, buffer_of(native.reshape(-1))])
    return flat if native.ndim == 1 else pa.FixedSizeListArray.from_arrays(flat, native.shape[1])


def _unreadable(path: str, error: Exception) -> UnreadableFile:
    reason = " ".join(str(error).split())[:160]
    if any(word in reason for word in ("pickle", "Object arrays", "Python objects")):
        return UnreadableFile(
            "holds Python objects, which only running code could read: celoss never does",
            code="object_array",
            where=Where(path),
            hint="save it with a number or string dtype",
        )
    return UnreadableFile(
        f"is not a readable NumPy file: {reason}",
        code="unreadable_array",
        where=Where(path),
        hint="the file may be truncated: write it again",
    )
