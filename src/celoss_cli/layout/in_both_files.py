"""A column that an option names, and that both files have: the same in both, or nobody knows which is meant."""

from __future__ import annotations

import math
from collections.abc import Sequence

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.layout.cells import has
from celoss_cli.request import Request
from celoss_cli.spelling import number, same, truth_value
from celoss_cli.tables.source import Table
from celoss_cli.tables.text.cells import MISSING

_MISSING = frozenset(MISSING)

_ROUNDED = 2e-6  # six digits, and what float32 leaves of a number

_MIDNIGHT = " 00:00:00"


def check_in_both(
    predictions: Table, labels: Table, request: Request, ids: Sequence[str], sliced: Sequence[str]
) -> None:
    """Raise AmbiguousData where such a column, or one of the ``sliced``, has another value in each file for one row.

    The first rows of both are looked at, paired by ``ids``, or by position if there are none.
    """
    asked: dict[str, list[str | None]] = {
        "--sample-weight": [request.sample_weight],
        "--count": [request.count],
        "--cluster": [request.cluster],
        "--slice": [*sliced],
        "--where": [name for name, _ in request.where],
    }
    for flag, names in asked.items():
        for name in names:
            if name is not None and name not in ids and has(predictions, name) and has(labels, name):
                _check(predictions, labels, name, flag, ids)


def _check(predictions: Table, labels: Table, name: str, flag: str, ids: Sequence[str]) -> None:
    here, there = predictions.head().texts(name), labels.head().texts(name)
    row_of = {key: row for row, key in enumerate(_keys(labels, ids, len(there)))}
    for row, key in enumerate(_keys(predictions, ids, len(here))):
        other = row_of.get(key)
        if other is not None and not _agree(here[row], there[other]):
            of_id = f" for the id {', '.join(map(str, key))!r}" if ids else ""
            raise AmbiguousData(
                f"both files have the column {name!r} of {flag}, with {here[row]!r} here and {there[other]!r} in "
                f"{labels.path}{of_id or ' in the same row'}",
                code="column_in_both_files",
                where=Where(predictions.path, row, predictions.line_of(row), name),
                hint="rename it in one file, or leave it out there",
            )


def _agree(here: str | None, there: str | None) -> bool:
    """Whether two cells can be of one value that was written twice: as float32, rounded, with a time of day, or not."""
    if here in _MISSING or there in _MISSING or here is None or there is None or same(here, there):
        return True
    a, b = number(here), number(there)
    if a is not None and b is not None:
        return math.isclose(a, b, rel_tol=_ROUNDED)
    truth = truth_value(here)
    if truth is not None and truth == truth_value(there):
        return True
    return here.removesuffix(_MIDNIGHT) == there.removesuffix(_MIDNIGHT)


def _keys(table: Table, ids: Sequence[str], rows: int) -> list[tuple[str | int | None, ...]]:
    if not ids:
        return [(row,) for row in range(rows)]
    columns = [table.head().texts(name) for name in ids]
    return list(zip(*columns, strict=True))
