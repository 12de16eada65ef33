"""Freed memory kept by the process, so that blocks of rows are cheap: of those that work for one run alone."""

from __future__ import annotations

from typing import Any

_TRIM_THRESHOLD = -1  # M_TRIM_THRESHOLD of <malloc.h>

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD

_KEEP = 1 << 28

_ARENA_MAX = -8  # M_ARENA_MAX of <malloc.h>

_ARENAS = 2


def keep_freed_memory() -> None:
    """Raise the thresholds of glibc's malloc, and limit its arenas.

    Other C libraries have no ``mallopt``, and then nothing happens.
    """
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    mallopt(_TRIM_THRESHOLD, _KEEP)
    mallopt(_MMAP_THRESHOLD, _KEEP)
    mallopt(_ARENA_MAX, _ARENAS)


def dask_setup(worker: Any) -> None:  # noqa: ARG001
    """Do so at the start of a worker: what Dask calls in a module that it is told to load first."""
    keep_freed_memory()
