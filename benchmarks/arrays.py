"""``evaluate()`` of NumPy arrays: what one call costs, of small arrays in a loop and of large ones.

``python -m benchmarks.arrays`` from the repository root; ``--earlier PYTHON`` is the interpreter of another
installation of celoss, held against this one: both in turn, a process a round, on the same rows. A process makes its
rows, calls once that what is loaded late is loaded, and then measures calls. CPU seconds are the ones to compare where
others use the machine too; the ratio is to those of the earlier one, in the same round.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.data import FEWEST_ROWS, Dataset, Form
from benchmarks.machine import cores, cpu, installed
from benchmarks.measure import run


@dataclass(frozen=True)
class Calls:
    """Arrays of some rows, and how many calls are measured together."""

    rows: int
    classes: int
    calls: int
    bar: float  # the most that a call may cost over the earlier one's

    @property
    def name(self) -> str:
        """``1,000 × 10``."""
        return f"{self.rows:,} × {1 if self.classes == 2 else self.classes}"


WORKS = (Calls(1_000, 10, 300, 0.3), Calls(20_000_000, 2, 3, 0.35), Calls(5_000_000, 10, 3, 0.35))


def measured(rows: int, classes: int, calls: int) -> dict[str, float]:
    """Return the mean wall and CPU seconds of a call, and the mean loss that it found."""
    import numpy as np

    from benchmarks.generate import block
    from celoss_cli import evaluate

    size = 1 << 20
    starts = range(0, rows, size)
    parts = [block(Dataset(Form.NPY, rows, classes), n, min(size, rows - start)) for n, start in enumerate(starts)]
    scores, labels = (np.concatenate(side) for side in zip(*parts, strict=True))
    del parts
    predictions = scores[:, 0].copy() if classes == 2 else scores
    evaluate(predictions[:1_000], labels[:1_000])
    wall, work = time.perf_counter(), time.process_time()
    for _ in range(calls):
        found = evaluate(predictions, labels)
    wall, work = time.perf_counter() - wall, time.process_time() - work
    return {"wall": wall / calls, "cpu": work / calls, "mean": found.loss.mean}


def ran(python: str, work: Calls) -> dict[str, float]:
    """Measure in a process of its own."""
    one = run([python, "-m", "benchmarks.arrays", "call", str(work.rows), str(work.classes), str(work.calls)])
    if one.code:
        raise SystemExit(one.stderr)
    found: dict[str, float] = json.loads(one.stdout)
    return found


def race(work: Calls, earlier: str | None, rounds: int) -> str:
    """Return a line: median milliseconds of a call, and the median of the rounds' ratios."""
    pythons = [sys.executable, *([earlier] if earlier else [])]
    runs: list[list[dict[str, float]]] = [[] for _ in pythons]
    for number in range(rounds):
        for place in range(len(pythons))[:: 1 if number % 2 else -1]:
            runs[place].append(ran(pythons[place], work))
    for ours, theirs in zip(runs[0], runs[-1], strict=True):
        if abs(ours["mean"] - theirs["mean"]) > 1e-9 * abs(ours["mean"]):
            raise SystemExit(f"{work.name}: two means, {ours['mean']!r} and {theirs['mean']!r}")
    wall, used = (1e3 * median(one[what] for one in runs[0]) for what in ("wall", "cpu"))
    line = f"{work.name:16} {wall:9.2f} ms  {used:9.2f} ms CPU"
    if not earlier:
        return line
    pairs = list(zip(runs[0], runs[1], strict=True))
    walls, works = (median(ours[what] / theirs[what] for ours, theirs in pairs) for what in ("wall", "cpu"))
    return f"{line}  {walls:5.2f} x  {works:5.2f} x CPU  (bar {work.bar:g})"


def main() -> None:
    """Race, unless this is one of the processes that it starts."""
    match sys.argv[1:]:
        case ["call", rows, classes, calls]:
            print(json.dumps(measured(int(rows), int(classes), int(calls))))
        case _:
            parser = argparse.ArgumentParser(prog="python -m benchmarks.arrays", description=__doc__)
            parser.add_argument("--earlier", metavar="PYTHON", help="the interpreter of another installation")
            parser.add_argument("--scale", type=float, default=1.0, help="times the rows of large arrays")
            parser.add_argument("--rounds", type=int, default=5)
            chosen = parser.parse_args()
            earlier = None if chosen.earlier is None else str(Path(chosen.earlier).absolute())
            for work in WORKS:
                scaled = work.rows if work.calls > 100 else max(FEWEST_ROWS, round(work.rows * chosen.scale))
                print(race(Calls(scaled, work.classes, work.calls, work.bar), earlier, chosen.rounds), flush=True)
            versions = ", ".join(f"{name} {installed(name)}" for name in ("numpy", "pyarrow"))
            print(f"{cpu()}, {cores()} cores, {versions}; medians of {chosen.rounds} rounds, a call each")


if __name__ == "__main__":
    main()
