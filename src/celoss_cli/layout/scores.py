"""Which columns are the predictions."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterable, Sequence

from celoss_cli.errors import AmbiguousData, DataError, InvalidScores, Where
from celoss_cli.layout.cells import MANY, is_empty, is_key, is_predicted, mostly_numbers, require, shown, whole_numbers
from celoss_cli.layout.names import (
    LOGITS,
    NOT_SCORES,
    SCORES,
    TRUTH,
    WEAK_SCORES,
    WEIGHTS,
    families,
    is_id,
    plain,
    score_family,
    score_groups,
    spelled,
)
from celoss_cli.request import Request, UnknownClass
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import in_order, listed, number, same, without_affixes
from celoss_cli.tables.source import Column, Kind, Table

_RANKED_ROWS = 20  # different rows: of a model that tells classes apart, so many are never all in one order


def find_scores(
    table: Table, request: Request, taken: set[str], decisions: list[Decision], labels: set[str]
) -> tuple[Column, ...]:
    if request.pred:
        chosen = _given(table, request.pred)
        decisions.append(Decision("predictions", shown(chosen), How.GIVEN, "--pred"))
        return chosen
    classes = _class_columns(table, taken, labels)
    rest = [
        column
        for column in table.columns
        if column.name not in taken
        and (
            column.name in classes
            or not (table.named and (is_key(table, column) or plain(column.name) in (*WEIGHTS, *NOT_SCORES)))
        )
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
    truths = [
        c
        for c in numbers
        if table.named and plain(c.name) in TRUTH and c.name not in classes and whole_numbers(table, c)
    ]
    # A second file has the labels: then the only numbers here are the predictions, even if called `target` (Kaggle).
    numbers = [column for column in numbers if column not in truths] or truths
    scores = [column for column in numbers if column.name in classes or not is_predicted(column, table)]
    if not scores:
        raise _no_scores(table, rest, taken)
    if request.unknown_class is not UnknownClass.ERROR:
        labels = _named_labels(labels, {column.name for column in scores})
    chosen, evidence, guess = _choose(table, scores, labels)
    _refuse_ranks(table, chosen)
    decisions.append(Decision("predictions", shown(chosen), How.DETECTED, evidence, "--pred", guess))
    return chosen


def _refuse_ranks(table: Table, columns: Sequence[Column]) -> None:
    """Refuse numbered columns that fall from left to right in every row: the ranks of a top-k list, not classes."""
    cores = [number(core) for core in without_affixes([column.name for column in columns])]
    if not table.named or len(columns) < 3 or cores != list(range(len(columns))):
        return
    head = table.head()
    if head.rows == 0 or not _falls(head.text_at(column.name, 0) for column in columns):
        return  # as nearly always: the other rows need not be turned into texts
    rows = set(zip(*(head.texts(column.name) for column in columns), strict=True))
    if len(rows) >= _RANKED_ROWS and all(_falls(row) for row in rows):
        raise AmbiguousData(
            f"{columns[0].name!r} is the largest and {columns[-1].name!r} the smallest score of every row: these may "
            "be ranks, the likeliest class first, and not classes",
            code="ranks_or_classes",
            where=Where(table.path),
            hint=f"if each column is one class, name them: --pred {columns[0].name},{columns[1].name},…",
        )


def _falls(row: Iterable[str | None]) -> bool:
    numbers = [number(text or "") or 0.0 for text in row]
    return numbers == sorted(numbers, reverse=True)


def _class_columns(table: Table, taken: set[str], labels: set[str]) -> set[str]:
    """Return the columns that labels name as classes, whatever else their names may mean: ``true`` beside ``fake``.

    Columns called ``False`` and ``True`` are those of pandas for a boolean label, in any spelling of it.
    """
    if not table.named:
        return set()
    free = [column for column in table.columns if column.name not in taken]
    named = [column for column in free if any(same(label, column.name) for label in labels)]
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
        groups = score_groups(list(by_name))
        for family in (list(by_name), *groups):
            called = {*family, *without_affixes(family)}
            if labels and len(labels) > 1 and all(spelled(label, called) for label in labels):
                return _named_after_labels(table, [by_name[name] for name in family], labels)
        singles = [column for column in scores if plain(column.name) in SCORES]
        worded = [family for family in groups if score_family(family)]
        if len(worded) == 1 and not [column for column in singles if column.name not in worded[0]]:
            return tuple(by_name[name] for name in worded[0]), "a family of names for scores", False
        if len(singles) == 1 and not worded and not _may_be_one_of_several(table, singles[0], scores):
            return (singles[0],), "its name", len(scores) > 1
        if singles or worded or not _belong_together(table, scores):
            raise _label_without_column(table, scores, labels) or _ambiguous_scores(table, scores)
    whole = [column for column in scores if whole_numbers(table, column)]
    if not whole and (not labels or len(scores) >= len(labels)):
        return tuple(scores), f"all {len(scores)} columns of fractions without another role", True
    raise _label_without_column(table, scores, labels) or _ambiguous_scores(table, scores)


def _named_labels(labels: set[str], names: set[str]) -> set[str]:
    """Return the labels that name a column, if most do and there are several; else all."""
    named = {label for label in labels if spelled(label, names)}
    return named if len(named) > max(1, len(labels) - len(named)) else labels


def _label_without_column(table: Table, scores: Sequence[Column], labels: set[str]) -> AmbiguousData | None:
    """Return the error that most labels have a column of their name and these have none; ``None`` if most have none."""
    names = [column.name for column in scores]
    unknown = labels - _named_labels(labels, set(names))
    if not unknown:
        return None
    from celoss_cli.spelling import list_option

    return AmbiguousData(
        f"no column is called like the label {listed(unknown)}, as those of the other labels are: {in_order(names)}",
        code="predictions_ambiguous",
        where=Where(table.path),
        hint=f"correct the label, or leave such rows out: --unknown-class drop; "
        f"if it is a class without a score: {list_option('--pred', names)} --unknown-class inf",
    )


def _named_after_labels(table: Table, family: list[Column], labels: set[str]) -> tuple[tuple[Column, ...], str, bool]:
    """Return the columns of a family in which every label has its own; the others can be classes without rows.

    Where rows of probabilities settle it, they do. Otherwise a column more may be anything: a class that no row has,
    or a length, a margin, an entropy. Among names that share nothing it is refused, in a family it is a guess.
    """
    cores = without_affixes([column.name for column in family])
    named = [
        c
        for c, core in zip(family, cores, strict=True)
        if any(same(label, n) for label in labels for n in (c.name, core))
    ]
    surplus = [column for column in family if column not in named]
    others = listed(column.name for column in surplus)
    if not surplus:
        return tuple(family), "named after the labels", False
    for columns, why in ((family, "rows of all of them sum to 1"), (named, "rows of these sum to 1")):
        if len(columns) > 1 and _sums_to_one(table, columns):
            return tuple(columns), f"named after the labels; {why}", False
    if cores == tuple(column.name for column in family):
        raise AmbiguousData(
            f"the labels name {listed(column.name for column in named)}, and beside these stand {others}",
            code="predictions_ambiguous",
            where=Where(table.path),
            hint="say which columns are classes: --pred a,b,c",
        )
    return tuple(family), f"named after the labels, with {others} beside them", True


def _may_be_one_of_several(table: Table, single: Column, scores: Sequence[Column]) -> bool:
    """Whether a column named like a score may be a class (``p`` beside ``q``), or say how sure a model is."""
    if len(scores) == 1:
        return False
    if plain(single.name) in WEAK_SCORES or _sums_to_one(table, scores):
        return True
    values = [value for text in table.head().texts(single.name) if (value := number(text or "")) is not None]
    return plain(single.name) not in LOGITS and any(not 0.0 <= value <= 1.0 for value in values)


def _belong_together(table: Table, scores: Sequence[Column]) -> bool:
    """Whether columns are the scores of one model: a family by their names, or distributions by their rows.

    Otherwise one of them may be a length, an age or an entropy, and nothing would tell.
    """
    names = [column.name for column in scores]
    alike = {(name[:1], len(name)) for name in names}  # pa, pb, pc
    if without_affixes(names) != tuple(names) or len(alike) == 1:
        return True
    return _sums_to_one(table, scores) or _sums_to_one(table, scores, log=True)


def _sums_to_one(table: Table, columns: Sequence[Column], *, log: bool = False) -> bool:
    """Whether the first rows of these columns are distributions, or the logarithms of some."""
    texts = [table.head().texts(column.name) for column in columns]
    rows = [[number(text or "") for text in row] for row in zip(*texts, strict=True)]
    known = [[_power(value) if log else value for value in row if value is not None] for row in rows]
    sums = [sum(row) for row in known if len(row) == len(columns) and all(0.0 <= value <= 1.0 for value in row)]
    return bool(sums) and len(sums) == len(rows) and all(abs(total - 1.0) <= 0.02 for total in sums)


def _power(value: float) -> float:
    return math.exp(value) if value <= 0.0 else math.inf


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
    # An array (N, C) by itself: there is nothing else to take. Rows made of lines or of records are another matter.
    only = len(table.columns) == 1 and not table.named and table.format in ("npy", "memory")
    evidence = f"the column of vectors{width}" if not only else f"the array itself,{width.removeprefix(' of')} a row"
    put_together = any(decision.what == "layout" for decision in table.decisions)  # which is a decision of its own
    guess = not (named or only or put_together)
    decisions.append(Decision("predictions", chosen[0].name, How.DETECTED, evidence, "--pred", guess))
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


def _no_scores(table: Table, rest: list[Column], taken: set[str]) -> DataError:
    predicted = [column for column in rest if is_predicted(column, table)]
    if predicted:
        return _argmax_only(table, predicted[0])
    kept_out = [
        column.name
        for column in table.columns
        if column not in rest and column.name not in taken and column.kind is Kind.NUMBER and not is_key(table, column)
    ]
    if kept_out and not rest:
        from celoss_cli.spelling import option

        return InvalidScores(
            f"no column of numbers is left for the predictions: {in_order(kept_out)} is called like a weight, "
            "a threshold or other bookkeeping",
            code="no_scores",
            where=Where(table.path),
            hint=f"if it holds the scores, say so: {option('--pred', kept_out[0])}",
        )
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
