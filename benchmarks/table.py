"""A run as text: for a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from benchmarks.race import TOLERANCE, Outcome
from benchmarks.report import Report
from benchmarks.tools import PEERS
from benchmarks.verdict import Judged, Row
from benchmarks.work import EARLIER

Grid = list[list[str]]
NOTHING = "–"


def judged(one: Judged, digits: int) -> str:
    """``0.61 ≤ 0.75 ✓``: the value, its bar if there is one, and whether it is met."""
    if one.value is None:
        return NOTHING
    value = f"{one.value:.{digits}f}"
    return value if one.bar is None else f"{value} ≤ {one.bar:g} {'✓' if one.met else '✗'}"


def ratios(report: Report) -> Grid:
    """One line for each work: celoss's time over each peer's, and celoss's peak memory."""
    titles = {peer.name: peer.title for peer in PEERS} | {EARLIER: "earlier celoss"}
    head = ["work", "rows", "celoss, s", *(f"/ {titles[peer]}" for peer in report.peers), "peak, MB"]
    return [head, *(ratio_line(row, report.peers) for row in report.rows)]


def ratio_line(row: Row, peers: Sequence[str]) -> list[str]:
    """The cells of one work."""
    dataset = row.work.dataset
    size = f"{dataset.rows:,} × {dataset.columns}"
    cells = [judged(row.ratios.get(peer, Judged(None, None)), 2) for peer in peers]
    return [row.work.title, size, number(row.celoss.seconds, 2), *cells, judged(row.peak, 0)]


def absolutes(report: Report) -> Grid:
    """One line for each file: median seconds and peak MB of every tool."""
    head = ["file", *report.tools]
    return [head, *([name, *cells(outcomes, report.tools)] for name, outcomes in report.datasets.items())]


def cells(outcomes: Mapping[str, Outcome], tools: Sequence[str]) -> list[str]:
    """``1.41 s, 212 MB`` of each tool."""
    ran = {name: outcome for name, outcome in outcomes.items() if outcome.runs}
    return [f"{ran[name].seconds:.2f} s, {ran[name].peak:.0f} MB" if name in ran else NOTHING for name in tools]


def growth(report: Report) -> Grid:
    """One line for each work: celoss's peak memory now and on four times the rows."""
    lines = [
        [one.work.title, number(one.before.peak, 0), number(one.after.peak, 0), judged(one.ratio, 3)]
        for one in report.growth
    ]
    return [["work", "peak, MB", "4 × the rows", "ratio"], *lines]


def number(value: float | None, digits: int) -> str:
    """A number, or a dash."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def notes(report: Report) -> list[str]:
    """How to read the tables, on what machine they were made, and what is missing from them."""
    machine = report.machine
    versions = ", ".join(f"{package} {version or 'missing'}" for package, version in machine["versions"].items())
    at = f" at {machine['commit']}" if machine["commit"] else ""
    lines = [
        f"Ratios are celoss's wall time over the peer's, medians of {report.rounds} paired rounds of whole processes; "
        "≤ is the bar, ✓ met, ✗ not met. Peak memory is resident, mapped files included, the highest of the rounds, "
        "in 10^6 bytes.",
        f"Every mean agrees with the one known from making the data to {TOLERANCE:g}, relative; all compute in double "
        "precision. Peers compute the mean alone, as celoss -q does, but for the calibration libraries; the report is "
        "all that celoss shows by default.",
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; "
        f"load before the run {machine['load_before']}.",
        f"Python {machine['python']}, {versions}{at}.",
    ]
    if report.scale != 1:
        lines.append(f"The rows are scaled by {report.scale:g}: the bars are meant for the full size.")
    lowest = min((one.peak for of in report.datasets.values() for one in of.values() if one.peak), default=None)
    if lowest is not None and report.floor >= 0.9 * lowest:
        lines.append(f"No peak below {report.floor:.0f} MB can be seen: the parent was as large itself.")
    for (tool, why), files in report.skipped.items():
        lines.append(f"Not timed: {tool} on {', '.join(files)}: {why}")
    return lines


def sections(report: Report) -> list[tuple[str, Grid]]:
    """The tables with their titles."""
    tables = [("Against the bars", ratios(report)), ("Time and memory of each", absolutes(report))]
    if report.growth:
        tables.append(("Memory on four times the rows", growth(report)))
    return tables


def text(report: Report) -> str:
    """For a terminal."""
    return layout(report, lambda title: title, plain, "\n".join)


def markdown(report: Report) -> str:
    """For documentation."""
    return layout(report, lambda title: f"## {title}\n", piped, lambda lines: "\n".join(f"- {line}" for line in lines))


def layout(
    report: Report,
    heading: Callable[[str], str],
    grid: Callable[[Grid], str],
    listing: Callable[[list[str]], str],
) -> str:
    """The tables, then the notes."""
    parts = [f"{heading(title)}\n{grid(rows)}" for title, rows in sections(report)]
    return "\n\n".join([*parts, listing(notes(report))]) + "\n"


def plain(grid: Grid) -> str:
    """Columns padded to their widest cell; the first to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if k else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in grid
    )


def piped(grid: Grid) -> str:
    """A Markdown table."""
    rule = ["---", *("--:" for _ in grid[0][1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in [grid[0], rule, *grid[1:]])
