"""Files given in the wrong place: a name for two columns, one file twice, a shard as the label file."""

from __future__ import annotations

import os
from collections.abc import Sequence

from celoss_cli.errors import AmbiguousData, DataError, InvalidLabels, Where
from celoss_cli.layout.cells import ignored, is_whole, shown
from celoss_cli.layout.first_labels import first_labels
from celoss_cli.request import Request
from celoss_cli.spelling import number
from celoss_cli.tables.source import Column, Kind, Table


def check_names(table: Table) -> None:
    if len({column.name for column in table.columns}) == len(table.columns):
        return
    seen: dict[str, int] = {}
    for position, column in enumerate(table.columns):
        if column.name in seen:
            raise DataError(
                f"two columns are called {column.name!r}: number {seen[column.name] + 1} and {position + 1}",
                code="duplicate_column",
                where=Where(table.path),
                hint="rename one of them; a name has to mean one column",
            )
        seen[column.name] = position


def check_sides(predictions: Table, labels: Table) -> None:
    in_memory = "memory" in (predictions.format, labels.format)
    if not in_memory and os.path.realpath(predictions.path) == os.path.realpath(labels.path):
        raise AmbiguousData(
            "is given twice, as PREDICTIONS and as LABELS",
            code="labels_are_predictions",
            where=Where(labels.path),
            hint="name it once if the labels are a column of it: --label COLUMN",
        )


def check_not_a_shard(scores: Sequence[Column], labels: Table, label: str, request: Request) -> None:
    """Refuse a label file that holds the prediction columns too: most likely the shell expanded a glob of shards.

    Columns of 0 and 1 can be one-hot labels, and a single column of whole numbers the label itself. Rows that are left
    out by ``--where`` or ``--ignore-index`` may hold anything.
    """
    names = {score.name for score in scores}
    same = [column for column in labels.columns if column.name in names]
    if not labels.named or len(same) < len(scores):
        return
    vector = same[0].kind is Kind.VECTOR
    if not vector:
        every = set().union(*(first_labels(labels, column.name, request) for column in same))
        values = {value for value in every if not ignored(value, request)}
        if values <= {"0", "1"}:
            return
        if values <= {"0", "1", "-1"}:
            raise _minus_one(labels, same)
        if [column.name for column in same] == [label] and all(number(v) is None or is_whole(v) for v in values):
            return
    raise AmbiguousData(
        f"holds the prediction columns too: {shown(same)}",
        code="labels_are_predictions",
        where=Where(labels.path),
        hint="if these are shards of one table, quote the glob ('part-*.csv'); if they are soft labels, pass --label",
    )


def _minus_one(labels: Table, columns: Sequence[Column]) -> InvalidLabels:
    """Return the error that a label of 0 and 1 is -1, as where a competition leaves rows out of its score."""
    rows = [(labels.head().texts(column.name).index("-1"), column.name) for column in columns
            if "-1" in labels.head().texts(column.name)]  # fmt: skip
    row, name = min(rows, key=lambda found: found[0])
    return InvalidLabels(
        "-1 is neither 0 nor 1: such rows may be meant to be left out",
        code="label_outside",
        where=Where(labels.path, row, labels.line_of(row), name),
        hint="--ignore-index -1 leaves them out, counted; or choose the rows that count with --where"
        if len(columns) == 1
        else "leave such cells empty and pass --invalid drop, which leaves the rows out, counted; or choose the rows "
        "that count with --where",
    )
