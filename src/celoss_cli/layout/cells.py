"""What columns hold, as far as their types and first rows tell, and how they are spoken of.

A file can have thousands of columns, and some forty looks are taken at all of them. So what is asked again and again of
first rows is found out once and kept with them (``Batch.known``), and most looks end at a name in ``fractions``: such a
column is no id, no label, no predicted class and no class of a long file.
"""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import DataError, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.names import PREDICTED, TRUTH, is_id, plain
from celoss_cli.request import Request
from celoss_cli.spelling import in_order, number, same
from celoss_cli.tables.batch import ONE_SCORE_EACH, Batch, RaggedVector
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tables.views.shards import ShardedTable, place
from celoss_cli.tables.views.view import stored

MANY_VALUED = (Kind.VECTOR, Kind.NESTED)

_HEAD_ROWS = 1000

_AT_ONCE = 256  # columns: the scores of most files are told by the first of them

_GLOB = "*?["

MANY = 8  # columns shown in a message


def is_predicted(column: Column, table: Table) -> bool:
    """Whether a column holds the class that the model chose: named so, and text or whole numbers."""
    called = plain(column.name)
    named = called in PREDICTED or (called == "response" and any(plain(c.name) in TRUTH for c in table.columns))  # mlr3
    return table.named and named and names_classes(table, column)


def predicted_columns(table: Table, columns: Iterable[Column]) -> list[Column]:
    """Return those of the columns that hold the class that the model chose."""
    return [column for column in without_fractions(table, columns) if is_predicted(column, table)]


def names_classes(table: Table, column: Column) -> bool:
    """Whether the cells of a column can be classes: text, booleans or whole numbers."""
    return column.kind in (Kind.TEXT, Kind.BOOLEAN) or (column.kind is Kind.NUMBER and whole_numbers(table, column))


def is_key(table: Table, column: Column) -> bool:
    """Whether a column identifies rows by its name, and holds no fractions: ``prob_id`` can be the score of a class."""
    return is_id(column.name) and (column.kind is not Kind.NUMBER or whole_numbers(table, column))


def matrix_of_first_rows(table: Table, name: str, hint: str = ONE_SCORE_EACH) -> npt.NDArray[Any]:
    """Return the vectors of a column in the first rows, (n, C). Raises InvalidScores where they differ in length."""
    try:
        return table.head().matrix(name)
    except RaggedVector as odd:
        raise odd.refused(place(table, odd.row, name), hint) from None


def fractions(table: Table) -> frozenset[str]:
    """Return the columns of numbers in whose first rows one is not whole, but for those that cannot be read."""
    head = table.head()
    found: frozenset[str] | None = head.known.get(fractions)
    if found is None:
        numbers = (column.name for column in table.columns if column.kind is Kind.NUMBER)
        found = head.known[fractions] = frozenset(name for name in numbers if _has_fraction(head, name))
    return found


def without_fractions(table: Table, columns: Iterable[Column]) -> list[Column]:
    """Return the columns that can hold ids, labels or names: all but those of ``fractions``, mostly few."""
    apart = fractions(table)
    return [column for column in columns if column.name not in apart]


def may_be_fractions(labels: Iterable[str]) -> bool:
    """Whether a label is a number that is not whole: where none is, no column of ``fractions`` holds just these."""
    values = ((label.strip().casefold(), number(label)) for label in labels)
    return any(not value.is_integer() if value is not None else "inf" in text for text, value in values)


def _has_fraction(head: Batch, name: str) -> bool:
    try:
        return not _are_whole(head, name)
    except DataError:  # of cells that are to be decoded: whoever needs the column says so
        return False


def _are_whole(head: Batch, name: str) -> bool:
    known: dict[str, bool] = head.known.setdefault(_are_whole, {})
    found = known.get(name)
    if found is None:
        found = known[name] = _looked_at(head.numbers(name))
    return found


def _looked_at(values: npt.NDArray[Any]) -> bool:
    """Whether all numbers (n,) are whole, or missing."""
    if values.dtype.kind != "f":
        return True
    if values.size and not (first := float(values.item(0))).is_integer() and first == first:
        return False  # as nearly every score
    present = values[values == values]  # NaN is a missing cell
    return bool((np.floor(present) == present).all() and np.isfinite(present).all())


def whole_numbers(table: Table, column: Column) -> bool:
    """Whether the first cells of a column are whole numbers, or missing."""
    if column.kind is Kind.NUMBER:
        return _are_whole(table.head(), column.name)
    return all(value is None or is_whole(value) for value in table.head().texts(column.name))


def is_whole(text: str) -> bool:
    value = number(text)
    return value is not None and value.is_integer()


def is_empty(column: Column) -> bool:
    """Whether no value has been seen in a column: its cells may be anything."""
    return column.kind is Kind.OTHER and column.dtype in ("empty", "null")


def could_be_numbers(table: Table, column: Column) -> bool:
    return is_empty(column) or (column.kind is Kind.TEXT and mostly_numbers(table, column))


def mostly_numbers(table: Table, column: Column) -> bool:
    """Whether a text column is a number column with some bad cells: then reading it says which."""
    values = [value for value in table.head().texts(column.name) if value is not None]
    return bool(values) and 2 * sum(number(value) is not None for value in values) > len(values)


def ignored(label: str, request: Request) -> bool:
    """Whether a label is the one of ``--ignore-index``, and no name of a class."""
    return request.ignore_index is not None and same(label, request.ignore_index)


def numbers_of(table: Table, column: Column) -> Floats:
    """Return the first cells of a column as floats (n,), not to be written to; NaN where a cell holds no number."""
    if column.kind in (Kind.NUMBER, Kind.BOOLEAN):
        return table.head().numbers(column.name).astype(np.float64, copy=False)
    values = [None if text is None else number(text) for text in table.head().texts(column.name)]
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def parted(one: Floats, other: Floats) -> bool:
    """Whether a threshold parts the scores of two classes: then the class may follow from the score of one."""
    one, other = one[~np.isnan(one)], other[~np.isnan(other)]
    if not one.size or not other.size:
        return True
    return bool(one.max() <= other.min() or other.max() <= one.min())


def sums_to_one(table: Table, columns: Sequence[Column], *, log: bool = False) -> bool:
    """Whether the first rows of these columns are distributions, or the logarithms of some."""
    known: dict[tuple[tuple[str, ...], bool], bool] = table.head().known.setdefault(sums_to_one, {})
    names = tuple(column.name for column in columns)
    found = known.get((names, log))
    if found is None:
        found = known[names, log] = _sum_to_one(table, columns, log=log)
    return found


def _sum_to_one(table: Table, columns: Sequence[Column], *, log: bool) -> bool:
    sums = np.zeros(table.head().rows)
    for some in in_pieces(columns):
        values = rows_of(table, some)
        if log:
            values = np.where(values <= 0.0, np.exp(np.minimum(values.astype(np.float64), 0.0)), np.inf)
        if not ((values >= 0.0) & (values <= 1.0)).all():
            return False
        sums += values.sum(axis=0, dtype=np.float64)
    return bool(columns) and bool(sums.size) and bool((np.abs(sums - 1.0) <= 0.02).all())


def in_pieces(columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
    """Yield columns, some hundred at a time: so many that the first rows of all need not lie in memory twice."""
    for start in range(0, len(columns), _AT_ONCE):
        yield columns[start : start + _AT_ONCE]


def rows_of(table: Table, columns: Sequence[Column]) -> npt.NDArray[Any]:
    """Return the first rows of several columns (C, n), not to be written to; NaN where a cell holds no number."""
    if all(column.kind is Kind.NUMBER for column in columns):
        return table.head().stacked([column.name for column in columns])
    return np.stack([numbers_of(table, column) for column in columns])


def values_of(table: Table, name: str) -> set[str]:
    return {value for value in table.head().texts(name) if value is not None}


def has(table: Table, name: str) -> bool:
    return any(column.name == name for column in table.columns)


def columns_named(table: Table, pattern: str) -> list[Column]:
    """Return the column of that name, else those that a glob of names is for; none if there are none."""
    named = [column for column in table.columns if column.name == pattern]
    if named or not any(mark in pattern for mark in _GLOB):
        return named
    return [column for column in table.columns if fnmatch.fnmatchcase(column.name, pattern)]


def require(table: Table, name: str, flag: str) -> Column:
    """Return the column of that name; raise DataError if there is none."""
    for column in table.columns:
        if column.name == name:
            return column
    names = [column.name for column in table.columns]
    pattern = flag in ("--pred", "--label") and any(mark in name for mark in _GLOB)
    what = "no column matches" if pattern else "there is no column"
    close = difflib.get_close_matches(name, names, n=1)
    raise DataError(
        f"{what} {name!r}; the columns are {in_order(names)}",
        code="no_such_column",
        where=Where(table.path),
        hint=f"did you mean {flag} {close[0]}?" if close else f"{flag} takes one of these names",
    )


def require_names(table: Table, name: str, flag: str) -> Column:
    """Return the column of that name, whose cells can be names: labels, ids or conditions are."""
    column = require(table, name, flag)
    if column.kind in MANY_VALUED:
        raise DataError(
            f"holds several values in a cell ({column.dtype})",
            code="not_names",
            where=Where(table.path, column=name),
            hint=f"{flag} takes a column of single values",
        )
    return column


def head_is_all(table: Table) -> bool:
    """Whether the first rows are all rows.

    Those of a text file are if they are fewer than a head may have, and there is no more text: long rows fill a sample.
    """
    table = stored(table)  # of which several rows may be one of a view
    if isinstance(table, ShardedTable):
        return len(table.shards) == 1 and head_is_all(table.shards[0])
    head = table.head().rows
    if table.rows is not None:
        return head == table.rows
    return head < _HEAD_ROWS and getattr(table, "sampled_whole", True)


def shown(columns: Sequence[Column]) -> str:
    if len(columns) > 6:
        return f"{columns[0].name}, {columns[1].name}, …, {columns[-1].name} ({len(columns)})"
    return ", ".join(column.name for column in columns)
