"""The comparison for a person at a terminal: the verdict, the difference, and where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from celoss_cli.render import numbers
from celoss_cli.render.comparison import reading
from celoss_cli.render.comparison.page import changed
from celoss_cli.render.page import INDENT, LABEL, TITLE, Page, bare, cell, columns
from celoss_cli.render.text import Charset, called
from celoss_cli.results.comparison import ChangedRow, Comparison, ComparisonOutcome
from celoss_cli.results.evaluation import MISSING_SHOWN

MOST_CLASSES = 20

MOST_SLICES = 40

_STYLES = {
    ComparisonOutcome.BETTER: "bold green",
    ComparisonOutcome.NO_WORSE: "green",
    ComparisonOutcome.SAME: "green",
    ComparisonOutcome.UNDECIDED: "bold yellow",
    ComparisonOutcome.WORSE: "bold red",
    ComparisonOutcome.INFINITE: "bold red",
}


def render(comparison: Comparison, *, width: int | None = None, color: bool = False, encoding: str = "utf-8") -> str:
    """Return the comparison as text, fitted to ``width`` columns, or with ``None`` as wide as its content."""
    page = Page(Charset(encoding), width, color)
    for section in (_read, _difference, _verdict, _leaderboard, _rows, _classes, _slices, _changed):
        section(page, comparison)
    page.warnings(comparison.warnings)
    return page.text()


def _read(page: Page, comparison: Comparison) -> None:
    page.opening(comparison.celoss_version)
    page.heading("What was compared")
    specs = (comparison.spec.baseline, comparison.spec.candidate, *comparison.spec.others)
    kinds = [*(spec.reading for spec in specs), ""]  # the labels have none
    table = bare()
    for (name, source), kind in zip(comparison.inputs.by_role, kinds, strict=False):
        path = page.charset.name(called(source.path))
        texts = (name, f"{numbers.count(source.rows)} rows", kind, path)
        table.add_row(*(cell(page.charset.prose(text)) for text in texts))
    table.columns[0].style = LABEL
    page.put(table)
    page.say((reading.pairing(comparison), LABEL))


def _difference(page: Page, comparison: Comparison) -> None:
    big = page.prose((reading.difference(comparison), "bold cyan"))
    lines = [big, *(page.prose((line, "")) for line in reading.spread(comparison))]
    lines.append(page.prose((" · ".join(reading.means(comparison)), LABEL)))
    page.framed(page.prose(("candidate − baseline, mean cross-entropy", TITLE)), lines)


def _verdict(page: Page, comparison: Comparison) -> None:
    verdict = comparison.verdict
    word, _, rest = verdict.text.partition(":")
    page.gap()
    page.say((word, _STYLES[verdict.outcome]), (f":{rest}", ""), indent=0)
    for check, text in reading.gates(comparison):
        style = "bold green" if check.passed else "bold red"
        page.say(("PASS" if check.passed else "FAIL", style), (f"  {text}", ""), indent=0)


def _leaderboard(page: Page, comparison: Comparison) -> None:
    if not comparison.leaderboard:
        return
    page.heading("Leaderboard")
    _, _, *titles = reading.BOARD_TITLES
    lines = reading.board_lines(comparison)
    _put(page, "model", titles, [(f"{rank}  {page.charset.name(path)}", *rest) for rank, path, *rest in lines])
    page.say((reading.board_sentence(comparison), LABEL))


def _rows(page: Page, comparison: Comparison) -> None:
    page.heading("Rows")
    for line in reading.rows(comparison):
        page.say((line, ""))


def _classes(page: Page, comparison: Comparison) -> None:
    held = [row for row in comparison.per_class if row.count]
    shown = sorted(held, key=reading.by_size)[:MOST_CLASSES] if len(held) > MOST_CLASSES else held
    if not shown:
        return
    more = f" ({len(shown)} of {len(held)}, the largest differences first)" if len(shown) < len(held) else ""
    _groups(page, f"By class{more}", "class", [(page.charset.name(row.class_), row) for row in shown])


def _slices(page: Page, comparison: Comparison) -> None:
    for column in dict.fromkeys(row.column for row in comparison.slices):
        rows = [row for row in comparison.slices if row.column == column]
        names = [MISSING_SHOWN if row.value is None else page.charset.name(row.value) for row in rows]
        more = f" ({MOST_SLICES} of {len(rows)})" if len(rows) > MOST_SLICES else ""
        title = f"By {page.charset.name(column)}{more}"
        _groups(page, title, page.charset.name(column), list(zip(names, rows, strict=True))[:MOST_SLICES])


def _groups(page: Page, title: str, name: str, rows: Sequence[tuple[str, reading.Group]]) -> None:
    page.heading(title)
    titles, lines = reading.groups([row for _, row in rows])
    _put(page, name, titles, [(shown, *line) for (shown, _), line in zip(rows, lines, strict=True)])


def _changed(page: Page, comparison: Comparison) -> None:
    sides = (("improved", comparison.change.improved), ("worsened", comparison.change.worsened))
    for word, rows in sides:
        if rows:
            page.heading(f"Rows that {word} most")
            _put(page, "row", *_changed_lines(page, rows))


def _changed_lines(page: Page, rows: Sequence[ChangedRow]) -> tuple[list[str], list[tuple[str, ...]]]:
    titles, lines = changed(rows)
    names = len(titles) - 3
    return titles, [
        (
            numbers.count(row.row),
            *(page.charset.name(text) if text.strip() else " " for text in line[:names]),
            *line[names:],
        )
        for row, line in zip(rows, lines, strict=True)
    ]


def _put(page: Page, name: str, titles: Sequence[str], lines: Sequence[tuple[str, ...]]) -> None:
    """Print a table, or its rows line by line where the page is too narrow for it."""
    table = columns(page, name, *titles)
    for line in lines:
        table.add_row(*(cell(page.charset.prose(text)) for text in line))
    if page.fits(table):
        page.put(table)
        return
    for first, *figures in lines:
        page.say((first, TITLE))
        pairs = (f"{title} {figure}" for title, figure in zip(titles, figures, strict=True) if figure.strip())
        page.say((" · ".join(pairs), LABEL), indent=INDENT + 2)
