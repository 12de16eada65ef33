"""The use case: open, find out who is who, score every row, check what was assumed, and say what came out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from celoss_cli import __version__
from celoss_cli.align import LabelSide, check_rows, read_label_side
from celoss_cli.classes import Match, in_order, listed, match_columns, match_single, number
from celoss_cli.conventions import Convention
from celoss_cli.detect import Precision, Reading, describe, first_reading, judge, precision_of
from celoss_cli.engine.interface import Engine
from celoss_cli.engine.serial import SerialEngine
from celoss_cli.errors import AmbiguousData, DataError, InvalidLabels, InvalidScores, InvalidWeights, UsageError, Where
from celoss_cli.evaluation import Evaluation, Input, Inputs
from celoss_cli.evidence import Evidence
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout import Layout, find_layout
from celoss_cli.location import Locator
from celoss_cli.notices import Known, notices_of
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.scorer import Scored, Scorer
from celoss_cli.spec import Columns, Decision, Detail, How, Request, Spec, TargetKind, Task
from celoss_cli.state.totals import Totals
from celoss_cli.summary import (
    summarise_baselines,
    summarise_classes,
    summarise_counts,
    summarise_loss,
    summarise_metrics,
    summarise_worst,
    weigh,
)
from celoss_cli.tables.batch import Batch, RaggedVector
from celoss_cli.tables.shards import place
from celoss_cli.tables.source import Kind, Partition, Table
from celoss_cli.weights import BALANCED, Given, balanced_weights, read_class_weights, resolve_class_weights

Opener = Callable[[Any, str], Table]

_PASSES = 4  # the first guess, a better reading, better classes, and the rows under weights known only then


@dataclass(frozen=True, slots=True)
class _Job:
    """What stays the same from pass to pass."""

    request: Request
    predictions: Table
    labels: Table | None
    layout: Layout
    side: LabelSide | None
    at: Locator
    precision: Precision
    convention: Convention
    class_weight: Given | str | None
    first_labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Assumed:
    """What a pass takes for granted, and the pass itself may contradict."""

    reading: Reading
    match: Match
    class_weights: tuple[Fraction, ...] | None


class _Again(Exception):
    """The pass contradicted what it assumed; ``assumed`` is what the whole file supports."""

    def __init__(self, assumed: _Assumed) -> None:
        self.assumed = assumed


def evaluate(request: Request, open_input: Opener, progress: Callable[[int], Any]) -> Evaluation:
    """Return the evaluation that ``request`` asks for, and write its per-sample file if it wants one.

    ``open_input(value, role)`` opens an input as a table; ``progress(total)`` is a context manager that gives something
    with ``advance(size)``. Raises the errors of ``celoss_cli.errors``.
    """
    _check_options(request)
    class_weight = read_class_weights(request.class_weight)
    job, assumed = _prepare(request, open_input, class_weight)
    for _ in range(_PASSES):
        try:
            return _pass(job, assumed, progress)
        except _Again as again:
            assumed = again.assumed
    raise AmbiguousData(
        "the file contradicts every reading that its own rows suggest",
        code="unsettled",
        where=Where(job.predictions.path),
        hint="say what the columns hold: --input, --pred, --label and --classes",
    )


def _check_options(request: Request) -> None:
    """Refuse options that no file could make sense of."""
    if request.clip is not None and not 0.0 < request.clip < 0.5:
        raise UsageError(
            f"--clip {request.clip:g} is not between 0 and 0.5",
            code="clip_range",
            hint="it limits probabilities to [eps, 1 - eps]: 1e-15 is a usual choice",
        )
    if request.threads is not None and request.threads < 1:
        raise UsageError(f"--threads {request.threads} is less than 1", code="threads_range", hint="1 works in no pool")
    if request.top < 0:
        raise UsageError(f"--top {request.top} is negative", code="top_range", hint="--top 0 shows none")
    if len(set(request.classes)) < len(request.classes):
        raise UsageError(
            f"--classes names a class twice: {in_order(request.classes)}",
            code="classes_twice",
            hint="name one class for each prediction column, in their order",
        )
    if request.classes and request.positive is not None and request.positive not in request.classes:
        raise UsageError(
            f"--positive {request.positive!r} is not one of --classes {in_order(request.classes)}",
            code="positive_unknown",
            hint="name one of them",
        )
    if request.per_sample is not None:
        from celoss_cli.outputs import check_writable
        from celoss_cli.tables.per_sample import check_suffix

        check_suffix(request.per_sample)
        check_writable(
            request.per_sample, [path for path in (request.predictions, request.labels) if isinstance(path, str)]
        )


def _prepare(request: Request, open_input: Opener, class_weight: Given | str | None) -> tuple[_Job, _Assumed]:
    """Open the inputs and form the first opinion."""
    predictions = open_input(request.predictions, "predictions")
    labels = None if request.labels is None else open_input(request.labels, "labels")
    layout = find_layout(predictions, labels, request)
    layout = _measured(layout, predictions)
    _check_task(request, layout, predictions)
    _refuse_guesses(request, (*predictions.decisions, *layout.decisions))
    head = _head_scores(predictions, layout)
    side = None
    if labels is not None:
        side = read_label_side(predictions, labels, layout)
        if predictions.rows is not None:
            check_rows(predictions, labels, predictions.rows, side)
    seen = side.labels.values if side is not None else _labels_of(predictions.head(), request, layout)
    job = _Job(
        request=request,
        predictions=predictions,
        labels=labels,
        layout=layout,
        side=side,
        at=Locator.of(predictions, labels, layout),
        precision=precision_of(head, layout, text=predictions.format.startswith("csv")),
        convention=Convention(request.clip, request.renormalize, request.denominator, request.base),
        class_weight=class_weight,
        first_labels=frozenset(seen),
    )
    match = _match(job, job.first_labels)
    return job, _Assumed(first_reading(head, layout, request), match, _given_weights(job, match))


def _labels_of(head: Batch, request: Request, layout: Layout) -> set[str]:
    """Return the labels of the first rows, of those that are to be scored."""
    labels = head.texts(layout.label)
    conditions = [(head.texts(name), value) for name, value in request.where]
    chosen = (row for row in range(head.rows) if all((texts[row] or "") == value for texts, value in conditions))
    return {label for row in chosen if (label := labels[row]) is not None}


def _measured(layout: Layout, predictions: Table) -> Layout:
    """Return the layout with the width of its vector column, read from the first rows where the type lacks it."""
    if not layout.vector:
        return layout
    width = _matrix(predictions, predictions.head(), layout).shape[1]
    if width < 2:
        raise AmbiguousData(
            f"its vectors have {width} element{'' if width == 1 else 's'}: a vector holds one score per class",
            code="vector_width",
            where=Where(predictions.path, column=layout.scores[0].name),
            hint="name number columns with --pred",
        )
    return replace(layout, scores=(replace(layout.scores[0], width=width),))


def _head_scores(predictions: Table, layout: Layout) -> Floats:
    """Return the scores of the first rows as floats, (n, C); empty where a text column is in the way."""
    head = predictions.head()
    if layout.vector:
        matrix: Floats = _matrix(predictions, head, layout).astype(np.float64)
        return matrix
    columns = [_floats(head.texts(column.name)) if column.kind is Kind.TEXT else head.numbers(column.name)
               for column in layout.scores]  # fmt: skip
    return np.stack(columns, axis=1).astype(np.float64)


def _floats(texts: Sequence[str | None]) -> Floats:
    values = [None if text is None else number(text) for text in texts]
    return np.array([np.nan if value is None else value for value in values])


def _matrix(predictions: Table, head: Batch, layout: Layout) -> Any:
    try:
        return head.matrix(layout.scores[0].name)
    except RaggedVector as odd:
        raise InvalidScores(
            f"the vector has {odd.length} elements, not {odd.expected} as those before it",
            code="ragged_vector",
            where=place(predictions, odd.row, layout.scores[0].name),
            hint="every row needs one score per class",
        ) from None


def _check_task(request: Request, layout: Layout, predictions: Table) -> None:
    count = layout.scores[0].width or 0 if layout.vector else len(layout.scores)
    names = listed(column.name for column in layout.scores)
    if request.task is Task.BINARY and count > 2:
        raise AmbiguousData(
            f"--task binary, but there are {count} prediction columns: {names}",
            code="task_contradicted",
            where=Where(predictions.path),
            hint="name the one column, or the two, with --pred",
        )
    if request.task is Task.MULTICLASS and count == 1:
        raise AmbiguousData(
            f"--task multiclass, but {names} is the only prediction column",
            code="task_contradicted",
            where=Where(predictions.path),
            hint="name one prediction column per class with --pred",
        )


def _match(job: _Job, labels: frozenset[str]) -> Match:
    request, layout = job.request, job.layout
    try:
        if layout.vector:
            columns = [str(i) for i in range(layout.scores[0].width or 0)]
            match = match_columns(columns, labels, request.classes, named=False)
        elif len(layout.scores) > 1:
            names = [column.name for column in layout.scores]
            match = match_columns(names, labels, request.classes, named=job.predictions.named)
        else:
            return match_single(layout.scores[0].name, labels, request.positive, request.classes)
    except DataError as error:
        raise type(error)(
            error.message, code=error.code, where=error.where or job.at.labels.where(None, None), hint=error.hint
        ) from error
    if request.positive is not None and match.classes.find(request.positive) is None:
        raise AmbiguousData(
            f"--positive {request.positive!r} is none of the classes {in_order(match.classes.names)}",
            code="positive_unknown",
            where=job.at.labels.where(None, None),
            hint="name one of them",
        )
    return match


def _given_weights(job: _Job, match: Match) -> tuple[Fraction, ...] | None:
    """Return the class weights as far as they are known before the data: ``None`` for balanced ones."""
    if job.class_weight is None:
        return (Fraction(1),) * len(match.classes.names)
    if isinstance(job.class_weight, str):
        return None
    return tuple(Fraction(weight) for weight in resolve_class_weights(job.class_weight, match.classes))


def _plan(job: _Job, assumed: _Assumed) -> Plan:
    request = job.request
    weights = assumed.class_weights
    return Plan(
        layout=job.layout,
        classes=assumed.match.classes,
        input=assumed.reading.input,
        percent=assumed.reading.percent,
        tolerance=job.precision.tolerance,
        targets=TargetKind.INDEX,
        smoothing=0.0,
        pos_weight=(),
        convention=job.convention,
        detail=request.detail if request.per_sample is None else Detail.FULL,
        top=request.top,
        invalid=request.invalid,
        where=request.where,
        class_weights=None if weights is None else tuple(float(weight) for weight in weights),
        weighted_classes=job.class_weight is not None,
        per_sample=request.per_sample is not None,
    )


def _pass(job: _Job, assumed: _Assumed, progress: Callable[[int], Any]) -> Evaluation:
    """Score all rows as assumed, and return the evaluation; raise ``_Again`` if the rows contradict it."""
    plan = _plan(job, assumed)
    with ExitStack() as stack:
        # Rows that weigh what only the whole file tells are written in the pass after this one.
        writes = plan.per_sample and assumed.class_weights is not None
        keep = _per_sample(job, plan, stack) if writes else _keep_nothing
        meter = stack.enter_context(progress(job.predictions.size))
        totals, seen = _fold(job, plan, keep, meter)
        settled = _settle(job, assumed, totals, seen)
        if settled != assumed:
            raise _Again(settled)
        return _evaluation(job, settled, plan, totals, seen)


def _keep_nothing(scored: Scored) -> None:
    """Let the rows of a partition go."""


def _per_sample(job: _Job, plan: Plan, stack: ExitStack) -> Callable[[Scored], None]:
    from celoss_cli.tables.per_sample import RowFormat, writing

    weighted = plan.weighted_classes or plan.layout.weight is not None
    form = RowFormat(
        plan.classes.names, plan.layout.id, plan.class_weights if weighted else None, job.convention.base.nats
    )
    writer = stack.enter_context(writing(job.request.per_sample or "", form))

    def keep(scored: Scored) -> None:
        for results in scored.results:
            writer.write(results)

    return keep


def _fold(job: _Job, plan: Plan, keep: Callable[[Scored], None], meter: Any) -> tuple[Totals, Evidence]:
    """Score the partitions and merge what they leave behind, in file order, up to the first row that none can score."""
    scorer = Scorer(plan, job.side)
    totals: Totals | None = None
    seen = Evidence()
    results = _engine(job.request).run(job.predictions.partitions(), scorer.score)
    for partition, scored, done in _located(results, job.predictions):
        seen = seen.merge(scored.evidence.shifted(done))
        shifted = scored.totals.shifted(done)
        totals = shifted if totals is None else totals.merge(shifted)
        if scored.stopped:
            break
        keep(scored)
        meter.advance(partition.size)
    if totals is None:
        raise DataError("the file has no rows", code="no_rows", where=Where(job.predictions.path))
    return totals, seen


def _located(
    results: Iterator[tuple[Partition, Scored]], table: Table
) -> Iterator[tuple[Partition, Scored, int]]:
    """Pass results on with the row each starts at; put the file's row and line into an error of a partition."""
    done = 0
    try:
        for partition, scored in results:
            yield partition, scored, done
            done += scored.totals.rows
    except DataError as error:
        if error.where is None or error.where.row is None or error.where.line is not None:
            raise
        where = place(table, done + error.where.row, error.where.column)
        raise type(error)(error.message, code=error.code, where=where, hint=error.hint) from error


def _engine(request: Request) -> Engine:
    threads = request.threads or os.cpu_count() or 1
    if threads == 1:
        return SerialEngine()
    from celoss_cli.engine.threads import ThreadedEngine

    return ThreadedEngine(threads)


def _settle(job: _Job, assumed: _Assumed, totals: Totals, seen: Evidence) -> _Assumed:
    """Return what the whole file supports. Equal to ``assumed`` in the ordinary case. Raises what is wrong with it."""
    reading = judge(assumed.reading, seen, job.layout, job.request, job.at)
    match = _settled_match(job, assumed, totals, seen)
    if match.classes.names != assumed.match.classes.names or reading != assumed.reading or match != assumed.match:
        return _Assumed(reading, match, _given_weights(job, match))
    if job.labels is not None and job.side is not None:
        check_rows(job.predictions, job.labels, totals.rows, job.side)
    weights = assumed.class_weights
    if weights is None and job.request.per_sample is not None:
        weights = balanced_weights(totals.loss.rows)  # the rows need them, and only now are they known
    return _Assumed(reading, match, weights)


def _settled_match(job: _Job, assumed: _Assumed, totals: Totals, seen: Evidence) -> Match:
    """Return the classes that all labels support; raise for the first label that still names none."""
    match = assumed.match
    if not seen.labels:
        return match
    known = job.first_labels.difference(seen.labels) | _labels_met(match, totals, seen)
    if job.side is None:
        try:
            better = _match(job, known.union(seen.labels))
        except AmbiguousData:
            if len(known) < len(match.classes.names):
                raise
            better = match  # what is there does for the labels before: the one that is too much is named below
        if better.classes != match.classes:
            return better
    row, label = min((sighting.row, label) for label, sighting in seen.labels.items())
    count = sum(sighting.count for sighting in seen.labels.values())
    also = f" ({count:,} rows have such labels: {listed(seen.labels)})" if count > 1 else ""
    raise InvalidLabels(
        f"label {label!r} is none of the classes {in_order(match.classes.names)}{also}",
        code="unknown_label",
        where=job.at.labels.where(row, None),
        hint="check --label and --pred; name the class of each prediction column in order with --classes",
    )


def _labels_met(match: Match, totals: Totals, seen: Evidence) -> frozenset[str]:
    """Return the labels of the classes that rows were counted for; rows with unknown labels count as class 0."""
    rows = list(totals.loss.rows)
    rows[0] -= sum(sighting.count for sighting in seen.labels.values())
    return frozenset(label for label, code in match.classes.codes.items() if rows[code] > 0)


def _evaluation(job: _Job, assumed: _Assumed, plan: Plan, totals: Totals, seen: Evidence) -> Evaluation:
    """Return the result of a pass that nothing contradicts."""
    state, names, how = totals.loss, plan.classes.names, job.convention
    scored = state.scored
    if not scored:
        raise DataError(
            f"none of the {totals.rows:,} rows is left to score",
            code="nothing_scored",
            where=Where(job.predictions.path),
            hint="check --where and --invalid",
        )
    weights = assumed.class_weights or balanced_weights(state.rows)
    sums = weigh(state, weights, how.denominator)
    if not sums.weight:
        raise InvalidWeights(
            "all weights are zero: there is no mean",
            code="zero_weights",
            where=Where(job.predictions.path),
            hint="correct --class-weight or --sample-weight",
        )
    decisions = _decisions(job, assumed, plan, totals, seen, weights)
    _refuse_guesses(job.request, decisions)
    known = Known(job.request, how, names, weights, totals, sums, seen, decisions, job.at)
    full = plan.full and totals.calibration is not None and totals.worst is not None
    return Evaluation(
        celoss_version=__version__,
        inputs=_inputs(job, totals),
        spec=Spec(
            task=_task(job, plan),
            input=assumed.reading.input,
            classes=names,
            positive=_positive(job, plan),
            columns=_columns(plan),
            decisions=decisions,
        ),
        loss=summarise_loss(state, sums, weights, how),
        counts=summarise_counts(totals, sums),
        baselines=summarise_baselines(sums, how) if full else None,
        metrics=summarise_metrics(totals.calibration, state) if full and totals.calibration is not None else None,
        per_class=summarise_classes(totals, sums, weights, names, how) if full else (),
        worst=summarise_worst(totals.worst, names, how) if full and totals.worst is not None else (),
        warnings=(*job.layout.notices, *notices_of(known)),
    )


def _task(job: _Job, plan: Plan) -> Task:
    return job.request.task or (Task.BINARY if plan.width <= 2 else Task.MULTICLASS)


def _positive(job: _Job, plan: Plan) -> str | None:
    if plan.single:
        return plan.classes.names[1]
    if job.request.positive is None:
        return None
    return plan.classes.names[plan.classes.find(job.request.positive) or 0]


def _columns(plan: Plan) -> Columns:
    layout = plan.layout
    return Columns(plan.score_names, layout.label, layout.id, layout.weight)


def _inputs(job: _Job, totals: Totals) -> Inputs:
    labels = None
    if job.labels is not None and job.side is not None:
        labels = Input(job.labels.path, job.labels.format, job.side.rows)
    return Inputs(Input(job.predictions.path, job.predictions.format, totals.rows), labels)


def _decisions(
    job: _Job, assumed: _Assumed, plan: Plan, totals: Totals, seen: Evidence, weights: tuple[Fraction, ...]
) -> tuple[Decision, ...]:
    """Return every decision, in the order in which it was made."""
    request, names = job.request, plan.classes.names
    given = How.GIVEN if request.task is not None else How.DETECTED
    columns = "one prediction column" if plan.single else f"{plan.width} prediction columns, one per class"
    made = [*job.predictions.decisions, *job.layout.decisions]
    if job.labels is not None:
        made += [replace(d, what=f"labels {d.what}") for d in job.labels.decisions]
    made.append(Decision("task", _task(job, plan).value, given, columns, "--task"))
    made.append(describe(assumed.reading, seen, job.layout, job.precision))
    how = How.GIVEN if request.classes else How.DETECTED
    shown = ", ".join(names) if len(names) <= 10 else f"{', '.join(names[:3])}, …, {names[-1]} ({len(names)})"
    made.append(Decision("classes", shown, how, assumed.match.evidence, "--classes", assumed.match.guess))
    if plan.single:
        how = How.GIVEN if request.positive is not None or request.classes else How.DETECTED
        made.append(Decision("positive", names[1], how, f"column {plan.score_names[0]!r}", "--positive"))
    if job.class_weight is not None:
        text = ", ".join(f"{name}={float(weight):.6g}" for name, weight in zip(names[:10], weights, strict=False))
        kind = "balanced: n / (classes · rows of the class)" if job.class_weight == BALANCED else "--class-weight"
        made.append(Decision("class_weight", text, How.GIVEN, kind))
    how_computed = job.convention
    if how_computed.clip is not None:
        bounds = f"probabilities limited to [{how_computed.clip:g}, 1 − {how_computed.clip:g}]"
        made.append(Decision("clip", f"{how_computed.clip:g}", How.GIVEN, bounds))
    if how_computed.renormalize:
        made.append(Decision("renormalize", "yes", How.GIVEN, "each row divided by its sum"))
    if request.where:
        chosen = ", ".join(f"{column}={value}" for column, value in request.where)
        made.append(Decision("where", chosen, How.GIVEN, f"{totals.rows - totals.ignored:,} rows selected"))
    return tuple(made)


def _refuse_guesses(request: Request, decisions: tuple[Decision, ...]) -> None:
    """Under ``--strict``, raise for the first decision that the data suggest but do not prove."""
    guesses = [decision for decision in decisions if decision.guess] if request.strict else []
    if guesses:
        first = guesses[0]
        others = f" (and {len(guesses) - 1} more guesses)" if len(guesses) > 1 else ""
        raise AmbiguousData(
            f"--strict: {first.what} {first.value!r} is a guess: {first.evidence}{others}",
            code="strict",
            where=Where(str(request.predictions) if isinstance(request.predictions, str) else "predictions"),
            hint=f"settle it with {first.flag}" if first.flag else None,
        )
