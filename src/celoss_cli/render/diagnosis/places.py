"""Where the loss is, as the lines of tables: classes, confusions, and rows that contradict their label."""

from __future__ import annotations

from collections.abc import Sequence

from celoss_cli.render import numbers
from celoss_cli.results.diagnosis import Bar, Confusion, ContradictingRow
from celoss_cli.results.miscalibration import ClassBalance

CLASS_TITLES = ("class", "rows", "predicted", "occurs", "z")

BAR_TITLES = ("loss from", "to", "rows", "share of loss")

_WORTH_A_PAIR = 0.05  # of the loss: where no pair has as much, it is spread over many


def class_lines(classes: Sequence[ClassBalance]) -> list[tuple[str, ...]]:
    """Return the cells of one line a class, as ``CLASS_TITLES``; the first is the name as the file has it."""
    return [
        (
            one.name,
            numbers.count(one.rows),
            numbers.tabled_percent(one.mean_p),
            numbers.tabled_percent(one.frequency),
            "–" if one.z is None else f"{numbers.sign(one.z)}{abs(one.z):.1f}",
        )
        for one in classes
    ]


def costly(confusions: Sequence[Confusion], most: int) -> tuple[list[Confusion], int]:
    """Return the pairs of classes that cost most, the costliest first, and how many more there are."""
    wrong = [one for one in confusions if one.predicted != one.truth]
    ordered = sorted(wrong, key=lambda one: -(one.loss_share or 0.0))
    return ordered[:most], max(0, len(ordered) - most)


def confusion_titles(confusions: Sequence[Confusion]) -> tuple[str, ...]:
    """Return the titles of pairs of classes; with too many classes to tell the pairs apart it is the truth alone."""
    return ("truth", *(("predicted",) if _in_pairs(confusions) else ()), "rows", "share of rows", "share of loss")


def confusion_lines(confusions: Sequence[Confusion]) -> list[tuple[str, ...]]:
    """Return the cells of one line a pair, as ``confusion_titles``; names are as the file has them."""
    pairs = _in_pairs(confusions)
    return [
        (
            one.truth,
            *([one.predicted or ""] if pairs else []),
            numbers.count(one.rows),
            numbers.tabled_percent(one.rows_share),
            numbers.tabled_percent(one.loss_share),
        )
        for one in confusions
    ]


def more_confusions(confusions: Sequence[Confusion], hidden: int) -> str:
    """Return how many pairs, or classes, are not shown."""
    one, several = ("pair", "pairs") if _in_pairs(confusions) else ("class", "classes")
    return f"{numbers.count(hidden)} more {one if hidden == 1 else several}"


def _in_pairs(confusions: Sequence[Confusion]) -> bool:
    return any(one.predicted is not None for one in confusions)


def on_confusions(confusions: Sequence[Confusion]) -> list[str]:
    """Return what the pairs come to: the rows that are right, and whether some pair is worth a look."""
    right = [one for one in confusions if one.predicted == one.truth]
    said = []
    if right and all(one.loss_share is not None for one in right):
        share = numbers.percent(sum(one.loss_share or 0.0 for one in right), 3)
        rows = numbers.percent(min(1.0, sum(one.rows_share for one in right)), 3)
        said.append(f"Rows that are right are {rows} of the rows, and {share} of the loss.")
    wrong, _ = costly(confusions, 1)
    if wrong and wrong[0].predicted is not None and (wrong[0].loss_share or 1.0) < _WORTH_A_PAIR:
        said.append("The rest is spread over many pairs of classes.")
    return said


def row_titles(rows: Sequence[ContradictingRow]) -> tuple[str, ...]:
    """Return the titles of the rows that contradict their label; ids are left out where there are none."""
    ids = ("id",) if any(row.id is not None for row in rows) else ()
    return ("row", *ids, "loss", "label", "p(label)", "rather", "p(rather)")


def row_lines(rows: Sequence[ContradictingRow]) -> list[tuple[str, ...]]:
    """Return the cells of one line a row, as ``row_titles``; names are as the file has them."""
    with_ids = any(row.id is not None for row in rows)
    losses = numbers.column([row.loss for row in rows])
    return [
        (
            str(row.row),
            *([row.id or "–"] if with_ids else []),
            loss,
            row.label,
            numbers.probability(row.p_label),
            row.guess,
            numbers.probability(row.p_guess),
        )
        for row, loss in zip(rows, losses, strict=True)
    ]


def bar_lines(bars: Sequence[Bar]) -> list[tuple[str, ...]]:
    """Return the cells of one line a bar of the histogram, as ``BAR_TITLES``."""
    return [
        (
            numbers.significant(bar.low, 3),
            numbers.significant(bar.high, 3),
            numbers.count(bar.rows),
            numbers.tabled_percent(bar.loss_share),
        )
        for bar in bars
    ]
