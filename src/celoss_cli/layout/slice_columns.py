"""Which columns the rows are sliced by, and in which of the two files they are."""

from __future__ import annotations

from celoss_cli.layout.cells import has, require_names
from celoss_cli.slicing import SliceBy, read_slices
from celoss_cli.spec import Decision, How, Request
from celoss_cli.tables.source import Table


def find_slices(
    predictions: Table, labels: Table | None, request: Request, decisions: list[Decision]
) -> tuple[SliceBy, ...]:
    """Return the columns of ``--slice``: those of the prediction file, or else of the label file."""
    return tuple(_found(by, predictions, labels, decisions) for by in read_slices(request.slice))


def _found(by: SliceBy, predictions: Table, labels: Table | None, decisions: list[Decision]) -> SliceBy:
    beside_label = labels is not None and not has(predictions, by.column) and has(labels, by.column)
    table = labels if beside_label and labels is not None else predictions
    require_names(table, by.column, "--slice")
    parts = f"{len(by.bins)} bins: {', '.join(by.bins)}" if by.edges else "each of its values"
    decisions.append(Decision("slice", by.column, How.GIVEN, f"--slice; {parts}; column of {table.path}"))
    return by._replace(beside_label=beside_label)
