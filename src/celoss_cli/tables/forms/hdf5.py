"""HDF5: data sets as arrays, by their paths; those in one piece are mapped into memory, others read as needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import numpy as np

from celoss_cli.errors import DataError, UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spelling import listed
from celoss_cli.tables.arrays import ArrayTable, table_of
from celoss_cli.tables.class_names import with_class_names
from celoss_cli.tables.forms.made import MadeArray
from celoss_cli.tables.missing import needs
from celoss_cli.tables.splits import chosen_arrays

_MOST_AXES = 2

_LARGE = 1 << 30
_BEST_PACKED = 10_000
"""What takes fewer bytes is read however it is packed; no codec makes so many bytes of one but of constants."""


def open_hdf5(path: str, options: ReadOptions) -> ArrayTable:
    """Open the data sets of a file, or with ``--table`` those of a group, or one.

    Raises UnreadableFile where h5py is missing or cannot read it, DataError for a group that is not there.
    """
    with needs("h5py", "hdf5", path, "an HDF5 file", "numpy.savez(FILE, logits=…, labels=…)"):
        import h5py
    try:
        file = h5py.File(path, "r")
    except (OSError, RuntimeError, ValueError) as error:
        raise _unreadable(path, error) from error
    with ExitStack() as stack:
        stack.callback(file.close)
        try:
            sets = _data_sets(path, file, options.table)
            arrays = {name: _array(path, one) for name, one in _with_values(path, sets)}
        except (OSError, RuntimeError, ValueError, TypeError, KeyError) as error:
            raise _unreadable(path, error) from error
        if not arrays:
            raise UnreadableFile("there is no data set in it", code="no_rows", where=Where(path))
        chosen, decisions = chosen_arrays(arrays, options, path)
        table = with_class_names(table_of(path, "hdf5", chosen, decisions, named=True), arrays)
        if any(isinstance(one, MadeArray) for one in chosen.values()):
            stack.pop_all()  # it stays open as long as they are read; the others are in memory, or mapped into it
    return table


def _data_sets(path: str, file: Any, table: str | None) -> dict[str, Any]:
    """Return the data sets by their paths, those of a group or one where it is named."""
    import h5py

    sets: dict[str, Any] = {}
    file.visititems(lambda name, one: sets.__setitem__(name, one) if isinstance(one, h5py.Dataset) else None)
    frame = next((name for name, one in file.items() if "pandas_type" in one.attrs), None)
    if frame is not None:
        raise UnreadableFile(
            f"holds a table as pandas' to_hdf writes it, under {frame!r}",
            code="unknown_format",
            where=Where(path),
            hint=f"write it as Parquet: pandas.read_hdf({path!r}, {frame!r}).to_parquet(…)",
        )
    sets = {name: one for name, one in sets.items() if one.shape is not None and not name.startswith("#")}  # MATLAB's
    sets = {name: one for name, one in sets.items() if not _is_dimension(one)}
    if table is None:
        return sets
    wanted = table.strip("/")
    found = {name: one for name, one in sets.items() if name == wanted or name.startswith(f"{wanted}/")}
    if not found:
        raise DataError(
            f"there is no {table!r} in it; the groups and data sets are {listed(list(file))}",
            code="unknown_table",
            where=Where(path),
            hint="--table takes one of these names, or the way to one inside of them",
        )
    return found


def _is_dimension(one: Any) -> bool:
    """Whether a data set is a dimension of NetCDF that has no values of its own."""
    name = one.attrs.get("NAME", b"")
    return isinstance(name, bytes | str) and "but not a netCDF variable" in str(name)


def _array(path: str, one: Any) -> Any:
    """Return a data set as an array. MATLAB's have their axes the other way round."""
    import h5py

    if h5py.check_string_dtype(one.dtype) is not None:
        return np.array(one.asstr()[()].tolist(), dtype=str)
    if "MATLAB_class" in one.attrs:
        array = one[()].T
        return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array
    offset = one.id.get_offset()
    if offset is not None and one.size and one.chunks is None and not one.external:
        return np.memmap(path, one.dtype, "r", offset, one.shape)
    together = one.chunks[0] if one.chunks else 1

    def read(rows: slice) -> Any:
        try:
            return np.asarray(one[rows])
        except (OSError, RuntimeError, ValueError, TypeError, KeyError) as error:  # a damaged chunk
            raise _unreadable(path, error) from error

    return MadeArray(one.shape, one.dtype, read, together=together)


def _with_values(path: str, sets: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the data sets that have their values, in this file. Raises UnreadableFile for one that may be wanted.

    Images, and what else has more axes than scores have, are passed over.
    """
    for name, one in sets.items():
        fault = _elsewhere(path, one) or _vast(path, one)
        if fault is None:
            yield name, one
        elif one.ndim <= _MOST_AXES:
            raise fault


def _elsewhere(path: str, one: Any) -> UnreadableFile | None:
    """Return the error of a data set whose values are in other files, which nobody named."""
    sources = {source.file_name for source in one.virtual_sources()} if one.is_virtual else set()
    if not one.external and sources <= {".", path}:
        return None
    return UnreadableFile(
        f"the values of {one.name!r} are in another file",
        code="elsewhere",
        where=Where(path),
        hint="write a file that holds them itself, as h5repack does",
    )


def _vast(path: str, one: Any) -> UnreadableFile | None:
    """Return the error of a data set of far more values than its bytes can hold, however well they are packed."""
    stored = one.id.get_storage_size()
    nothing = not stored and one.size and not one.is_virtual
    if not nothing and (one.chunks is None or one.nbytes <= max(_LARGE, _BEST_PACKED * stored)):
        return None
    return UnreadableFile(
        f"{one.name!r} has {one.size:,} values, and {stored:,} bytes are stored for them",
        code="unreadable_hdf5",
        where=Where(path),
        hint="write it again with as many rows as there are",
    )


def _unreadable(path: str, error: Exception) -> UnreadableFile:
    return UnreadableFile(
        f"not a readable HDF5 file: {' '.join(str(error).split())[:160]}",
        code="unreadable_hdf5",
        where=Where(path),
        hint="it may be truncated: compare its size with the original, or write it again",
    )
