"""Pieces of arrays that are mapped from files, by plain reads.

To touch mapped memory of a file that another program has cut short ends the whole process, without a word. A read that
comes back short is an error like any other.
"""

from __future__ import annotations

from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from celoss_cli.errors import UnreadableFile, Where

Array = np.ndarray[Any, np.dtype[Any]]

_SPREAD = 2  # a view whose bytes lie over more than that many times their number is read in parts


def unmapped(view: Array) -> Array:
    """Return a view of a mapped file as an array in memory; any other array as it is.

    Raises UnreadableFile where the file has become shorter than the view reaches.
    """
    if not isinstance(view, np.memmap) or view.size == 0:
        return view
    whole = view.base if isinstance(view.base, np.memmap) else view  # what np.memmap made, and ``offset`` is said of
    path = str(view.filename)
    try:
        with Path(path).open("rb", buffering=0) as file:
            return _read(view, file, int(whole.offset) - byte_bounds(whole)[0], path)
    except OSError as error:
        raise UnreadableFile(
            f"cannot be read any more: {error.strerror or error}",
            code="input_changed",
            where=Where(path),
            hint="run again when the step that writes it has ended",
        ) from error


def _read(view: Array, file: FileIO, shift: int, path: str) -> Array:
    """Return a copy of a view; the byte at an address of it is in the file at that address plus ``shift``."""
    first, last = byte_bounds(view)
    if last - first > _SPREAD * view.nbytes and view.ndim > 1:  # one column after the other, as Fortran has them
        axis = int(np.argmax(np.abs(view.strides)))
        parts = [_read(part, file, shift, path) for part in np.moveaxis(view, axis, 0)]
        return np.stack(parts, axis)
    data = np.empty(last - first, dtype=np.uint8)
    file.seek(first + shift)
    if file.readinto(data.data) < data.size:
        raise _shorter(path)
    address: int = view.__array_interface__["data"][0]
    return np.ndarray(view.shape, view.dtype, data, address - first, view.strides)


def refuse_shorter(path: str, size: int) -> None:
    """Raise UnreadableFile where a file has fewer bytes than it had: to be asked right before its memory is touched."""
    try:
        now = Path(path).stat().st_size
    except OSError:  # it has another name by now, or none: what is mapped stays
        return
    if now < size:
        raise _shorter(path)


def _shorter(path: str) -> UnreadableFile:
    return UnreadableFile(
        "became shorter while it was being read",
        code="input_changed",
        where=Where(path),
        hint="run again when the step that writes it has ended",
    )
