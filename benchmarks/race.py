"""Tools in turn on one dataset: check what each computes, then rounds in which each runs once."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.data import Dataset
from benchmarks.measure import Run, run
from benchmarks.tools import Celoss, Tool

TOLERANCE = 1e-9
"""The most, relative, that a mean may be off: met by any order of double-precision arithmetic, and not by float32."""

NOT_RUN = "not run: celoss did not score the file"


@dataclass(frozen=True)
class Outcome:
    """What one tool did on one dataset."""

    tool: str
    mean: float | None  # None: it computes none, or did not come to it
    problem: str | None  # why it was not timed
    runs: tuple[Run, ...]  # by round, so that equal indices of two tools are a pair
    together: int = 0  # bytes, of the process and its children together; seen in a run that is not timed

    @property
    def seconds(self) -> float | None:
        """Median wall time."""
        return median(one.wall for one in self.runs) if self.runs else None

    @property
    def peak(self) -> float | None:
        """The highest peak memory of any run, in MB (10^6 bytes)."""
        return max(self.together, *(one.peak for one in self.runs)) / 1e6 if self.runs else None


def complaint(failed: Run) -> str:
    """One line about a process that failed: its own error line, else the last thing it said."""
    lines = [line.strip() for line in failed.stderr.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith("error:")), lines[-1] if lines else "no message")
    return f"exit code {failed.code}: {said}"


def check(tool: Tool, dataset: Dataset, files: tuple[Path, ...], truth: float) -> Outcome:
    """Run a tool twice, untimed, which warms what there is to warm, and look at its mean and its memory."""
    problem = tool.unable(dataset)
    if problem is not None:
        return Outcome(tool.name, None, problem, ())
    command = tool.checking(dataset, files)
    first = run(command)
    together = run(tool.command(dataset, files), look=True).peak if first.code == 0 else 0
    if first.code != 0:
        return Outcome(tool.name, None, complaint(first), ())
    try:
        mean = tool.mean(first.stdout)
    except (ValueError, LookupError, TypeError):
        return Outcome(tool.name, None, f"no mean in its output: {first.stdout[:60]!r}", ())
    if mean is not None and not math.isclose(mean, truth, rel_tol=TOLERANCE):
        return Outcome(tool.name, mean, f"wrong: its mean is {mean!r}, not {truth!r}", ())
    return Outcome(tool.name, mean, None, (), together)


def race(tools: Sequence[Tool], dataset: Dataset, directory: Path, rounds: int) -> dict[str, Outcome]:
    """Outcome by tool. In each round another tool starts; where celoss cannot score the file, nobody is timed."""
    files, truth = dataset.files(directory), dataset.mean(directory)
    print(f"{dataset}: checking", file=sys.stderr)
    outcomes: dict[str, Outcome] = {}
    for tool in sorted(tools, key=lambda tool: not isinstance(tool, Celoss)):
        celoss = [outcomes[one.name] for one in tools if isinstance(one, Celoss) and one.name in outcomes]
        if not isinstance(tool, Celoss) and celoss and all(outcome.problem for outcome in celoss):
            outcomes[tool.name] = Outcome(tool.name, None, NOT_RUN, ())
        else:
            outcomes[tool.name] = check(tool, dataset, files, truth)

    ready = [tool for tool in tools if outcomes[tool.name].problem is None]
    runs: dict[str, list[Run]] = {tool.name: [] for tool in ready}
    for number in range(rounds if ready else 0):
        first = number % len(ready)
        for tool in ready[first:] + ready[:first]:
            runs[tool.name].append(run(tool.command(dataset, files)))
        line = " · ".join(f"{name} {of[-1].wall:.2f}" for name, of in runs.items())
        print(f"{dataset}: round {number + 1} of {rounds}, seconds: {line}", file=sys.stderr)

    for name, of in runs.items():
        failed = next((one for one in of if one.code != 0), None)
        checked = outcomes[name]
        if failed is None:
            outcomes[name] = Outcome(name, checked.mean, None, tuple(of), checked.together)
        else:
            outcomes[name] = Outcome(name, checked.mean, complaint(failed), ())
    return outcomes
