"""A label file beside scores that have labels of their own: do both say the same of a row, or stand in other orders?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from celoss_cli.errors import MisalignedData, Where
from celoss_cli.layout.cells import MANY_VALUED, head_is_all, is_predicted, names_classes
from celoss_cli.layout.names import TRUTH, WEAK_TRUTH, plain
from celoss_cli.layout.readings.order_fit import SURE, order_fit
from celoss_cli.layout.readings.truth import is_likeliest
from celoss_cli.spelling import natural_key, number
from celoss_cli.tables.source import Column, Need, Table
from celoss_cli.tables.views.shards import batches_of

_MOST_CLASSES = 100  # among the first rows: what holds more different values is no label

_OF_CHANCE = 0.5  # of the rows that would differ by chance: labels of the same rows, corrected, differ in fewer


def check_labels_beside(predictions: Table, labels: Table, label: str, scores: Sequence[Column]) -> None:
    """Raise MisalignedData where the labels beside the scores are those of the label file in another order.

    They hold each class as often, and differ as rows do that do not belong together; and the scores do not vouch for
    the label file's order.
    """
    theirs = [_spelled(text) for text in labels.head().texts(label)]
    whole = head_is_all(predictions) and head_is_all(labels)
    names = {column.name for column in scores}
    for column in predictions.columns:
        if column.name in names or column.kind in MANY_VALUED or is_predicted(column, predictions):
            continue
        texts = predictions.head().texts(column.name)
        mine = [_spelled(text) for text in texts]
        if all(one == other for one, other in zip(mine, theirs, strict=False)):
            continue
        coded = _codes(set(mine), set(theirs))
        if coded is None and not whole and len(set(mine)) <= _MOST_CLASSES and names_classes(predictions, column):
            # Of a file that is sorted by class the first rows lack some.
            coded = _codes(set(_counts(predictions, column.name)), set(_counts(labels, label)))
        if coded is None:
            continue
        pairs = [(coded.get(one, one), other) for one, other in zip(mine, theirs, strict=False)]
        row = next((i for i, (one, other) in enumerate(pairs) if one != other), None)
        if row is None or not _differ_as_by_chance(pairs):
            continue
        named = _called_labels(column, label, set() if coded else set(texts))
        if not _fits_better(predictions, labels, column.name, label, scores, named=named):
            continue
        counts = Counter[str | None]()
        for value, count in _counts(predictions, column.name).items():
            counts[coded.get(value, value)] += count
        if counts != _counts(labels, label):
            continue
        raise MisalignedData(
            f"column {column.name!r} holds the classes of {label!r} in {labels.path}, each as often, but in another "
            f"order: {texts[row]!r} here, {labels.head().texts(label)[row]!r} in the same row there",
            code="rows_differ",
            where=Where(predictions.path, row, predictions.line_of(row), column.name),
            hint=f"if {column.name!r} is the truth, leave the label file out; if the rows of both have a key, --id "
            f"COLUMN; if {column.name!r} is something else, take it out of the file",
        )


def _called_labels(column: Column, label: str, values: Collection[str | None]) -> bool:
    """Whether a column is called like labels, or holds names; a feature of 0 and 1 can be like them by chance."""
    called = plain(column.name)
    named = called == plain(label) or called in TRUTH or called in WEAK_TRUTH
    return named or (bool(values) and all(text is None or number(text) is None for text in values))


def _codes(mine: set[str | None], theirs: set[str | None]) -> dict[str | None, str | None] | None:
    """Return how values of one column are written in the other: as they are, or the earlier of two for the earlier.

    ``None`` where the columns cannot hold the same classes: ``no`` and ``yes`` are 0 and 1, and ``a`` to ``c`` are not.
    """
    if mine == theirs:
        return {}
    pairs = [sorted((value for value in values if value is not None), key=natural_key) for values in (mine, theirs)]
    if any(len(pair) != 2 for pair in pairs) or (None in mine) is not (None in theirs):
        return None
    return dict(zip(*pairs, strict=True))


def _differ_as_by_chance(pairs: Sequence[tuple[str | None, str | None]]) -> bool:
    """Whether so many pairs differ as would if the one had nothing to do with the other, or half as many."""
    counts = Counter(other for _, other in pairs)
    by_chance = 1.0 - sum((count / len(pairs)) ** 2 for count in counts.values())
    return sum(one != other for one, other in pairs) >= _OF_CHANCE * by_chance * len(pairs)


def _fits_better(
    predictions: Table, labels: Table, column: str, label: str, scores: Sequence[Column], *, named: bool
) -> bool:
    """Whether the scores vouch for the labels beside them or, if these are ``named`` so, not for the label file's.

    A model that is no better than the class frequencies vouches for no order at all.
    """
    texts = labels.head().texts(label)[: predictions.head().rows]
    by_position = order_fit(predictions, texts, scores) or 0.0
    beside = order_fit(predictions, predictions.head().texts(column), scores) or 0.0
    if named and by_position < SURE:
        return True
    predicted = plain(column) not in TRUTH and is_likeliest(predictions, column, scores)
    return not predicted and beside >= max(SURE, by_position)


def _counts(table: Table, name: str) -> Counter[str | None]:
    return Counter(_spelled(text) for text in _all_texts(table, name))


def _all_texts(table: Table, name: str) -> Iterator[str | None]:
    if head_is_all(table):
        yield from table.head().texts(name)
        return
    for batch in batches_of(table, {name: Need.CATEGORY}):
        column = batch.categories(name)
        for code in column.codes.tolist():
            yield column.values[code] if code >= 0 else None


def _spelled(text: str | None) -> str | None:
    """Return a label in one spelling: 1, 1.0 and 01 are the same number."""
    value = None if text is None else number(text)
    return text if value is None else f"{value:.17g}"
