"""Which columns the rows are sliced by, and in which of the two files they are."""

from __future__ import annotations

from celoss_cli.errors import DataError, Where
from celoss_cli.layout.cells import could_be_numbers, has, require_names
from celoss_cli.slicing import SliceBy, read_slices
from celoss_cli.spec import Decision, How, Request
from celoss_cli.tables.source import Kind, Table


def find_slices(
    predictions: Table, labels: Table | None, request: Request, decisions: list[Decision]
) -> tuple[SliceBy, ...]:
    """Return the columns of ``--slice``, and last that of ``--cluster``: of the predictions, or else of the labels."""
    slices = [_found(by, predictions, labels, decisions, "--slice") for by in read_slices(request.slice)]
    if request.cluster is not None:
        slices.append(_found(SliceBy(request.cluster), predictions, labels, decisions, "--cluster"))
    return tuple(slices)


def _found(by: SliceBy, predictions: Table, labels: Table | None, decisions: list[Decision], flag: str) -> SliceBy:
    beside_label = labels is not None and not has(predictions, by.column) and has(labels, by.column)
    table = labels if beside_label and labels is not None else predictions
    column = require_names(table, by.column, flag)
    if by.edges and column.kind not in (Kind.NUMBER, Kind.BOOLEAN) and not could_be_numbers(table, column):
        raise DataError(
            f"holds no numbers ({column.dtype}), and edges are for numbers",
            code="slice_not_numbers",
            where=Where(table.path, column=by.column),
            hint=f"--slice {by.column} makes each value a slice",
        )
    parts = f"{len(by.bins)} bins: {', '.join(by.bins)}" if by.edges else "each of its values"
    decisions.append(Decision(flag[2:], by.column, How.GIVEN, f"{flag}; {parts}; column of {table.path}"))
    numbers = column.kind is Kind.NUMBER
    return by._replace(beside_label=beside_label, numbers=numbers, any_number=flag == "--cluster")
