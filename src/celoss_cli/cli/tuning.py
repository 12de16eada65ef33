"""Settings of the process that make blocks of rows cheap: for the command line only, not where we are a library."""

from __future__ import annotations

import gc
import sys

from celoss_cli.engine.memory import keep_freed_memory

_SWITCH_INTERVAL = 1e-4

_GARBAGE = 50_000


def tune_process() -> None:
    """Keep freed memory, let threads take turns often, and collect garbage, but not among imported modules.

    A block of rows makes and frees some forty arrays. By default glibc gives them back to the kernel each time, which
    hands out the same pages again, cleared: on 20 million rows 500,000 page faults, and half of the time. What a thread
    has freed is for the next one that asks, not in an arena of its own. And a thread
    that comes back from an operation of 10 µs waits up to 5 ms for the other to let go of the interpreter.
    """
    gc.freeze()
    gc.set_threshold(_GARBAGE)
    gc.enable()
    sys.setswitchinterval(_SWITCH_INTERVAL)
    keep_freed_memory()
