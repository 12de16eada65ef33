"""Which reader a file needs: told by its first bytes, not by its name."""

from __future__ import annotations

import errno
import functools
import stat
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.request import ReadOptions
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tables.text.cells import may_be_several, may_be_written
from celoss_cli.tables.text.known import BLANK, TEXT_FORMATS, open_text

if TYPE_CHECKING:
    from celoss_cli.tables.directory import Part, Parts
    from celoss_cli.tables.object_store import Found, StoredObject

STORES = ("s3://", "gs://")
"""How the paths of objects in a store begin."""

# What is not plain text holds a NUL among its first bytes, or begins like one of these: then ``forms/known.py`` looks.
_NO_TEXT = (
    b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", b"\x93NUMPY", b"PK\x03\x04", b"ORC", b"\x89HDF", b"<stata_dta>", b"$FL",
    b"RDX", b"HEADER RECORD*******LIB", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"FEA1",
    b"Obj\x01", b"SQLite format 3", b"%PDF", b"MATLAB 5.0", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05",
    b'\x04"M\x18', b"\x1f\x9d", b"\x89PNG", b"\xff\xd8\xff", b"GGUF", b"\x08", b"(dp0\n", b"(lp0\n", b"ccopy_reg\n",
    b"cnumpy", b"cpandas", b"x\x01", b"x^", b"x\x9c", b"x\xda", b"\xdc", b"\xdd", b"CDF", b"0" * 20,
    *(bytes((first,)) for first in range(0x81, 0xA0)),  # maps and lists of MessagePack
)  # fmt: skip


_KNOWN = (
    "parquet", "arrow", "npy", "npz", "sparse", "orc", "safetensors", "torch", "hdf5", "excel", "inspect", "stata",
    "spss", "sas", "r",
)  # fmt: skip

FORMATS = (*TEXT_FORMATS, *_KNOWN)
"""What ``--file-format`` takes."""

_STAND_INS = (b"v", b"<", b"")  # how a pointer or a page in place of the file begins: ``stand_ins`` looks closer

STANDARD_INPUT = "-"

_AT_ONCE = 16  # objects of a store that are opened at a time: each takes a few requests, and waits for them


def open_table(path: str, options: ReadOptions) -> Table:
    """Open a file, a directory of shards or a quoted glob of them, or with ``-`` standard input.

    Raises UnreadableFile, or UsageError for an unknown ``--file-format``.
    """
    try:
        return _opened(path, options)
    except RecursionError:
        raise UnreadableFile(
            "its values are nested too deeply to be a table",
            code="bad_json",
            where=Where(path),
            hint="write one record a row, with numbers and texts as its values",
        ) from None


def _opened(path: str, options: ReadOptions) -> Table:
    if options.file_format is not None and options.file_format not in FORMATS:
        raise UsageError(
            f"--file-format {options.file_format} is not known",
            code="unknown_format",
            hint=f"it is one of {', '.join(FORMATS)}",
        )
    if path == STANDARD_INPUT:
        from celoss_cli.tables.standard_input import open_standard_input

        return open_standard_input(options, FORMATS, lambda local: with_structure(_open_file(local, options), options))
    if path.startswith(STORES):
        return _open_stored(path, options)
    if path.startswith("file://"):
        return open_table(_local_path(path), options)
    place = Path(path)
    try:
        place.stat()
    except (OSError, ValueError) as error:  # no such file is said below, when it is clear that it is no glob either
        if getattr(error, "errno", None) not in (errno.ENOENT, errno.ENOTDIR):
            raise _cannot_read(path, error) from error
    if place.is_dir():
        from celoss_cli.tables.directory import parts_in
        from celoss_cli.tables.folders import LocalFolder

        try:
            parts = parts_in(LocalFolder(place), options.split)
        except OSError as error:
            raise _cannot_read(error.filename or path, error) from error
        return _open_shards(path, parts, options)
    if not place.exists() and any(mark in path for mark in "*?["):
        from celoss_cli.tables.directory import parts_of_names
        from celoss_cli.tables.folders import LocalFolder, found_by

        found = found_by(path)
        files = [str(one) for one in found if not one.is_dir()]
        folders = [LocalFolder(one) for one in found if one.is_dir()]
        return _open_shards(path, parts_of_names(files, folders, hidden=place.name[0] in "._"), options)
    return with_structure(_open_file(path, options), options)


def with_structure(table: Table, options: ReadOptions, like: Table | None = None) -> Table:
    """Return a table with vectors in place of cells that hold scores in a shape of their own, if it has such cells.

    ``like`` is the first part of a table in parts, if ``table`` is another.
    """
    known = getattr(table, "sequences_of", None) is not None  # then lists are what they are
    names = {column.name for column in table.columns}
    if known or len(names) < len(table.columns):  # of columns with one name it is said later that they have
        return table
    if not any(_may_have_structure(table, column) for column in table.columns):
        return table
    from celoss_cli.tables.views.structured_columns import with_vectors

    return with_vectors(table, like, options.columns, options.lists)


def _may_have_structure(table: Table, column: Column) -> bool:
    """Whether a column's type, or its first text, can be that of several scores. Cheap: it is asked of every file."""
    if column.kind is Kind.VECTOR:
        of_one = column.width == 1 or (column.width is None and _vector_width(table, column) == 1)
        return of_one or column.name in ("index", "indices")  # which classes the scores beside it are for
    if column.kind is Kind.TEXT:
        text = next((text for text in table.head().texts(column.name) if text), "")
        return may_be_several(text) or may_be_written(text)
    return column.kind is Kind.NESTED


def _vector_width(table: Table, column: Column) -> int:
    from celoss_cli.tables.arrow.batch import vector_width

    return vector_width(table.head().column(column.name))


def _local_path(url: str) -> str:
    """Return the path of a file URL. Raises UsageError for a file on another machine."""
    from urllib.parse import unquote, urlsplit

    parts = urlsplit(url)
    if parts.netloc not in ("", "localhost"):
        raise UsageError(f"{url} is on another machine", code="file_url", hint="file:///PATH has three slashes")
    return unquote(parts.path)


def _open_stored(url: str, options: ReadOptions) -> Table:
    """Open what is in an object store: Parquet where it is, in ranges, and all else as a temporary copy."""
    from celoss_cli.tables.directory import parts_in, parts_of_names
    from celoss_cli.tables.object_store import find_stored

    found = find_stored(url)
    if found.folders and not any(mark in url for mark in "*?["):
        parts = parts_in(found.folders[0], options.split)
    else:
        parts = parts_of_names(found.objects, found.folders, hidden=url.rpartition("/")[2][:1] in ("_", "."))
    return _open_shards(url, parts, options, found)


def _open_object(stored: StoredObject, options: ReadOptions) -> Table:
    from celoss_cli.tables.object_store import store_errors
    from celoss_cli.tables.temporary import TemporaryCopy
    from celoss_cli.tables.views.renamed import renamed

    with store_errors(stored.url), stored.opened() as file:
        is_parquet = file.read(4) == b"PAR1"
    if options.file_format == "parquet" or (is_parquet and options.file_format is None):
        from celoss_cli.tables.arrow.parquet import open_parquet

        return open_parquet(stored.url, stored.opened)
    copy = TemporaryCopy()
    copy.fill(stored.chunks(), stored.url)
    return renamed(copy.path, stored.url, copy, lambda local: _open_file(local, options))


def _open_shards(path: str, parts: Parts, options: ReadOptions, store: Found | None = None) -> Table:
    """Return the parts of a table as one: files of this machine, or objects of a store."""
    from celoss_cli.tables.folders import check_number

    if not parts.files:
        raise UnreadableFile(
            "there is no data file in it" if Path(path).is_dir() or store else "no file matches",
            code="no_files",
            where=Where(path),
            hint="name a file, a directory that holds the parts of one table, or a quoted glob",
        )
    check_number(len(parts.files), path)
    openers = [functools.partial(open_part, part, options, store) for part in parts.files]
    return _joined(path, openers, options, parts, store)


def open_part(part: Part, options: ReadOptions, store: Found | None) -> Table:
    """Open one file of a table, of this machine or of a ``store``."""
    table = _open_file(part.path, options) if store is None else _open_object(store.object(part.path), options)
    if not part.values:
        return table
    from celoss_cli.tables.views.constant import WithConstants

    return WithConstants(table, part.values)


def _joined(
    path: str, openers: Sequence[Callable[[], Table]], options: ReadOptions, parts: Parts, store: Found | None
) -> Table:
    """Return one file's table, or several as the parts of one."""
    if len(openers) == 1:
        return with_structure(openers[0](), options)
    from celoss_cli.tables.views.shards import ShardedTable, first_line, opened_parts

    line_of = first_line if store is None else store.first_line
    with ExitStack() as stack:
        if store is not None:
            openers = _ahead(openers, stack)
        tables, empty = opened_parts(openers, lambda table, first: with_structure(table, options, first), line_of)
    forms = {table.format.partition(".")[0]: table.path for table in reversed(tables)}  # however compressed
    if len(forms) > 1:
        listed = ", ".join(f"{place} is {form}" for form, place in reversed(forms.items()))
        raise UnreadableFile(
            f"its files have different forms: {listed}",
            code="forms_differ",
            where=Where(path),
            hint="a directory or glob has to hold parts of one table; name those that are with a quoted glob",
        )
    return ShardedTable(path, tables, empty, parts.left_out, options.lists)


def _ahead(openers: Sequence[Callable[[], Table]], stack: ExitStack) -> list[Callable[[], Table]]:
    """Return what gives the tables of objects, in their order, while the next ones are opened."""
    from concurrent.futures import ThreadPoolExecutor

    pool = stack.enter_context(ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="celoss"))
    stack.callback(pool.shutdown, wait=False, cancel_futures=True)  # an error: those not begun are not opened
    return [pool.submit(opener).result for opener in openers]


def _open_file(path: str, options: ReadOptions) -> Table:
    start = _first_bytes(path)
    if start.lstrip(BLANK)[:1] in _STAND_INS:
        from celoss_cli.tables.stand_ins import refuse_stand_in

        refuse_stand_in(path)
    unlike_text = options.file_format is None and (b"\0" in start or start.startswith(_NO_TEXT))
    if unlike_text or options.file_format in _KNOWN:
        from celoss_cli.tables.forms.known import open_known

        table = open_known(path, start, options)
        if table is not None:
            return table
    return open_text(path, start, options)


def _first_bytes(path: str) -> bytes:
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise UnreadableFile(
                "is a pipe or a device: it cannot be read twice",
                code="not_a_file",
                where=Where(path),
                hint="write what it gives to a file first, or pipe it into celoss and name it -",
            )
        with Path(path).open("rb") as file:
            return file.read(64)
    except FileNotFoundError as error:
        hint = "check the path; globs need quotes"
        if "://" in path:
            hint = "fetch it to a file first; of addresses s3://, gs:// and file:// are read"
        raise UnreadableFile("there is no such file", code="no_such_file", where=Where(path), hint=hint) from error
    except OSError as error:
        raise _cannot_read(path, error) from error


def _cannot_read(path: str, error: OSError | ValueError) -> UnreadableFile:
    reason = getattr(error, "strerror", None) or str(error)
    return UnreadableFile(
        f"cannot be read: {reason}", code="cannot_read", where=Where(path), hint="check the path and the permissions"
    )
