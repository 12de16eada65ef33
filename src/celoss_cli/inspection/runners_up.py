"""What came second: for each decision the other choice that most speaks for, and what does."""

from __future__ import annotations

from collections.abc import Mapping

from celoss_cli.alarms import Alarm
from celoss_cli.layout.readings.possible import Part, possible_parts
from celoss_cli.pipeline.job import Job
from celoss_cli.request import InputKind, TargetKind
from celoss_cli.scoring.plan import Plan
from celoss_cli.spec import Decision
from celoss_cli.spelling import in_order, number
from celoss_cli.state.evidence import Evidence

# Which decision an alarm is about: what would be far better is the runner-up.
ABOUT = {
    "classes_swapped": "classes", "classes_permuted": "classes", "classes_in_text_order": "classes",
    "labels_off_by_one": "classes", "labels_shifted": "pairing", "other_label": "label", "label_is_predicted": "label",
    "log_base": "input", "logits_are_probabilities": "input", "logits_are_shares": "input",
    "probabilities_are_logits": "input", "scores_negated": "input", "maybe_logits": "input", "maybe_bounded": "input",
    "maybe_of_truth": "positive", "maybe_no_scores": "predictions", "maybe_confidence": "predictions",
}  # fmt: skip
"""Which decision each alarm is about."""

_MOST = 3  # columns named as rivals


def runner_up(decision: Decision, job: Job, plan: Plan, seen: Evidence, alarms: tuple[Alarm, ...]) -> str | None:
    """Return the choice that came second to ``decision`` and what speaks for it; ``None`` if nothing does."""
    for alarm in alarms:
        if ABOUT[alarm.code] == decision.what or (ABOUT[alarm.code], decision.what) == ("classes", "positive"):
            choice = alarm.flag if alarm.flag is not None and len(alarm.flag) < 100 else "another reading"
            return f"{choice}: far better on the rows looked at, as the warning says"
    if plan.layout.sequences is not None and decision.what == "label":
        return None
    match decision.what:
        case "input" if plan.layout.sequences is not None and decision.guess:
            return "log2probs, log10probs: there is no distribution whose sum would tell"
        case "delimiter" | "header" | "decimal" if not decision.guess:
            return None
        case "header":
            return "no: the first row is data" if decision.value == "yes" else "yes: the first row holds names"
        case "decimal":
            return "a point: the commas separate thousands"
        case "delimiter":
            return "another one: the evidence says which"
        case "label":
            return _other_label(job)
        case "predictions":
            return _other_predictions(job)
        case "pairing":
            return _other_pairing(job)
        case "input":
            return _other_input(plan, seen)
        case "classes":
            return _other_classes(job, plan)
        case "positive":
            return _other_positive(job, plan)
        case "labels" if decision.value == "one-hot":
            return "several a row: a row with exactly one 1 can be multilabel too (--task multilabel)"
        case _:
            return None


def _other_label(job: Job) -> str | None:
    table = job.predictions if job.labels is None else job.labels
    taken: set[str | None] = {job.layout.label, *job.layout.target_names}
    if job.labels is None:
        taken.update(column.name for column in job.layout.scores)
    return _columns_for("label", possible_parts(table, job.request), taken)


def _other_predictions(job: Job) -> str | None:
    layout = job.layout
    taken = {column.name for column in (*layout.scores, *layout.targets)} | {layout.weight}
    if job.labels is None:
        taken.add(layout.label)
    label = layout.label if job.labels is None else None
    return _columns_for("prediction", possible_parts(job.predictions, job.request, label), taken)


def _columns_for(part: str, parts: Mapping[str, tuple[Part, ...]], taken: set[str | None]) -> str | None:
    """Return the columns that could play a part, with the first reason for each."""
    rivals = []
    for name, found in parts.items():
        reason = next((one.said for one in found if one.part == part), None)
        if name in taken or reason is None:
            continue
        first = found[0]
        rivals.append(f"{name}: {reason}" + (f"; but {first.part}: {first.said}" if first.part != part else ""))
    more = f"; and {len(rivals) - _MOST} more" if len(rivals) > _MOST else ""
    return "; ".join(rivals[:_MOST]) + more if rivals else None


def _other_pairing(job: Job) -> str | None:
    if job.layout.pair_ids:
        return "by row position: only if both files have one order"
    theirs = set() if job.labels is None else {column.name for column in job.labels.columns}
    used = {job.layout.label, *(column.name for column in job.layout.scores)}
    shared = [column.name for column in job.predictions.columns if column.name in theirs - used]
    return f"by {in_order(shared)}: in both files" if shared and job.predictions.named else None


def _other_input(plan: Plan, seen: Evidence) -> str | None:
    match plan.input:
        case InputKind.PROBS if plan.single:
            return "logits: a column of them can lie within [0, 1] too"
        case InputKind.PROBS if plan.targets is TargetKind.MULTILABEL:
            return "logits: scores of several labels need not sum to anything"
        case InputKind.LOGITS if seen.plausible:
            return f"probs: {seen.plausible:,} of {seen.rows:,} rows could be probabilities"
        case InputKind.LOGITS if seen.high <= 0.0:
            return "logprobs: no score is above 0"
        case InputKind.LOGPROBS:
            return "logits: the softmax of log-probabilities is the same probabilities"
        case _:
            return None


def _other_positive(job: Job, plan: Plan) -> str | None:
    negative, positive = plan.classes.names
    column = job.layout.scores[0].name
    if positive.casefold() in column.casefold():
        return None
    return f"{negative}: column {column!r} is named after neither class"


def _other_classes(job: Job, plan: Plan) -> str | None:
    names = [column.name for column in job.layout.scores]
    if plan.single or job.layout.vector or not job.predictions.named:
        return None
    if not all(number(label) is not None for label in plan.classes.codes):
        return None
    if all(number(name) is None for name in plan.classes.names):
        return f"any other order: the names of the columns, {in_order(names)}, are not those of the labels"
    return "by position: the labels are numbers, which can count the columns"
