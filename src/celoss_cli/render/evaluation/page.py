"""What the page of an evaluation says, section by section, for the forms that are laid out: Markdown and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from celoss_cli.render import numbers
from celoss_cli.render.evaluation import reading
from celoss_cli.render.evaluation.checks import verdict as verdict_in_words
from celoss_cli.render.forms.outline import (
    Block,
    Grid,
    Items,
    Line,
    Name,
    Outline,
    Section,
    Sentence,
    Strong,
    spoken,
    warnings_in,
)
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.render.text import called
from celoss_cli.results.evaluation import MISSING_SHOWN, Check, Evaluation
from celoss_cli.spec import Decision


class Room(NamedTuple):
    """How many of each kind a page shows."""

    checks: int
    classes: int
    slices: int
    rows: int
    warnings: int
    decisions: int
    pictures: bool


COMMENT = Room(checks=50, classes=20, slices=20, rows=20, warnings=20, decisions=20, pictures=False)

FILE = Room(checks=1000, classes=1000, slices=1000, rows=1000, warnings=1000, decisions=1000, pictures=True)


def outline_of(evaluation: Evaluation, room: Room) -> Outline:
    """Return the page: the verdict and the loss first, then what they mean, how the files were read, the details."""
    verdict = evaluation.verdict
    word, tone = "", Tone.PLAIN
    if verdict is not None:
        word, tone = (": PASS", Tone.GOOD) if verdict.passed else (": FAIL", Tone.BAD)
    sections = (
        Section((), (_loss(evaluation), *_checks(evaluation, room.checks))),
        Section((), tuple(_meaning(evaluation))),
        Section((), tuple(_pictures(evaluation)) if room.pictures else ()),
        Section(("How it was read",), tuple(_understood(evaluation, room.decisions))),
        Section(("By class",), tuple(_classes(evaluation, room.classes))),
        *_slices(evaluation, room.slices),
        Section(("Worst rows",), tuple(_worst(evaluation, room.rows))),
        Section(("Worst sequences",), tuple(_worst_sequences(evaluation, room.rows))),
        Section(("Warnings",), tuple(warnings_in(evaluation.warnings, room.warnings))),
    )
    title = f"Cross-entropy {reading.mean(evaluation)} {evaluation.loss.unit}{_per(evaluation)}{word}"
    maker = f"celoss {evaluation.celoss_version}"
    files = tuple(called(source.path) for _, source in evaluation.inputs.by_role)
    return Outline(
        title,
        tone,
        tuple(section for section in sections if section.blocks),
        maker,
        files,
        tuple(evaluation.tags.items()),
    )


def _pictures(evaluation: Evaluation) -> Iterator[Block]:
    from celoss_cli.render.pictures import differences, svg

    yield from (svg.drawing(picture) for picture in differences.of_evaluation(evaluation))


def _loss(evaluation: Evaluation) -> Sentence:
    loss = evaluation.loss
    interval = reading.spread(loss)
    spread = reading.no_spread(evaluation)
    by = ""
    if loss.per is not None:
        from celoss_cli.render.evaluation import sequences

        by = sequences.error_by(evaluation)
    if interval is not None and loss.standard_error is not None:
        of = reading.of_clusters(evaluation)
        spread = f"± {numbers.significant(loss.standard_error, 3)}{by}, 95% interval {interval}{of}"
    totals = " · ".join(reading.totals(evaluation))
    return Sentence((Strong(f"{reading.mean(evaluation)} {loss.unit}{_per(evaluation)}"), f" ({spread}) · {totals}"))


def _per(evaluation: Evaluation) -> str:
    """Return what a loss of sequences is per, in words."""
    if evaluation.loss.per is None:
        return ""
    from celoss_cli.render.evaluation import sequences

    return sequences.title(evaluation).removeprefix("mean cross-entropy")


def _checks(evaluation: Evaluation, most: int) -> Iterator[Block]:
    if evaluation.verdict is None:
        return
    checks = evaluation.verdict.checks
    remarks = verdict_in_words(evaluation)
    judged: list[tuple[Check, Remark]] = sorted(zip(checks, remarks, strict=False), key=lambda pair: pair[0].passed)
    shown = [spoken(remark) for _, remark in judged[:most]]
    hidden = [check for check, _ in judged[most:]]
    if hidden:
        failed = sum(not check.passed for check in hidden)
        shown.append(Sentence((f"{numbers.count(len(hidden))} more checks, of which {numbers.count(failed)} failed",)))
    shown += [spoken(remark) for remark in remarks[len(checks) :]]
    yield from shown if len(shown) == 1 else [Items(tuple(shown))]


def _meaning(evaluation: Evaluation) -> Iterator[Block]:
    rows = reading.reference_losses(evaluation)
    if rows:
        losses = numbers.column([row.loss for row in rows], digits=numbers.DIGITS, like=rows[0].loss)
        chances = [None if row.chance is None else numbers.chance(row.chance) for row in rows]
        yield Grid(
            ("", "loss", *(["p(truth)"] if chances[0] is not None else [])),
            tuple(
                ((row.who,), (loss,), *([(chance or "–",)] if chances[0] is not None else []))
                for row, loss, chance in zip(rows, losses, chances, strict=True)
            ),
            figures_from=1,
        )
    remarks = reading.remarks(evaluation)
    if remarks:
        yield Items(tuple(spoken(remark) for remark in remarks))


def _understood(evaluation: Evaluation, most: int) -> Iterator[Block]:
    read = [
        Sentence((f"{part}: ", Name(called(source.path)), f", {source.format}, {numbers.rows(source.rows)}"))
        for part, source in evaluation.inputs.by_role
    ]
    scored = f"scored: {numbers.rows(evaluation.counts.scored)}, {reading.fates(evaluation.counts)}"
    tokens: list[Sentence] = []
    if evaluation.counts.tokens is not None and evaluation.counts.masked is not None:
        from celoss_cli.render.evaluation.sequences import fates_of_tokens

        tokens.append(
            Sentence((f"tokens: {numbers.count(evaluation.counts.tokens)} scored, {fates_of_tokens(evaluation)}",))
        )
    yield Items((*read, Sentence((scored,)), *tokens))
    decisions = evaluation.spec.decisions[:most]
    if decisions:
        yield Grid(
            ("what", "value", "how", "evidence"), tuple(_decision(decision) for decision in decisions), told=True
        )


def _decision(decision: Decision) -> tuple[Line, ...]:
    settled: Line = (" (", Name(decision.flag), " settles it)") if decision.guess and decision.flag else ()
    how = Strong("guessed") if decision.guess else decision.how.value
    return (decision.what,), (Name(decision.value),), (how,), (decision.evidence, *settled)


def _classes(evaluation: Evaluation, most: int) -> Iterator[Block]:
    shown = reading.costliest(evaluation, most)
    if not shown:
        return
    weighted = reading.is_weighted_by_class(evaluation)
    losses = numbers.column([result.mean_loss for result in shown])
    rows = [
        (
            Name(result.class_),
            numbers.count(result.count),
            loss,
            *([numbers.significant(result.weight, 4)] if weighted else []),
            numbers.tabled_percent(result.recall),
            numbers.tabled_percent(result.loss_share),
        )
        for result, loss in zip(shown, losses, strict=True)
    ]
    header = ("class", "rows", "mean loss", *(["weight"] if weighted else []), "recall", "share of loss")
    yield _grid(header, rows, figures_from=1)
    hidden = len(evaluation.per_class) - len(shown)
    if hidden:
        yield Sentence((f"The {len(shown)} that cost most; {numbers.count(hidden)} more.",))


def _slices(evaluation: Evaluation, most: int) -> Iterator[Section]:
    for column, shown, hidden in reading.sliced(evaluation, most):
        losses = numbers.column([result.mean_loss for result in shown])
        right = any(result.accuracy is not None for result in shown)
        rows = [
            (
                Name(MISSING_SHOWN if result.value is None else result.value),
                numbers.count(result.scored),
                loss,
                *([numbers.tabled_percent(result.accuracy)] if right else []),
                numbers.tabled_percent(result.loss_share),
            )
            for result, loss in zip(shown, losses, strict=True)
        ]
        header = ("slice", "rows", "mean loss", *(["accuracy"] if right else []), "share of loss")
        more = f"The {len(shown)} with the largest loss; {numbers.count(hidden)} more."
        grid = _grid(header, rows, figures_from=1)
        blocks: tuple[Block, ...] = (grid, Sentence((more,))) if hidden else (grid,)
        yield Section(("By ", Name(column)), blocks)


def _worst(evaluation: Evaluation, most: int) -> Iterator[Block]:
    worst = [row for row in evaluation.worst if row.loss > 0][:most]
    if not worst:
        return
    with_id = any(row.id is not None for row in worst)
    losses = numbers.column([row.loss for row in worst])
    rows = [
        (
            str(row.row),
            *(["–" if row.id is None else Name(row.id)] if with_id else []),
            loss,
            Name(row.label),
            numbers.probability(row.p_true),
            Name(row.predicted),
            numbers.probability(row.p_predicted),
        )
        for row, loss in zip(worst, losses, strict=True)
    ]
    header = ("row", *(["id"] if with_id else []), "loss", "truth", "p(truth)", "predicted", "p(predicted)")
    yield _grid(header, rows)
    yield Sentence(("Rows are counted from 0.",))


def _worst_sequences(evaluation: Evaluation, most: int) -> Iterator[Block]:
    if evaluation.sequences is None:
        return
    from celoss_cli.render.evaluation import sequences

    worst = sequences.worst(evaluation, most)
    if not worst:
        return
    with_id = any(row.id is not None for row in worst)
    losses = numbers.column([row.loss for row in worst])
    rows: list[tuple[Line, ...]] = [
        (
            (str(row.row),),
            *([("–" if row.id is None else Name(row.id),)] if with_id else []),
            (loss,),
            (numbers.significant(row.sum, 5),),
            (f"{row.units:g}",),
            (numbers.probability(row.p_min),),
            tuple(piece for name, cost in sequences.worst_tokens(row) for piece in (", ", Name(name), f" {cost}"))[1:],
        )
        for row, loss in zip(worst, losses, strict=True)
    ]
    header = ("row", *(["id"] if with_id else []), "loss", "sum", "units", "least p", "worst tokens")
    yield Grid(header, tuple(rows))
    yield Sentence(("Rows and tokens are counted from 0.",))


def _grid(header: Sequence[str], rows: Sequence[Sequence[str]], *, figures_from: int | None = None) -> Grid:
    return Grid(tuple(header), tuple(tuple((cell,) for cell in row) for row in rows), figures_from)
