"""What the label could be: every column that could hold the truth, with what vouches for it and what speaks against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from celoss_cli.layout.cells import (
    MANY_VALUED,
    ignored,
    mostly_numbers,
    numbers_of,
    predicted_columns,
    sums_to_one,
    values_of,
    whole_numbers,
    without_fractions,
)
from celoss_cli.layout.names import NOT_SCORES, TRUTH, WEAK_TRUTH, families, is_id, plain
from celoss_cli.layout.readings.candidate import By, Candidate
from celoss_cli.layout.readings.score_names import named_as_the_score
from celoss_cli.request import Request
from celoss_cli.spelling import among, around_labels, listed, spelt, without_affixes
from celoss_cli.tables.source import Column, Kind, Table

_DECISIONS = frozenset({"decision", "decisions", "decided", "suggestion", "suggested", "recommendation", "verdict"})

_FEW, _MANY = 10, 0.1  # labels come again and again, ids do not: so many different ones, or such a part of the rows


def readings_of_label_file(table: Table, candidates: Sequence[Column]) -> list[Candidate]:
    """Return the readings of the label in a file of labels."""
    if len(candidates) > 1:
        candidates = [column for column in candidates if not is_id(column.name)] or candidates
    if len(candidates) == 1:
        return [Candidate((candidates[0],), By.ALONE, "the only column that is not an id or a weight")]
    return list(_by_truth_name(table, candidates))


def readings_beside_scores(
    table: Table, candidates: Sequence[Column], request: Request, classes: Sequence[str]
) -> list[Candidate]:
    """Return the readings of the label among columns that stand beside the scores, named with ``--pred`` or not.

    ``classes`` are those that the scores are known to speak of, if a tool has written them.
    """
    predicted = {column.name for column in predicted_columns(table, candidates)}
    free = [column for column in candidates if column.name not in request.pred and column.name not in predicted]
    if table.named:
        free = [column for column in free if not is_id(column.name)]
    may_be = without_fractions(table, free)
    names = [column for column in may_be if column.kind is not Kind.NUMBER or whole_numbers(table, column)]
    found = [*_by_truth_name(table, names), *_by_values(table, free, names, request, classes)]
    # Fractions are labels only where nothing else is, whatever their name: headers can be False and True.
    if not any(_could_be_classes(table, column, len(free) - len(names)) for column in names):
        whole = {column.name for column in names}
        shares = [column for column in free if plain(column.name) != "true" and column.name not in whole]
        found += [one._replace(by=By.VALUES) for one in _by_truth_name(table, shares)]
    if table.named:
        found += named_as_the_score(table, free)
        found += _by_elimination(table, free)
    found += _possible(table, free)
    return found


def _by_truth_name(table: Table, candidates: Sequence[Column]) -> Iterator[Candidate]:
    """Yield the columns that are named for the truth; of the weak names the earlier one.

    CatBoost writes both `Class` (predicted) and `Label` (the truth).
    """
    if not table.named:
        return
    weak = [column for column in candidates if plain(column.name) in WEAK_TRUTH]
    first = min(weak, key=lambda column: WEAK_TRUTH.index(plain(column.name)), default=None)
    for column in candidates:
        if plain(column.name) in TRUTH:
            yield Candidate((column,), By.NAME, "its name")
        elif column in weak:
            yield Candidate((column,), By.WEAK_NAME if column is first else By.POSSIBLE, "its name")


def _by_values(
    table: Table, free: Sequence[Column], names: Sequence[Column], request: Request, classes: Sequence[str]
) -> Iterator[Candidate]:
    """Yield the one column of classes that scores are known to be for, or whose values are the names of columns."""
    values = {column.name: _labels(table, column, request) for column in names}
    known = spelt(classes)
    of_classes = [c for c in names if values[c.name] and len(among(values[c.name], known)) == len(values[c.name])]
    if classes and len(of_classes) == 1:
        yield Candidate((of_classes[0],), By.COLUMN_NAMES, "its values are the classes that the scores are for")
        return
    if not table.named:
        yield from _without_header(table, free)
        return
    numbers = [column.name for column in free if column.kind is Kind.NUMBER]
    numbers += [name for column in table.columns for name in column.classes]
    fitting = [c for c in names if c.kind is not Kind.NUMBER and values[c.name] and _name(values[c.name], numbers)]
    if len(fitting) == 1:
        yield Candidate((fitting[0],), By.COLUMN_NAMES, "its values are the names of the prediction columns")


def _labels(table: Table, column: Column, request: Request) -> set[str]:
    return {text for text in values_of(table, column.name) if not ignored(text, request)}


def _name(values: set[str], numbers: Sequence[str]) -> bool:
    """Whether all values are names of columns, without what a family of them shares."""
    spelled = set(numbers)
    if values <= spelled:
        return True
    for family in families(numbers).values():
        spelled |= set(without_affixes(family)) if len(family) > 1 else set()
        if len(values) > 1 and around_labels(family, values) is not None:
            return True
    return values <= spelled


def _without_header(table: Table, free: Sequence[Column]) -> Iterator[Candidate]:
    """Yield, for a file without header, the one column of names or whole numbers beside columns of fractions."""
    texts = [column for column in free if column.kind is not Kind.NUMBER and column.kind is not Kind.VECTOR]
    whole = [column for column in free if column.kind is Kind.NUMBER and whole_numbers(table, column)]
    own = {column.name for column in whole}
    scores = [column for column in free if column.kind is Kind.NUMBER and column.name not in own]
    vectors = [column for column in table.columns if column.kind is Kind.VECTOR and column not in free]
    if len(texts) == 1 and (scores or whole or vectors):
        column, what = texts[0], "names"
    elif not texts and len(whole) == 1 and (scores or vectors):
        column, what = whole[0], "whole numbers"
    else:
        return
    evidence = f"the only column of {what}, in a file without header"
    if len(scores) > 1 and len(table.columns) == len(scores) + 1 and sums_to_one(table, scores):
        yield Candidate((column,), By.VALUES, f"{evidence}; rows of the others sum to 1")
    elif len(table.columns) == 2 and len(scores) == 1 and _yes_and_no(table, column) and _inside(table, scores[0]):
        yield Candidate((column,), By.VALUES, f"{evidence}: 0 and 1 beside numbers from 0 to 1")
    else:
        yield Candidate((column,), By.ELIMINATION, evidence)


def _by_elimination(table: Table, free: Sequence[Column]) -> Iterator[Candidate]:
    """Yield the only column of names, which is a guess, unless a score column is called after one of them.

    A column of 0 and 1 beside it could be the label just as well.
    """
    may_be = without_fractions(table, free)
    texts = [c for c in may_be if c.kind in (Kind.TEXT, Kind.BOOLEAN) and not mostly_numbers(table, c)]
    if len(texts) != 1 or plain(texts[0].name) in NOT_SCORES:
        return
    column = texts[0]
    values = [text for text in values_of(table, column.name) if text.casefold().isalnum()]  # which words are
    names = "\n".join(c.name for c in free if c.kind is Kind.NUMBER) if values else ""
    words = set(re.findall(r"[^\W_]+", names.casefold()))
    named = sorted(text for text in values if text.casefold() in words)
    if named:
        evidence = f"the only column of names, and {named[0]!r} is in the name of a column of scores"
        yield Candidate((column,), By.VALUES, evidence)
        return
    rivals = [c.name for c in may_be if c.kind is Kind.NUMBER and _yes_and_no(table, c)]
    against = f"{listed(rivals)} could be it, too" if rivals else None
    if not _DECISIONS.isdisjoint(plain(column.name).split("_")):
        against = "its name is one for what was decided, not for what is true"
    yield Candidate((column,), By.ELIMINATION, "the only column of names", against)


def _could_be_classes(table: Table, column: Column, scores: int) -> bool:
    """Whether a column holds as few values as there may be classes: then a share beside it may be a score."""
    return plain(column.name) not in NOT_SCORES and len(values_of(table, column.name)) <= max(2, scores)


def _yes_and_no(table: Table, column: Column) -> bool:
    return values_of(table, column.name) == {"0", "1"}


def _inside(table: Table, column: Column) -> bool:
    values = numbers_of(table, column)
    return bool(values.size) and bool(((values >= 0.0) & (values <= 1.0)).all())


def _possible(table: Table, free: Sequence[Column]) -> Iterator[Candidate]:
    """Yield the columns whose values come again and again, as labels do: shown by ``inspect``, never followed."""
    rows = table.head().rows
    for column in without_fractions(table, free):
        if column.kind in MANY_VALUED or column.kind is Kind.OTHER:
            continue
        fraction = column.kind is Kind.NUMBER and not whole_numbers(table, column)
        if fraction or (column.kind is Kind.TEXT and mostly_numbers(table, column)):
            continue
        values = values_of(table, column.name)
        if 1 < len(values) <= max(2, min(rows // 2, max(_FEW, int(_MANY * rows)))):
            yield Candidate((column,), By.POSSIBLE, f"{len(values)} different values in {rows:,} rows")
