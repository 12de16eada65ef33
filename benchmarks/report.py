"""All that one run of the benchmark found, and its form as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.data import Dataset
from benchmarks.race import NOT_RUN, TOLERANCE, Outcome
from benchmarks.verdict import Growth, Judged, Row


@dataclass(frozen=True)
class Report:
    """One run of the benchmark."""

    machine: Mapping[str, Any]
    scale: float
    rounds: int
    floor: float  # MB: the smallest peak memory that could have been seen
    tools: Sequence[str]
    peers: Sequence[str]
    datasets: Mapping[str, Mapping[str, Outcome]]
    rows: Sequence[Row]
    growth: Sequence[Growth]
    curve: Sequence[tuple[Dataset, Mapping[str, Outcome]]]

    @property
    def skipped(self) -> dict[tuple[str, str], list[str]]:
        """The files on which a tool was not timed, by tool and reason; where celoss was not, only celoss is named."""
        ran = [*self.datasets.items(), *((str(dataset), outcomes) for dataset, outcomes in self.curve)]
        ran += [(f"4 × {one.work.dataset}", {one.after.tool: one.after}) for one in self.growth]
        found: dict[tuple[str, str], list[str]] = {}
        for file, outcomes in ran:
            for tool, outcome in outcomes.items():
                if outcome.problem and outcome.problem != NOT_RUN:
                    files = found.setdefault((tool, outcome.problem), [])
                    files += [file] if file not in files else []
        return found

    def json(self) -> dict[str, Any]:
        """Every number of the run, unrounded."""
        return {
            "schema": "celoss.benchmark",
            "schema_version": "1.0",
            "machine": dict(self.machine),
            "scale": self.scale,
            "rounds": self.rounds,
            "tolerance": TOLERANCE,
            "floor_mb": self.floor,
            "works": [
                {
                    "work": row.work.name,
                    "title": row.work.title,
                    "file": str(row.work.dataset),
                    "rows": row.work.dataset.rows,
                    "celoss": outcome_json(row.celoss),
                    "ratios": {peer: judged_json(one) for peer, one in row.ratios.items()},
                    "peak_mb": judged_json(row.peak),
                }
                for row in self.rows
            ],
            "files": {
                name: {tool: outcome_json(one) for tool, one in outcomes.items()}
                for name, outcomes in self.datasets.items()
            },
            "growth": [
                {
                    "work": one.work.name,
                    "before": outcome_json(one.before),
                    "after": outcome_json(one.after),
                    "ratio": judged_json(one.ratio),
                }
                for one in self.growth
            ],
            "curve": [
                {"rows": dataset.rows, "tools": {tool: outcome_json(one) for tool, one in outcomes.items()}}
                for dataset, outcomes in self.curve
            ],
            "skipped": [{"tool": tool, "reason": why, "files": of} for (tool, why), of in self.skipped.items()],
        }


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """One tool on one file."""
    runs = [{"wall_s": run.wall, "cpu_s": run.cpu, "peak_mb": run.peak / 1e6} for run in outcome.runs]
    return {
        "tool": outcome.tool,
        "mean": outcome.mean,
        "median_s": outcome.seconds,
        "peak_mb": outcome.peak,
        "problem": outcome.problem,
        "runs": runs,
    }


def judged_json(one: Judged) -> dict[str, Any]:
    """A value, its bar, and whether it is met."""
    return {**asdict(one), "met": one.met}
