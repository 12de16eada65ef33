"""Which columns are the predictions."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence

from celoss_cli.classes import listed, without_affixes
from celoss_cli.errors import AmbiguousData, DataError, InvalidScores, Where
from celoss_cli.layout.cells import (
    MANY,
    is_empty,
    is_predicted,
    mostly_numbers,
    require,
    shown,
    whole_numbers,
)
from celoss_cli.layout.names import (
    NOT_SCORES,
    SCORES,
    TRUTH,
    WEIGHTS,
    families,
    is_id,
    plain,
    score_family,
    spelled,
)
from celoss_cli.spec import Decision, How, Request
from celoss_cli.tables.source import Column, Kind, Table


def find_scores(
    table: Table, request: Request, taken: set[str], decisions: list[Decision], labels: set[str]
) -> tuple[Column, ...]:
    if request.pred:
        chosen = _given(table, request.pred)
        decisions.append(Decision("predictions", shown(chosen), How.GIVEN, "--pred"))
        return chosen
    rest = [
        column
        for column in table.columns
        if column.name not in taken
        and not (table.named and (is_id(column.name) or plain(column.name) in (*WEIGHTS, *NOT_SCORES)))
    ]
    numbers = [
        column
        for column in rest
        if column.kind is Kind.NUMBER or (column.kind is Kind.TEXT and mostly_numbers(table, column))
    ]
    numbers = _with_empty_ones(table, rest, numbers, labels)
    vectors = [column for column in rest if column.kind is Kind.VECTOR]
    if vectors:
        return _one_vector(table, vectors, numbers, decisions)
    truths = [column for column in numbers if table.named and plain(column.name) in TRUTH]
    numbers = [column for column in numbers if column not in truths]
    scores = [column for column in numbers if not is_predicted(column, table)]
    if not scores:
        raise _no_scores(table, rest)
    chosen, evidence, guess = _choose(table, scores, labels)
    decisions.append(Decision("predictions", shown(chosen), How.DETECTED, evidence, "--pred", guess))
    return chosen


def _with_empty_ones(table: Table, rest: list[Column], numbers: list[Column], labels: set[str]) -> list[Column]:
    """Return the columns of numbers and those without a value that are of their kind by name, in file order.

    A class whose scores are all missing is to be found out, not to be left out.
    """
    if not table.named or not numbers:
        return numbers
    groups = families([column.name for column in (*numbers, *filter(is_empty, rest))])
    names = {column.name for column in numbers}
    for shared, family in groups.items():
        if (shared and names.intersection(family)) or (not shared and labels):
            names.update(name for name in family if shared or name in labels)
    return [column for column in rest if column.name in names]


def _choose(table: Table, scores: list[Column], labels: set[str]) -> tuple[tuple[Column, ...], str, bool]:
    """Return the prediction columns among the number columns that have no other role."""
    if len(scores) == 1:
        return (scores[0],), "the only column of numbers without another role", False
    if table.named:
        by_name = {column.name: column for column in scores}
        groups = [family for family in families(list(by_name)).values() if len(family) > 1]
        for family in (list(by_name), *groups):
            called = {*family, *without_affixes(family)}
            if labels and len(labels) > 1 and all(spelled(label, called) for label in labels):
                return tuple(by_name[name] for name in family), "named after the labels", False
        singles = [column for column in scores if plain(column.name) in SCORES]
        worded = [family for family in groups if score_family(family)]
        if len(worded) == 1 and not [column for column in singles if column.name not in worded[0]]:
            return tuple(by_name[name] for name in worded[0]), "a family of names for scores", False
        if len(singles) == 1 and not worded:
            return (singles[0],), "its name", len(scores) > 1
        if singles or worded:
            raise _ambiguous_scores(table, scores)
    whole = [column for column in scores if whole_numbers(table, column)]
    if not whole and (not labels or len(scores) >= len(labels)):
        return tuple(scores), f"all {len(scores)} columns of fractions without another role", True
    raise _ambiguous_scores(table, scores)


def _one_vector(
    table: Table, vectors: list[Column], numbers: list[Column], decisions: list[Decision]
) -> tuple[Column, ...]:
    """Return the one column of vectors, unless it could as well hold features beside scores in other columns."""
    named = [column for column in vectors if plain(column.name) in SCORES]
    chosen = named or vectors
    rivals = [] if named else [column for column in numbers if not is_predicted(column, table)]
    if len(chosen) != 1 or rivals:
        raise _ambiguous_scores(table, [*vectors, *rivals])
    width = "" if chosen[0].width is None else f" of {chosen[0].width} numbers"
    decisions.append(
        Decision("predictions", chosen[0].name, How.DETECTED, f"the column of vectors{width}", "--pred", not named)
    )
    return (chosen[0],)


def refuse_argmax(table: Table, columns: Sequence[Column]) -> None:
    """Raise InvalidScores if the only columns that could be scores hold predicted classes."""
    predicted = [column for column in columns if is_predicted(column, table)]
    others = [column for column in columns if column.kind is Kind.NUMBER and not is_id(column.name)]
    if predicted and all(column in predicted for column in others):
        raise _argmax_only(table, predicted[0])


def _argmax_only(table: Table, column: Column) -> InvalidScores:
    return InvalidScores(
        f"column {column.name!r} holds predicted classes, not scores: no cross-entropy can be computed from it",
        code="argmax_only",
        where=Where(table.path),
        hint="write the model's probabilities or logits instead (predict_proba, decision_function, …)",
    )


def _no_scores(table: Table, rest: list[Column]) -> DataError:
    predicted = [column for column in rest if is_predicted(column, table)]
    if predicted:
        return _argmax_only(table, predicted[0])
    held = [f"{column.name!r} ({'no value' if is_empty(column) else column.dtype})" for column in rest]
    among = f": {', '.join(held[:MANY])}{', …' if len(held) > MANY else ''}" if held else ""
    return InvalidScores(
        f"no column of numbers is left for the predictions{among}",
        code="no_scores",
        where=Where(table.path),
        hint="name the prediction columns with --pred, and the label with --label",
    )


def _ambiguous_scores(table: Table, columns: Sequence[Column]) -> AmbiguousData:
    return AmbiguousData(
        f"several columns may hold the predictions: {listed(column.name for column in columns)}",
        code="predictions_ambiguous",
        where=Where(table.path),
        hint="name them: --pred COLUMN for one, --pred 'prob_*' or --pred a,b,c for several",
    )


def _given(table: Table, patterns: Sequence[str]) -> tuple[Column, ...]:
    chosen: dict[str, Column] = {}
    for pattern in patterns:
        names = [column for column in table.columns if column.name == pattern]
        if not names and any(mark in pattern for mark in "*?["):
            names = [column for column in table.columns if fnmatch.fnmatchcase(column.name, pattern)]
        chosen.update({column.name: column for column in names or [require(table, pattern, "--pred")]})
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
