"""Where no error was seen: a second pass for the loss that a calibrated model would expect of these rows."""

from __future__ import annotations

from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.pipeline.passes import Pass
from celoss_cli.pipeline.planning import plan_of
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import Detail, TargetKind
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.loss import LossState
from celoss_cli.state.partial import Partial
from celoss_cli.summary.weighted_mean import weigh


def saw_no_error(settled: Settled) -> bool:
    """Whether the truth of each scored row with a weight has the largest probability. Soft labels have no one truth."""
    totals = settled.totals
    if settled.plan.targets is TargetKind.SOFT or any(totals.loss.infinite):
        return False
    if totals.calibration is None:
        return totals.wrong == 0
    answers = totals.loss.weight.total()
    return totals.calibration.correct.total() == answers > 0


def expected_loss(found: Pass) -> float | None:
    """Return the mean entropy of the rows, in nats and weighed as their losses are; ``None`` where an error was seen.

    An interval from rows without an error knows nothing of what an error costs; the rows themselves say how many to
    expect, and what that would cost, if their probabilities are right.
    """
    settled = found.settled
    if not saw_no_error(settled):
        return None
    return mean_of(settled, found.again(plan_of_expected(settled.plan)).totals.loss)


def mean_of(settled: Settled, state: LossState) -> float:
    """Return the mean that the rows of ``state`` expect, in nats, under the weights that settled."""
    return float(weigh(state, settled.weights, settled.plan.convention.denominator).mean)


def plan_of_expected(plan: Plan) -> Plan:
    """Return the plan of the pass for the loss that is expected."""
    layout = plan.layout._replace(slices=(), watched=())
    return plan._replace(layout=layout, detail=Detail.EXPECTED, per_sample=False, gradients=False, paired=False, top=0)


def expecting(job: Job, assumed: Assumed, partial: Partial) -> Plan | None:
    """Return the plan of that pass for a part of the rows, ``None`` where it has an error: then the whole has one."""
    totals = partial.totals
    if assumed.targets is TargetKind.SOFT or any(totals.loss.infinite) or totals.calibration is None:
        return None
    if totals.calibration.correct.total() != totals.loss.weight.total():
        return None
    return plan_of_expected(plan_of(job, assumed))
