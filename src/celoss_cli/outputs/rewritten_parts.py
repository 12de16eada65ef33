"""The parts of a table, a directory or a glob of files, written once more as a directory of files of the same names."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from celoss_cli.errors import UnreadableFile, UsageError, Where
from celoss_cli.outputs.change import Change
from celoss_cli.outputs.files import replacing_directory
from celoss_cli.outputs.rewritten import check_form, rewritten
from celoss_cli.tables.folders import DELTA_LOG
from celoss_cli.tables.source import Column, Table
from celoss_cli.tables.views.constant import WithConstants
from celoss_cli.tables.views.in_order import InOrder
from celoss_cli.tables.views.shards import ShardedTable

_MARKS = "*?["

_SAVED = ("state.json", "dataset_info.json")
"""What stands beside the parts of a Hugging Face data set: without it they are not known as one."""


def check_parts(path: str, output: str) -> None:
    """Refuse what is neither a directory nor a glob of files of this machine, and an output inside of the directory."""
    if path == "-" or "://" in path:
        what = "standard input" if path == "-" else "not on this machine, or a URL"
        raise UsageError(
            f"PREDICTIONS is {what}, and what is written stays in the form of a file",
            code="apply_one_file",
            hint="save it as a file first, and name that",
        )
    place = Path(path)
    if not place.exists() and not any(mark in path for mark in _MARKS):
        raise UnreadableFile(
            "there is no such file", code="no_such_file", where=Where(path), hint="check the path; name one file"
        )
    if place.exists() and not place.is_dir():
        raise UsageError(
            "PREDICTIONS is a pipe or a device, and what is written stays in the form of a file",
            code="apply_one_file",
            hint="save it as a file first, and name that",
        )
    if place.is_dir() and (place / DELTA_LOG).exists():
        raise UnreadableFile(
            "is a Delta table, whose log knows the sizes of its files",
            code="form_not_written",
            where=Where(path),
            hint="write its rows as Parquet first",
        )
    if place.is_dir() and Path(os.path.realpath(output)).is_relative_to(os.path.realpath(place)):
        raise UsageError(
            f"{output} is, or is inside of, the directory that is read", code="output_is_input", hint="name another"
        )


def rewritten_parts(
    table: Table, path: str, output: str, columns: tuple[Column, ...], change: Change, check: Callable[[], None]
) -> None:
    """Write each part of ``table`` as ``rewritten`` does, under its own name in the new directory ``output``.

    Parts without rows are copied, and so is what makes a Hugging Face data set of a directory.
    """
    files = [_file(shard) for shard in (table.shards if isinstance(table, ShardedTable) else (table,))]
    empty = table.empty if isinstance(table, ShardedTable) else ()
    root = Path(path) if Path(path).is_dir() else _shared([*(file.path for file in files), *empty])
    for file in files:
        check_form(file, file.path)
    with replacing_directory(output) as directory:

        def place(name: str) -> str:
            made = directory / Path(name).relative_to(root)
            made.parent.mkdir(parents=True, exist_ok=True)
            return str(made)

        for file in files:
            rewritten(file, place(file.path), _of(file, columns), change, lambda: None)
        for name in (*empty, *_beside(root)):
            shutil.copyfile(name, place(name))
        check()


def _file(shard: Table) -> Table:
    """Return a part as the file alone, its columns as they stand in it, without what the names of its folders say."""
    shard = shard.table if isinstance(shard, InOrder) else shard
    return shard.table if isinstance(shard, WithConstants) else shard


def _of(file: Table, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Return the columns as this file has them: whole numbers in one part may be floats in another."""
    own = {column.name: column for column in file.columns}
    return tuple(own[column.name] for column in columns)


def _shared(paths: list[str]) -> Path:
    return Path(os.path.commonpath([os.path.dirname(path) for path in paths]) or ".")  # noqa: PTH120


def _beside(root: Path) -> Iterator[str]:
    if all((root / name).is_file() for name in _SAVED):
        yield from (str(root / name) for name in _SAVED)
