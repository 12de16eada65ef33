"""The report for a person at a terminal: what was read, what was decided, the loss, and how to read it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from celoss_cli.render import numbers
from celoss_cli.render.decisions import DecisionLine, show_decisions
from celoss_cli.render.evaluation import reading
from celoss_cli.render.evaluation.breakdown import show_classes, show_slices, show_worst
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.render.page import INDENT, LABEL, TITLE, Page, bar, bare, cell, columns
from celoss_cli.render.text import Charset, called
from celoss_cli.results.evaluation import Evaluation

_LEADS = {Tone.PLAIN: "bold", Tone.GOOD: "bold black on green", Tone.BAD: "bold white on red"}

_TONES = {Tone.PLAIN: "", Tone.GOOD: "green", Tone.BAD: "bold red"}


def render(evaluation: Evaluation, *, width: int | None = None, color: bool = False, encoding: str = "utf-8") -> str:
    """Return the report as text, fitted to ``width`` columns, or with ``None`` as wide as its content.

    Nothing is ever cropped: what does not fit is folded, and below the width at which a table can stand its
    rows are told line by line.
    """
    page = Page(Charset(encoding), width, color)
    for section in (_read, _decided, _loss, _meaning, show_classes, show_slices, show_worst, _verdict):
        section(page, evaluation)
    page.warnings(evaluation.warnings)
    return page.text()


def _read(page: Page, evaluation: Evaluation) -> None:
    counts = evaluation.counts
    lines = [
        (part, numbers.rows(source.rows), page.charset.escaped(source.format), page.charset.name(called(source.path)))
        for part, source in evaluation.inputs.by_role
    ]
    lines.append(("scored", numbers.rows(counts.scored), "", reading.fates(counts)))
    if counts.tokens is not None and counts.masked is not None:
        from celoss_cli.render.evaluation.sequences import fates_of_tokens

        lines.append(("tokens", numbers.count(counts.tokens), "", fates_of_tokens(evaluation) or ""))
    table = bare()
    table.add_column(no_wrap=True, style=LABEL)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in lines:
        table.add_row(*(cell(text) for text in line))
    page.opening(evaluation.celoss_version)
    page.heading("What was read")
    if page.fits(table):
        page.put(table)
        return
    for part, size, form, where in lines:
        page.put(Text.assemble((part, LABEL), "  ", size, f", {form}" if form else ""))
        page.put(Text(where), indent=INDENT + 2)


def _decided(page: Page, evaluation: Evaluation) -> None:
    decisions = evaluation.spec.decisions
    show_decisions(
        page,
        [DecisionLine(d.what, d.value, "guessed" if d.guess else d.how.value, d.evidence, d.flag) for d in decisions],
    )
    if any(decision.guess for decision in decisions):
        page.say(
            ("guessed", "yellow"),
            (": the data suggest it and do not prove it. The option settles it; --strict refuses it.", ""),
        )


def _loss(page: Page, evaluation: Evaluation) -> None:
    loss, title, by = evaluation.loss, "mean cross-entropy", ""
    if loss.per is not None:
        from celoss_cli.render.evaluation import sequences

        title, by = sequences.title(evaluation), sequences.error_by(evaluation)
    big = page.prose((reading.mean(evaluation), "bold cyan"), (f" {loss.unit}", "bold"))
    if loss.standard_error is not None:
        big.append(page.charset.prose(f"  ± {numbers.significant(loss.standard_error, 3)}{by}"))
    interval = reading.spread(loss)
    second = (
        reading.no_spread(evaluation)
        if interval is None
        else f"95% interval {interval}{reading.of_clusters(evaluation)}"
    )
    said = reading.totals(evaluation)
    totals = [" · ".join(part) for part in (said[:2], said[2:]) if part]
    page.framed(
        Text(page.charset.prose(title), TITLE),
        [big, page.prose((second, "")), *(page.prose((line, LABEL)) for line in totals)],
    )


def _meaning(page: Page, evaluation: Evaluation) -> None:
    remarks = reading.remarks(evaluation)
    if not remarks:
        return
    page.heading("How to read it")
    references = reading.reference_losses(evaluation)
    if references:
        table = _reference_table(page, references, bars=True)
        if not page.fits_unfolded(table):
            table = _reference_table(page, references, bars=False)
        if page.fits(table):
            page.put(table)
        else:
            _references_line_by_line(page, references)
        page.gap()
    for remark in remarks:
        _say_remark(page, remark)


def _reference_table(page: Page, rows: Sequence[reading.ReferenceLoss], *, bars: bool) -> Table:
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
            finite = row.loss / longest if longest else 0.0
            cells.append(bar(page, 1.0 if row.loss == math.inf else finite))
        table.add_row(*cells, style="" if row is rows[0] else LABEL)
    return table


def _references_line_by_line(page: Page, rows: Sequence[reading.ReferenceLoss]) -> None:
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


def _say_remark(page: Page, remark: Remark) -> None:
    lead = [(f"{remark.lead} ", _TONES[remark.tone])] if remark.lead else []
    page.say(*lead, (remark.text, ""))
