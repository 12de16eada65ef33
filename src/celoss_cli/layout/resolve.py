"""A table as it is meant, and who is who in it: one call."""

from __future__ import annotations

from typing import Any, NamedTuple

from celoss_cli.errors import AmbiguousData, InvalidScores, Where
from celoss_cli.layout import Layout, find_layout
from celoss_cli.layout.confidence import by_confidence
from celoss_cli.layout.flattened import unflattened
from celoss_cli.layout.predicted_class import by_predicted_class
from celoss_cli.request import Request
from celoss_cli.results.document import Notice
from celoss_cli.tables.batch import Batch, RaggedVector
from celoss_cli.tables.source import Table
from celoss_cli.tables.views.shards import place


class Resolved(NamedTuple):
    """The predictions as they are meant, which may be a view of the table that was opened, and the roles of columns."""

    predictions: Table
    layout: Layout


def resolve(predictions: Table, labels: Table | None, request: Request) -> Resolved:
    """Return who is who in the predictions and, if there is one, in the label file.

    A matrix that was written as one long column, scores of the predicted class only and confidences are presented as
    the scores of all classes that they stand for. Raises DataError where the roles cannot be told.
    """
    predictions = by_predicted_class(unflattened(predictions, labels, request), request)
    layout = find_layout(predictions, labels, request)
    predictions, layout = by_confidence(predictions, labels, layout, request)
    return Resolved(predictions, _measured(_with_guesses(layout), predictions))


def _with_guesses(layout: Layout) -> Layout:
    """Return the layout with a warning for each column that nothing vouches for: the only one left, say."""
    if any(notice.code == "label_ambiguous" for notice in layout.notices):
        return layout
    guesses = [
        Notice(
            "guessed_column",
            f"the {_SAID[decision.what]} {decision.value!r} is a guess: {decision.evidence}; "
            f"{decision.flag} settles it",
        )
        for decision in layout.decisions
        if decision.guess and decision.what in _SAID
    ]
    return layout._replace(notices=(*layout.notices, *guesses)) if guesses else layout


_SAID = {"label": "label", "predictions": "prediction"}


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
