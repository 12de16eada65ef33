"""The decisions of a settled pass, in the order they were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celoss_cli.detection.describe import describe
from celoss_cli.labels.weights import BALANCED
from celoss_cli.pipeline.compat import compat_decisions
from celoss_cli.pipeline.options import refuse_guesses
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import Average, InputForm, Request, TargetKind, Task
from celoss_cli.results.evaluation import Input, Inputs
from celoss_cli.scoring.plan import Plan
from celoss_cli.spec import Columns, Decision, How, Spec

if TYPE_CHECKING:
    from celoss_cli.layout.sequences.columns import SequenceColumns


def spec_of(settled: Settled) -> Spec:
    """Return the resolved reading of the data. Raises AmbiguousData for a guess under ``--strict``."""
    decisions = _decisions(settled)
    refuse_guesses(settled.request, decisions)
    if settled.layout.sequences is not None:
        return _spec_of_sequences(settled, settled.layout.sequences, decisions)
    return Spec(
        task=_task(settled.request, settled.plan),
        input=settled.request.written or InputForm(settled.plan.input.value),
        classes=settled.assumed.match.scored.names,
        positive=_positive(settled.request, settled.plan),
        columns=_columns(settled.plan),
        decisions=decisions,
    )


def _spec_of_sequences(settled: Settled, columns: SequenceColumns, decisions: tuple[Decision, ...]) -> Spec:
    layout = settled.layout
    ids = layout.ids if len(layout.ids) > 1 else next(iter(layout.ids), None)
    parts = Columns((), columns.parallel, ids, layout.weight or columns.weight, columns.truth, columns.text)
    return Spec(task=None, input=columns.form, classes=(), positive=None, columns=parts, decisions=decisions)


def _task(request: Request, plan: Plan) -> Task:
    if plan.targets is TargetKind.MULTILABEL:
        return Task.MULTILABEL
    return request.task or (Task.BINARY if plan.width <= 2 else Task.MULTICLASS)


def _positive(request: Request, plan: Plan) -> str | None:
    if plan.single:
        return plan.classes.names[1]
    if request.positive is None:
        return None
    return plan.classes.names[plan.classes.find(request.positive) or 0]


def _columns(plan: Plan) -> Columns:
    layout = plan.layout
    label = tuple(column.name for column in layout.targets) or layout.label
    ids = layout.ids if len(layout.ids) > 1 else next(iter(layout.ids), None)
    return Columns(plan.score_names, label, ids, layout.weight)


def inputs_of(settled: Settled) -> Inputs:
    """Return what was read."""
    predictions, labels = settled.predictions, settled.labels
    return Inputs(
        Input(predictions.path, predictions.format, predictions.rows),
        None if labels is None else Input(labels.path, labels.format, labels.rows),
    )


def _decisions(settled: Settled) -> tuple[Decision, ...]:
    """Return every decision, in the order in which it was made."""
    request, plan, match, totals = settled.request, settled.plan, settled.assumed.match, settled.totals
    if plan.targets is TargetKind.TRUTH:
        return _decisions_of_sequences(settled)
    names = match.scored.names
    given = How.GIVEN if request.task is not None else How.DETECTED
    columns = "one prediction column" if plan.single else f"{plan.width} prediction columns, one per class"
    made = [*settled.predictions.decisions, *settled.layout.decisions]
    if settled.labels is not None:
        made += [d._replace(what=f"labels {d.what}") for d in settled.labels.decisions]
    made.append(Decision("task", _task(request, plan).value, given, columns, "--task"))
    independent = plan.targets is TargetKind.MULTILABEL
    reading, seen = settled.assumed.reading, settled.partial.evidence
    made.append(describe(reading, seen, settled.layout, settled.precision, independent=independent))
    how = How.GIVEN if request.classes else How.DETECTED
    shown = ", ".join(names) if len(names) <= 10 else f"{', '.join(names[:3])}, …, {names[-1]} ({len(names)})"
    made.append(Decision("classes", shown, how, match.evidence, "--classes", match.guess))
    if plan.single:
        how = How.GIVEN if request.positive is not None or request.classes else How.DETECTED
        made.append(Decision("positive", names[1], how, f"column {plan.score_names[0]!r}", "--positive"))
    made += _targets_decisions(request, plan)
    if settled.calibration is not None:
        from celoss_cli.pipeline.calibrated import calibration_decision

        made.append(calibration_decision(settled.calibration, request.calibration))
    if settled.class_weight is not None:
        text = ", ".join(
            f"{name}={float(weight):.6g}" for name, weight in zip(names[:10], settled.weights, strict=False)
        )
        kind = "balanced: n / (classes · rows of the class)" if settled.class_weight == BALANCED else "--class-weight"
        made.append(Decision("class_weight", text, How.GIVEN, kind))
    how_computed = plan.convention
    made += compat_decisions(request, how_computed)
    if how_computed.clip is not None:
        bounds = f"probabilities limited to [{how_computed.clip:g}, 1 − {how_computed.clip:g}]"
        made.append(Decision("clip", f"{how_computed.clip:g}", How.GIVEN, bounds))
    if how_computed.renormalize:
        made.append(Decision("renormalize", "yes", How.GIVEN, "each row divided by its sum"))
    if request.where:
        chosen = ", ".join(f"{column}={value}" for column, value in request.where)
        made.append(Decision("where", chosen, How.GIVEN, f"{totals.rows - totals.ignored:,} rows selected"))
    return tuple(made)


def _decisions_of_sequences(settled: Settled) -> tuple[Decision, ...]:
    """Return every decision about sequences: who is who, and what of them is left out or changed."""
    request, totals, how = settled.request, settled.totals, settled.plan.convention
    made = [*settled.predictions.decisions, *settled.layout.decisions]
    if request.ignore_index is not None:
        made.append(Decision("ignore_index", request.ignore_index, How.GIVEN, "tokens with this label are left out"))
    if request.average is Average.MACRO:
        made.append(Decision("average", "macro", How.GIVEN, "each sequence counts the same, whatever its length"))
    if how.clip is not None:
        bounds = f"probabilities limited to [{how.clip:g}, 1 − {how.clip:g}], token by token"
        made.append(Decision("clip", f"{how.clip:g}", How.GIVEN, bounds))
    if request.where:
        chosen = ", ".join(f"{column}={value}" for column, value in request.where)
        made.append(Decision("where", chosen, How.GIVEN, f"{totals.rows - totals.ignored:,} rows selected"))
    return tuple(made)


def _targets_decisions(request: Request, plan: Plan) -> list[Decision]:
    """Return what the labels were taken for, and what the loss does with them, where that is not the ordinary thing."""
    made = []
    if plan.targets is TargetKind.SOFT:
        made.append(Decision("labels", "soft", How.DETECTED, "label numbers between 0 and 1, a distribution each row"))
    elif plan.targets is TargetKind.MULTILABEL:
        how = How.GIVEN if request.task is Task.MULTILABEL else How.DETECTED
        made.append(Decision("labels", "several a row", how, "label rows that do not sum to 1", "--task"))
    elif plan.layout.targets:
        made.append(Decision("labels", "one-hot", How.DETECTED, "exactly one 1 in each row of the label columns"))
    if request.label_smoothing:
        share = f"{request.label_smoothing:g} of each target spread evenly over the classes"
        made.append(Decision("label_smoothing", f"{request.label_smoothing:g}", How.GIVEN, share))
    if plan.pos_weight:
        text = ", ".join(f"{weight:g}" for weight in plan.pos_weight)
        made.append(Decision("pos_weight", text, How.GIVEN, "the loss of positives times this; in no denominator"))
    if request.ignore_index is not None:
        made.append(Decision("ignore_index", request.ignore_index, How.GIVEN, "rows with this label are left out"))
    if request.average is Average.MACRO:
        made.append(Decision("average", "macro", How.GIVEN, "each class with rows counts the same"))
    return made
