"""NumPy's files: .npy is mapped into memory, .npz read. Object arrays are refused: reading them would run code."""

from __future__ import annotations

import errno
import re
import tokenize
import zipfile
import zlib
from collections import Counter
from pathlib import Path

import numpy as np

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spelling import listed
from celoss_cli.tables.arrays import ArrayTable, table_of
from celoss_cli.tables.class_names import with_class_names
from celoss_cli.tables.parsed_as_python import as_data
from celoss_cli.tables.splits import chosen_arrays

_DAMAGE = (
    ValueError, OSError, EOFError, KeyError, TypeError, SyntaxError, MemoryError, RuntimeError, ArithmeticError,
    zlib.error, zipfile.BadZipFile, tokenize.TokenError,
)  # fmt: skip
"""What NumPy, zipfile and zlib raise for a file that is damaged, or made to look like one of theirs."""

_ROOM = 1 << 24  # bytes: for less there is always memory, and a header that asks for more is damaged

_ANYHOW = ReadOptions()


def open_npy(path: str, options: ReadOptions = _ANYHOW) -> ArrayTable:  # noqa: ARG001  as every reader is called
    """Open a .npy file, memory-mapped. Raises UnreadableFile for object arrays, empty ones and damaged files."""
    try:
        with as_data():
            array = np.load(path, mmap_mode="r", allow_pickle=False)
    except _DAMAGE as error:
        raise _unreadable(path, error) from error
    if array.dtype.names is not None and array.ndim == 1:
        return table_of(path, "npy", {name: array[name] for name in array.dtype.names}, named=True)
    return table_of(path, "npy", {"values": array}, named=False)


def open_npz(path: str, options: ReadOptions = _ANYHOW) -> ArrayTable:
    """Open a .npz archive; the arrays of it that are meant have the same first axis. It is decompressed into memory."""
    try:
        # Opened here: where the archive is damaged, np.load leaves open what it opened.
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            twice = [name for name, count in Counter(archive.files).items() if count > 1]
            with as_data():
                arrays = {name: archive[name] for name in archive.files}
    except _DAMAGE as error:
        raise _unreadable(path, error) from error
    if twice:
        raise UnreadableFile(
            f"holds {listed(twice)} twice, and nothing says which of them is meant",
            code="duplicate_arrays",
            where=Where(path),
            hint="write it again",
        )
    if not arrays:
        raise UnreadableFile("there is no array in it", code="no_rows", where=Where(path))
    positional = all(re.fullmatch(r"arr_[0-9]+", name) for name in arrays)  # what np.savez calls arrays without names
    chosen, decisions = chosen_arrays(arrays, options, path)
    return with_class_names(table_of(path, "npz", chosen, decisions, named=not positional), arrays)


def _unreadable(path: str, error: Exception) -> Exception:
    """Return what is said of a file that NumPy does not read: where it is large, a lack of memory stays one."""
    lacking = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
    if lacking and _bytes_held(path) > _ROOM:
        return error
    reason = " ".join(str(error).split())[:160]
    with Path(path).open("rb") as file:
        if file.read(2) not in (b"\x93N", b"PK"):
            reason = "it does not begin like one"  # NumPy takes it for a pickle
    if any(word in reason for word in ("pickle", "Object arrays", "Python objects")):
        return UnreadableFile(
            "holds Python objects, which only running code could read: celoss never does",
            code="object_array",
            where=Where(path),
            hint="save it with a number or string dtype",
        )
    if "'<f1'" in reason:  # what ml_dtypes calls float8_e5m2
        return UnreadableFile(
            "holds float8, a type that NumPy has not",
            code="array_kind",
            where=Where(path),
            hint="save it as float32: array.astype(numpy.float32)",
        )
    return UnreadableFile(
        f"is not a readable NumPy file: {reason}",
        code="unreadable_array",
        where=Where(path),
        hint="the file may be truncated: write it again",
    )


def _bytes_held(path: str) -> int:
    """Return how many bytes a file holds, unpacked if it is an archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            return sum(member.file_size for member in archive.infolist())
    except (OSError, zipfile.BadZipFile):
        return Path(path).stat().st_size
