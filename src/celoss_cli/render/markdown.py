"""The report as Markdown for a pull-request comment: the loss and the verdict first, and bounded in length."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from celoss_cli.evaluation import MISSING_SHOWN, Evaluation
from celoss_cli.render import numbers, reading
from celoss_cli.render.reading import Remark
from celoss_cli.render.text import Charset

MOST_CLASSES = 20
MOST_SLICES = 20
MOST_ROWS = 20
MOST_WARNINGS = 20
MOST_DECISIONS = 20
_LONGEST_NAME = 80
_LONGEST_SENTENCE = 400
_LONGEST_REPORT = 60_000  # GitHub refuses a comment of more than 65,536 characters

_CHARSET = Charset()
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_SPECIAL = re.compile(r"([\\`*_\[\]<>|~#&$!])")


def render(evaluation: Evaluation) -> str:
    """Return the report as GitHub-flavoured Markdown; nothing from a file is read as markup or mentions anyone."""
    blocks = [
        *_headline(evaluation),
        *_meaning(evaluation),
        *_understood(evaluation),
        *_classes(evaluation),
        *_slices(evaluation),
        *_worst(evaluation),
        *_warnings(evaluation),
    ]
    return _fitting(blocks)


def code(text: str) -> str:
    """Return a name from a file as code, fit for a table cell: nothing in it is markup, a link or a mention."""
    shown = _shortened(_CHARSET.name(text), _LONGEST_NAME)
    if "|" in shown or "`" in shown:  # they end a cell or a code span even where a backslash stands before them
        return f"<code>{_PUNCTUATION.sub(lambda mark: f'&#{ord(mark[0])};', shown)}</code>"
    return f"`{shown}`"


def prose(text: str) -> str:
    """Return a sentence, which may hold names from files, with nothing in it left to be markup."""
    escaped = _SPECIAL.sub(r"\\\1", _shortened(_CHARSET.prose(text), _LONGEST_SENTENCE))
    return escaped.replace("@", "@<!-- -->")  # else it would notify whoever is called so


def _headline(evaluation: Evaluation) -> list[str]:
    loss = evaluation.loss
    verdict = evaluation.verdict
    word = "" if verdict is None else f": {'PASS' if verdict.passed else 'FAIL'}"
    interval = reading.spread(loss)
    spread = reading.no_spread(evaluation)
    if interval is not None and loss.standard_error is not None:
        spread = f"± {numbers.significant(loss.standard_error, 3)}, 95% interval {interval}"
    totals = " · ".join(reading.totals(evaluation))
    blocks = [
        f"### Cross-entropy {reading.mean(evaluation)} {loss.unit}{word}",
        f"**{reading.mean(evaluation)} {loss.unit}** ({spread}) · {totals}",
    ]
    return [*blocks, *(_remark(check) for check in reading.verdict(evaluation))]


def _meaning(evaluation: Evaluation) -> list[str]:
    remarks = reading.remarks(evaluation)
    return [_list(_remark(remark) for remark in remarks)] if remarks else []


def _understood(evaluation: Evaluation) -> list[str]:
    inputs = evaluation.inputs
    sources = [("predictions", inputs.predictions), ("labels", inputs.labels)]
    read = [
        f"{part}: {code(source.path)}, {prose(source.format)}, {reading.rows(source.rows)}"
        for part, source in sources
        if source is not None
    ]
    blocks = [
        "#### How it was read",
        _list([*read, f"scored: {reading.rows(evaluation.counts.scored)}, {reading.fates(evaluation.counts)}"]),
    ]
    rows = [
        (
            prose(decision.what),
            code(decision.value),
            "**guessed**" if decision.guess else decision.how.value,
            prose(decision.evidence)
            + (f" ({code(decision.flag)} settles it)" if decision.guess and decision.flag else ""),
        )
        for decision in evaluation.spec.decisions[:MOST_DECISIONS]
    ]
    return [*blocks, _table(("what", "value", "how", "evidence"), rows)] if rows else blocks


def _classes(evaluation: Evaluation) -> list[str]:
    shown = reading.costliest(evaluation, MOST_CLASSES)
    if not shown:
        return []
    weighted = reading.is_weighted_by_class(evaluation)
    losses = numbers.column([result.mean_loss for result in shown])
    rows = [
        (
            code(result.class_),
            numbers.count(result.count),
            loss,
            *([numbers.significant(result.weight, 4)] if weighted else []),
            numbers.tabled_percent(result.recall),
            numbers.tabled_percent(result.loss_share),
        )
        for result, loss in zip(shown, losses, strict=True)
    ]
    header = ("class", "rows", "mean loss", *(["weight"] if weighted else []), "recall", "share of loss")
    blocks = ["#### By class", _table(header, rows, figures_from=1)]
    hidden = len(evaluation.per_class) - len(shown)
    return [*blocks, f"The {len(shown)} that cost most; {numbers.count(hidden)} more."] if hidden else blocks


def _slices(evaluation: Evaluation) -> list[str]:
    blocks = []
    for column, shown, hidden in reading.sliced(evaluation, MOST_SLICES):
        losses = numbers.column([result.mean_loss for result in shown])
        rows = [
            (
                code(MISSING_SHOWN if result.value is None else result.value),
                numbers.count(result.scored),
                loss,
                numbers.tabled_percent(result.accuracy),
                numbers.tabled_percent(result.loss_share),
            )
            for result, loss in zip(shown, losses, strict=True)
        ]
        header = ("slice", "rows", "mean loss", "accuracy", "share of loss")
        blocks += [f"#### By {code(column)}", _table(header, rows, figures_from=1)]
        if hidden:
            blocks.append(f"The {len(shown)} with the largest loss; {numbers.count(hidden)} more.")
    return blocks


def _worst(evaluation: Evaluation) -> list[str]:
    worst = evaluation.worst[:MOST_ROWS]
    if not worst:
        return []
    with_id = any(row.id is not None for row in worst)
    losses = numbers.column([row.loss for row in worst])
    rows = [
        (
            str(row.row),
            *(["–" if row.id is None else code(row.id)] if with_id else []),
            loss,
            code(row.label),
            numbers.probability(row.p_true),
            code(row.predicted),
            numbers.probability(row.p_predicted),
        )
        for row, loss in zip(worst, losses, strict=True)
    ]
    header = ("row", *(["id"] if with_id else []), "loss", "truth", "p(truth)", "predicted", "p(predicted)")
    return ["#### Worst rows", _table(header, rows), "Rows are counted from 0."]


def _warnings(evaluation: Evaluation) -> list[str]:
    shown = evaluation.warnings[:MOST_WARNINGS]
    if not shown:
        return []
    items = [f"{prose(notice.message)} ({code(notice.code)})" for notice in shown]
    hidden = len(evaluation.warnings) - len(shown)
    return ["#### Warnings", _list([*items, f"{hidden} more"] if hidden else items)]


def _remark(remark: Remark) -> str:
    return f"**{remark.lead}** {prose(remark.text)}" if remark.lead else prose(remark.text)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], *, figures_from: int | None = None) -> str:
    """Return a table whose columns from ``figures_from`` on are set to the right."""
    rules = ["---:" if figures_from is not None and i >= figures_from else "---" for i in range(len(header))]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rules, *rows))


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _fitting(blocks: Sequence[str]) -> str:
    """Join as many blocks as a comment holds; only names full of markup characters reach that far."""
    shown = "\n\n".join(blocks)
    while len(shown) > _LONGEST_REPORT:
        blocks = blocks[:-1]
        shown = "\n\n".join([*blocks, "… the rest is too long for a comment."])
    return f"{shown}\n"
