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
    from celoss_cli.layout import Layout
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
    weight = settled.layout.weight or columns.weight
    parts = Columns((), columns.parallel, _ids(settled.layout), weight, columns.truth, columns.text)
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
    label = layout.target_names or layout.label
    return Columns(plan.score_names, label, _ids(layout), layout.weight)


def _ids(layout: Layout) -> str | tuple[str, ...] | None:
    """Return the column that names the rows, or all that do so together."""
    return layout.ids if len(layout.ids) > 1 else next(iter(layout.ids), None)


def inputs_of(settled: Settled) -> Inputs:
    """Return what was read."""
    predictions, labels = settled.predictions, settled.labels
    return Inputs(
        Input(predictions.path, predictions.format, predictions.rows),
        None if labels is None else Input(labels.path, labels.format, labels.rows),
    )


def _decisions(settled: Settled) -> tuple[Decision, ...]:
    """Return every decision, in the order in which it was made."""
    request, plan, match = settled.request, settled.plan, settled.assumed.match
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
    made += compat_decisions(request, plan.convention)
    made += _clip_decision(plan)
    if plan.convention.renormalize:
        made.append(Decision("renormalize", "yes", How.GIVEN, "each row divided by its sum"))
    return (*made, *_where_decision(settled))


def _decisions_of_sequences(settled: Settled) -> tuple[Decision, ...]:
    """Return every decision about sequences: who is who, and what of them is left out or changed."""
    request = settled.request
    made = [*settled.predictions.decisions, *settled.layout.decisions]
    if request.ignore_index is not None:
        made.append(Decision("ignore_index", request.ignore_index, How.GIVEN, "tokens with this label are left out"))
    if request.average is Average.MACRO:
        made.append(Decision("average", "macro", How.GIVEN, "each sequence counts the same, whatever its length"))
    return (*made, *_clip_decision(settled.plan, ", token by token"), *_where_decision(settled))


def _clip_decision(plan: Plan, what: str = "") -> list[Decision]:
    """Return between which bounds probabilities are limited, if they are; ``what`` says of what."""
    eps = plan.convention.clip
    if eps is None:
        return []
    return [Decision("clip", f"{eps:g}", How.GIVEN, f"probabilities limited to [{eps:g}, 1 − {eps:g}]{what}")]


def _where_decision(settled: Settled) -> list[Decision]:
    """Return which rows were asked for, if not all, and how many there are."""
    if not settled.request.where:
        return []
    chosen = ", ".join(f"{column}={value}" for column, value in settled.request.where)
    selected = settled.totals.rows - settled.totals.ignored
    return [Decision("where", chosen, How.GIVEN, f"{selected:,} rows selected")]


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
