"""Lines appended to a file that others append to as well: whole, one after the other, or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from celoss_cli.errors import OutputError, Where


def append_lines(path: str, lines: str) -> None:
    """Append ``lines``, which end in a newline, to a file that is made if it is not there.

    Who appends waits for whoever does so at the time. What a writer that was killed left of a line is closed first, so
    that no line is glued to it; what cannot be written whole is taken back. Raises OutputError.
    """
    data = lines.encode()
    try:
        with open(path, "ab+", buffering=0) as file, _alone(file):  # noqa: PTH123  a path given as text
            end = file.seek(0, os.SEEK_END)
            if end:
                file.seek(end - 1)
                data = data if file.read(1) == b"\n" else b"\n" + data
            try:
                written = 0
                while written < len(data):
                    written += file.write(data[written:])
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), end)
                raise
    except OSError as error:
        raise OutputError(
            f"cannot be appended to: {error.strerror or error}",
            code="output_failed",
            where=Where(path),
            hint="check the space and the permissions",
        ) from error


def read_whole(path: str) -> bytes:
    """Return what a file holds while nobody appends to it. Raises OSError, for a device too, which may have no end."""
    with open(path, "rb") as file, _alone(file, shared=True):  # noqa: PTH123
        if is_device(file):
            raise OSError(errno.EINVAL, "it is a device")
        return file.read()


def is_device(file: IO[Any]) -> bool:
    """Whether an open file is a device, such as a terminal."""
    mode = os.fstat(file.fileno()).st_mode
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


@contextmanager
def _alone(file: IO[Any], *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of a file: the one of writers, or the one that readers share."""
    if sys.platform == "win32":
        import msvcrt

        if shared:  # a lock for reading does not exist there, and a line is written at once
            yield
            return
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        try:
            yield
        finally:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        return
    import fcntl

    fcntl.flock(file.fileno(), fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
