"""Scores that speak of the predicted class of each row: with two classes they say all, with more they do not."""

from __future__ import annotations

from celoss_cli.errors import InvalidScores, Where
from celoss_cli.layout.cells import values_of
from celoss_cli.layout.tools.recognise import Recognised, recognise
from celoss_cli.layout.tools.tool import Spread
from celoss_cli.request import Request
from celoss_cli.spelling import in_order, natural_key
from celoss_cli.tables.source import Kind, Table

_OF_ALL = "write the probabilities of all classes, and not only that of the predicted one"


def by_predicted_class(
    predictions: Table, known: Recognised | None, request: Request
) -> tuple[Table, Recognised | None]:
    """Return the predictions with a score for each of two classes where the tool wrote that of the predicted one.

    ``known`` is the tool that wrote them, as it is returned for what they become. Raises InvalidScores where more than
    two classes were predicted, or only one: nothing says what the rest of the probability was given to. ``--pred`` says
    that the score speaks of one class.
    """
    if request.pred or known is None or not known.families or known.families[0].of.shape is not Spread.PREDICTED:
        return predictions, known
    score, chosen = known.families[0].columns[0], known.families[0].of.keys
    if score.kind is Kind.VECTOR:
        return predictions, known
    classes = sorted(values_of(predictions, chosen), key=natural_key)
    if len(classes) != 2:
        what = "only one class is predicted" if len(classes) == 1 else f"{len(classes)} classes are predicted"
        raise InvalidScores(
            f"{known.tool.name}: {score.name!r} is the probability of the class in {chosen!r}, and {what} "
            f"({in_order(classes)}): the probability of the others is not in the file",
            code="no_loss_possible",
            where=Where(predictions.path),
            hint=known.tool.way_out or _OF_ALL,
        )
    from celoss_cli.tables.views.predicted_class import PredictedClassTable

    view = PredictedClassTable(predictions, score.name, chosen, (classes[0], classes[1]))
    return view, recognise(view, request)
