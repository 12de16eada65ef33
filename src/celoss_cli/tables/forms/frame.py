"""A pandas DataFrame that a library read from a file, as the table of that file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celoss_cli.errors import DataError, UnreadableFile, UsageError, Where
from celoss_cli.request import ReadOptions
from celoss_cli.spelling import in_order, listed
from celoss_cli.tables.memory import MemoryTable, memory_table, with_digits
from celoss_cli.tables.objects.frames import frame_of


def table_of_frame(path: str, form: str, frame: Any, *, named: bool = True) -> MemoryTable:
    """Return a DataFrame as the table of the file. Raises UnreadableFile where it has no rows."""
    if not len(frame):
        raise UnreadableFile("has no rows", code="no_rows", where=Where(path), hint="check the step that writes it")
    if isinstance(frame.index.name, str) and frame.index.name in frame.columns:
        frame = frame.reset_index(drop=True)
    twice = [str(name) for name in frame.columns[frame.columns.duplicated()]]
    if twice:
        raise UnreadableFile(
            f"has several columns of one name: {listed(twice)}",
            code="duplicate_columns",
            where=Where(path),
            hint="rename them where the file is made",
        )
    try:
        found = frame_of(frame, path)
    except UsageError as error:  # as it is said of an object; this is a file
        raise UnreadableFile(
            f"has a column with values of several kinds: {error.message.partition(': ')[2] or error.message}",
            code="mixed_column",
            where=Where(path),
            hint="it may be damaged: write it again, or as CSV",
        ) from error
    assert found is not None, "a DataFrame has columns"
    return with_digits(memory_table(path, form, found.data, named=named))


def chosen_frame(
    frames: Mapping[str, Any], options: ReadOptions, path: str, noun: str, every: Mapping[str, Any] | None = None
) -> Any:
    """Return the one that ``--table`` names, among ``every``, or the only one of ``frames``.

    Raises DataError for a name that is not there, UnreadableFile where there are several and none is named.
    """
    known = frames if every is None else every
    if options.table is not None:
        if options.table not in known:
            raise DataError(
                f"there is no {options.table!r} in it; the {noun} are {in_order(list(known))}",
                code="unknown_table",
                where=Where(path),
                hint="--table takes one of these names",
            )
        return known[options.table]
    if len(frames) == 1:
        return next(iter(frames.values()))
    if not frames:
        raise UnreadableFile("there is no table in it", code="no_rows", where=Where(path), hint="write a data frame")
    raise UnreadableFile(
        f"holds several {noun}: {in_order(list(frames))}",
        code="several_tables",
        where=Where(path),
        hint=f"name one: --table {next(iter(frames))!r}",
    )
