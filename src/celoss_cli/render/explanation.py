"""The explanation for a person, and as JSON: one line a convention, and what gives the number asked for."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from celoss_cli.render import numbers
from celoss_cli.render.page import INDENT, LABEL, TITLE, Page, add_figures, cell, headed, least_width
from celoss_cli.render.report import Report
from celoss_cli.render.terminal import Surface
from celoss_cli.render.text import Charset, called
from celoss_cli.results.explanation import ConventionResult, Expected, Explanation, Reproduction

_ROOM = 24  # columns that a cause needs beside the least a table grants it, to be read with ease

_MOST_NAMED = 8  # ways to a number that are listed; beyond, it says nothing any more


def render(explanation: Explanation, *, width: int | None = None, color: bool = False, encoding: str = "utf-8") -> str:
    """Return the explanation as text, fitted to ``width`` columns, or with ``None`` as wide as its content."""
    page = Page(Charset(encoding), width, color)
    _head(page, explanation)
    _conventions(page, explanation.conventions)
    if explanation.expected is not None:
        _expected(page, explanation.expected, explanation.conventions)
    page.warnings(explanation.warnings)
    return page.text()


class ExplanationReport(Report):
    """The parts of an explanation's report: the table and the document."""

    def __init__(self, explanation: Explanation) -> None:
        self.result: Explanation = explanation

    def text(self, surface: Surface) -> str:
        """Return the report for a person."""
        return render(self.result, **surface._asdict())


def _head(page: Page, explanation: Explanation) -> None:
    spec = explanation.spec
    page.opening(explanation.celoss_version)
    shown = ", ".join(page.charset.name(called(source.path)) for _, source in explanation.inputs.by_role)
    page.say((f"{shown}: {numbers.rows(explanation.rows)}, {spec.reading}", ""), indent=0)


def _conventions(page: Page, results: Sequence[ConventionResult]) -> None:
    page.heading("The same rows under every convention")
    asked = any(result.matches_expected is not None for result in results)
    table = headed()
    table.add_column(Text("convention"), no_wrap=True)
    for title in ("mean", "difference"):
        add_figures(table, title)
    table.add_column(Text("why"), overflow="fold")
    means = [
        numbers.significant(result.mean, 8) + ("" if result.unit == "nats" else f" {result.unit}") for result in results
    ]
    differences = [numbers.signed(result.difference, 3) for result in results]
    for result, mean, difference in zip(results, means, differences, strict=True):
        name = _marked(page, result) if asked else result.name
        style = LABEL if not result.difference and result is not results[0] else ""
        style = "bold green" if result.matches_expected else style
        row = (Text(name), page.prose((mean, "")), page.prose((difference, "")), page.prose((result.cause, "")))
        table.add_row(*(cell(text.plain) for text in row), style=style)
    if least_width(table) + _ROOM + INDENT <= page.width:
        page.put(table)
        return
    for result, mean, difference in zip(results, means, differences, strict=True):
        name = _marked(page, result) if asked else result.name
        page.say((name, TITLE if result.matches_expected else ""), (f"  {mean}  ({difference})", ""))
        page.say((result.cause, LABEL), indent=INDENT + 2)


def _marked(page: Page, result: ConventionResult) -> str:
    mark = "✓" if page.charset.can("✓") else "*"
    return f"{mark if result.matches_expected else ' '} {result.name}"


def _expected(page: Page, expected: Expected, results: Sequence[ConventionResult]) -> None:
    page.gap()
    if not expected.matches:
        text = f"{expected.text}: no convention gives this number, as it is, negated, summed or in bits"
        page.say((text, "bold red"))
        if expected.nearest is not None:
            nearest = expected.nearest
            page.say((f"the nearest is {nearest.name}, {numbers.significant(nearest.value, 8)}", ""))
        return
    titles = {result.name: result.title for result in results}
    page.say((f"{expected.text} is", TITLE))
    for match in expected.matches[:_MOST_NAMED]:
        page.say((_match(match, titles[match.name]), "green"), indent=INDENT + 2)
    if len(expected.matches) > _MOST_NAMED:
        page.say((f"and {len(expected.matches) - _MOST_NAMED} more", LABEL), indent=INDENT + 2)


def _match(match: Reproduction, title: str) -> str:
    return f"{match.name} ({title}), {numbers.significant(match.value, 8)}{f': {match.how}' if match.how else ''}"
