"""One process, measured: wall time, CPU time and peak memory.

The kernel hands a parent's peak memory on to the child that it spawns, so no child can be seen to need less than this
process has ever held. Therefore the parent stays small (nothing here imports NumPy), and ``floor`` says how small.
What a child's own children held counts when it was more than the child itself held; it is not added.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import IO


@dataclass(frozen=True)
class Run:
    """What one process took and said."""

    wall: float  # seconds
    cpu: float  # seconds, user and system
    peak: int  # bytes, resident, pages of mapped files included
    code: int  # exit code; negative: the signal that ended it
    stdout: str
    stderr: str


def run(command: Sequence[str]) -> Run:
    """Run a command to its end, with nothing to read and files to write to."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        program = which(command[0]) or command[0]
        actions = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, out.fileno(), 1),
            (os.POSIX_SPAWN_DUP2, err.fileno(), 2),
        ]
        start = time.perf_counter()
        child = os.posix_spawn(program, list(command), os.environ, file_actions=actions)
        try:
            _, status, usage = os.wait4(child, 0)
        except BaseException:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
        wall = time.perf_counter() - start
        return Run(
            wall,
            usage.ru_utime + usage.ru_stime,
            usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
            os.waitstatus_to_exitcode(status),
            text(out),
            text(err),
        )


def text(file: IO[bytes]) -> str:
    """All that was written to a file."""
    file.seek(0)
    return file.read().decode(errors="replace")


def floor() -> int:
    """The peak, in bytes, that a program doing nothing is seen to have: no smaller one can be measured."""
    return run([which("true") or str(Path("/bin/true"))]).peak
