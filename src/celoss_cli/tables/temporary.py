"""A temporary file for what can be read once only: deleted before it is written where that is possible."""

from __future__ import annotations

import tempfile
from pathlib import Path

_DESCRIPTORS = Path("/proc/self/fd")


class TemporaryCopy:
    """A temporary file with a ``path`` to open it by, any number of times.

    On Linux it has no name: even a process that is killed leaves nothing behind. Elsewhere it is deleted when this
    object is, or when Python ends.
    """

    def __init__(self) -> None:
        nameless = _DESCRIPTORS.is_dir()
        make = tempfile.TemporaryFile if nameless else tempfile.NamedTemporaryFile
        self.file = make(prefix="celoss-")
        self.path = str(_DESCRIPTORS / str(self.file.fileno())) if nameless else str(self.file.name)

    def close(self) -> None:
        """Delete the file."""
        self.file.close()
