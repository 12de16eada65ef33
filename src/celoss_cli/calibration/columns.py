"""Which columns of a file a fix is applied to: those called as the ones it was fitted on, or those that are named."""

from __future__ import annotations

from collections.abc import Sequence

from celoss_cli.errors import AmbiguousData, MisalignedData, Where
from celoss_cli.layout.cells import columns_named, matrix_of_first_rows
from celoss_cli.results.calibration import Calibration
from celoss_cli.spelling import in_order
from celoss_cli.tables.source import Column, Kind, Table


def score_columns(fix: Calibration, table: Table, named: Sequence[str]) -> tuple[Column, ...]:
    """Return the columns, in the order of the classes; one alone is about the positive class, or has vectors.

    Raises AmbiguousData where they are not there, MisalignedData where they are not one for each class, InvalidScores
    where the vectors of the first rows differ in length.
    """
    columns = _named(table, named) if named else _as_fitted(fix, table)
    width = columns[0].width if columns[0].kind is Kind.VECTOR else len(columns)
    classes = fix.scores.classes
    if columns[0].kind is Kind.VECTOR and width is None:
        width = matrix_of_first_rows(table, columns[0].name).shape[1]
    single = width == 1 and len(classes) == 2 and columns[0].kind is not Kind.VECTOR
    if width != len(classes) and not single:
        raise MisalignedData(
            f"the fix is for {len(classes)} classes, {in_order(classes)}, and these are {width} scores a row",
            code="calibration_columns",
            where=Where(table.path),
            hint="--pred names a column for each of them, in that order",
        )
    return columns


def _as_fitted(fix: Calibration, table: Table) -> tuple[Column, ...]:
    by_name = {column.name: column for column in table.columns}
    wanted = fix.scores.columns
    if all(name in by_name for name in wanted):
        return tuple(_number(by_name[name], table) for name in wanted)
    if not table.named and len(table.columns) == 1:
        return tuple(_number(column, table) for column in table.columns)  # an array
    missing = [name for name in wanted if name not in by_name]
    raise AmbiguousData(
        f"the fix was fitted on the columns {in_order(wanted)}, and there is no {missing[0]!r} among "
        f"{in_order(list(by_name))}",
        code="calibration_columns",
        where=Where(table.path),
        hint="--pred names the columns, in the order of those",
    )


def _named(table: Table, named: Sequence[str]) -> tuple[Column, ...]:
    found: list[Column] = []
    for pattern in named:
        here = columns_named(table, pattern)
        if not here:
            raise AmbiguousData(
                f"--pred: there is no column {pattern!r} among {in_order([column.name for column in table.columns])}",
                code="no_such_column",
                where=Where(table.path),
                hint="name a column that is there",
            )
        found += [_number(column, table) for column in here]
    return tuple(found)


def _number(column: Column, table: Table) -> Column:
    """Return a column that holds numbers. Raises AmbiguousData for another."""
    if column.kind in (Kind.NUMBER, Kind.VECTOR):
        return column
    raise AmbiguousData(
        f"its cells are {column.dtype}, and scores are numbers",
        code="calibration_columns",
        where=Where(table.path, column=column.name),
        hint="--pred names the columns that hold scores",
    )
