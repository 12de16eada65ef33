"""Is the only score that of the predicted class? None is below 1/2, and another column tells the class of each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.cells import MANY_VALUED, ignored, is_predicted, names_classes, parted, values_of
from celoss_cli.layout.names import WEAK_SCORES, WEAK_TRUTH, plain
from celoss_cli.layout.roles import Layout
from celoss_cli.request import InputKind, Request
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import natural_key, option, same
from celoss_cli.tables.source import Column, Kind, Table
from celoss_cli.tuples import NamedTuple

_SURE = 1e-9  # what a wrong score of 1 leaves to the truth: one such row must not decide


class _Question(NamedTuple):
    """The score ``name`` that may be of the predicted class: those of the first rows (n,), and the truth there."""

    table: Table
    name: str
    scores: Floats
    labels: tuple[str, ...]
    truth: list[str | None] | None
    layout: Layout


def by_confidence(predictions: Table, labels: Table | None, layout: Layout, request: Request) -> tuple[Table, Layout]:
    """Return the predictions with a score for each of two classes if theirs are of the class predicted beside them.

    So they are read if a column is called as the predicted class is, and one threshold of the scores does not explain
    it. Raises AmbiguousData where the scores could be of the predicted class, and no such name says so. ``--pred`` and
    ``--positive`` settle that they speak of one class in every row.
    """
    question = _asked(predictions, labels, layout, request)
    if question is None:
        return predictions, layout
    for column in _candidates(question):
        if _is_confidence_of(question, column):
            return _read_so(question, column)
    if plain(question.name) in WEAK_SCORES:
        raise _unclear(question, "the predicted class", f"it is called {question.name!r}")
    return predictions, layout


def _asked(predictions: Table, labels: Table | None, layout: Layout, request: Request) -> _Question | None:
    """Return the question if there is one: a single score without a known meaning, never below 1/2, and two labels."""
    score = layout.scores[0]
    settled = request.pred or request.positive is not None or request.input not in (None, InputKind.PROBS)
    if settled or layout.input is not None or layout.targets or len(layout.scores) > 1 or not predictions.named:
        return None
    if score.kind is not Kind.NUMBER:
        return None
    scores = predictions.head().numbers(score.name).astype(np.float64)
    known = scores[~np.isnan(scores)]
    if not known.size or float(known.min()) < 0.5:
        return None
    if float(known.max()) > 1.0 and plain(score.name) not in WEAK_SCORES:
        return None
    side = predictions if labels is None else labels
    names = sorted((text for text in values_of(side, layout.label) if not ignored(text, request)), key=natural_key)
    if not 1 <= len(names) <= 2:
        return None
    truth = predictions.head().texts(layout.label) if labels is None else None
    return _Question(predictions, score.name, scores, tuple(names), None if truth is None else list(truth), layout)


def _candidates(question: _Question) -> Iterator[Column]:
    """Yield the columns that could hold the predicted class, those named so first."""
    layout, table = question.layout, question.table
    taken = {question.name, layout.weight, *layout.ids, *layout.pair_ids}
    if question.truth is not None:
        taken.add(layout.label)
    free = [c for c in table.columns if c.name not in taken and c.kind not in MANY_VALUED and names_classes(table, c)]
    yield from sorted(free, key=lambda column: not is_predicted(column, table))


def _is_confidence_of(question: _Question, column: Column) -> bool:
    """Whether the scores are read as those of the class in ``column``; False if nothing speaks for that.

    Raises AmbiguousData if something does, but too little.
    """
    table, scores = question.table, question.scores
    texts = table.head().texts(column.name)
    values = sorted({text for text in texts if text is not None}, key=natural_key)
    fits = all(any(same(label, value) for value in values) for label in question.labels)
    named = is_predicted(column, table)
    if len(values) == 1 and named and len(question.labels) == 2:
        if not same(values[0], question.labels[1]):
            raise _unclear(question, f"the class in {column.name!r}", f"that is {values[0]!r} in all of them")
        return False
    if len(values) != 2:
        return False
    said = f"{sum(text == values[0] for text in texts)} of them have {values[0]!r} there"
    first = np.array([text == values[0] for text in texts])
    if named and fits and not parted(scores[first], scores[~first]):
        return True
    if named or (fits and plain(column.name) in WEAK_TRUTH) or (fits and _fits_better(question, list(texts))):
        raise _unclear(question, f"the class in {column.name!r}", said, rename=not named)
    return False


def _fits_better(question: _Question, chosen: list[str | None]) -> bool:
    """Whether the truth is likelier if the scores are of the class ``chosen`` than if they are of either one class."""
    if question.truth is None:
        return False
    right = np.array([a is not None and b is not None and same(a, b) for a, b in zip(question.truth, chosen,
                                                                                     strict=True)])  # fmt: skip
    losses = [_loss(question.scores, np.array([text == label for text in question.truth])) for label in question.labels]
    return _loss(question.scores, right) < min(losses)


def _loss(scores: Floats, right: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    shares = np.where(right, scores, 1.0 - scores)
    return float(-np.log(np.maximum(shares[~np.isnan(shares)], _SURE)).sum())


def _read_so(question: _Question, column: Column) -> tuple[Table, Layout]:
    from celoss_cli.tables.views.predicted_class import PredictedClassTable

    values = sorted(values_of(question.table, column.name), key=natural_key)
    table = PredictedClassTable(question.table, question.name, column.name, (values[0], values[1]))
    scores = tuple(one for one in table.columns if one.name == question.name)
    texts = question.table.head().texts(column.name)
    evidence = (
        f"none of the first {question.scores.size:,} is below 0.5, though {column.name!r} is {values[0]!r} in "
        f"{sum(text == values[0] for text in texts):,} of these rows, whatever the score"
    )
    made = Decision("layout", f"scores of the class in {column.name}", How.DETECTED, evidence, "--pred")
    layout = question.layout
    decisions = [
        Decision("predictions", question.name, How.DETECTED, "the only score", "--pred")
        if one.what == "predictions"
        else one
        for one in layout.decisions
    ]
    return table, layout._replace(
        scores=scores, decisions=(made, *decisions), input=InputKind.PROBS, tool=f"scores of the class in {column.name}"
    )


def _unclear(question: _Question, whose: str, why: str, *, rename: bool = False) -> AmbiguousData:
    one_class = option("--pred", question.name)
    call = "call the column of the predicted class 'y_pred', or " if rename else ""
    return AmbiguousData(
        f"{question.name!r} may be the probability of the positive class, or that of {whose}: no score of the first "
        f"{question.scores.size:,} rows is below 0.5, and {why}",
        code="confidence_or_positive",
        where=Where(question.table.path, column=question.name),
        hint=f"if it speaks of one class in every row: {one_class} --positive CLASS; if of the predicted one, "
        f"{call}write the probability of one class in every row",
    )
