"""What the first pass of a diagnosis looks at, and what a later one does."""

from __future__ import annotations

from celoss_cli.errors import UsageError
from celoss_cli.request import Average, Detail, Request, TargetKind, UnknownClass
from celoss_cli.scoring.examined import Examined
from celoss_cli.scoring.plan import Plan

MOST_SCORES = 1 << 18
"""Of the rows that are kept as they are: 2 MiB, and four times as many where there are few rows else."""

_ROWS = 1 << 13


def check_diagnosable(request: Request) -> None:
    """Refuse options under which the loss is not that of the probabilities as they are. Raises UsageError."""
    others = {
        "--class-weight": request.class_weight is not None,
        "--average macro": request.average is Average.MACRO,
        "--pos-weight": request.pos_weight is not None,
        "--label-smoothing": request.label_smoothing > 0.0,
        "--clip": request.clip is not None,
        "--compat": request.compat not in (None, "exact"),
        "--unknown-class inf": request.unknown_class is UnknownClass.INF,
        "--base": request.base is not None,
        "--gradients": request.gradients,
        "--per-sample": request.per_sample is not None,
    }
    for name, given in others.items():
        if given:
            raise UsageError(
                f"{name} is not defined with celoss diagnose: it looks at the probabilities as they are",
                code="diagnose_option",
                hint="leave it out, or ask celoss eval",
            )


def first_look(request: Request, plan: Plan) -> Examined | None:
    """Return what to look at on the first pass, ``None`` where rows have no one true class each."""
    if plan.targets is not TargetKind.INDEX:
        return None
    classes = len(plan.classes.names)
    weighted = plan.layout.weight is not None
    several = classes > 2
    sampled = _sampled(classes) if several and not weighted else 0
    positive = 1
    if request.positive is not None and not several:
        positive = plan.classes.find(request.positive) or 0
    return Examined(
        first=True,
        curve=several,
        weighted=weighted,
        positive=positive,
        repeats=plan.independent,
        sampled=sampled,
    )


def _sampled(classes: int) -> int:
    """Return how many rows are kept: enough for the biases of 128 classes."""
    return max(1, MOST_SCORES // classes, min(_ROWS, 4 * MOST_SCORES // classes))


def another_look(plan: Plan, examined: Examined) -> Plan:
    """Return the plan of a later pass: no report, and what is ``examined``."""
    return plan._replace(detail=Detail.MEAN, examined=examined)
