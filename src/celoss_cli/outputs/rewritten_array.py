"""Files of arrays written once more with other numbers: .npy, .npz, safetensors and HDF5, each by itself.

A .npy file is written as it is read. Of the others the new numbers are kept in a temporary file first, as the array
need not be the last thing in them.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.outputs.change import Change
from celoss_cli.tables.arrays import ArrayTable
from celoss_cli.tables.mapped import unmapped
from celoss_cli.tables.source import Column, Table
from celoss_cli.tables.temporary import temporary_place

_CELLS = 1 << 20

_COPIED = 1 << 20  # bytes

Array = np.ndarray[Any, np.dtype[Any]]


def rewrite_npy(table: Table, file: BinaryIO, columns: tuple[Column, ...], change: Change) -> None:
    """Write the array of a table, (n,) or (n, C), in its own type where that is a float, else as float64."""
    arrays = _scores(table, columns)
    (array,) = arrays.values()
    kind = array.dtype if array.dtype.kind == "f" else np.dtype(np.float64)
    _write_header(file, kind, array.shape)
    for _, (block,) in _changed(arrays, change):
        file.write(block.astype(kind).tobytes())


def rewrite_npz(table: Table, file: BinaryIO, columns: tuple[Column, ...], change: Change) -> None:
    """Write a .npz archive, its other arrays and how they are packed as they were."""
    with _kept(table, columns, change, whole=True) as new, zipfile.ZipFile(table.path) as source:
        members = {name: _member(source.namelist(), name, table.path) for name in new}
        with zipfile.ZipFile(file, "w") as target:
            for info in source.infolist():
                name = next((name for name, member in members.items() if member == info.filename), None)
                made = zipfile.ZipInfo(info.filename, info.date_time)
                made.compress_type, made.external_attr = info.compress_type, info.external_attr
                with target.open(made, "w", force_zip64=True) as to:
                    if name is None:
                        with source.open(info) as old:
                            shutil.copyfileobj(old, to, _COPIED)
                    else:
                        _write_header(to, new[name].dtype, new[name].shape)
                        _write_numbers(to, new[name])


def rewrite_safetensors(table: Table, file: BinaryIO, columns: tuple[Column, ...], change: Change) -> None:
    """Write a file of tensors: its header and its other tensors as they were."""
    with _kept(table, columns, change) as new, Path(table.path).open("rb") as source:
        start = 8 + int.from_bytes(source.read(8), "little")
        header = json.loads(source.read(start - 8))
        places = {
            start + header[_member(list(header), name, table.path)]["data_offsets"][0]: array
            for name, array in new.items()
        }
        source.seek(0)
        for place in sorted(places):
            _copy(source, file, place - source.tell())
            _write_numbers(file, places[place])
            source.seek(place + places[place].nbytes)
        shutil.copyfileobj(source, file, _COPIED)


def rewrite_hdf5(table: Table, file: BinaryIO, columns: tuple[Column, ...], change: Change) -> None:
    """Write an HDF5 file, all but the numbers of its score data sets as it was: chunks, compression, attributes."""
    import h5py

    with _kept(table, columns, change) as new, tempfile.TemporaryDirectory(dir=temporary_place()) as directory:
        copy = Path(directory, "copy.h5")
        shutil.copyfile(table.path, copy)
        with h5py.File(copy, "r+") as target:
            names: list[str] = []
            target.visit(names.append)
            for name, array in new.items():
                found = target[_member(names, name, table.path)]
                if found.shape != array.shape:
                    raise _not_written(table.path, f"the axes of {name!r} are the other way round, as MATLAB's are")
                for rows in _runs(array.shape):
                    found[rows] = array[rows]
        with copy.open("rb") as done:
            shutil.copyfileobj(done, file, _COPIED)


def _scores(table: Table, columns: tuple[Column, ...]) -> Mapping[str, Any]:
    """Return the arrays of the columns. Raises UnreadableFile for those that cannot be written again."""
    if not isinstance(table, ArrayTable):
        raise AssertionError("whoever calls has looked at the form")
    arrays = {column.name: table.arrays[column.name] for column in columns}
    for name, array in arrays.items():
        if array.ndim > 2:
            raise UnreadableFile(
                "its array has more than two axes",
                code="form_not_written",
                where=Where(table.path, column=name if table.named else None),
                hint="write it as (n, C): p.reshape(-1, C) where the classes are the last axis",
            )
    return arrays


@contextmanager
def _kept(
    table: Table, columns: tuple[Column, ...], change: Change, *, whole: bool = False
) -> Iterator[dict[str, Array]]:
    """Give the new numbers of each array, in its own type; with ``whole``, one that is no float becomes float64.

    Raises UnreadableFile for another one that is no float of NumPy's.
    """
    arrays = _scores(table, columns)
    kept: dict[str, Array] = {}
    with tempfile.TemporaryFile(dir=temporary_place()) as store:
        for name, array in arrays.items():
            kind = array.dtype
            if kind.kind != "f" and not whole:
                shown = "bfloat16" if kind.kind == "V" else str(kind)
                raise _not_written(table.path, f"its scores {name!r} are {shown}, and new ones need floats")
            kind = kind if kind.kind == "f" else np.dtype(np.float64)
            start = store.seek(0, 2)
            store.truncate(start + kind.itemsize * array.size)
            kept[name] = np.memmap(store, kind, "r+", start, array.shape)
        for rows, blocks in _changed(arrays, change):
            for name, block in zip(kept, blocks, strict=True):
                kept[name][rows] = block
        yield kept
        kept.clear()


def _changed(arrays: Mapping[str, Any], change: Change) -> Iterator[tuple[slice, list[Array]]]:
    """Yield runs of rows with the new numbers of each array: one of (n, C), or (n,) each."""
    first = next(iter(arrays.values()))
    for rows in _runs((len(first), max(len(arrays), *first.shape[1:], 1))):
        old = [np.asarray(unmapped(array[rows]), dtype=np.float64) for array in arrays.values()]
        if first.ndim == 2:
            yield rows, [change(old[0].copy(), 1)]
        else:
            yield rows, list(change(np.stack(old), 0))


def _runs(shape: tuple[int, ...]) -> Iterator[slice]:
    step = max(1, _CELLS // max(1, *shape[1:], 1))
    return (slice(start, min(shape[0], start + step)) for start in range(0, shape[0], step))


def _write_header(file: Any, kind: np.dtype[Any], shape: tuple[int, ...]) -> None:
    header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _write_numbers(file: Any, array: Array) -> None:
    for rows in _runs(array.shape):
        file.write(array[rows].tobytes())


def _copy(source: BinaryIO, target: BinaryIO, count: int) -> None:
    while count > 0:
        piece = source.read(min(count, _COPIED))
        target.write(piece)
        count -= len(piece)


def _member(names: list[str], name: str, path: str) -> str:
    """Return what an array is called in its file: it may go by the last part of its name, and without .npy."""
    by_whole = [one for one in names if one.removesuffix(".npy") == name]
    found = by_whole or [one for one in names if one.removesuffix(".npy").rpartition("/")[2] == name]
    if len(found) != 1:
        raise _not_written(path, f"{name!r} is not the name of one array in it")
    return found[0]


def _not_written(path: str, what: str) -> UnreadableFile:
    return UnreadableFile(
        what,
        code="form_not_written",
        where=Where(path),
        hint="write the scores as float32 in a .npy or .npz file first",
    )
