"""A table as it is meant, and who is who in it: one call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.layout import Layout, find_layout
from celoss_cli.layout.cells import matrix_of_first_rows
from celoss_cli.layout.items.last_row import check_last_row
from celoss_cli.layout.items.long_form import from_long_form, layout_of_long_form
from celoss_cli.layout.items.repeated import check_first_rows, columns_of, watched_columns
from celoss_cli.layout.names import TRUTH, plain
from celoss_cli.layout.of_arrays import layout_of_arrays
from celoss_cli.layout.predicted_class import by_predicted_class
from celoss_cli.layout.sides import check_names
from celoss_cli.layout.tools.recognise import recognise
from celoss_cli.request import Request
from celoss_cli.results.document import Notice
from celoss_cli.tables.source import Table
from celoss_cli.tables.views.shards import shards_below
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.layout.pairing import PairedBy


class Resolved(NamedTuple):
    """The tables as they are meant, which may be views of those that were opened, and the roles of columns."""

    predictions: Table
    labels: Table | None
    layout: Layout


def resolve(predictions: Table, labels: Table | None, request: Request) -> Resolved:
    """Return who is who in the predictions and, if there is one, in the label file.

    A file with a row for each item and class, a matrix that was written as one long column, scores of the predicted
    class only and confidences are presented as the scores of all classes that they stand for. Raises DataError where
    the roles cannot be told, or items repeat and should not.
    """
    of_arrays = layout_of_arrays(predictions, labels, request)
    if of_arrays is not None:
        return Resolved(predictions, labels, of_arrays)
    for table in (predictions, *([] if labels is None else [labels])):
        check_names(table)
    if labels is not None and not predictions.named:
        from celoss_cli.tables.views.flattened import unflattened

        predictions = unflattened(predictions, labels, request)
    table = predictions if labels is None else labels
    if table.named and not (request.label or any(plain(column.name) in TRUTH for column in table.columns)):
        from celoss_cli.layout.items.raters import check_raters

        check_raters(table, predictions)
    long = from_long_form(predictions, labels, request)
    if long is not None:
        predictions, layout = long, layout_of_long_form(long, labels, request)
    elif (paired := _paired(predictions, labels, request)) is not None:
        predictions, labels = paired.predictions, paired.labels
        layout = paired.put_into(find_layout(predictions, labels, request._replace(id=(paired.name,)), None))
    else:
        predictions, known = by_predicted_class(predictions, recognise(predictions, request), request)
        layout = find_layout(predictions, labels, request, known)
        if len(layout.scores) == 1 and not layout.targets:
            from celoss_cli.layout.confidence import by_confidence

            predictions, layout = by_confidence(predictions, labels, layout, request)
    layout = _measured(layout, predictions)
    if not layout.targets:
        check_last_row(predictions if labels is None else labels, layout.label, request, single=layout.single)
    items = columns_of(predictions, labels, layout, request)
    if labels is None and predictions.named and not (layout.targets or items.items or request.cluster or request.where):
        from celoss_cli.layout.items.scored_twice import check_truth_starts_over

        taken = {*(column.name for column in layout.scores), layout.weight, *(by.column for by in layout.slices)}
        check_truth_starts_over(predictions, layout.label, {name for name in taken if name})
    notices = (*layout.notices, *check_first_rows(items, predictions, request), *_guesses(layout))
    if labels is None and shards_below(predictions):
        from celoss_cli.layout.items.same_files import check_same_files

        check_same_files(predictions, layout)
    watched = watched_columns(items, predictions, layout, request)
    return Resolved(predictions, labels, layout._replace(watched=watched, notices=notices))


def _paired(predictions: Table, labels: Table | None, request: Request) -> PairedBy | None:
    """Return the two tables with a name for the ids that pair them, where a file has none."""
    if labels is None or request.id:
        return None
    from celoss_cli.layout.pairing import ids_of_keys, ids_without_header

    if predictions.named and labels.named:
        return ids_of_keys(predictions, labels, request)
    return ids_without_header(predictions, labels, request)


def _guesses(layout: Layout) -> list[Notice]:
    """Return a warning for each column that nothing vouches for, the only one left, say; and for a pairing in doubt."""
    pairing = [
        Notice("guessed_pairing", f"pairing {decision.value} is a guess: {decision.evidence}")
        for decision in layout.decisions
        if decision.guess and decision.what == "pairing"
    ]
    if any(notice.code == "label_ambiguous" for notice in layout.notices):
        return pairing
    said = {"label": "label", "predictions": "prediction"}
    return pairing + [
        Notice(
            "guessed_column",
            f"the {said[decision.what]} {decision.value!r} is a guess: {decision.evidence}; {decision.flag} settles it",
        )
        for decision in layout.decisions
        if decision.guess and decision.what in said and not (layout.tool and decision.what == "predictions")
    ]


def _measured(layout: Layout, predictions: Table) -> Layout:
    """Return the layout with the width of its vector column, read from the first rows where the type lacks it."""
    if not layout.vector:
        return layout
    width = matrix_of_first_rows(predictions, layout.scores[0].name).shape[1]
    if width < 2:
        raise AmbiguousData(
            f"its vectors have {width} element{'' if width == 1 else 's'}: a vector holds one score per class",
            code="vector_width",
            where=Where(predictions.path, column=layout.scores[0].name),
            hint="name number columns with --pred",
        )
    return layout._replace(scores=(layout.scores[0]._replace(width=width),))
