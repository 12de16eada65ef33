"""A fix that is applied before scoring: held against the rows, and said."""

from __future__ import annotations

from typing import Any

from celoss_cli.errors import AmbiguousData, InvalidScores, MisalignedData, Where
from celoss_cli.kernels.recalibration import Recalibration
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.request import InputKind, TargetKind
from celoss_cli.results.calibration import Calibration
from celoss_cli.spec import Decision, How
from celoss_cli.spelling import listed, same
from celoss_cli.state.partial import Partial

FITTED_ROWS = "fitted_rows"
"""The name under which scoring the rows that a fix was fitted on is allowed."""


def recalibration_of(fix: Calibration, classes: tuple[str, ...]) -> Recalibration:
    """Return what is done to scores of ``classes``, in their order."""
    if fix.method == "temperature":
        return Recalibration(1.0 / fix.parameters["t"])
    intercept = fix.parameters["intercept"]
    turned = len(classes) == 2 and not same(classes[1], fix.scores.classes[1])
    return Recalibration(fix.parameters["slope"], 0.0 if len(classes) != 2 else -intercept if turned else intercept)


def recalibration_for(job: Job, assumed: Assumed) -> Recalibration | None:
    """Return what is done to the scores in a pass; whether the fix is for them, ``check_calibration`` says after it."""
    return None if job.calibration is None else recalibration_of(job.calibration, assumed.match.scored.names)


def check_calibration(job: Job, assumed: Assumed, partial: Partial) -> None:
    """Refuse a fix that is not for these scores, or was fitted on these rows."""
    fix, path = job.calibration, job.predictions.path
    if fix is None:
        return
    if assumed.targets is TargetKind.MULTILABEL:
        raise AmbiguousData(
            "several labels may hold at once, and a fix is for rows of one class each",
            code="calibration_classes",
            where=Where(path),
            hint="score them without a fix",
        )
    check_classes(fix, assumed.match.scored.names, path)
    check_kind(fix, assumed.reading.input, path, given=assumed.reading.given)
    digest = partial.digest
    known = digest is not None and (digest.rows, digest.text) == (fix.fitted_on.rows, fix.fitted_on.digest)
    if known and FITTED_ROWS not in job.request.allow:
        by_id = fix.fitted_on.digest.startswith("ids:")
        what = "ids and labels" if by_id else "labels in the same order"
        raise MisalignedData(
            f"the fix was fitted on these rows: {partial.totals.loss.scored:,} with the same {what}. What it saves on "
            "them is too good",
            code=FITTED_ROWS,
            where=Where(path),
            hint=f"score other rows, or pass --allow {FITTED_ROWS}" + ("" if by_id else " if they are others"),
        )


def check_classes(fix: Calibration, classes: tuple[str, ...], path: str) -> None:
    """Refuse a fix of other ``classes``; their order does not matter."""
    theirs = fix.scores.classes
    if len(theirs) == len(classes) and all(any(same(name, other) for other in theirs) for name in classes):
        return
    raise MisalignedData(
        f"the fix is for the classes {listed(theirs)}, and these scores are of {listed(classes)}",
        code="calibration_classes",
        where=Where(path),
        hint="fit one on predictions of these classes, under the same names",
    )


def check_kind(fix: Calibration, kind: InputKind, path: str, *, given: bool) -> None:
    """Refuse scores of another kind, unless that is said: one of the two was taken for what it is not."""
    if kind is fix.scores.input or given:
        return
    raise InvalidScores(
        f"the fix was fitted to {fix.scores.input.noun}, and these scores are {kind.noun}",
        code="calibration_input",
        where=Where(path),
        hint=f"if that is so, --input {kind.value} says it: a fix is the same for all kinds of scores of one model",
    )


def calibration_decision(fix: Calibration, given: Any) -> Decision:
    """Return the decision that the scores were changed before they were scored."""
    name = given if isinstance(given, str) else "calibration"
    of = f"{name}, fitted on {fix.fitted_on.rows:,} rows of {fix.fitted_on.path}"
    return Decision("calibration", fix.said, How.GIVEN, of, "--calibration")
