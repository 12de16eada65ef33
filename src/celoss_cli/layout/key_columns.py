"""Which columns of two files tell their rows apart together: what ``--id`` is to name."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

from celoss_cli.layout.cells import whole_numbers
from celoss_cli.layout.names import PREDICTED, TRUTH, plain
from celoss_cli.tables.source import Kind, Table

_MOST_KEYS = 8  # columns of both files that are looked at

_MOST_TOGETHER = 3


def key_of_both(
    predictions: Table,
    labels: Table,
    among: Collection[str] = (),
    *,
    besides: Collection[str] = (),
    some: bool = False,
) -> tuple[str, ...]:
    """Return the fewest columns of both files that tell all of the first rows apart, these ``among`` them.

    None if there are no such columns; with ``some`` the first that may tell some apart. Only names and whole numbers
    tell rows apart, and neither the truth nor columns ``besides`` do.
    """
    theirs = _may_identify(labels)
    shared = [name for name in _may_identify(predictions) if name in theirs and name not in besides][:_MOST_KEYS]
    sides = [{name: table.head().texts(name) for name in shared} for table in (predictions, labels)]
    for size in range(1, _MOST_TOGETHER + 1):
        for names in itertools.combinations(shared, size):
            if set(names).issuperset(among) and all(_tells_apart([texts[name] for name in names]) for texts in sides):
                return names
    return tuple(shared[:_MOST_TOGETHER]) if some else ()


def _may_identify(table: Table) -> list[str]:
    """Return the columns whose cells are names or whole numbers, all of them there; not the label."""
    return [
        column.name
        for column in table.columns
        if column.kind in (Kind.TEXT, Kind.NUMBER) and plain(column.name) not in (*TRUTH, *PREDICTED)
        if column.kind is Kind.TEXT or whole_numbers(table, column)
        if None not in table.head().texts(column.name)
    ]


def _tells_apart(columns: Sequence[Sequence[str | None]]) -> bool:
    rows = list(zip(*columns, strict=True))
    return len(rows) > 1 and len(set(rows)) == len(rows)
