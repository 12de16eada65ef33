"""One process, measured: wall time, CPU time and peak memory.

The kernel hands a parent's peak memory on to the child that it spawns, so no child can be seen to need less than this
process has ever held. Therefore the parent stays small (nothing here imports NumPy), and ``floor`` says how small.
Of a child's own children the kernel reports the largest, not the sum. So ``run`` can also look at all of them together
while they work: each page counts once, however many of them share it. Looking takes time, and such runs are not timed.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
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


def run(command: Sequence[str], *, look: bool = False) -> Run:
    """Run a command to its end, with nothing to read and files to write to.

    ``look``: its peak is that of the process and its children together, where that is more.
    """
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
            together = highest(child) if look else 0
            _, status, usage = os.wait4(child, 0)
        except BaseException:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
        wall = time.perf_counter() - start
        return Run(
            wall,
            usage.ru_utime + usage.ru_stime,
            max(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), together),
            os.waitstatus_to_exitcode(status),
            text(out),
            text(err),
        )


def highest(child: int) -> int:
    """The most bytes that a child and its descendants are seen to hold at once, until it ends; 0 where /proc is not."""
    most = 0
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        most = max(most, sum(map(share, family(child))))
        time.sleep(0.01)
    return most


def family(process: int) -> list[int]:
    """A process and its descendants."""
    found = [process]
    for member in found:
        with suppress(OSError):
            found += map(int, Path(f"/proc/{member}/task/{member}/children").read_text(encoding="ascii").split())
    return found


def share(process: int) -> int:
    """The resident bytes of a process, a page that n processes share counting 1/n."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


def text(file: IO[bytes]) -> str:
    """All that was written to a file."""
    file.seek(0)
    return file.read().decode(errors="replace")


def floor() -> int:
    """The peak, in bytes, that a program doing nothing is seen to have: no smaller one can be measured."""
    return run([which("true") or str(Path("/bin/true"))]).peak
