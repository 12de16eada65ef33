"""The gate: an evaluation held against the limits the user asked for, judged on unrounded values."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass

from celoss_cli.errors import UsageError
from celoss_cli.evaluation import Check, Evaluation, Verdict


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits asked for; ``None`` means not asked for. Each field is a row of ``RULES``."""

    max_loss: float | None = None

    def __post_init__(self) -> None:
        for rule in RULES:
            limit = rule.limit(self)
            if limit is not None and math.isnan(limit):
                raise UsageError(
                    f"{rule.option} is nan, which nothing can be compared with",
                    code="limit_nan",
                    hint=f"give {rule.option} a number",
                )


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of limit: the field of ``Limits``, what it is about, and when a value meets it.

    ``read`` gives the value, or ``None`` when the evaluation does not hold it. ``beyond`` is the word for a
    value on the wrong side of the limit.
    """

    name: str
    option: str
    quantity: str
    limit: Callable[[Limits], float | None]
    read: Callable[[Evaluation], float | None]
    met: Callable[[float, float], bool]
    beyond: str


RULES: tuple[Rule, ...] = (
    Rule(
        name="max_loss",
        option="--max-loss",
        quantity="mean loss",
        limit=lambda limits: limits.max_loss,
        read=lambda evaluation: evaluation.loss.mean,
        met=operator.le,
        beyond="above",
    ),
)


def judge(evaluation: Evaluation, limits: Limits) -> Verdict | None:
    """Return the verdict on ``evaluation``, or ``None`` when no limit was asked for.

    A value that is missing or not finite never passes, whatever the limit; neither does an evaluation in which
    no row was scored. A missing value stands in the check as NaN.
    """
    checks = tuple(_check(rule, limit, evaluation) for rule in RULES if (limit := rule.limit(limits)) is not None)
    if not checks:
        return None
    return Verdict(passed=all(check.passed for check in checks), checks=checks)


def _check(rule: Rule, limit: float, evaluation: Evaluation) -> Check:
    read = rule.read(evaluation)
    value = math.nan if read is None else read
    passed = evaluation.counts.scored > 0 and math.isfinite(value) and rule.met(value, limit)
    return Check(name=rule.name, limit=limit, value=value, passed=passed)
