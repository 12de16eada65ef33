"""The classes of an evaluation and their weights, as far as the labels seen so far tell."""

from __future__ import annotations

from fractions import Fraction

from celoss_cli.errors import AmbiguousData, DataError
from celoss_cli.labels.classes import ClassMap
from celoss_cli.labels.match import Match, match_columns
from celoss_cli.labels.positive import match_single
from celoss_cli.labels.weights import BALANCED, Given, balanced_weights, macro_weights, resolve_class_weights
from celoss_cli.pipeline.job import Job
from celoss_cli.request import Average, Request, TargetKind, UnknownClass
from celoss_cli.spelling import MOST_LISTED, in_order, list_option, number
from celoss_cli.state.loss import LossState
from celoss_cli.summary.weighted_mean import FoundBy

_YES_NO = frozenset({"0", "1"})


def match_classes(job: Job, labels: frozenset[str], targets: TargetKind, *, more: bool = False) -> Match:
    """Return which class each score speaks of, by the labels seen so far; ``more`` may follow."""
    request, layout = job.request, job.layout
    known = _by_codes(job, labels)
    if known is not None:
        return known
    some = request.unknown_class is not UnknownClass.ERROR
    try:
        if layout.vector:
            if layout.scores[0].listed and (match := _by_list(job, labels, some=some)) is not None:
                return match
            inner = layout.scores[0].classes  # the vectors carry their classes: they match by name alone
            columns = inner or tuple(str(i) for i in range(layout.scores[0].width or 0))
            match = match_columns(columns, labels, request.classes, named=bool(inner), ordered=not inner, some=some)
        elif len(layout.scores) > 1:
            names = layout.classes or [column.name for column in layout.scores]
            match = match_columns(names, labels, request.classes, named=job.predictions.named, some=some)
            if layout.classes and not request.classes and match.classes.names == layout.classes:
                match = match._replace(evidence=f"{match.evidence}, as {layout.tool} writes them")
        else:
            if targets is TargetKind.SOFT:
                labels = frozenset()  # probabilities of the positive class, not names
            if layout.classes and request.positive is None and not request.classes:
                return _named_by_tool(job, labels)
            column = layout.scores[0].name if job.predictions.named else ""  # a number for want of a name is none
            return match_single(column, labels or _YES_NO, request.positive, request.classes, more=more)
    except DataError as error:
        hint = error.hint
        if error.code == "classes_unknown" and (in_order_of := _by_categories(job)) is not None:
            hint = f"{hint}; if they are in the order of the categories of {layout.label!r}: {in_order_of}"
        raise type(error)(
            error.message, code=error.code, where=error.where or job.at.labels.where(None, None), hint=hint
        ) from error
    if request.positive is not None and match.classes.find(request.positive) is None:
        raise AmbiguousData(
            f"--positive {request.positive!r} is none of the classes {in_order(match.classes.names)}",
            code="positive_unknown",
            where=job.at.labels.where(None, None),
            hint="name one of them",
        )
    return match


def _by_list(job: Job, labels: frozenset[str], *, some: bool) -> Match | None:
    """Return the match of labels in words by the class names that the file lists; ``None`` where it has no say.

    Whole numbers are positions, whatever these are called.
    """
    if job.request.classes or all(number(label) is not None for label in labels):
        return None
    match = match_columns(job.layout.scores[0].listed, labels, (), named=True, ordered=False, some=some)
    return match._replace(evidence="the class names that the file lists beside the scores, in that order")


def _by_categories(job: Job) -> str | None:
    """Return the option that names the classes in the order of the label's categories, where the file has such.

    So pandas, R and Arrow keep them (``dictionary``). It is no more than a hint: scikit-learn sorts what it is given,
    and a model of the codes has their order.
    """
    table = job.predictions if job.labels is None else job.labels
    column = next((column for column in table.columns if column.name == job.layout.label), None)
    scores = job.layout.scores
    size = (scores[0].width or 0) if job.layout.vector else len(scores)
    if column is None or not column.dtype.startswith("dictionary") or size > MOST_LISTED:
        return None
    names = table.head().categories(column.name).values
    return list_option("--classes", names) if len(names) == size and list(names) != sorted(names) else None


def _by_codes(job: Job, labels: frozenset[str]) -> Match | None:
    """Return the match of labels that are numbers, where the file says what these stand for; ``None`` elsewhere.

    Columns are matched by those names; where they have none, and are as many, the numbers are their positions.
    """
    request, layout = job.request, job.layout
    table = job.predictions if job.labels is None else job.labels
    codes = next((column.codes for column in table.columns if column.name == layout.label), ())
    if not codes or request.classes or request.positive is not None or layout.targets or layout.classes:
        return None
    if not labels or not all(label.isdecimal() and int(label) < len(codes) for label in labels):
        return None
    numbers = {str(number): number for number in range(len(codes))}
    said = "the file says what its numbers stand for"
    columns = layout.scores[0].classes if layout.vector else tuple(column.name for column in layout.scores)
    if layout.vector and not columns:
        fits = layout.scores[0].width == len(codes)
        return Match(ClassMap(codes, numbers), f"positions of the label column: {said}") if fits else None
    if len(columns) == 1 and not any(code.casefold() in columns[0].casefold() for code in codes):
        return None  # which of two classes one column speaks of: 1, as everywhere, whatever its name
    try:
        if len(columns) == 1:
            match = match_single(columns[0] if job.predictions.named else "", frozenset(codes), None, ())
        else:
            match = match_columns(columns, codes, (), named=job.predictions.named, ordered=False)
    except DataError:
        return None  # the columns are called otherwise
    places = {text: match.classes.code(codes[number]) for text, number in numbers.items()}
    if None in places.values() or len(set(places.values())) < len(codes):
        return None
    found = {text: place for text, place in places.items() if place is not None}
    return match._replace(classes=ClassMap(match.classes.names, found), evidence=f"{match.evidence}; {said}")


def _named_by_tool(job: Job, labels: frozenset[str]) -> Match:
    """Return the two classes of a single column whose tool writes into the header which of them is 1."""
    column, classes = job.layout.scores[0].name, job.layout.classes
    if len(classes) == 2 and labels and labels <= _YES_NO and not labels <= frozenset(classes):
        return Match(ClassMap(classes, {"0": 0, "1": 1}), f"{column!r}: 0 is {classes[0]!r}, 1 is {classes[1]!r}")
    given = classes if len(classes) == 2 else ()
    match = match_single(column, labels or frozenset(classes), classes[-1], given)
    return Match(match.classes, f"the column is called {column!r}")


def given_weights(job: Job, match: Match) -> tuple[Fraction, ...] | None:
    """Return the class weights as far as they are known before the data; ``None``: see ``found_weights``."""
    if job.request.average is Average.MACRO:
        return None
    if job.class_weight is None:
        return (Fraction(1),) * len(match.classes.names)
    if isinstance(job.class_weight, str):
        return None
    given = (Fraction(weight) for weight in resolve_class_weights(job.class_weight, match.scored))
    return (*given, *(Fraction(1),) * match.beyond)


def found_by(request: Request, class_weight: Given | str | None) -> FoundBy | None:
    """Return how the class weights come from the rows, ``None`` if they do not."""
    if request.average is Average.MACRO:
        return FoundBy.CLASS_SUMS
    return FoundBy.CLASS_COUNTS if class_weight == BALANCED else None


def found_weights(request: Request, state: LossState) -> tuple[Fraction, ...]:
    """Return the class weights that only the whole file tells: balanced ones, or those of the macro average."""
    if request.average is Average.MACRO:
        return macro_weights([state.weight.fraction(c) for c in range(len(state.rows))])
    return balanced_weights(state.rows)
