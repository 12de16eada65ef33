"""What the gate found, in sentences: one a check, and one on what was not judged."""

from __future__ import annotations

import math

from celoss_cli.gate.verdict import RULES
from celoss_cli.render import numbers
from celoss_cli.render.evaluation.reading import chance_alone
from celoss_cli.render.forms.remark import Remark, Tone
from celoss_cli.results.evaluation import Check, Evaluation

_MOST_SKIPPED = 10


def verdict(evaluation: Evaluation) -> tuple[Remark, ...]:
    """Return one sentence a check, led by PASS or FAIL, and one on what was not judged; empty without limits."""
    if evaluation.verdict is None:
        return ()
    checks = [_on_check(check, evaluation) for check in evaluation.verdict.checks]
    skipped = not_judged(evaluation)
    return (*checks, *([] if skipped is None else [Remark(skipped, "NOT JUDGED")]))


def not_judged(evaluation: Evaluation) -> str | None:
    """Return which slices were too small to be judged, ``None`` for none of them."""
    skipped = () if evaluation.verdict is None else evaluation.verdict.skipped
    if not skipped:
        return None
    shown = ", ".join(f"{part.subject} ({numbers.rows(part.scored)})" for part in skipped[:_MOST_SKIPPED])
    more = f" and {numbers.count(len(skipped) - _MOST_SKIPPED)} more" if len(skipped) > _MOST_SKIPPED else ""
    what = "1 slice" if len(skipped) == 1 else f"{numbers.count(len(skipped))} slices"
    return f"{what} with fewer rows than --slice-min-rows: {shown}{more}"


def _on_check(check: Check, evaluation: Evaluation) -> Remark:
    rule = next((rule for rule in RULES if rule.name == check.name), None)
    quantity, option, beyond = (
        (check.name, check.name, "beyond") if rule is None else (rule.quantity, rule.option, rule.beyond)
    )
    if check.name == "max_regression" and evaluation.baseline is not None and evaluation.baseline.same_rows is False:
        quantity = f"upper end of the 95% interval of the {quantity}, which is of other rows,"
    of = "" if check.subject is None else f" of {'class ' if check.name == 'max_class_loss' else ''}{check.subject}"
    limit = f"{numbers.exactly(check.limit)} ({option})"
    if math.isnan(check.value) and evaluation.counts.scored:
        return Remark(
            f"there is no {quantity}{of} here, and what is missing never passes; the limit is {limit}", "FAIL", Tone.BAD
        )
    what = f"{quantity} {_shown(check)}{of}"
    beside = beside_chance(check, evaluation)
    if check.passed:
        return Remark(f"{what} is within the limit of {limit}{beside}", "PASS", Tone.GOOD)
    if not evaluation.counts.scored:
        text = f"no row was scored, and nothing scored never passes a limit ({option})"
    elif math.isfinite(check.value):
        text = f"{what} is {beyond} the limit of {limit}{beside}"
    else:
        text = f"{what} is not finite, which never passes; the limit is {limit}"
    return Remark(text, "FAIL", Tone.BAD)


def beside_chance(check: Check, evaluation: Evaluation) -> str:
    """Return what a limit on the calibration error should be read beside: what chance alone makes of it."""
    chance = None if evaluation.metrics is None else evaluation.metrics.ece_null
    if check.name != "max_ece" or chance is None:
        return ""
    return f"; a calibrated model would show {chance_alone(chance)} by chance"


def _shown(check: Check) -> str:
    """Return the value of a check, with the digits that tell it from the limit; a number of rows as such."""
    if isinstance(check.value, int):
        return numbers.count(check.value)
    return numbers.significant(check.value, numbers.digits_beside(check.value, check.limit))
