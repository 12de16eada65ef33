"""A temporary file for what can be read once only: deleted before it is written where that is possible."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable
from pathlib import Path

from celoss_cli.errors import OutputError, UnreadableFile, Where

_DESCRIPTORS = Path("/proc/self/fd")


def temporary_place() -> str:
    """Return the directory that temporary files are made in. Raises OutputError where none can be written to."""
    try:
        return tempfile.gettempdir()
    except FileNotFoundError:
        raise OutputError(
            "no directory for temporary files can be written to",
            code="no_room",
            hint="set TMPDIR to one that can be",
        ) from None


class TemporaryCopy:
    """A temporary file with a ``path`` to open it by, any number of times.

    On Linux it has no name: even a process that is killed leaves nothing behind. Elsewhere it is deleted when this
    object is, or when Python ends.
    """

    def __init__(self) -> None:
        nameless = _DESCRIPTORS.is_dir()
        make = tempfile.TemporaryFile if nameless else tempfile.NamedTemporaryFile
        self.file = make(
            prefix="celoss-", dir=temporary_place(), buffering=0
        )  # what is written is there for those who open it by name
        self._closing = weakref.finalize(self, self.file.close)
        self.path = str(_DESCRIPTORS / str(self.file.fileno())) if nameless else str(self.file.name)

    def fill(self, chunks: Iterable[bytes], path: str) -> int:
        """Write ``chunks``, which are what ``path`` holds, and return how many bytes they were.

        Raises UnreadableFile where there is no room.
        """
        written = 0
        for chunk in chunks:
            left = memoryview(chunk)
            try:
                while left:  # a full disk takes a part, and refuses the next
                    left = left[self.file.write(left) :]
            except OSError as error:
                raise _no_room(path, error) from error
            written += len(chunk)
        return written


def _no_room(path: str, error: OSError) -> UnreadableFile:
    return UnreadableFile(
        f"cannot be copied to a temporary file: {error.strerror or error}",
        code="no_room",
        where=Where(path),
        hint=f"make room in {temporary_place()}, or set TMPDIR to a directory that has some",
    )
