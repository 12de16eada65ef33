"""Damaged files of every form, odd tables and odd documents: each is read, or is one line and code 3; never 70.

    python tests/fuzz/run.py --inputs 100000 --seed 1

Prints how often each exit code came, how many faults there are, which input took longest and which took most memory;
then the seed of each fault. The exit code is 1 if there is one. ``--only SEED`` runs that one and shows it.

A process that dies in the native code of a library is told apart, with the place: that is for the library to mend.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import dataclasses
import faulthandler
import functools
import io
import multiprocessing
import multiprocessing.connection
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.documents import PREDICTIONS, odd_document, sound_documents
from fuzz.mutate import damaged
from fuzz.odd_tables import odd_file
from fuzz.seeds import LABELS, Sound, sound_files

SLOW = 5.0  # seconds
GROWTH = 300 << 10  # KiB that one input may take
PATIENCE = 60.0  # seconds after which a process is ended that cannot be interrupted
EXPECTED = (0, 2, 3)  # 2: what was asked for does not exist for such data, as explain for soft labels
_TOLD = 50_000  # inputs, after which the counts so far are told
_ODD = 0.4  # of the inputs are odd tables, the others damaged files
_OURS = re.compile(
    r"(error|hint|warning|configured|report written|gate failed|interrupted)\b"
    r"|.*: (the baseline was|gate failed)|.* applied to \d+ rows"
    r"|INFO: Instrumenting "  # said by atheris, of what is imported now
)
_OF_LIBRARIES = ("site-packages", "/celoss_cli/tables/arrow/", "/celoss_cli/tables/forms/")
"""Where the native code that died was called from: these rooms of ours have none, and that of Arrow leaves no frame."""

_FRAME = re.compile(r'File "([^"]*)", line (\d+) in (\S+)')
_COMMANDS = (
    ("eval", "-q"), ("eval", "--format", "json"), ("eval", "--strict"), ("inspect",), ("explain", "--format", "json"),
    ("diagnose", "--format", "json"), ("eval", "--per-sample", "rows.csv", "-q"),
)  # fmt: skip


class Fault(NamedTuple):
    """What went wrong with an input."""

    seed: int
    what: str


class Tried(NamedTuple):
    """What an input came to: its exit code, what is wrong or nothing, seconds, and KiB that it took."""

    seed: int
    code: int
    fault: str
    took: float
    grown: int


@dataclasses.dataclass
class Counts:
    """What many inputs came to."""

    codes: collections.Counter[int] = dataclasses.field(default_factory=collections.Counter)
    faults: list[Fault] = dataclasses.field(default_factory=list)
    deaths: list[Fault] = dataclasses.field(default_factory=list)  # in the code of libraries
    slowest: tuple[float, int] = (0.0, 0)
    largest: tuple[int, int] = (0, 0)

    def add(self, tried: Tried) -> None:
        self.codes[tried.code] += 1
        if tried.fault:
            self.faults.append(Fault(tried.seed, tried.fault))
        if tried.fault or self.codes.total() % _TOLD == 0:
            print(self if not tried.fault else self.faults[-1], file=sys.stderr, flush=True)
        self.slowest = max(self.slowest, (tried.took, tried.seed))
        self.largest = max(self.largest, (tried.grown, tried.seed))

    def __str__(self) -> str:
        codes = ", ".join(f"code {code} {count:,}" for code, count in sorted(self.codes.items()))
        return (
            f"{self.codes.total():,} inputs: {codes}; "
            f"{len(self.faults)} faults, {len(self.deaths)} deaths in libraries; "
            f"slowest {self.slowest[0]:.1f} s (input {self.slowest[1]}), "
            f"most memory {self.largest[0] >> 10} MiB (input {self.largest[1]})"
        )


class _TooSlowError(BaseException):
    """Not an Exception: those of a command become its exit code."""


def _stop(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise _TooSlowError


def tried(seeds: range, directory: str) -> Iterator[Tried]:
    """Run inputs one after another in a directory."""
    files = prepared(directory)
    return (one(files, seed) for seed in seeds)


def prepared(directory: str) -> list[Sound]:
    """Make a directory the working one, with what commands need in it; return the sound files."""
    os.chdir(directory)
    warnings.simplefilter("ignore", UserWarning)  # of readers: the console script shows none
    os.environ["SOURCE_DATE_EPOCH"] = "1790000000"  # the same bytes each time
    Path("labels.csv").write_bytes(LABELS)
    files = list(sound_files())
    Path(PREDICTIONS).write_bytes(files[0].content)
    for command in _COMMANDS:  # what is imported only now is no part of the time of an input
        _ended([command[0], PREDICTIONS, *command[1:]])
    files += sound_documents()
    Path("rows.csv").unlink(missing_ok=True)
    return files


def one(files: list[Sound], seed: int) -> Tried:
    """Run the input of a seed."""
    rng = random.Random(seed)
    sound = rng.choice(files)
    content = damaged(sound.content, rng)
    if rng.random() < _ODD:
        sound = sound if sound.commands else odd_file(rng)
        content = odd_document(sound.content, rng) if sound.commands else sound.content
    arguments = command(sound, rng)
    found = examined(sound, content, arguments, seed)
    # Other work on the machine may have been to blame: what is slow is slow twice.
    return found if found.took <= SLOW else examined(sound, content, arguments, seed)


def examined(sound: Sound, content: bytes, arguments: list[str], seed: int = 0) -> Tried:
    """Run a command line on a file with such content, called after what it was made from."""
    Path(name_of(sound)).write_bytes(content)
    held, start = _memory(fresh=True), time.monotonic()
    code, out, err = _ended(arguments)
    took, grown = time.monotonic() - start, _memory() - held
    left = Path("rows.csv").exists()
    with contextlib.suppress(FileNotFoundError):
        Path("rows.csv").unlink()
    wrong = "" if code == 1 and sound.commands else _wrong(code, out, err, left=left, took=took, grown=grown)
    return Tried(seed, code, wrong and f"{' '.join(arguments)}: {wrong}", took, grown)


def name_of(sound: Sound) -> str:
    """Return what the file is called that is made from a sound one."""
    return f"in-{sound.name}"


def command(sound: Sound, rng: random.Random) -> list[str]:
    """Return a command line that reads the file made from a sound one."""
    name = name_of(sound)
    if sound.commands:
        return [part.replace("{}", name) for part in rng.choice(sound.commands)]
    chosen = rng.choice(_COMMANDS)
    return [chosen[0], name, *sound.arguments, *chosen[1:], "--threads", "1"]


@functools.cache
def _commands() -> Any:
    """Return what Typer makes of the program: once, for it takes a quarter of the time of an input."""
    import typer.main

    from celoss_cli.cli.app import app

    return typer.main.get_command(app)


def _ended(arguments: list[str]) -> tuple[int, str, str]:
    """Run a command; return its exit code, −1 where it had no end, and what it wrote to stdout and stderr."""
    from celoss_cli.cli.boundary import exit_code_of

    out, err = io.StringIO(), io.StringIO()
    signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, 4 * SLOW)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = int(exit_code_of(_commands(), arguments))
    except _TooSlowError:
        code = -1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return code, out.getvalue(), err.getvalue()


def _wrong(code: int, out: str, err: str, *, left: bool, took: float, grown: int) -> str:
    """Say what is wrong with how a command ended, or nothing."""
    lines = err.splitlines()
    strange = next((line for line in lines if not _OURS.match(line)), None)
    if code == -1:
        return f"no end after {took:.0f} s"
    if code not in EXPECTED:
        return f"code {code}: {lines[:1]}"
    if code and not lines:
        return f"code {code}, and not a word"
    if strange is not None:
        return f"not ours on stderr: {strange[:120]}"
    if code == 3 and left:
        return "a file is left behind"
    if took > SLOW:
        return f"{took:.1f} s"
    if grown > GROWTH:
        return f"{grown >> 10} MiB more"
    if len(out) + len(err) > 200_000:
        return f"prints {len(out) + len(err):,} characters"
    return ""


def _memory(*, fresh: bool = False) -> int:
    """Return the most memory in KiB that this process has had, where the system can tell since the last fresh look."""
    with contextlib.suppress(OSError):
        if fresh:
            Path("/proc/self/clear_refs").write_text("5")
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class _Worker:
    """A process that tries inputs one after another and tells of each; it may die, or never end."""

    def __init__(self, seeds: range) -> None:
        self.left = seeds
        self.heard_at = time.monotonic()
        self._directory = tempfile.TemporaryDirectory()
        self._crash = tempfile.NamedTemporaryFile()  # noqa: SIM115  closed with the worker
        fork = multiprocessing.get_context("fork")
        self.answers, told = fork.Pipe(duplex=False)
        self._process = fork.Process(target=self._work, args=(told,))
        self._process.start()
        told.close()

    def _work(self, told: multiprocessing.connection.Connection) -> None:
        faulthandler.enable(self._crash, all_threads=False)
        for result in tried(self.left, self._directory.name):
            told.send(result)

    def hear(self, counts: Counts) -> bool:
        """Take in what was told, if anything; return whether more will come."""
        while self.answers.poll():
            try:
                result = self.answers.recv()
            except EOFError:
                return False
            counts.add(result)
            self.left = range(result.seed + 1, self.left.stop)
            self.heard_at = time.monotonic()
        return time.monotonic() - self.heard_at < PATIENCE

    def end(self, counts: Counts) -> range:
        """End the process; note how it died, if it did, and return the inputs that are left."""
        late = self._process.is_alive() and time.monotonic() - self.heard_at >= PATIENCE
        if late:
            self._process.kill()
        self._process.join()
        self.answers.close()
        crash = Path(self._crash.name).read_text(errors="replace")
        self._crash.close()
        self._directory.cleanup()
        if not self.left:
            return self.left
        seed = self.left.start
        frame = _FRAME.search(crash)
        place = f" in {frame[1]}:{frame[2]} {frame[3]}" if frame else ""
        died = f"the process died, exit code {self._process.exitcode}{place}"
        what = f"no end after {PATIENCE:g} s" if late else died
        foreign = "no Python frame" in crash  # a thread that a library made
        library = (foreign or (frame is not None and any(part in frame[1] for part in _OF_LIBRARIES))) and not late
        fault = Fault(seed, what)
        (counts.deaths if library else counts.faults).append(fault)
        print(fault, file=sys.stderr, flush=True)
        counts.codes[self._process.exitcode or 0] += 1
        return self.left[1:]


def run(inputs: int, seed: int, jobs: int, share: int = 4000) -> Counts:
    """Return what so many inputs come to; a process that dies or never ends is told, and the rest goes on."""
    first = seed * 100_000_000
    left = collections.deque(
        range(start, min(start + share, first + inputs)) for start in range(first, first + inputs, share)
    )
    counts, workers = Counts(), list[_Worker]()
    while left or workers:
        while left and len(workers) < jobs:
            workers.append(_Worker(left.popleft()))
        multiprocessing.connection.wait([worker.answers for worker in workers], timeout=1.0)
        for worker in list(workers):
            if not worker.hear(counts):
                workers.remove(worker)
                if rest := worker.end(counts):
                    left.appendleft(rest)
    return counts


def main() -> int:
    """Print the counts and the faults."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="inputs seed × 10^8 onwards")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", type=int, help="run this input alone")
    given = parser.parse_args()
    if given.only is not None:
        with tempfile.TemporaryDirectory() as directory:
            (result,) = tried(range(given.only, given.only + 1), directory)
            os.chdir("/")
        print(result)
        return 1 if result.fault else 0
    start = time.monotonic()
    counts = run(given.inputs, given.seed, given.jobs)
    print(f"seed {given.seed}, {counts}; {(time.monotonic() - start) / 60:.1f} minutes")
    for fault in (*counts.faults[:60], *counts.deaths[:60]):
        print(*fault)
    return 1 if counts.faults else 0


if __name__ == "__main__":
    sys.exit(main())
