"""Runs that something goes wrong with: a signal, a file cut short, a full disk, a directory that goes, two at once.

    python tests/faults/run.py --runs 500 --seed 1

Each starts with the reports of an earlier run that passed. Afterwards the exit code has to be one of those that the
fault may end with, no verdict of the earlier run may stand, every report has to be whole, and nothing may be left
beside them. The seed of each fault that is found is printed, and the exit code is 1 if there is one.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

SCRIPT = str(Path(sysconfig.get_path("scripts")) / "celoss")
ROWS = 150_000
_LIMIT = 2000  # bytes a file may have where the disk is full
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL)
_REPORTS = ("r.json", "r.xml", "r.md")


class Found(NamedTuple):
    """What a run came to, and what is wrong with that or nothing."""

    code: int
    wrong: str


Fault = Callable[[subprocess.Popen[bytes], Path, random.Random], tuple[int, ...]]
"""Does something to a run in a directory; returns the exit codes that it may end with, besides 0."""


def _wait(rng: random.Random) -> None:
    time.sleep(rng.random() * rng.choice((0.1, 0.5, 1.0)))


def _signal(process: subprocess.Popen[bytes], here: Path, rng: random.Random) -> tuple[int, ...]:  # noqa: ARG001
    number = rng.choice(_SIGNALS)
    _wait(rng)
    process.send_signal(number)
    return (130,) if number == signal.SIGINT else (-number,)


def _cut(process: subprocess.Popen[bytes], here: Path, rng: random.Random) -> tuple[int, ...]:  # noqa: ARG001
    _wait(rng)
    path = here / "in"
    os.truncate(path, rng.randrange(path.stat().st_size))
    return (3,)


def _gone(process: subprocess.Popen[bytes], here: Path, rng: random.Random) -> tuple[int, ...]:  # noqa: ARG001
    _wait(rng)
    shutil.rmtree(here / "out")
    return (3,)


def _nothing(process: subprocess.Popen[bytes], here: Path, rng: random.Random) -> tuple[int, ...]:  # noqa: ARG001
    return (3,)  # the limit on the size of files is fault enough


def _twice(process: subprocess.Popen[bytes], here: Path, rng: random.Random) -> tuple[int, ...]:
    _wait(rng)
    subprocess.run(list(map(str, process.args)), cwd=here, capture_output=True, check=False)  # type: ignore[arg-type]
    return ()


FAULTS: dict[str, Fault] = {"signal": _signal, "cut": _cut, "gone": _gone, "full": _nothing, "twice": _twice}
_CHANCES = {"signal": 6, "cut": 3, "gone": 1, "full": 1, "twice": 1}


def inputs() -> dict[str, bytes]:
    """Return the bytes of a CSV, an .npy of logits and an Arrow file, each of two classes."""
    import io

    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(5)
    scores = rng.random(ROWS).round(6)
    labels = (rng.random(ROWS) < scores).astype(np.int64)
    text = "p,y\n" + "".join(f"{p},{y}\n" for p, y in zip(scores.tolist(), labels.tolist(), strict=True))
    saved, arrow = io.BytesIO(), io.BytesIO()
    np.savez(saved, probs=np.stack([1 - scores, scores], 1), labels=labels)
    table = pa.table({"p": scores, "y": labels})
    with pa.ipc.new_file(arrow, table.schema) as writer:
        writer.write_table(table, 20_000)
    return {"csv": text.encode(), "npz": saved.getvalue(), "arrow": arrow.getvalue()}


def run_one(held: dict[str, bytes], seed: int, here: Path) -> Found:
    """Run celoss once with a fault, in a directory of its own."""
    rng = random.Random(seed)
    out = here / "out"
    out.mkdir()
    (here / "in").write_bytes(held[rng.choice(list(held))])
    stale = '{"verdict": {"passed": true}, "stale": "STALE PASS"}'
    reports = [out / name for name in rng.sample(_REPORTS, rng.choice((1, 2, 3)))]
    for path in reports:
        path.write_text(stale)
    command = [SCRIPT, "eval", "in", "-q", "--max-loss", "9"]
    for path in reports:
        command += ["--report", f"out/{path.name}"]
    rows = out / "rows.csv"
    if rng.random() < 0.3:
        command += ["--per-sample", "out/rows.csv"]
    name = rng.choices(list(_CHANCES), list(_CHANCES.values()))[0]
    limit = _limited if name == "full" else None
    process = subprocess.Popen(command, cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=limit)
    may = FAULTS[name](process, here, rng)
    _, err = process.communicate(timeout=60)
    code, said = process.returncode, f"{name} {' '.join(command[1:])}"
    # Ctrl-C before our first line: nobody can help it. Python's own start has a function called main, too.
    early = code in (1, -2) and not re.search(rb'__main__\.py", line [0-9]+, in main', err)
    if code not in (0, *may) and not early:
        return Found(code, f"{said}: code {code}, {err[-300:]!r}")
    for path in reports if out.exists() else ():
        text = path.read_text()
        started = "STALE" not in text
        if not started and code == 0:
            return Found(code, f"{said}: an old report beside code 0")
        if not started and code == 3 and name != "full":
            return Found(code, f"{said}: an old report beside code 3: {err[-300:]!r}")
        if started and path.suffix == ".json":
            json.loads(text)
        if started and path.suffix == ".xml" and not text.rstrip().endswith("</testsuites>"):
            return Found(code, f"{said}: half a report")
    if out.exists():
        left = [path.name for path in out.iterdir() if path not in (*reports, rows)]
        if left:
            return Found(code, f"{said}: left behind: {left}")
        # A text that is cut between two lines before it is opened is a shorter one.
        if name != "cut" and rows.exists() and len(rows.read_text().splitlines()) != ROWS + 1:
            return Found(code, f"{said}: half of the rows are written")
        if rows.exists() and code == 3:
            return Found(code, f"{said}: rows beside code 3")
    return Found(code, "")


def _limited() -> None:
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LIMIT, _LIMIT))


def run(runs: int, seed: int) -> tuple[collections.Counter[int], list[tuple[int, str]]]:
    """Return the exit codes of so many runs, and what was wrong by seed."""
    held = inputs()
    codes: collections.Counter[int] = collections.Counter()
    wrong: list[tuple[int, str]] = []
    for one in range(seed * 1_000_000, seed * 1_000_000 + runs):
        with tempfile.TemporaryDirectory() as directory:
            found = run_one(held, one, Path(directory))
        codes[found.code] += 1
        if found.wrong:
            wrong.append((one, found.wrong))
    return codes, wrong


def main() -> int:
    """Print the counts and what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    start = time.monotonic()
    codes, wrong = run(given.runs, given.seed)
    print(", ".join(f"code {code} {count}" for code, count in sorted(codes.items())), end="")
    print(f"; {len(wrong)} wrong; {(time.monotonic() - start) / 60:.1f} minutes")
    for one in wrong[:40]:
        print(*one)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
