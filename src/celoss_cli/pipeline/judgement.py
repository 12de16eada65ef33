"""The judgement after a pass: what the whole file supports, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from celoss_cli.detection.judge import judge
from celoss_cli.detection.reading import first_reading
from celoss_cli.detection.targets import judge_targets
from celoss_cli.errors import AmbiguousData, InvalidLabels, Where
from celoss_cli.labels.classes import are_shares
from celoss_cli.labels.match import Match
from celoss_cli.labels.side import check_rows
from celoss_cli.labels.unicode_forms import two_forms
from celoss_cli.labels.words import marks_no_label
from celoss_cli.layout.items.last_row import last_row_refused
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.pipeline.matching import found_weights, given_weights, match_classes
from celoss_cli.pipeline.planning import plan_of
from celoss_cli.pipeline.respelt import alike, refuse_alike, rows_of_classes, texts_met
from celoss_cli.request import TargetKind, UnknownClass
from celoss_cli.spelling import in_order, list_option, listed, nearest, option
from celoss_cli.spelling import number as as_number
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.partial import Partial
from celoss_cli.state.target_evidence import TargetEvidence
from celoss_cli.state.totals import Totals


def supported_by(job: Job, assumed: Assumed, partial: Partial) -> Assumed:
    """Return what the whole file supports. Equal to ``assumed`` in the ordinary case. Raises what is wrong with it."""
    totals, seen, labels = partial.totals, partial.evidence, partial.targets
    if assumed.targets is TargetKind.TRUTH:
        from celoss_cli.detection.of_tokens import judge_tokens

        judge_tokens(partial, job.layout, job.request, job.at)
        return assumed
    reading = judge(assumed.reading, seen, job.layout, job.request, job.at, independent=is_multilabel(assumed))
    targets = _settled_targets(job, assumed, totals, seen, labels)
    if targets is not assumed.targets:
        independent = targets is TargetKind.MULTILABEL
        reading = first_reading(job.head, job.layout, job.request, independent=independent)
        match = match_classes(job, job.first_labels, targets)
        return Assumed(reading, targets, match, given_weights(job, match))
    match = _settled_match(job, assumed, totals, seen)
    if match.classes.names != assumed.match.classes.names or reading != assumed.reading or match != assumed.match:
        return Assumed(reading, targets, match, given_weights(job, match))
    refuse_alike(job.request, match.scored, totals, seen, job.at.labels.where(None, None))
    if job.labels is not None and job.side is not None:
        check_rows(job.predictions, job.labels, totals.rows, job.side)
    weights = assumed.class_weights
    if weights is None and totals.loss.scored and needs_weights(job, assumed):
        weights = found_weights(job.request, totals.loss)  # the rows need them, and only now are they known
    return Assumed(reading, targets, match, weights)


def unsettled(job: Job) -> AmbiguousData:
    """Return the error of a file that has contradicted one reading after the other, in as many passes as there are."""
    return AmbiguousData(
        "the file contradicts every reading that its own rows suggest",
        code="unsettled",
        where=Where(job.predictions.path),
        hint="say what the columns hold: --input, --pred, --label and --classes",
    )


def is_multilabel(assumed: Assumed) -> bool:
    """Whether the scores are independent of each other: then their sum means nothing."""
    return assumed.targets is TargetKind.MULTILABEL


def needs_weights(job: Job, assumed: Assumed) -> bool:
    """Whether the rows themselves need the class weights, and not only the sums at the end."""
    plan = plan_of(job, assumed)
    return plan.per_sample or plan.cluster > 1 or bool(plan.slices) or not plan.plain


def _settled_targets(job: Job, assumed: Assumed, totals: Totals, seen: Evidence, labels: TargetEvidence) -> TargetKind:
    """Return what the labels of all rows say."""
    names = job.layout.target_names
    if names or assumed.targets is TargetKind.SOFT:
        if seen.labels and job.request.unknown_class is not UnknownClass.DROP:
            raise _no_probability(job, seen)
        return judge_targets(labels, job.request.task, names or (job.layout.label,), job.at, single=job.single)
    if job.single and job.side is None and seen.labels:
        # A 1 among words names no class; it is a probability only where all the other labels can be one, too.
        every = job.first_labels.union(seen.labels, _labels_met(assumed.match, totals, seen, job.request.unknown_class))
        if not are_shares(every) or (job.request.classes and {as_number(label) for label in every} <= {0.0, 1.0}):
            return assumed.targets
        _refuse_last_row(job, every, totals, seen)
        return TargetKind.SOFT
    return assumed.targets


def _refuse_last_row(job: Job, labels: frozenset[str], totals: Totals, seen: Evidence) -> None:
    """Refuse labels of which one is a fraction, that of the last row: it is the mean of those above."""
    for label, sighting in seen.labels.items():
        if labels - {label} <= {"0", "1"} and sighting.count == 1 and sighting.row == totals.rows - 1:
            raise last_row_refused(job.predictions, sighting.row, job.layout.label, label)


def _no_probability(job: Job, seen: Evidence) -> InvalidLabels:
    """Return the error that a label is a word where the others are probabilities of the positive class."""
    row, label, also = _first_unknown(seen)
    return InvalidLabels(
        f"label {label!r} is no number from 0 to 1, as labels before it are{also}",
        code="unknown_label",
        where=job.at.labels.where(row, None),
        hint="one column of labels holds names of classes or probabilities of the positive class; --unknown-class drop "
        "leaves such rows out, counted",
    )


def _settled_match(job: Job, assumed: Assumed, totals: Totals, seen: Evidence) -> Match:
    """Return the classes that all labels support; raise for the first label that still names none."""
    match, unknown = assumed.match, job.request.unknown_class
    if not seen.labels:
        apart = _told_apart(job, assumed, totals, seen)
        return _with_all_evidence(job, assumed, totals, seen) if apart is None else apart
    known = job.first_labels.difference(seen.labels) | _labels_met(match, totals, seen, job.request.unknown_class)
    if job.side is None:
        try:
            better = match_classes(job, known.union(seen.labels), assumed.targets)
        except AmbiguousData:
            if len(known) < len(match.classes.names):
                raise
            better = match  # what is there does for the labels before: the one that is too much is named below
        if better.classes != match.classes:
            return better
    if unknown is UnknownClass.DROP:
        return match
    if unknown is UnknownClass.INF:
        return match.extended(seen.labels)
    raise _names_no_class(job, match, seen, known.union(seen.labels) if job.side is None else job.first_labels)


def _told_apart(job: Job, assumed: Assumed, totals: Totals, seen: Evidence) -> Match | None:
    """Return the match of labels of which two differ in their letters alone, ``None`` where there are none such.

    One of them may stand below the first rows. Raises AmbiguousData where they may be two classes.
    """
    request, classes = job.request, assumed.match.classes
    if not seen.respelt or request.classes or job.side is not None:
        return None
    texts = texts_met(classes, rows_of_classes(totals, seen, request.unknown_class), seen)
    if not alike(texts):
        return None
    beyond = classes.names[len(classes.names) - assumed.match.beyond :]
    return match_classes(job, job.first_labels.union(*texts), assumed.targets).extended(beyond)


def refuse_unknown(job: Job, match: Match, seen: Evidence, met: frozenset[str]) -> None:
    """Raise InvalidLabels for the first label that names no class of ``match``; ``met`` are all labels seen."""
    raise _names_no_class(job, match, seen, met)


def _names_no_class(job: Job, match: Match, seen: Evidence, met: frozenset[str]) -> InvalidLabels:
    row, label, also = _first_unknown(seen)
    return InvalidLabels(
        f"label {label!r} is none of the classes {in_order(match.classes.names)}{also}",
        code="unknown_label",
        where=job.at.labels.where(row, None),
        hint=_unknown_hint(label, match.classes.names, met, frozenset(seen.labels)),
    )


def _unknown_hint(label: str, names: Sequence[str], met: frozenset[str], unknown: frozenset[str]) -> str:
    """Return what to do about labels that name no class: never a way to leave out classes that have another name."""
    if (forms := two_forms(sorted(unknown), names)) is not None:
        return forms
    marks = sorted(text for text in unknown if marks_no_label(text))
    if len(marks) == len(unknown) == 1:
        sure = (value := as_number(label)) is not None and value < 0
        why = "as torch and others mark them" if sure else "if it marks rows without a label"
        flag = f"--ignore-index {label}" if sure else option("--ignore-index", label)
        return f"{flag} leaves such rows out, counted, {why}"
    if len(marks) == len(unknown):
        return "--unknown-class drop leaves such rows out, counted, if these labels mark rows without one"
    if as_number(label) is None:
        near = nearest(label, names)
        return (
            f"{f'did you mean {near!r}? ' if near is not None else ''}--classes names the class of each prediction "
            "column in order; --unknown-class drop leaves such rows out, counted"
        )
    naming = "--classes names the class of each prediction column in order"
    if len(met) == len(names) and all(as_number(text) is not None for text in met):
        in_order_of_number = sorted(met, key=lambda text: as_number(text) or 0.0)
        return f"{naming}; if they are in order: {list_option('--classes', in_order_of_number)}"
    return naming


def _first_unknown(seen: Evidence) -> tuple[int, str, str]:
    """Return the first row whose label names no class, that label, and what a message says of the others."""
    row, label = min((sighting.row, label) for label, sighting in seen.labels.items())
    count = sum(sighting.count for sighting in seen.labels.values())
    return row, label, f" ({count:,} rows have such labels: {listed(seen.labels)})" if count > 1 else ""


def _with_all_evidence(job: Job, assumed: Assumed, totals: Totals, seen: Evidence) -> Match:
    """Return a match that was a guess by the first rows with what all rows say for it; the classes stay the same."""
    match = assumed.match
    if not match.guess or job.side is not None or job.layout.targets:
        return match
    try:
        better = match_classes(job, _labels_met(match, totals, seen, job.request.unknown_class), assumed.targets)
    except AmbiguousData:
        if match.unsettled:
            raise
        return match
    return better if better == match else match


def _labels_met(match: Match, totals: Totals, seen: Evidence, unknown: UnknownClass) -> frozenset[str]:
    """Return the labels of the classes that rows were counted for; rows with unknown labels count as class 0."""
    rows = rows_of_classes(totals, seen, unknown)
    return frozenset(label for label, code in match.classes.codes.items() if rows[code] > 0)
