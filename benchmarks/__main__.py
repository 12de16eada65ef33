"""``python -m benchmarks``: have the data made, let the tools run, print what came of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from contextlib import chdir
from pathlib import Path

from benchmarks import options, plot, table
from benchmarks.data import Dataset, ensure, home
from benchmarks.machine import describe
from benchmarks.measure import floor
from benchmarks.options import Options
from benchmarks.race import Outcome, race
from benchmarks.report import Report
from benchmarks.tools import CELOSS, Celoss, How, Peer, Tool
from benchmarks.verdict import Growth, judge
from benchmarks.work import BINARY, CURVE_ROWS, EARLIER, GROWTH_FACTOR

Races = dict[Dataset, dict[str, Outcome]]


def wanted(chosen: Options) -> dict[Dataset, list[Tool]]:
    """The tools of each file: works on the same file share the peers' runs, so that both are paired with them."""
    found: dict[Dataset, dict[str, Celoss]] = {}
    for work in chosen.works:
        for tool in (work.tool, *([work.earlier(chosen.earlier)] if chosen.earlier else ())):
            found.setdefault(work.dataset, {})[tool.name] = tool
    return {dataset: [*celoss.values(), *peers_of(celoss.values(), chosen)] for dataset, celoss in found.items()}


def peers_of(celoss: Iterable[Celoss], chosen: Options) -> list[Peer]:
    """The peers that do the job of one of these: the mean of the loss, or, on a file for that alone, a diagnosis."""
    diagnosed = all(one.how is How.DIAGNOSE for one in celoss if not one.program)
    return [peer for peer in chosen.peers if peer.diagnoses == diagnosed]


def larger(chosen: Options) -> dict[Dataset, list[Tool]]:
    """Four times each file, for celoss alone."""
    found: dict[Dataset, list[Tool]] = {}
    for work in chosen.works if chosen.growth else ():
        found.setdefault(work.dataset.times(GROWTH_FACTOR), []).append(work.tool)
    return found


def curve(chosen: Options) -> dict[Dataset, list[Tool]]:
    """Binary Parquet files of growing size, for everyone."""
    sizes = (BINARY.times(rows * chosen.scale / BINARY.rows) for rows in CURVE_ROWS if chosen.plot)
    return {dataset: [*CELOSS, *peers_of(CELOSS, chosen)] for dataset in sizes}


def raced(files: Mapping[Dataset, list[Tool]], chosen: Options, before: Races) -> Races:
    """Outcomes on each file; what has been measured before is taken from there."""
    found: Races = {}
    for dataset, tools in files.items():
        known = before.get(dataset, {})
        if not all(tool.name in known for tool in tools):
            ensure([dataset], home(chosen.data))
            with chdir(home(chosen.data)):  # this project's own directory may configure celoss
                known = race(tools, dataset, home(chosen.data), chosen.rounds)
        found[dataset] = known
    return found


def measured(chosen: Options) -> Report:
    """The whole run."""
    machine = describe(package for peer in chosen.peers for package in peer.packages)
    ensure(wanted(chosen), home(chosen.data))
    races = raced(wanted(chosen), chosen, {})
    grown = raced(larger(chosen), chosen, {})
    points = raced(curve(chosen), chosen, races)
    peers = [*([EARLIER] if chosen.earlier else []), *(peer.name for peer in chosen.peers)]
    tools = dict.fromkeys(tool.name for some in (CELOSS, *wanted(chosen).values()) for tool in some)
    growth = [
        Growth(work, races[work.dataset][name], grown[work.dataset.times(GROWTH_FACTOR)][name])
        for work in chosen.works
        if chosen.growth
        for name in [work.tool.name]
    ]
    return Report(
        machine=machine,
        scale=chosen.scale,
        rounds=chosen.rounds,
        floor=floor() / 1e6,
        tools=list(tools),
        peers=peers,
        datasets={str(dataset): outcomes for dataset, outcomes in races.items()},
        rows=[judge(work, races[work.dataset], peers, chosen.earlier) for work in chosen.works],
        growth=growth,
        curve=list(points.items()),
    )


def drawing(report: Report, chosen: Options) -> str:
    """The curve's medians and peaks as SVG."""
    titles = {"celoss": "celoss, report", **{peer.name: peer.title for peer in chosen.peers}}
    seconds: dict[str, list[tuple[float, float]]] = {}
    megabytes: dict[str, list[tuple[float, float]]] = {}
    for dataset, outcomes in report.curve:
        for tool in (name for name in report.tools if name in outcomes):
            outcome = outcomes[tool]
            if outcome.seconds is not None and outcome.peak is not None:
                title = titles.get(tool, tool)
                seconds.setdefault(title, []).append((dataset.rows, outcome.seconds))
                megabytes.setdefault(title, []).append((dataset.rows, outcome.peak))
    title = "Mean cross-entropy of binary float32 probabilities in Parquet, whole processes"
    machine = f"{report.machine['cpu']}, {report.machine['cores']} cores; medians and peaks of {report.rounds} rounds"
    return plot.svg(title, machine, seconds, megabytes)


def save(file: Path | None, text: str) -> None:
    """Write one of the files that were asked for."""
    if file is not None:
        file.write_text(text, encoding="utf-8")


def main() -> int:
    """0 when celoss scored every file that it was given; bars are for people to judge, on a quiet machine."""
    chosen = options.parse(sys.argv[1:])
    report = measured(chosen)
    save(chosen.json, json.dumps(report.json(), indent=2, allow_nan=False) + "\n")
    save(chosen.markdown, table.markdown(report))
    if chosen.plot:
        save(chosen.plot, drawing(report, chosen))
    print(table.text(report), end="")
    return 0 if all(row.celoss.problem is None for row in report.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
