"""A batch takes the memory of one file: what was read of a file is gone when the next one is read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from running import SCRIPT, write

if not hasattr(os, "wait4"):
    pytest.skip("needs what POSIX says of a process that has ended", allow_module_level=True)

ROWS = 30_000  # 1.4 MiB of text


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A hundred names of one file of 1.4 MiB, and 220 of one of twenty rows."""
    home = tmp_path_factory.mktemp("many")
    draw = np.random.default_rng(18)
    y = draw.integers(0, 2, ROWS)
    p = np.clip(0.5 + 0.3 * (y - 0.5) + draw.normal(0.0, 0.1, ROWS), 0.01, 0.99)
    lines = [f"{label},{score!r},{1 - score!r}\n" for label, score in zip(y.tolist(), p.tolist(), strict=True)]
    write(home, {"large": "y,p_1,p_0\n" + "".join(lines), "small": "y,p_1,p_0\n" + "".join(lines[:20])})
    for kind, count in (("large", 100), ("small", 220)):
        for place in range(count):
            (home / f"{kind}-{place}.csv").hardlink_to(home / kind)
    return sorted(home.glob("*.csv"))


# A process begins with the peak of the one that starts it: that has to be a small one.
STARTER = """
import os, sys
silent = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
number = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silent)
_, status, usage = os.wait4(number, 0)
assert os.waitstatus_to_exitcode(status) == 0
print(usage.ru_maxrss)
"""


def peak(files: list[Path], *options: str) -> float:
    """Return the largest memory of a run, in MiB."""
    command = [sys.executable, "-S", "-c", STARTER, SCRIPT, "batch", *map(str, files), "--threads", "2", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = int(done.stdout) / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    assert found < 90.0, "Python, NumPy and one file"
    return found


@pytest.mark.parametrize("options", [("-q",), ("--format", "json")])
def test_files_are_not_kept(files: list[Path], options: tuple[str, ...]) -> None:
    large = [path for path in files if path.name.startswith("large")]
    few, many = peak(large[:4], *options), peak(large, *options)
    assert many - few < 12.0, "of 130 MiB that were read"


def test_a_result_is_small(files: list[Path]) -> None:
    small = [path for path in files if path.name.startswith("small")]
    few, many = peak(small[:20]), peak(small)
    assert (many - few) * 1024 < 200 * 48, "KiB for each"
