"""celoss calibrate fit: one of the fixes of a diagnosis as a value that can be applied to other rows."""

from __future__ import annotations

import math

import numpy as np

from celoss_cli._version import __version__
from celoss_cli.diagnosis.diagnose import fixes_found
from celoss_cli.diagnosis.fixes import Fixes
from celoss_cli.diagnosis.looking import look
from celoss_cli.errors import DataError, InvalidLabels, InvalidScores, UsageError, Where
from celoss_cli.pipeline.alarming import alarm_notices
from celoss_cli.pipeline.decisions import spec_of
from celoss_cli.pipeline.examining import check_diagnosable
from celoss_cli.pipeline.job import Opener, Progress
from celoss_cli.pipeline.notices import notices_of
from celoss_cli.pipeline.passes import settled_pass
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import Detail, Request
from celoss_cli.results.calibration import CalibratedScores, Calibration, FittedOn, Promise
from celoss_cli.results.diagnosis import DiagnosedLoss, Fix
from celoss_cli.results.document import Notice

_HELPING = ("helps", "probably_helps", "no_better")


def fit(request: Request, method: str | None, open_input: Opener, progress: Progress) -> Calibration:
    """Return the fix of the rows of ``request``: a ``temperature`` or a ``logistic``.

    ``None`` is a logistic of two classes, and a temperature of more.

    Raises
    ------
    CelossError
        As ``settled_pass``; and DataError where no fix of that kind is best for these rows.
    """
    check_diagnosable(request)
    request = request._replace(detail=Detail.DIAGNOSIS, digest=True, top=0)
    with settled_pass(request, open_input, progress) as found:
        settled = found.settled
        _check_fittable(settled, method)
        chosen = method or ("logistic" if len(settled.plan.classes.names) == 2 else "temperature")
        looked = look(found)
        loss = DiagnosedLoss(float(settled.sums.mean), settled.totals.loss.scored, 0)
        with np.errstate(over="ignore", invalid="ignore"):
            fixes = fixes_found(settled, looked, loss)
        fix = next((one for one in fixes.fixes if one.name == chosen), None)
        if fix is None:
            raise _no_fit(settled, chosen, fixes)
        return _calibration(settled, fix, fixes)


def _check_fittable(settled: Settled, method: str | None) -> None:
    """Refuse rows that no fix can be fitted to, or not one of that ``method``."""
    plan, path = settled.plan, settled.predictions.path
    if plan.examined is None:
        raise InvalidLabels(
            "the labels have a number for every class, and a fix is fitted to rows of one true class each",
            code="calibration_labels",
            where=Where(path),
            hint="--label names a column with one class a row",
        )
    if method == "logistic" and len(plan.classes.names) != 2:
        raise UsageError(
            f"--method logistic is for two classes, and these rows have {len(plan.classes.names)}",
            code="logistic_classes",
            hint="--method temperature",
        )
    if settled.sums.infinite:
        raise InvalidScores(
            f"{settled.sums.infinite:,} of {settled.totals.loss.scored:,} rows have probability 0 for what is true: no "
            "fix of this kind changes that",
            code="calibration_infinite",
            where=Where(path),
            hint="celoss diagnose says what a floor would do; write probabilities with more digits, or logits",
        )


def _no_fit(settled: Settled, chosen: str, fixes: Fixes) -> DataError:
    left = next((one for one in fixes.left_out if one.part == chosen), None)
    said = "no value is the best" if left is None else left.message
    return DataError(
        f"no {chosen} can be fitted: {said}",
        code="calibration_no_fit",
        where=Where(settled.predictions.path),
        hint="celoss diagnose says more of these rows",
    )


def _calibration(settled: Settled, fix: Fix, fixes: Fixes) -> Calibration:
    plan, digest = settled.plan, settled.partial.digest
    spec = spec_of(settled)
    if digest is None or spec.task is None or None in (fix.gain, fix.gain_ci95, fix.gain_in_sample, fix.loss_after):
        raise AssertionError("a fix that was fitted has its numbers, and its rows a digest")
    slope = fix.parameters.get("slope", 1.0)
    if not slope > 0.0:
        raise DataError(
            f"no logistic can be fitted: the slope would be {slope:.3g}, as scores say the opposite of what happens",
            code="calibration_no_fit",
            where=Where(settled.predictions.path),
            hint="labels or the sign of the scores may be swapped: --positive names the positive class",
        )
    return Calibration(
        celoss_version=__version__,
        method=fix.name,
        parameters=_of_second_class(fix, settled),
        scores=CalibratedScores(
            task=spec.task,
            input=plan.input,
            percent=plan.percent,
            classes=settled.assumed.match.scored.names,
            columns=plan.score_names,
        ),
        fitted_on=FittedOn(settled.predictions.path, digest.rows, digest.text),
        promise=Promise(
            loss=fixes.loss,
            loss_after=fix.loss_after or 0.0,
            gain=fix.gain or 0.0,
            gain_ci95=fix.gain_ci95 or (0.0, 0.0),
            gain_in_sample=fix.gain_in_sample or 0.0,
            p_value=None if fix.p_value is None or math.isnan(fix.p_value) else fix.p_value,
            verdict=fix.verdict,
        ),
        warnings=(
            *settled.layout.notices,
            *notices_of(settled),
            *alarm_notices(settled),
            *_doubts(fix),
        ),
    )


def _of_second_class(fix: Fix, settled: Settled) -> dict[str, float]:
    """Return the parameters for the log odds of the second class: the diagnosis speaks of the positive one."""
    examined = settled.plan.examined
    if "intercept" in fix.parameters and examined is not None and not examined.positive:
        return {**fix.parameters, "intercept": -fix.parameters["intercept"]}
    return dict(fix.parameters)


def _doubts(fix: Fix) -> tuple[Notice, ...]:
    """Return a warning where these rows do not show that the fix helps."""
    if fix.verdict in _HELPING:
        return ()
    why = "there is nothing to gain" if fix.verdict == "nothing_to_gain" else "the rows are too few to tell"
    return (Notice("calibration_unproven", f"these rows do not show that the {fix.name} helps on new ones: {why}"),)
