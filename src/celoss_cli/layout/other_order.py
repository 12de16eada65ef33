"""Files that pair by position, each with an id under a name of its own: whether their rows stand in one order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from celoss_cli.errors import DataError, MisalignedData, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.cells import MANY_VALUED, head_is_all
from celoss_cli.layout.items.names import ITEMS
from celoss_cli.layout.names import is_id, plain
from celoss_cli.spelling import number, option, same
from celoss_cli.tables.source import Column, Kind, Need, Table
from celoss_cli.tables.views.shards import batches_of

_NUMBERED = frozenset(
    {"n", "nr", "no", "num", "number", "sample", "sample_no", "sample_nr", "example", "item", "item_no", "case",
     "case_no", "obs", "obs_no", "observation", "record", "record_no", "row_no", "row_nr", "row_num", "row_number",
     "rownum", "line", "line_no", "instance", "inst", "seq", "pos", "i"}
)  # fmt: skip
"""Names of whole numbers that number the rows of a file, besides those of ids."""


_INDEX = ("", "unnamed_0")
"""Names under which pandas writes the numbers of rows along."""


class Order(NamedTuple):
    """What was found of the order of two files: ``evidence`` for or, with ``doubt``, against pairing as is done."""

    evidence: str
    doubt: bool = False


class _Key(NamedTuple):
    """A column whose first cells are all there and all different; ``running`` if they count the rows of the file."""

    column: Column
    texts: Sequence[str]
    running: bool = False
    numbered: bool = False


def check_order(
    predictions: Table, labels: Table, scores: Sequence[Column], label_columns: Collection[str]
) -> Order | None:
    """Return what speaks for pairing by position, or against it; ``None`` if nothing does.

    The ``scores`` of the predictions and the ``label_columns`` of the labels are no ids. Raises MisalignedData where an
    id of both files, under two names, stands in another order: rows paired by position would be others' rows.
    """
    mine = _keys(predictions, {column.name for column in scores}) if predictions.named else []
    theirs = _keys(labels, label_columns) if labels.named else []
    if not (mine and theirs):
        return _own_numbers(mine, theirs, predictions, labels, scores, label_columns)
    found: Order | None = None
    for key in mine:
        for other in theirs:
            # Columns of one name are compared elsewhere; the numbers of the rows of both files say nothing of either.
            if key.column.name == other.column.name or (key.running and other.running):
                continue
            rows = min(len(key.texts), len(other.texts))
            row = next((i for i in range(rows) if not same(key.texts[i], other.texts[i])), None)
            names = f"{key.column.name!r} and {other.column.name!r}"
            if row is None:
                same_rows = f"{names} have the same values in the same rows, as far as the first rows tell"
                found = found or Order(same_rows)
                continue
            if not _one_id(key, other, predictions, labels):
                continue
            vouched = _Vouched.NOTHING
            if key.running or other.running:
                vouched = _vouched(key, other, predictions, labels, scores, label_columns)
            if vouched is _Vouched.BY_POSITION:
                continue
            named = all(plain(one.column.name) not in _INDEX for one in (key, other))
            if vouched is _Vouched.BY_NUMBER or (named and vouched is _Vouched.NOTHING):
                raise _misaligned(predictions, labels, key, other, row)
            found = Order(_in_doubt(names, key), doubt=True)
    return found


def _own_numbers(
    mine: Sequence[_Key],
    theirs: Sequence[_Key],
    predictions: Table,
    labels: Table,
    scores: Sequence[Column],
    label_columns: Collection[str],
) -> Order | None:
    """Return the doubt that an index of one file casts on its order: it numbers all rows, and not as they stand.

    The other file has no ids: its rows may be in the order of these numbers, or in that in which the rows stand. Raises
    MisalignedData where the scores vouch for the former.
    """
    key = next((one for one in (*mine, *theirs) if plain(one.column.name) in (*_INDEX, "index")), None)
    if key is None or key.running or not all((number(text) or 0.0).is_integer() for text in key.texts):
        return None
    table, other = (predictions, labels) if mine else (labels, predictions)
    numbers = _all_ids(table, key)
    if numbers is None or not numbers.size or numbers[0] not in (0.0, 1.0):
        return None
    first = int(numbers[0])
    if not np.array_equal(numbers, np.arange(first, first + numbers.size)):
        return None
    counted = _Key(key.column, [str(first + row) for row in range(other.head().rows)], running=True)
    one, another = (key, counted) if mine else (counted, key)
    vouched = _vouched(one, another, predictions, labels, scores, label_columns)
    if vouched is _Vouched.BY_POSITION:
        return None
    name = repr(key.column.name) if key.column.name.strip() else "without a name"
    if vouched is _Vouched.BY_NUMBER:
        raise MisalignedData(
            f"the index {name} numbers all rows in another order than they stand in, and the scores fit the labels by "
            f"these numbers: the rows of {other.path} are in their order",
            code="rows_differ",
            where=Where(table.path),
            hint=f"sort the rows of {table.path} by the index, or write the same index into both files",
        )
    return Order(
        f"the index {name} in {table.path} numbers all rows in another order than they stand in, and {other.path} has "
        "none: nothing tells which of the two orders its rows are in",
        doubt=True,
    )


def check_index(
    predictions: Table, labels: Table, name: str, scores: Sequence[Column], label_columns: Collection[str]
) -> Order | None:
    """Return that it is in doubt whether an index without a name pairs the rows of two files; ``None`` if not.

    One file counts its own rows, and the other has the same numbers in another order. Raises MisalignedData where the
    scores vouch for the order of the rows.
    """
    if plain(name) not in _INDEX:
        return None
    taken = {column.name for column in scores}
    mine, theirs = (
        next((key for key in _keys(table, names) if key.column.name == name), None)
        for table, names in ((predictions, taken), (labels, label_columns))
    )
    if mine is None or theirs is None or mine.running is theirs.running:
        return None
    if not _one_id(mine, theirs, predictions, labels):
        return None
    match _vouched(mine, theirs, predictions, labels, scores, label_columns):
        case _Vouched.BY_POSITION:
            raise MisalignedData(
                f"the index {name!r} counts the rows of one file and stands in another order in {labels.path}, but the "
                "scores fit the labels of their own rows, not those of the same number",
                code="rows_differ",
                where=Where(predictions.path, column=name),
                hint="if the rows of both files belong together as they stand, write one without its index; if the "
                + (f"index is the id: {option('--id', name)}" if name.strip() else "index is the id, give it a name"),
            )
        case _Vouched.NOTHING | _Vouched.PERHAPS_BY_POSITION:
            return Order(_in_doubt(f"the index {name!r} here and there", mine), doubt=True)
        case _:
            return None


def _in_doubt(names: str, mine: _Key) -> str:
    counting = "the first" if mine.running else "the second"
    return (
        f"{names} hold the same numbers in another order; {counting} may only count its rows, and the scores do not "
        "tell whether the rows belong together by number or as they stand"
    )


def _keys(table: Table, taken: Collection[str]) -> list[_Key]:
    """Return the columns that may identify rows: of text, or of whole numbers if named so; and no row numbers."""
    keys = []
    for column in table.columns:
        if column.name in taken or column.kind in MANY_VALUED or column.kind is Kind.BOOLEAN:
            continue
        texts = [text for text in table.head().texts(column.name) if text is not None]
        if len(texts) < 2 or len(texts) < table.head().rows or len(set(texts)) < len(texts):
            continue
        numbers = [number(text) for text in texts]
        if any(value is None for value in numbers):
            keys.append(_Key(column, texts))
            continue
        identifies = is_id(column.name) or is_id(_stem(column.name))
        numbered = plain(column.name) in _NUMBERED or plain(column.name) in ITEMS
        if not (identifies or numbered) or not all(value is not None and value.is_integer() for value in numbers):
            continue
        first = numbers[0]
        running = first in (0.0, 1.0) and all(value == first + i for i, value in enumerate(numbers))
        keys.append(_Key(column, texts, running, numbered and not identifies))
    return keys


def _one_id(mine: _Key, theirs: _Key, predictions: Table, labels: Table) -> bool:
    """Whether two columns are one id: their names differ in spelling alone, or their values are the same ones.

    Of long files the first rows may have no value in common; then all ids of the labels are looked through, provided
    that both columns are named like ids. Numbers that may only number the rows of one file have to be the same ones
    in all rows of both.
    """
    if mine.running or theirs.running or mine.numbered or theirs.numbered:
        return not _shifted(mine.texts, theirs.texts) and _same_numbers(
            _all_ids(predictions, mine), _all_ids(labels, theirs)
        )
    if _stem(mine.column.name) == _stem(theirs.column.name):
        return True
    wanted = set(mine.texts)
    if 2 * len(wanted.intersection(theirs.texts)) >= min(len(mine.texts), len(theirs.texts)):
        return True
    if head_is_all(labels) or not (is_id(mine.column.name) and is_id(theirs.column.name)):
        return False
    missing = set(wanted)
    for batch in batches_of(labels, {theirs.column.name: Need.KEY}):
        missing.difference_update(text for text in batch.texts(theirs.column.name) if text is not None)
        if 2 * len(missing) < len(wanted):
            return True
    return False


class _Vouched(IntEnum):
    """What the scores say of two orders of the labels: by the numbers in two columns, or as they stand."""

    BY_NUMBER = 0
    NOTHING = 1
    PERHAPS_BY_POSITION = 2
    BY_POSITION = 3


def _vouched(
    mine: _Key,
    theirs: _Key,
    predictions: Table,
    labels: Table,
    scores: Sequence[Column],
    label_columns: Collection[str],
) -> _Vouched:
    """Return for which order of the labels the scores vouch, as far as the first rows tell.

    Where they do so for the order in the file, the numbers are not ids: those of one file count its rows, which its
    writer brought into the other's order. Labels that name no classes of the scores tell nothing, and stand as they do.
    """
    from celoss_cli.layout.readings.order_fit import SURE, order_fit

    if len(label_columns) > 1:
        return _Vouched.NOTHING
    texts = labels.head().texts(next(iter(label_columns)))[: predictions.head().rows]
    first = min(number(text) or 0.0 for text in theirs.texts) - min(number(text) or 0.0 for text in mine.texts)
    places = {(number(text) or 0.0) + first: row for row, text in enumerate(mine.texts)}
    paired = [(places[value], text) for text, key in zip(texts, theirs.texts, strict=False)
              if (value := number(key)) in places]  # fmt: skip
    by_position = order_fit(predictions, texts, scores)
    by_number = order_fit(predictions, [text for _, text in paired], scores, [row for row, _ in paired])
    if by_position is None or by_number is None:
        return _Vouched.NOTHING
    if max(by_position, by_number) < SURE:
        return _Vouched.PERHAPS_BY_POSITION if by_position > by_number else _Vouched.NOTHING
    return _Vouched.BY_POSITION if by_position > by_number else _Vouched.BY_NUMBER


def _shifted(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether all numbers of one column differ by the same from those beside them: one counts from 0, one from 1."""
    steps = {(number(one) or 0.0) - (number(other) or 0.0) for one, other in zip(mine, theirs, strict=False)}
    return len(steps) == 1


def _same_numbers(mine: Floats | None, theirs: Floats | None) -> bool:
    """Whether two columns have the same numbers, given in rising order, or would if both counted from 0, or from 1."""
    if mine is None or theirs is None or not mine.size or mine.size != theirs.size:
        return False
    low, other = float(mine[0]), float(theirs[0])
    alike = low == other or {low, other} == {0.0, 1.0}
    return alike and np.array_equal(mine - low, theirs - other)


def _all_ids(table: Table, key: _Key) -> Floats | None:
    """Return the numbers in all rows of a column in rising order, ``None`` if a row has none, or another row's."""
    parts = []
    try:
        for numbers in _numbers(table, key):
            if not np.isfinite(numbers).all():
                return None
            parts.append(numbers)
    except (
        DataError
    ):  # a cell below the first rows holds no number; a fault of what is scored is told when it is scored
        return None
    found = np.concatenate(parts) if parts else np.empty(0)
    found.sort()
    return None if (found[1:] == found[:-1]).any() else found


def _numbers(table: Table, key: _Key) -> Iterator[Floats]:
    """Yield the numbers of a column, batch by batch; NaN, or what is not finite, where a cell has none."""
    name = key.column.name
    if not head_is_all(table) and key.column.kind is Kind.NUMBER:
        for batch in batches_of(table, {name: Need.NUMBER}):
            yield np.asarray(batch.numbers(name), dtype=np.float64)
        return
    several: Iterable[Sequence[str | None]] = (key.texts,)
    if not head_is_all(table):
        several = (batch.texts(name) for batch in batches_of(table, {name: Need.KEY}))
    for texts in several:
        values = (None if text is None else number(text) for text in texts)
        yield np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _stem(name: str) -> str:
    """Return a name without what spelling and joins add: ``ImageId``, ``image_id``, ``image_id_x`` are one."""
    return re.sub(r"_[xy]$", "", plain(name)).replace("_", "")


def _misaligned(predictions: Table, labels: Table, mine: _Key, theirs: _Key, row: int) -> MisalignedData:
    name, other = mine.column.name, theirs.column.name
    return MisalignedData(
        f"{name!r} here and {other!r} in {labels.path} look like one id, and their rows stand in another order: "
        f"{mine.texts[row]!r} here, {theirs.texts[row]!r} in the same row there",
        code="rows_differ",
        where=Where(predictions.path, row, predictions.line_of(row), name),
        hint=f"rename one so that both are called {name!r}, and pass {option('--id', name)}; "
        "if they mean different things, leave one column out",
    )
