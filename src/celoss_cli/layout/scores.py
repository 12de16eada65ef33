"""Which columns are the predictions: those the user names, else the reading that most vouches for."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from celoss_cli.errors import AmbiguousData, InvalidScores, Where
from celoss_cli.layout.cells import (
    columns_named,
    is_empty,
    is_key,
    is_predicted,
    mostly_numbers,
    numbers_of,
    predicted_columns,
    require,
    shown,
    whole_numbers,
    without_fractions,
)
from celoss_cli.layout.names import NOT_SCORES, PAIRS_OF_CLASSES, TRUTH, WEIGHTS, families, is_id, plain, says_truth
from celoss_cli.layout.readings.candidate import By, Candidate, leading
from celoss_cli.layout.readings.scores import score_readings
from celoss_cli.request import Request, UnknownClass
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import among, number, spelt, without_affixes
from celoss_cli.tables.source import Column, Kind, Table

_NEVER = WEIGHTS | NOT_SCORES  # names of what is no score

_RANKED_ROWS = 20  # different rows: of a model that tells classes apart, so many are never all in one order


def find_scores(
    table: Table, request: Request, taken: set[str], decisions: list[Decision], labels: set[str], *, beside: bool
) -> tuple[Column, ...]:
    """Return the prediction columns; ``beside`` says that the labels stand in the same table.

    Raises AmbiguousData or InvalidScores where no reading, or more than one, is left.
    """
    if request.pred:
        chosen = _given(table, request.pred)
        _refuse_of_truth(table, chosen, request, labels)
        decisions.append(Decision("predictions", shown(chosen), How.GIVEN, "--pred"))
        return chosen
    free, rest = free_columns(table, taken, labels)
    if request.unknown_class is not UnknownClass.ERROR:
        labels = _named_labels(labels, {column.name for column in free})
    readings = score_readings(table, free, labels, alone=not beside and _holds_nothing_else(table, free))
    best = leading(readings)
    unnamed = labels - _named_labels(labels, {column.name for column in free})
    unnamed = {label for label in unnamed if not _is_said_alike(label, labels)}
    if all(number(label) is not None for label in labels):
        unnamed = set()  # columns 0, 1, 2 beside labels 1, 2, 5: which are positions, the classes tell
    if len(best) != 1 or (unnamed and best[0].by < By.NAME):
        from celoss_cli.layout.readings.faults import no_scores, undecided

        raise undecided(table, free, unnamed, readings) if free else no_scores(table, rest, taken)
    _refuse_ranks(table, best[0].columns)
    decisions.append(decision_of(best[0]))
    return best[0].columns


def _refuse_of_truth(table: Table, chosen: Sequence[Column], request: Request, labels: Collection[str]) -> None:
    """Raise InvalidScores for one column called the probability of the truth, unless a class is named that it is of."""
    settled = len(chosen) > 1 or request.positive is not None or bool(request.classes)
    if not settled and table.named and says_truth(chosen[0].name, labels):
        from celoss_cli.layout.readings.faults import of_truth

        raise of_truth(table, chosen[0].name)


def decision_of(one: Candidate) -> Decision:
    """Return the decision for a reading of the scores."""
    return Decision("predictions", shown(one.columns), How.DETECTED, one.evidence, "--pred", one.guess)


def free_columns(table: Table, taken: Collection[str], labels: Collection[str]) -> tuple[list[Column], list[Column]]:
    """Return the columns that could hold scores, and all that have no other part, in file order."""
    classes = _class_columns(table, taken, labels)
    rest = [column for column in table.columns if column.name not in taken]
    if table.named:
        never = {column.name for column in rest if plain(column.name) in _NEVER}
        never.update(column.name for column in without_fractions(table, rest) if is_key(table, column))
        rest = [column for column in rest if column.name in classes or column.name not in never]
    numbers = [
        column
        for column in rest
        if column.kind is Kind.NUMBER or (column.kind is Kind.TEXT and mostly_numbers(table, column))
    ]
    numbers = _with_empty_ones(table, rest, numbers, labels)
    truths = [
        c
        for c in numbers
        if table.named and plain(c.name) in TRUTH and c.name not in classes and whole_numbers(table, c)
    ]
    # A second file has the labels: then the only numbers here are the predictions, even if called `target` (Kaggle).
    true = {column.name for column in truths}
    numbers = [column for column in numbers if column.name not in true] or truths
    predicted = {column.name for column in predicted_columns(table, numbers)}
    scores = {column.name for column in numbers if column.name in classes or column.name not in predicted}
    return [column for column in rest if column.name in scores or column.kind is Kind.VECTOR], rest


def _holds_nothing_else(table: Table, free: Sequence[Column]) -> bool:
    """Whether a table holds these columns, ids, and names for a reader, but no other numbers and no predicted class."""
    names = {column.name for column in free}
    others = [column for column in table.columns if column.name not in names]
    return not any(
        is_predicted(column, table) or (column.kind in (Kind.NUMBER, Kind.VECTOR) and not is_id(column.name))
        for column in others
    )


def _refuse_ranks(table: Table, columns: Sequence[Column]) -> None:
    """Refuse numbered columns that fall from left to right in every row: the ranks of a top-k list, not classes."""
    if not table.named or len(columns) < 3:
        return
    cores = without_affixes([column.name for column in columns])
    if any(number(core) != place for place, core in enumerate(cores)):
        return
    head = table.head()
    if head.rows == 0 or not _falls(head.text_at(column.name, 0) for column in columns):
        return  # as nearly always: the other rows need not be turned into texts
    values = np.stack([numbers_of(table, column) for column in columns])
    values[~np.isfinite(values)] = 0.0
    if (values[1:] <= values[:-1]).all() and np.unique(values, axis=1).shape[1] >= _RANKED_ROWS:
        raise AmbiguousData(
            f"{columns[0].name!r} is the largest and {columns[-1].name!r} the smallest score of every row: these may "
            "be ranks, the likeliest class first, and not classes",
            code="ranks_or_classes",
            where=Where(table.path),
            hint=f"if each column is one class, name them: --pred {columns[0].name},{columns[1].name},…",
        )


def _falls(row: Iterable[str | None]) -> bool:
    last = math.inf
    for text in row:
        value = number(text or "") or 0.0
        if value > last:
            return False
        last = value
    return True


def _class_columns(table: Table, taken: Collection[str], labels: Collection[str]) -> set[str]:
    """Return the columns that labels name as classes, whatever else their names may mean: ``true`` beside ``fake``.

    Columns called ``False`` and ``True`` are those of pandas for a boolean label, in any spelling of it.
    """
    if not table.named:
        return set()
    free = [column for column in table.columns if column.name not in taken]
    own = among([column.name for column in free], spelt(labels))
    named = [column for column in free if column.name in own]
    if len(named) < 2:
        named = [column for column in free if column.name.casefold() in ("false", "true")]
    if len(named) < 2:
        return set()
    for column in named:
        if column.kind is Kind.TEXT and not mostly_numbers(table, column):
            raise InvalidScores(
                f"column {column.name!r} is named after a label, but holds text",
                code="class_column_text",
                where=Where(table.path, column=column.name),
                hint="write its scores as decimal numbers, or name the prediction columns with --pred",
            )
    return {column.name for column in named}


def _with_empty_ones(
    table: Table, rest: Sequence[Column], numbers: list[Column], labels: Collection[str]
) -> list[Column]:
    """Return the columns of numbers and those without a value that are of their kind by name, in file order.

    A class whose scores are all missing is to be found out, not to be left out.
    """
    empty = [column for column in rest if is_empty(column)] if table.named and numbers else []
    if not empty:
        return numbers
    groups = families([column.name for column in (*numbers, *empty)])
    names = {column.name for column in numbers}
    for shared, family in groups.items():
        if (shared and names.intersection(family)) or (not shared and labels):
            names.update(name for name in family if shared or name in labels)
    return [column for column in rest if column.name in names]


def _named_labels(labels: set[str], names: set[str]) -> set[str]:
    """Return the labels that name a column, if most do and there are several; else all."""
    named = among(labels, spelt(names))
    return named if len(named) > max(1, len(labels) - len(named)) else labels


def _is_said_alike(label: str, labels: Collection[str]) -> bool:
    """Whether a label is a well-known word in other letters than another: ``Yes`` among no and yes."""
    word = label.strip().casefold()
    alike = any(other != label and other.strip().casefold() == word for other in labels)
    return alike and any(word in pair for pair in PAIRS_OF_CLASSES)


def _given(table: Table, patterns: Sequence[str]) -> tuple[Column, ...]:
    chosen: dict[str, Column] = {}
    for pattern in patterns:
        named = columns_named(table, pattern) or [require(table, pattern, "--pred")]
        chosen.update({column.name: column for column in named})
    for column in chosen.values():
        if column.kind is Kind.VECTOR and len(chosen) > 1:
            raise AmbiguousData(
                f"column {column.name!r} holds vectors: it cannot be combined with other prediction columns",
                code="predictions_mixed",
                where=Where(table.path),
                hint="name either one vector column or several number columns with --pred",
            )
        if column.kind is Kind.NESTED or (column.kind is Kind.OTHER and not is_empty(column)):
            raise InvalidScores(
                f"holds no scores but {column.dtype}",
                code="not_scores",
                where=Where(table.path, column=column.name),
                hint="name columns of numbers, or one of vectors, with --pred",
            )
    return tuple(chosen.values())
