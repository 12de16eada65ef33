"""Damaged files of every form through the commands: each works, or is one line and code 3; never 70, a hang, a flood.

    python tests/fuzz/run.py --inputs 100000 --seed 1

The seed of each fault is printed, and the exit code is 1 if there is one. ``--only SEED`` runs that one and shows it.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import FrameType
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.mutate import damaged
from fuzz.seeds import LABELS, Sound, sound_files

SLOW = 5.0  # seconds
GROWTH = 300 << 10  # KiB that one input may take beyond what the process has had
EXPECTED = (0, 2, 3)
_OURS = re.compile(r"(error|hint|warning|configured|report written|gate failed|interrupted)\b|[^ ]*: the baseline was")
_COMMANDS = (
    ("eval", "-q"), ("eval", "--format", "json"), ("eval", "--strict"), ("inspect",), ("explain", "--format", "json"),
    ("diagnose", "--format", "json"), ("eval", "--per-sample", "rows.csv", "-q"),
)  # fmt: skip


class Fault(NamedTuple):
    """What went wrong with an input."""

    seed: int
    what: str


class _TooSlowError(Exception):
    pass


def _stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise _TooSlowError


def tried(seeds: range) -> tuple[collections.Counter[int], list[Fault]]:
    """Return how often each exit code came, and the faults."""
    files = list(sound_files())
    codes: collections.Counter[int] = collections.Counter()
    faults: list[Fault] = []
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        Path("labels.csv").write_bytes(LABELS)
        for seed in seeds:
            code, fault = one(files, seed)
            codes[code] += 1
            if fault:
                faults.append(Fault(seed, fault))
        os.chdir("/")
    return codes, faults


def one(files: list[Sound], seed: int) -> tuple[int, str]:
    """Run one input; return the exit code, and what is wrong or nothing."""
    from celoss_cli.cli.app import app
    from celoss_cli.cli.boundary import exit_code_of

    rng = random.Random(seed)
    sound = rng.choice(files)
    command = rng.choice(_COMMANDS)
    name = f"in-{sound.name}"
    Path(name).write_bytes(damaged(sound.content, rng))
    arguments = [command[0], name, *sound.arguments, *command[1:], "--threads", "1"]
    said = f"{' '.join(arguments)}"
    out, err = io.StringIO(), io.StringIO()
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, 4 * SLOW)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = int(exit_code_of(app, arguments))
    except _TooSlowError:
        return -1, f"{said}: no end after {4 * SLOW:g} s"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    took, grown = time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    lines = err.getvalue().splitlines()
    strange = next((line for line in lines if not _OURS.match(line)), None)
    if code not in EXPECTED:
        return code, f"{said}: code {code}: {lines[:1]}"
    if code and not lines:
        return code, f"{said}: code {code}, and not a word"
    if strange is not None:
        return code, f"{said}: not ours on stderr: {strange[:120]}"
    if code == 3 and "rows.csv" in arguments and Path("rows.csv").exists():
        return code, f"{said}: a file is left behind"
    if took > SLOW:
        return code, f"{said}: {took:.1f} s"
    if grown > GROWTH:
        return code, f"{said}: {grown >> 10} MiB more"
    if len(out.getvalue()) + len(err.getvalue()) > 200_000:
        return code, f"{said}: prints {len(out.getvalue()) + len(err.getvalue()):,} characters"
    with contextlib.suppress(FileNotFoundError):
        Path("rows.csv").unlink()
    return code, ""


def run(inputs: int, seed: int, jobs: int, share: int = 100) -> tuple[collections.Counter[int], list[Fault]]:
    """Return the exit codes of so many inputs, and the faults; a process that dies is one, of the share it was at."""
    first = seed * 100_000_000
    left = [range(start, min(start + share, first + inputs)) for start in range(first, first + inputs, share)]
    codes: collections.Counter[int] = collections.Counter()
    faults: list[Fault] = []
    while left:
        with ProcessPoolExecutor(jobs, max_tasks_per_child=50) as pool:
            asked = [(part, pool.submit(tried, part)) for part in left]
            left = []
            for part, future in asked:
                try:
                    found, wrong = future.result()
                except BrokenProcessPool:
                    if len(part) == 1:
                        faults.append(Fault(part.start, "the process died"))
                    else:
                        left.append(part)
                    continue
                codes += found
                faults += wrong
        if left:  # one of these kills the process: one at a time now
            left = [range(seed, seed + 1) for part in left[: 2 * jobs] for seed in part] + left[2 * jobs :]
            jobs = 1
    return codes, faults


def main() -> int:
    """Print the counts and the faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="inputs seed × 10^8 onwards")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", type=int, help="run this input alone")
    given = parser.parse_args()
    if given.only is not None:
        codes, faults = tried(range(given.only, given.only + 1))
        print(codes, *faults)
        return 1 if faults else 0
    start = time.monotonic()
    codes, faults = run(given.inputs, given.seed, given.jobs)
    print(", ".join(f"code {code} {count:,}" for code, count in sorted(codes.items())), end="")
    print(f"; {len(faults)} faults; {(time.monotonic() - start) / 60:.1f} minutes")
    for fault in faults[:60]:
        print(*fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
