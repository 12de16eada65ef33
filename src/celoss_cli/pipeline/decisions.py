"""The decisions of a settled pass, in the order they were made."""

from __future__ import annotations

from fractions import Fraction

from celoss_cli.detection.scores import contradicting_name, describe
from celoss_cli.errors import DataError, InvalidWeights, Where
from celoss_cli.labels.weights import BALANCED
from celoss_cli.pipeline.compat import compat_decisions
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.pipeline.matching import found_weights
from celoss_cli.pipeline.notices import Known
from celoss_cli.pipeline.options import refuse_guesses
from celoss_cli.pipeline.settle import is_multilabel
from celoss_cli.request import Average, InputKind, TargetKind, Task
from celoss_cli.results.evaluation import Input, Inputs
from celoss_cli.scoring.plan import Plan
from celoss_cli.spec import Columns, Decision, How, Spec
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.totals import Totals
from celoss_cli.summary.weighted_mean import Weighted, weigh


def unknown_rows(plan: Plan, totals: Totals, seen: Evidence) -> int:
    """Return how many rows have a label that names no class: left out, or of a class that no score speaks of."""
    if plan.beyond:
        return sum(totals.loss.rows[-plan.beyond :])
    return sum(sighting.count for sighting in seen.labels.values())


def weighed(job: Job, assumed: Assumed, plan: Plan, totals: Totals) -> tuple[tuple[Fraction, ...], Weighted]:
    """Return the class weights and the sums under them. Raises DataError where there is nothing to take a mean of."""
    state = totals.loss
    if not state.scored:
        raise DataError(
            f"none of the {totals.rows:,} rows is left to score",
            code="nothing_scored",
            where=Where(job.predictions.path),
            hint="check --where, --ignore-index, --invalid and --unmatched",
        )
    weights = assumed.class_weights or found_weights(job, state)
    terms = len(plan.classes.names) if is_multilabel(assumed) else 1
    sums = weigh(state, weights, plan.convention.denominator, terms=terms)
    if not sums.weight:
        raise InvalidWeights(
            "all weights are zero: there is no mean",
            code="zero_weights",
            where=Where(job.predictions.path),
            hint="correct --class-weight or --sample-weight",
        )
    return weights, sums


def known_of(
    job: Job, assumed: Assumed, plan: Plan, totals: Totals, seen: Evidence, spec: Spec, weights: tuple[Fraction, ...]
) -> Known:
    """Return what the notices are made from."""
    return Known(
        request=job.request,
        convention=plan.convention,
        classes=plan.classes.names,
        class_weights=weights,
        totals=totals,
        sums=weighed(job, assumed, plan, totals)[1],
        seen=seen,
        decisions=spec.decisions,
        at=job.at,
        percent=assumed.reading.percent,
        sums_to_100=not job.single and not assumed.reading.named,
        logits=plan.input is InputKind.LOGITS,
        divided=plan.any_sum and seen.high > 1.0 + plan.tolerance,
        weights_in_pass=assumed.class_weights is not None,
        pairs=None if job.side is None else job.side.pairs,
        unknown=tuple(seen.labels) or plan.classes.names[len(plan.classes.names) - plan.beyond :],
        unknown_rows=unknown_rows(plan, totals, seen),
        called=contradicting_name(assumed.reading, job.layout),
    )


def spec_of(
    job: Job, assumed: Assumed, plan: Plan, totals: Totals, seen: Evidence, weights: tuple[Fraction, ...]
) -> Spec:
    """Return the resolved reading of the data. Raises AmbiguousData for a guess under ``--strict``."""
    decisions = _decisions(job, assumed, plan, totals, seen, weights)
    refuse_guesses(job.request, decisions)
    return Spec(
        task=_task(job, plan),
        input=assumed.reading.input,
        classes=assumed.match.scored.names,
        positive=_positive(job, plan),
        columns=_columns(plan),
        decisions=decisions,
    )


def _task(job: Job, plan: Plan) -> Task:
    if plan.targets is TargetKind.MULTILABEL:
        return Task.MULTILABEL
    return job.request.task or (Task.BINARY if plan.width <= 2 else Task.MULTICLASS)


def _positive(job: Job, plan: Plan) -> str | None:
    if plan.single:
        return plan.classes.names[1]
    if job.request.positive is None:
        return None
    return plan.classes.names[plan.classes.find(job.request.positive) or 0]


def _columns(plan: Plan) -> Columns:
    layout = plan.layout
    label = tuple(column.name for column in layout.targets) or layout.label
    ids = layout.ids if len(layout.ids) > 1 else next(iter(layout.ids), None)
    return Columns(plan.score_names, label, ids, layout.weight)


def inputs_of(job: Job, totals: Totals) -> Inputs:
    """Return what was read."""
    labels = None
    if job.labels is not None and job.side is not None:
        labels = Input(job.labels.path, job.labels.format, job.side.rows)
    return Inputs(Input(job.predictions.path, job.predictions.format, totals.rows), labels)


def _decisions(
    job: Job, assumed: Assumed, plan: Plan, totals: Totals, seen: Evidence, weights: tuple[Fraction, ...]
) -> tuple[Decision, ...]:
    """Return every decision, in the order in which it was made."""
    request, names = job.request, assumed.match.scored.names
    given = How.GIVEN if request.task is not None else How.DETECTED
    columns = "one prediction column" if plan.single else f"{plan.width} prediction columns, one per class"
    made = [*job.predictions.decisions, *job.layout.decisions]
    if job.labels is not None:
        made += [d._replace(what=f"labels {d.what}") for d in job.labels.decisions]
    made.append(Decision("task", _task(job, plan).value, given, columns, "--task"))
    made.append(describe(assumed.reading, seen, job.layout, job.precision, independent=is_multilabel(assumed)))
    how = How.GIVEN if request.classes else How.DETECTED
    shown = ", ".join(names) if len(names) <= 10 else f"{', '.join(names[:3])}, …, {names[-1]} ({len(names)})"
    made.append(Decision("classes", shown, how, assumed.match.evidence, "--classes", assumed.match.guess))
    if plan.single:
        how = How.GIVEN if request.positive is not None or request.classes else How.DETECTED
        made.append(Decision("positive", names[1], how, f"column {plan.score_names[0]!r}", "--positive"))
    made += _targets_decisions(job, plan)
    if job.class_weight is not None:
        text = ", ".join(f"{name}={float(weight):.6g}" for name, weight in zip(names[:10], weights, strict=False))
        kind = "balanced: n / (classes · rows of the class)" if job.class_weight == BALANCED else "--class-weight"
        made.append(Decision("class_weight", text, How.GIVEN, kind))
    how_computed = plan.convention
    made += compat_decisions(job, how_computed)
    if how_computed.clip is not None:
        bounds = f"probabilities limited to [{how_computed.clip:g}, 1 − {how_computed.clip:g}]"
        made.append(Decision("clip", f"{how_computed.clip:g}", How.GIVEN, bounds))
    if how_computed.renormalize:
        made.append(Decision("renormalize", "yes", How.GIVEN, "each row divided by its sum"))
    if request.where:
        chosen = ", ".join(f"{column}={value}" for column, value in request.where)
        made.append(Decision("where", chosen, How.GIVEN, f"{totals.rows - totals.ignored:,} rows selected"))
    return tuple(made)


def _targets_decisions(job: Job, plan: Plan) -> list[Decision]:
    """Return what the labels were taken for, and what the loss does with them, where that is not the ordinary thing."""
    request, made = job.request, []
    if plan.targets is TargetKind.SOFT:
        made.append(Decision("labels", "soft", How.DETECTED, "label numbers between 0 and 1, a distribution each row"))
    elif plan.targets is TargetKind.MULTILABEL:
        how = How.GIVEN if request.task is Task.MULTILABEL else How.DETECTED
        made.append(Decision("labels", "several a row", how, "label rows that do not sum to 1", "--task"))
    elif job.layout.targets:
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
