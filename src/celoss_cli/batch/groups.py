"""``--by COLUMN``: the values of a column, each of which is an evaluation of its own."""

from __future__ import annotations

from collections.abc import Iterable

from celoss_cli.errors import AmbiguousData, UnreadableFile, Where
from celoss_cli.labels.conditions import rows_with
from celoss_cli.pipeline.job import Opener
from celoss_cli.request import Request
from celoss_cli.spelling import listed, natural_key, spellings
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.views.shards import batches_of

MOST = 10_000
"""How many evaluations one column may make: an id is no model."""


def groups_of(request: Request, column: str, open_input: Opener) -> tuple[list[tuple[str, str]], int]:
    """Return the column with each of its values, in natural order, and how many rows have none.

    It is a column of the predictions, or else of the label file, as that of ``--where`` is. ``--where`` holds: a value
    that it leaves no row of makes no group.

    Raises
    ------
    UnreadableFile
        There is no such column.
    AmbiguousData
        It has more than 10,000 values, or none.
    """
    table, names = _table_with(column, request, open_input)
    where = [condition for condition in request.where if condition[0] in names]
    values: set[str] = set()
    missing = 0
    for batch in batches_of(table, dict.fromkeys([column, *(name for name, _ in where)], Need.CATEGORY)):
        chosen = rows_with(batch, where)
        found = batch.categories(column)
        codes = found.codes if chosen is None else found.codes[chosen]
        missing += int((codes < 0).sum())
        values.update(found.values[code] for code in set(codes[codes >= 0].tolist()))
        if len(values) > MOST:
            raise AmbiguousData(
                f"column {column!r} has more than {MOST:,} values, and --by makes an evaluation of each",
                code="too_many_groups",
                where=Where(table.path),
                hint="--by takes a column such as the model or the fold; --slice breaks one evaluation down",
            )
    if not values:
        raise AmbiguousData(
            f"column {column!r} has no value", code="no_groups", where=Where(table.path), hint="leave --by out"
        )
    _refuse_alike(table.path, column, values)
    return [(column, value) for value in sorted(values, key=natural_key)], missing


def _table_with(column: str, request: Request, open_input: Opener) -> tuple[Table, set[str]]:
    """Return the table that the column is of, and of which columns ``--where`` is read from it.

    Raises UnreadableFile where neither table has it.
    """
    predictions = open_input(request.predictions, "predictions")
    names = [found.name for found in predictions.columns]
    if column in names:
        return predictions, set(names)
    told = f"its columns are {listed(names)}"
    if request.labels is not None:
        labels = open_input(request.labels, "labels")
        beside = [found.name for found in labels.columns]
        if column in beside:
            return labels, set(beside) - set(names)
        told += f"; those of {labels.path} are {listed(beside)}"
    raise UnreadableFile(
        f"there is no column {column!r} for --by", code="missing_column", where=Where(predictions.path), hint=told
    )


def _refuse_alike(path: str, column: str, values: Iterable[str]) -> None:
    """Refuse versions such as 1.1 and 1.10, which are one number: a row would count in both groups."""
    known: dict[str | float, str] = {}
    for value in sorted(values, key=natural_key):
        for spelling in spellings(value):
            other = known.setdefault(spelling, value)
            if other != value:
                raise AmbiguousData(
                    f"column {column!r} has {other!r} and {value!r}, which are the same number: one group, or two?",
                    code="groups_alike",
                    where=Where(path, column=column),
                    hint="write them so that they differ as numbers, or as texts: v1.1 and v1.10",
                )
