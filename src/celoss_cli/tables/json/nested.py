"""Objects in an object: which of the two are the rows, and which the columns.

``{"img7": {"p": 0.9, "y": 1}, …}`` (pandas' orient="index") and ``{"p": {"img7": 0.9}, "y": {"img7": 1}}`` (its
default) are the same table. What columns are called, rows of scores that sum to 1, keys that count the rows, and
columns of one kind each tell which it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.tables.text.header import HEADER_NAMES

Columns = Mapping[str, Sequence[Any]]

INDEX = "index"
"""What the column of row names is called, where a document has them."""

_FEWEST_KEYS = 3  # by which rows are told from columns

_SUMS_TO = 1e-3

_SCORES = re.compile(
    r"(y_|pred_|predicted_)?(p|q|prob|proba|probs|probability|probabilities|score|scores|logit|logits|logprob|logprobs|margin|confidence)"
    r"([_.:( ].*|[0-9]+)?",
)


def columns_of_nested(document: Mapping[str, Mapping[str, Any]], path: str) -> Columns:
    """Return the columns of an object of objects, the names of its rows before them.

    Raises AmbiguousData where rows and columns cannot be told apart.
    """
    inner = dict.fromkeys(key for value in document.values() for key in value)
    by_column = {name: [value.get(key) for key in inner] for name, value in document.items()}
    by_row = {name: [value.get(name) for value in document.values()] for name in inner}
    rows_first = _rows_first(by_row, by_column)
    if rows_first is None:
        outer, key = next(iter(document)), next(iter(inner))
        raise AmbiguousData(
            f"is an object of objects, {{{outer!r}: {{{key!r}: …}}, …}}, and nothing tells which of them are its rows",
            code="orientation_unknown",
            where=Where(path),
            hint='write records, [{"id": …, …}, …], or pandas\' orient="records" or "split"; '
            "or name the columns as scores and labels are named: prob, label",
        )
    names, found = (list(document), by_row) if rows_first else (list(inner), by_column)
    return found if INDEX in found else {INDEX: names, **found}


def wrapped(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the rows by id that a document has under one key, with nothing but single values beside them."""
    objects = [value for value in document.values() if isinstance(value, dict)]
    if len(objects) != 1 or any(isinstance(value, list) for value in document.values()):
        return None
    inner: Mapping[str, Any] = objects[0]
    rows = len(inner) >= _FEWEST_KEYS and all(isinstance(value, dict) and value for value in inner.values())
    alike = rows and len({frozenset(value) for value in inner.values()}) == 1
    return inner if alike else None


def is_column_name(name: str) -> bool:
    """Whether a key is what a column of labels or scores is called, and no id of a row."""
    plain = name.strip().lower()
    return plain in HEADER_NAMES or _SCORES.fullmatch(plain) is not None


def is_distribution(row: Sequence[Any]) -> bool:
    """Whether some values are several numbers, none negative, that sum to 1."""
    numbers = len(row) > 1 and all(type(item) in (int, float) and item >= 0 for item in row)
    try:
        return numbers and abs(math.fsum(row) - 1.0) <= _SUMS_TO
    except OverflowError:  # whole numbers of hundreds of digits
        return False


def _rows_first(by_row: Columns, by_column: Columns) -> bool | None:
    """Return whether the outer keys are the rows; ``None`` where nothing tells, or what tells contradicts itself."""
    named = _either(any(map(is_column_name, by_row)), any(map(is_column_name, by_column)))
    of_rows, of_columns = by_column.values(), by_row.values()  # the values under each outer and each inner key
    summed = _either(all(map(is_distribution, of_rows)), all(map(is_distribution, of_columns)))
    told = {vote for vote in (named, summed) if vote is not None}
    if told:
        return told.pop() if len(told) == 1 else None
    counted = _either(_is_count(by_column), _is_count(by_row))
    if counted is not None:
        return counted
    if len(by_column) >= _FEWEST_KEYS and len(by_row) == 1:
        return True  # the one name is that of a column
    return _either(all(map(_alike, by_row.values())), all(map(_alike, by_column.values())))


def _either(rows: bool, columns: bool) -> bool | None:
    """Return what speaks for the outer keys as rows, unless the same speaks for them as columns."""
    return None if rows is columns else rows


def _is_count(names: Columns) -> bool:
    return list(names) == [str(place) for place in range(len(names))]


def _alike(values: Sequence[Any]) -> bool:
    """Whether the values of a column are of one kind."""
    kinds = {float if type(value) is int else type(value) for value in values if value is not None}
    return len(kinds) <= 1
