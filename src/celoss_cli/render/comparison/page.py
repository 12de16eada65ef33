"""What the page of a comparison says, section by section, for the forms that are laid out: Markdown and HTML."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from celoss_cli.render import numbers
from celoss_cli.render.comparison import reading
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
    warnings_in,
)
from celoss_cli.render.forms.remark import Tone
from celoss_cli.render.text import apart, called
from celoss_cli.results.comparison import ChangedRow, Comparison, ComparisonOutcome
from celoss_cli.results.evaluation import MISSING_SHOWN

_MOST_GROUPS = 20

_MOST_ROWS = 20

_MOST_WARNINGS = 20

_TONES = {
    ComparisonOutcome.BETTER: Tone.GOOD,
    ComparisonOutcome.NO_WORSE: Tone.GOOD,
    ComparisonOutcome.SAME: Tone.GOOD,
    ComparisonOutcome.UNDECIDED: Tone.PLAIN,
}
"""Without a gate; any other outcome is bad."""


def outline_of(comparison: Comparison, *, pictures: bool) -> Outline:
    """Return the page: the verdict and the difference first, then what makes it, short enough for a comment.

    Of several candidates the leaderboard is first, and what follows is about one of them. ``pictures`` says whether the
    form can show them.
    """
    verdict = comparison.verdict
    if verdict.passed is None:
        word, tone = "", _TONES.get(verdict.outcome, Tone.BAD)
    else:
        word, tone = (": PASS", Tone.GOOD) if verdict.passed else (": FAIL", Tone.BAD)
    drawn = _pictures(comparison) if pictures else []
    board = [drawing for name, drawing in drawn if name == "leaderboard"]
    others = [drawing for name, drawing in drawn if name != "leaderboard"]
    first: Line = ()
    if comparison.leaderboard:
        first = ("The first candidate, ", Name(called(comparison.inputs.candidate.path)), ", beside the baseline")
    sections = (
        Section((), (*_board_verdict(comparison), *board)),
        Section(("Leaderboard",), tuple(_leaderboard(comparison))),
        Section(first, tuple(_summary(comparison, tone))),
        Section((), tuple(others)),
        Section(("What was compared",), (Items(tuple(_read(comparison))),)),
        Section(("By class",), tuple(_classes(comparison))),
        *_slices(comparison),
        Section(("Rows that improved most",), tuple(_rows(comparison.change.improved))),
        Section(("Rows that worsened most",), tuple(_rows(comparison.change.worsened))),
        Section(("Warnings",), tuple(warnings_in(comparison.warnings, _MOST_WARNINGS))),
    )
    return Outline(
        f"Cross-entropy {reading.best(comparison) or reading.change(comparison)}{word}",
        Tone.PLAIN if comparison.leaderboard and verdict.passed is None else tone,
        tuple(section for section in sections if section.blocks),
        f"celoss {comparison.celoss_version}",
        tuple(called(source.path) for _, source in comparison.inputs.by_role),
        tuple(comparison.tags.items()),
    )


def _board_verdict(comparison: Comparison) -> Iterator[Block]:
    """Yield what the leaderboard and the gate of each candidate come to."""
    if comparison.leaderboard:
        yield Sentence((f"{reading.board_sentence(comparison)}.",))
        gates = tuple(_gates(comparison))
        yield from [Items(gates)] if gates else ()


def _gates(comparison: Comparison) -> Iterator[Sentence]:
    for check, text in reading.gates(comparison):
        yield Sentence(
            (Strong("PASS" if check.passed else "FAIL"), f" {text}"), Tone.GOOD if check.passed else Tone.BAD
        )


def _summary(comparison: Comparison, tone: Tone) -> Iterator[Block]:
    word, _, rest = comparison.verdict.text.partition(":")
    yield Sentence((Strong(word), f":{rest}"), tone)
    yield from () if comparison.leaderboard else _gates(comparison)
    yield Sentence((" · ".join([*reading.means(comparison), *reading.spread(comparison)]),))
    yield Items(tuple(Sentence((line,)) for line in reading.rows(comparison)))


def _pictures(comparison: Comparison) -> list[tuple[str, Block]]:
    from celoss_cli.render.pictures import differences, svg

    return [(picture.name, svg.drawing(picture)) for picture in differences.of_comparison(comparison)]


def _leaderboard(comparison: Comparison) -> Iterator[Block]:
    if not comparison.leaderboard:
        return
    shown = reading.board_lines(comparison)
    names = apart([path for _, path, *_ in shown])
    cells = tuple(
        ((rank,), (Name(name),), *((figure,) for figure in rest))
        for (rank, _, *rest), name in zip(shown, names, strict=True)
    )
    yield Grid(reading.BOARD_TITLES, cells)


def _read(comparison: Comparison) -> Iterator[Sentence]:
    for role, source in comparison.inputs.by_role:
        yield Sentence((f"{role}: ", Name(source.path), f", {source.format}, {numbers.count(source.rows)} rows"))
    yield Sentence((reading.pairing(comparison),))


def _classes(comparison: Comparison) -> Iterator[Block]:
    held = [row for row in comparison.per_class if row.count]
    shown = sorted(held, key=reading.by_size)[:_MOST_GROUPS] if len(held) > _MOST_GROUPS else held
    if shown:
        yield _grid("class", [(Name(row.class_),) for row in shown], shown)
    if len(shown) < len(held):
        yield Sentence((f"The {len(shown)} that differ most; {numbers.count(len(held) - len(shown))} more.",))


def _slices(comparison: Comparison) -> Iterator[Section]:
    for column in dict.fromkeys(row.column for row in comparison.slices):
        held = [row for row in comparison.slices if row.column == column]
        shown = sorted(held, key=reading.by_size)[:_MOST_GROUPS] if len(held) > _MOST_GROUPS else held
        names: list[Line] = [(Name(MISSING_SHOWN if row.value is None else row.value),) for row in shown]
        blocks: list[Block] = [_grid("slice", names, shown)]
        if len(shown) < len(held):
            blocks.append(
                Sentence((f"The {len(shown)} that differ most; {numbers.count(len(held) - len(shown))} more.",))
            )
        yield Section(("By ", Name(column)), tuple(blocks))


def _grid(name: str, names: Sequence[Line], rows: Sequence[reading.Group]) -> Grid:
    titles, lines = reading.groups(rows)
    cells = tuple((first, *((figure,) for figure in line)) for first, line in zip(names, lines, strict=True))
    return Grid((name, *titles), cells, figures_from=1)


def _rows(rows: Sequence[ChangedRow]) -> Iterator[Block]:
    shown = rows[:_MOST_ROWS]
    if not shown:
        return
    titles, lines = changed(shown)
    names = len(titles) - 3
    cells = tuple(
        (
            (numbers.count(row.row),),
            *((Name(text),) if text.strip() else ("–",) for text in line[:names]),
            *((figure,) for figure in line[names:]),
        )
        for row, line in zip(shown, lines, strict=True)
    )
    yield Grid(("row", *titles), cells)


def changed(rows: Sequence[ChangedRow]) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return the titles and cells of rows that changed, as the file spells them; names that none has are left out."""
    both = [value for row in rows for value in (row.baseline, row.candidate)]
    losses, like = numbers.column(both), max((value for value in both if math.isfinite(value)), default=1.0)
    changes = reading.signed_column([row.difference for row in rows], like)
    titles, columns = [], []
    for title, column in (("id", [row.id for row in rows]), ("label", [row.label for row in rows])):
        if any(name is not None for name in column):
            titles.append(title)
            columns.append([name or " " for name in column])
    return [*titles, "baseline", "candidate", "difference"], list(
        zip(*columns, losses[::2], losses[1::2], changes, strict=True)
    )
