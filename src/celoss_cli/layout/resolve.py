"""A table as it is meant, and who is who in it: one call."""

from __future__ import annotations

from typing import Any, NamedTuple

from celoss_cli.errors import AmbiguousData, InvalidScores, Where
from celoss_cli.layout import Layout, find_layout
from celoss_cli.layout.confidence import by_confidence
from celoss_cli.layout.long_form import from_long_form, layout_of_long_form
from celoss_cli.layout.predicted_class import by_predicted_class
from celoss_cli.layout.repeated_items import check_first_rows, columns_of, watched_columns
from celoss_cli.request import Request
from celoss_cli.tables.batch import Batch, RaggedVector
from celoss_cli.tables.source import Table
from celoss_cli.tables.views.flattened import unflattened
from celoss_cli.tables.views.shards import place


class Resolved(NamedTuple):
    """The predictions as they are meant, which may be a view of the table that was opened, and the roles of columns."""

    predictions: Table
    layout: Layout


def resolve(predictions: Table, labels: Table | None, request: Request) -> Resolved:
    """Return who is who in the predictions and, if there is one, in the label file.

    A file with a row for each item and class, a matrix that was written as one long column, scores of the predicted
    class only and confidences are presented as the scores of all classes that they stand for. Raises DataError where
    the roles cannot be told, or items repeat and should not.
    """
    predictions = unflattened(predictions, labels, request)
    long = from_long_form(predictions, labels, request)
    if long is not None:
        predictions, layout = long, layout_of_long_form(long, labels, request)
    else:
        predictions = by_predicted_class(predictions, request)
        layout = find_layout(predictions, labels, request)
        predictions, layout = by_confidence(predictions, labels, layout, request)
    layout = _measured(layout, predictions)
    items = columns_of(predictions, labels, layout, request)
    notices = check_first_rows(items, predictions, request)
    watched = watched_columns(items, predictions, layout, request)
    return Resolved(predictions, layout._replace(watched=watched, notices=(*layout.notices, *notices)))


def _measured(layout: Layout, predictions: Table) -> Layout:
    """Return the layout with the width of its vector column, read from the first rows where the type lacks it."""
    if not layout.vector:
        return layout
    width = matrix_of_first_rows(predictions, predictions.head(), layout).shape[1]
    if width < 2:
        raise AmbiguousData(
            f"its vectors have {width} element{'' if width == 1 else 's'}: a vector holds one score per class",
            code="vector_width",
            where=Where(predictions.path, column=layout.scores[0].name),
            hint="name number columns with --pred",
        )
    return layout._replace(scores=(layout.scores[0]._replace(width=width),))


def matrix_of_first_rows(predictions: Table, head: Batch, layout: Layout) -> Any:
    try:
        return head.matrix(layout.scores[0].name)
    except RaggedVector as odd:
        raise InvalidScores(
            f"the vector has {odd.length} elements, not {odd.expected} as those before it",
            code="ragged_vector",
            where=place(predictions, odd.row, layout.scores[0].name),
            hint="every row needs one score per class",
        ) from None
