"""What recalibration would save, held against the miscalibration that is allowed: pure, with a truth table."""

from __future__ import annotations

import math

from celoss_cli.errors import UsageError
from celoss_cli.request import Margin
from celoss_cli.results.diagnosis import Diagnosis, Fix
from celoss_cli.results.evaluation import Check, Verdict

NAME = "max_miscalibration"


def check_saved(saved: Margin, option: str = "--max-miscalibration") -> None:
    """Refuse an amount that no fix could be held against: NaN, or below 0. Raises UsageError."""
    if math.isnan(saved.amount):
        raise UsageError(
            f"{option} is nan, which nothing can be compared with", code="limit_nan", hint=f"give {option} a number"
        )
    if saved.amount < 0.0:
        shown = f"{100 * saved.amount:g}%" if saved.relative else f"{saved.amount:g}"
        raise UsageError(
            f"{option} {shown} is negative",
            code="limit_range",
            hint="it is what a fix would save: nats such as 0.01, or 2% of the loss",
        )


def judged_fix(diagnosis: Diagnosis) -> str:
    """Return the name of the fix that miscalibration is measured by."""
    return "logistic" if len(diagnosis.spec.classes) == 2 else "temperature"


def recalibration_of(diagnosis: Diagnosis) -> Fix | None:
    """Return the fix that miscalibration is measured by: logistic with two classes, temperature with more."""
    name = judged_fix(diagnosis)
    return next((fix for fix in diagnosis.fixes if fix.name == name and fix.after is None), None)


def miscalibration_of(diagnosis: Diagnosis) -> float | None:
    """Return what recalibration would save on new rows, in nats: 0 if nothing, ``None`` where it is not known.

    It is infinite where a row gives its truth probability 0: the loss there is infinite, and nothing fitted moves a 0.
    """
    if diagnosis.loss.infinite:
        return math.inf
    fix = recalibration_of(diagnosis)
    if fix is None or fix.gain is None or math.isnan(fix.gain):
        return None
    return max(0.0, fix.gain)


def judged(diagnosis: Diagnosis, allowed: Margin | None) -> Diagnosis:
    """Return the diagnosis with the verdict on it; without a limit as it is."""
    return diagnosis if allowed is None else diagnosis._replace(verdict=judge(diagnosis, allowed))


def judge(diagnosis: Diagnosis, allowed: Margin) -> Verdict:
    """Return the verdict: whether recalibration would save at most what is ``allowed``.

    A value that is missing or infinite never passes, and neither does a diagnosis without rows. A missing value
    stands in the check as NaN.
    """
    found = miscalibration_of(diagnosis)
    value = math.nan if found is None else found
    limit = allowed.of(diagnosis.loss.mean)
    passed = diagnosis.loss.rows > 0 and math.isfinite(value) and value <= limit
    return Verdict(passed, (Check(NAME, limit, value, passed),))
