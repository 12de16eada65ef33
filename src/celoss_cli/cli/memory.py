"""Too little memory: noticed before libraries are loaded, and recognised in whatever way one of them reports it."""

from __future__ import annotations

import errno
import os

from celoss_cli.errors import DataError

_ROOM = 256 << 20
"""What loading NumPy and Arrow takes. With less, OpenBLAS ends the process with code 1."""

_IN_WORDS = (
    "can't start new thread",
    "Resource temporarily unavailable",
    "failed to map segment",
    "annot allocate memory",
)


def claim_room() -> None:
    """Check that a limit on memory leaves enough for the libraries, before one is loaded. Raises MemoryError if not.

    NumPy's OpenBLAS starts a thread with a buffer for each core, and raises the signal of Ctrl-C where it cannot.
    Nothing here uses these threads, so it gets one, unless the environment says otherwise.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        from resource import RLIM_INFINITY, RLIMIT_AS, getrlimit  # not on Windows
    except ImportError:
        return
    if getrlimit(RLIMIT_AS)[0] != RLIM_INFINITY:
        import mmap

        try:
            mmap.mmap(-1, _ROOM, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS).close()
        except OSError as error:
            raise MemoryError(f"the limit on memory leaves less than {_ROOM >> 20} MiB") from error


def lacks_memory(error: Exception) -> bool:
    """Whether an error means, in one of many wordings, that there is no more memory, or no more threads."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return any(words in str(error) for words in _IN_WORDS)


def no_memory(error: Exception) -> DataError:
    """Return our own error for it."""
    return DataError(
        f"there is not enough memory{f': {error}' if str(error) else ''}",
        code="no_memory",
        hint="fewer threads need less: --threads 1",
    )
