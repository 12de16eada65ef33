"""Model output of a hub (hubverse): rows of several kinds in one table, of which one are probabilities of classes."""

from __future__ import annotations

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.spelling import listed
from celoss_cli.tables.source import Table

_COLUMNS = {"output_type", "output_type_id", "value"}

_CLASSES = "pmf"


def refuse_other_outputs(table: Table) -> None:
    """Raise InvalidScores for a hub's file that holds quantiles, means or samples beside the probabilities."""
    if not {column.name for column in table.columns} >= _COLUMNS:
        return
    kinds = {text for text in table.head().texts("output_type") if text is not None} - {_CLASSES}
    if kinds:
        raise InvalidScores(
            f"is the output of a hub (hubverse) with rows of output_type {listed(sorted(kinds))}: only those of "
            f"{_CLASSES!r} are probabilities of classes",
            code="no_loss_possible",
            where=Where(table.path, column="output_type"),
            hint=f"write the rows of output_type {_CLASSES!r} to a file of their own",
        )
