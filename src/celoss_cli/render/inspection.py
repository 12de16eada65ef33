"""The inspection for a person, and as JSON: files, columns, decisions with their runners-up, the command line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from celoss_cli.render import numbers
from celoss_cli.render.decisions import DecisionLine, show_decisions
from celoss_cli.render.page import INDENT, LABEL, TITLE, Page, cell, headed
from celoss_cli.render.report import Report
from celoss_cli.render.terminal import Surface
from celoss_cli.render.text import Charset, called
from celoss_cli.results.inspection import InspectedColumn, InspectedFile, Inspection

MOST_COLUMNS = 20

LONGEST_EXAMPLE = 60

_DELIMITERS = {"\t": "tab", " ": "blanks", "\x1f": "none"}


def render(inspection: Inspection, *, width: int | None = None, color: bool = False, encoding: str = "utf-8") -> str:
    """Return the inspection as text, fitted to ``width`` columns, or with ``None`` as wide as its content."""
    page = Page(Charset(encoding), width, color)
    page.opening(inspection.celoss_version)
    inputs = inspection.inputs
    for part, file in (("Predictions", inputs.predictions), ("Labels", inputs.labels)):
        if file is not None:
            _file(page, part, file, settled=inspection.error is None)
    decided = [
        DecisionLine(d.what, d.value, "guessed" if d.guess else d.how, d.evidence, d.settled_by, d.runner_up)
        for d in inspection.decisions
    ]
    show_decisions(page, decided)
    page.warnings(inspection.warnings)
    _command(page, inspection)
    return page.text()


class InspectionReport(Report):
    """The parts of an inspection's report: the table and the document."""

    def __init__(self, inspection: Inspection) -> None:
        self.result: Inspection = inspection

    def text(self, surface: Surface) -> str:
        """Return the report for a person."""
        return render(self.result, **surface._asdict())


def _file(page: Page, part: str, file: InspectedFile, *, settled: bool) -> None:
    page.heading(part)
    page.put(Text(page.charset.name(called(file.path))))
    page.say((", ".join(_facts(file)), ""))
    shown = file.columns if len(file.columns) <= MOST_COLUMNS else _first_and_used(file.columns)
    table = headed()
    table.add_column(Text("column"), overflow="fold")
    table.add_column(Text("type"), overflow="fold")
    for title in ("part" if settled else "could be", "holds"):
        table.add_column(Text(title), overflow="fold")
    lines = [(column, _part(column, settled=settled), _holds(page, column)) for column in shown]
    for column, role, held in lines:
        style = "" if column.role is not None or not settled else LABEL
        name = Text(page.charset.name(column.name))
        table.add_row(
            name, cell(page.charset.escaped(column.type)), page.prose((role, "")), page.prose((held, "")), style=style
        )
    page.gap()
    if page.fits(table):
        page.put(table)
    else:
        for column, role, held in lines:
            page.put(Text(page.charset.name(column.name), TITLE))
            page.say((", ".join(text for text in (column.type, role, held) if text), LABEL), indent=INDENT + 2)
    if len(shown) < len(file.columns):
        page.say((f"and {len(file.columns) - len(shown)} more columns, all of them in --format json", LABEL))


def _first_and_used(columns: Sequence[InspectedColumn]) -> list[InspectedColumn]:
    """Return so many columns as can be shown: those that are no predictions first, in file order."""
    others = [column for column in columns if column.role != "prediction"][: MOST_COLUMNS // 2]
    chosen = {column.name for column in others}
    for column in columns:
        if len(chosen) < MOST_COLUMNS:
            chosen.add(column.name)
    return [column for column in columns if column.name in chosen]


def _facts(file: InspectedFile) -> list[str]:
    """Return what a file is, fact by fact."""
    facts = [file.format]
    if file.bytes is not None:
        facts.append(f"{file.bytes:,} bytes")
    if file.rows is not None:
        facts.append(numbers.rows(file.rows))
    if file.parts is not None and file.part is not None:
        facts.append(f"{file.parts:,} {file.part if file.parts != 1 else file.part.removesuffix('s')}")
    if file.compression is not None:
        facts.append(file.compression)
    if file.encoding is not None:
        facts.append(file.encoding)
    if file.delimiter is not None:
        facts.append(f"delimiter {_DELIMITERS.get(file.delimiter, repr(file.delimiter))}")
    if file.decimal is not None:
        facts.append(f"decimal {file.decimal!r}")
    if file.header is not None:
        facts.append("header" if file.header else "no header")
    facts.append("1 column" if len(file.columns) == 1 else f"{len(file.columns):,} columns")
    return facts


def _part(column: InspectedColumn, *, settled: bool) -> str:
    if settled:
        if column.role is not None:
            return column.role if column.class_ is None else f"{column.role} of {column.class_!r}"
        return "; ".join(["not used", *(f"could be {one.part}: {one.reason}" for one in column.possible[:1])])
    return "; ".join(f"{one.part}: {one.reason}" for one in column.possible) or "nothing speaks for it"


def _holds(page: Page, column: InspectedColumn) -> str:
    parts = []
    if column.low is not None and column.high is not None:
        parts.append(f"{column.low:.6g} to {column.high:.6g}")
    if column.examples:
        more = column.distinct is not None and column.distinct > len(column.examples)
        parts.append(", ".join(_example(page, text) for text in column.examples) + (", …" if more else ""))
    if column.range_of is not None and column.low is not None:
        parts[-1] += f" in {column.range_of}"
    if column.nulls:
        parts.append(f"{column.nulls:,} empty")
    if column.distinct is not None:
        told = column.low is not None and column.distinct_of == column.range_of
        parts.append(f"{column.distinct:,} distinct" + ("" if told else f" in {column.distinct_of}"))
    return ", ".join(parts)


def _example(page: Page, text: str) -> str:
    """Return a cell for the table. It may be a whole document: the JSON has all of it."""
    return page.charset.name(text) if len(text) <= LONGEST_EXAMPLE else page.charset.name(text[:LONGEST_EXAMPLE]) + "…"


def _command(page: Page, inspection: Inspection) -> None:
    if inspection.command is None:
        return
    page.heading("To pin all of it down")
    # One line whatever the width, so that it can be copied; a name that cannot be shown has nothing to be pasted.
    page.console.print(Text(page.charset.escaped(inspection.command)), soft_wrap=True)
    if inspection.unpinned:
        page.say((f"No option says: {', '.join(inspection.unpinned)}.", LABEL))
