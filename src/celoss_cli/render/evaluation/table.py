"""The report for a person at a terminal: what was read, what was decided, the loss, and how to read it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from celoss_cli.render import numbers
from celoss_cli.render.evaluation import reading
from celoss_cli.render.evaluation.breakdown import show_classes, show_slices, show_worst
from celoss_cli.render.forms.outline import Remark, Tone
from celoss_cli.render.page import INDENT, LABEL, TITLE, Page, bar, bare, cell, columns
from celoss_cli.render.text import Charset, called
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.spec import Decision, How

_LEADS = {Tone.PLAIN: "bold", Tone.GOOD: "bold black on green", Tone.BAD: "bold white on red"}

_TONES = {Tone.PLAIN: "", Tone.GOOD: "green", Tone.BAD: "bold red"}


def render(evaluation: Evaluation, *, width: int | None = None, color: bool = False, encoding: str = "utf-8") -> str:
    """Return the report as text, fitted to ``width`` columns, or with ``None`` as wide as its content.

    Nothing is ever cropped: what does not fit is folded, and below the width at which a table can stand its
    rows are told line by line.
    """
    page = Page(Charset(encoding), width, color)
    for section in (_read, _decided, _loss, _meaning, show_classes, show_slices, show_worst, _verdict, _warnings):
        section(page, evaluation)
    return page.text()


def _read(page: Page, evaluation: Evaluation) -> None:
    counts = evaluation.counts
    lines = [
        (part, reading.rows(source.rows), page.charset.escaped(source.format), page.charset.name(called(source.path)))
        for part, source in evaluation.inputs.by_role
    ]
    lines.append(("scored", reading.rows(counts.scored), "", reading.fates(counts)))
    table = bare()
    table.add_column(no_wrap=True, style=LABEL)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        table.add_row(*(cell(text) for text in line))
    page.say(("celoss", TITLE), (f" {evaluation.celoss_version}", LABEL), indent=0)
    page.heading("What was read")
    if page.fits(table):
        page.put(table)
        return
    for part, size, form, where in lines:
        page.put(Text.assemble((part, LABEL), "  ", size, f", {form}" if form else ""))
        page.put(Text(where), indent=INDENT + 2)


def _decided(page: Page, evaluation: Evaluation) -> None:
    decisions = evaluation.spec.decisions
    if not decisions:
        return
    page.heading("How it was understood")
    table = bare()
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for decision in decisions:
        how, style = _how(decision)
        table.add_row(
            Text(page.charset.escaped(decision.what), LABEL),
            cell(page.charset.escaped(decision.value)),
            Text(how, style),
            page.prose((_evidence(decision) or " ", LABEL)),
        )
    if page.fits(table):
        page.put(table)
    else:
        _decided_line_by_line(page, decisions)
    if any(decision.guess for decision in decisions):
        page.say(
            ("guessed", "yellow"),
            (": the data suggest it and do not prove it. The option settles it; --strict refuses it.", ""),
        )


def _decided_line_by_line(page: Page, decisions: Iterable[Decision]) -> None:
    for decision in decisions:
        how, style = _how(decision)
        page.put(
            Text.assemble((page.charset.escaped(decision.what), LABEL), "  ", page.charset.escaped(decision.value))
        )
        evidence = _evidence(decision)
        page.say((how, style), (f": {evidence}" if evidence else "", LABEL), indent=INDENT + 2)


def _how(decision: Decision) -> tuple[str, str]:
    if decision.guess:
        return "guessed", "yellow"
    return decision.how.value, LABEL if decision.how is How.GIVEN else ""


def _evidence(decision: Decision) -> str:
    settles = f"{'; ' if decision.evidence else ''}{decision.flag} settles it"
    return decision.evidence + (settles if decision.guess and decision.flag else "")


def _loss(page: Page, evaluation: Evaluation) -> None:
    loss = evaluation.loss
    big = page.prose((reading.mean(evaluation), "bold cyan"), (f" {loss.unit}", "bold"))
    if loss.standard_error is not None:
        big.append(page.charset.prose(f"  ± {numbers.significant(loss.standard_error, 3)}"))
    interval = reading.spread(loss)
    second = reading.no_spread(evaluation) if interval is None else f"95% interval {interval}"
    body = Text("\n").join([big, page.prose((second, "")), page.prose((" · ".join(reading.totals(evaluation)), LABEL))])
    page.gap()
    page.put(
        Panel(
            body,
            box=page.ink.frame,
            title=Text("mean cross-entropy", TITLE),
            title_align="left",
            padding=(0, 2),
            border_style="cyan",
            expand=False,
        ),
        indent=0,
    )


def _meaning(page: Page, evaluation: Evaluation) -> None:
    remarks = reading.remarks(evaluation)
    if not remarks:
        return
    page.heading("How to read it")
    comparisons = reading.comparisons(evaluation)
    if comparisons:
        table = _comparison_table(page, comparisons, bars=True)
        if not page.fits_unfolded(table):
            table = _comparison_table(page, comparisons, bars=False)
        if page.fits(table):
            page.put(table)
        else:
            _comparisons_line_by_line(page, comparisons)
        page.gap()
    for remark in remarks:
        _say_remark(page, remark)


def _comparison_table(page: Page, rows: Sequence[reading.Comparison], *, bars: bool) -> Table:
    table = columns(page, "", "loss", *(["p(truth)"] if rows[0].chance is not None else []))
    longest = max((row.loss for row in rows if math.isfinite(row.loss)), default=0.0)
    losses = numbers.column([row.loss for row in rows], digits=numbers.DIGITS, like=rows[0].loss)
    if bars:
        table.add_column(no_wrap=True)
    for row, loss in zip(rows, losses, strict=True):
        cells: list[RenderableType] = [Text(row.who), Text(loss)]
        if row.chance is not None:
            cells.append(Text(numbers.chance(row.chance)))
        elif rows[0].chance is not None:
            cells.append(page.prose(("–", LABEL)))
        if bars:
            cells.append(bar(page, 1.0 if row.loss == math.inf else row.loss / longest if longest else 0.0))
        table.add_row(*cells, style="" if row is rows[0] else LABEL)
    return table


def _comparisons_line_by_line(page: Page, rows: Sequence[reading.Comparison]) -> None:
    for row in rows:
        chance = "" if row.chance is None else f", p(truth) {numbers.chance(row.chance)}"
        page.say((row.who, ""))
        page.say((f"loss {numbers.significant(row.loss, 5)}{chance}", LABEL), indent=INDENT + 2)


def _verdict(page: Page, evaluation: Evaluation) -> None:
    if evaluation.verdict is None:
        return
    from celoss_cli.render.evaluation import checks

    page.gap()
    for remark in checks.verdict(evaluation):
        style = _LEADS[remark.tone]
        lead = f" {remark.lead} " if page.color else remark.lead
        page.say((lead, style), (f"  {remark.text}", ""), indent=0)


def _warnings(page: Page, evaluation: Evaluation) -> None:
    if not evaluation.warnings:
        return
    page.gap()
    for notice in evaluation.warnings:
        page.say(("warning", "bold yellow"), (f": {notice.message}", ""), (f"  [{notice.code}]", LABEL), indent=0)


def _say_remark(page: Page, remark: Remark) -> None:
    lead = [(f"{remark.lead} ", _TONES[remark.tone])] if remark.lead else []
    page.say(*lead, (remark.text, ""))
