"""Parts of one table that are the same file twice, byte for byte: refused, also where no column names items."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import defaultdict
from collections.abc import Hashable
from typing import BinaryIO

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.layout.cells import has
from celoss_cli.layout.roles import Layout
from celoss_cli.tables.source import Table
from celoss_cli.tables.views.shards import shards_below
from celoss_cli.tables.views.view import View

FEWEST_DIFFERENT = 10
"""So many different scores are not the same in two parts by chance. Small parts of a coarse model may well be alike."""

_BLOCK = 1 << 12

_CHUNK = 1 << 20


def check_same_files(table: Table, layout: Layout) -> None:
    """Raise AmbiguousData for two parts of a table that hold the same bytes, where the labels stand beside the scores.

    Files of this machine are looked into where their sizes are equal: at the start, in the middle and at the end, and
    as a whole where these agree. Parts of which the folders say something else (``week=1``) are told apart by that.
    """
    by_size: dict[Hashable, list[Table]] = defaultdict(list)
    for shard in shards_below(table):
        size = _size(shard.path)
        if size:
            by_size[size, _given(shard)].append(shard)
    for alike in by_size.values():
        if len(alike) > 1:
            _check_alike(table, alike, layout)


def _check_alike(table: Table, shards: list[Table], layout: Layout) -> None:
    """Look into files of one size."""
    seen: dict[bytes, Table] = {}
    for shard in shards:
        blocks = _blocks(shard.path)
        first = seen.setdefault(blocks, shard)
        if first is shard or not blocks or _different_scores(shard, layout) < FEWEST_DIFFERENT:
            continue
        if _same_bytes(first.path, shard.path):
            raise AmbiguousData(
                f"{first.path} and {shard.path} are one file twice, byte for byte: their rows would count twice",
                code="repeated_parts",
                where=Where(table.path),
                hint="take one of them away, or name the parts that belong together with a quoted glob",
            )


def _size(path: str) -> int:
    """Return the bytes of a file of this machine, 0 where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  a path given as text
    except (OSError, ValueError):
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def _given(shard: Table) -> tuple[tuple[str, str | None], ...]:
    """Return what the names of its folders say of the rows of a part."""
    from celoss_cli.tables.views.constant import WithConstants

    while isinstance(shard, View):
        if isinstance(shard, WithConstants):
            return shard.given
        shard = shard.table
    return ()


def _blocks(path: str) -> bytes:
    """Return a hash of what a file holds at start, middle and end, b"" where it cannot be read."""
    found = hashlib.blake2b(digest_size=16)
    try:
        with open(path, "rb") as file:  # noqa: PTH123  a path given as text
            size = os.fstat(file.fileno()).st_size
            for start in (0, size // 2, max(size - _BLOCK, 0)):
                file.seek(start)
                found.update(file.read(_BLOCK))
    except OSError:
        return b""
    return found.digest()


def _same_bytes(path: str, other: str) -> bool:
    """Whether two files are the same; read no further than to their first difference."""
    try:
        with open(path, "rb") as one, open(other, "rb") as two:  # noqa: PTH123  paths given as text
            return _same_rest(one, two)
    except OSError:
        return False


def _same_rest(one: BinaryIO, two: BinaryIO) -> bool:
    while True:
        chunk = one.read(_CHUNK)
        if chunk != two.read(_CHUNK):
            return False
        if not chunk:
            return True


def _different_scores(shard: Table, layout: Layout) -> int:
    """Return how many different scores the first rows of a part have; other columns count where it has no scores."""
    names = [column.name for column in layout.scores if has(shard, column.name)]
    head = shard.head()
    columns = [head.texts(name) for name in names or [column.name for column in shard.columns]]
    return len(set(zip(*columns, strict=True)))
