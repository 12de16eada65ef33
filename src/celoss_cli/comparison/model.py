"""One model of a comparison: its file scored by the ordinary passes, and each row spooled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from celoss_cli.comparison.spool import Spool
from celoss_cli.engine.interface import OwnProcess
from celoss_cli.pipeline.decisions import weighed
from celoss_cli.pipeline.evaluate import assemble
from celoss_cli.pipeline.job import Assumed, Job, Opener
from celoss_cli.pipeline.passes import Keep, settled
from celoss_cli.request import Detail, Request
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.totals import Totals


@dataclass(frozen=True, slots=True)
class Model:
    """What was read and assumed, what it came to, and the rows. ``class_weights`` (C,) are those of its own rows."""

    job: Job
    plan: Plan
    totals: Totals
    evaluation: Evaluation
    class_weights: tuple[Fraction, ...]
    spool: Spool

    @property
    def path(self) -> str:
        """What messages call it."""
        return self.job.predictions.path


def score_model(
    request: Request,
    open_input: Opener,
    progress: Callable[[int], Any],
    stack: ExitStack,
    *,
    truth: bool,
    own_process: OwnProcess | None,
) -> Model:
    """Return the model of one file, each row with its ``truth`` if wanted. Its spool is closed with ``stack``.
    ``own_process``: this process may be forked.

    Should the rows contradict what a pass assumed, what that pass spooled is thrown away with it.
    """
    spools: list[Spool] = []

    def keeping(job: Job, assumed: Assumed, plan: Plan, per_pass: ExitStack) -> Keep:  # noqa: ARG001
        for contradicted in spools:
            contradicted.close()
        spool = Spool(truth=truth)
        spools.append(spool)
        stack.callback(spool.close)
        return lambda scored: spool.append(scored.kept)

    def conclude(job: Job, assumed: Assumed, plan: Plan, totals: Totals, seen: Evidence) -> Model:
        weights, _ = weighed(job, assumed, plan, totals)
        return Model(job, plan, totals, assemble(job, assumed, plan, totals, seen), weights, spools[-1])

    return settled(request._replace(detail=Detail.PAIRED, top=0), open_input, progress, conclude, own_process, keeping)
