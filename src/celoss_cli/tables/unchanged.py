"""Whether input files are still what they were when they were opened: a mean over two versions of a file is none."""

from __future__ import annotations

import os
import stat

from celoss_cli.errors import UnreadableFile, Where
from celoss_cli.tables.source import Table
from celoss_cli.tables.views.shards import ShardedTable

Stamp = tuple[int, int, int, int]


class Watch:
    """Remembers device, inode, size and time of change of files, and holds them against what is there later."""

    def __init__(self) -> None:
        self._stamps: dict[str, Stamp] = {}

    def note(self, path: str) -> None:
        """Remember a file, once; what is no regular file (a pipe, a directory, nothing) is not watched."""
        stamp = _stamp(path)
        if stamp is not None:
            self._stamps.setdefault(path, stamp)

    def note_shards(self, table: Table) -> None:
        """Remember the files that a directory or a glob has turned out to be."""
        if isinstance(table, ShardedTable):
            for shard in table.shards:
                self.note(shard.path)

    def check(self) -> None:
        """Raise UnreadableFile for the first file that is gone, or not what it was."""
        for path, stamp in self._stamps.items():
            now = _stamp(path)
            if now != stamp:
                raise UnreadableFile(
                    f"{'vanished' if now is None else 'changed'} while it was being read",
                    code="input_changed",
                    where=Where(path),
                    hint="run again when the step that writes it has ended",
                )


def _stamp(path: str) -> Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116  a path given as text
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
