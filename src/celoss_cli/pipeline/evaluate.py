"""The result of a pass that nothing contradicts, put together for the reader."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from celoss_cli._version import __version__
from celoss_cli.conventions.convention import Convention
from celoss_cli.engine.interface import OwnProcess
from celoss_cli.pipeline.alarming import alarm_notices
from celoss_cli.pipeline.compat import compat_notices, convention_used
from celoss_cli.pipeline.decisions import inputs_of, known_of, spec_of, unknown_rows, weighed
from celoss_cli.pipeline.job import Assumed, Job, Opener
from celoss_cli.pipeline.matching import found_by
from celoss_cli.pipeline.notices import notices_of
from celoss_cli.pipeline.passes import settled
from celoss_cli.request import Request, TargetKind
from celoss_cli.results.evaluation import Baselines, Counts, Evaluation, Metrics, SliceResult
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.loss import LossState
from celoss_cli.state.totals import Totals
from celoss_cli.summary.evaluation import (
    summarise_baselines,
    summarise_classes,
    summarise_counts,
    summarise_label_baselines,
    summarise_loss,
    summarise_metrics,
    summarise_worst,
    surprisal_weights,
)
from celoss_cli.summary.weighted_mean import Weighted

if TYPE_CHECKING:
    pass


def assemble(job: Job, assumed: Assumed, plan: Plan, totals: Totals, seen: Evidence) -> Evaluation:
    """Return the result of a pass that nothing contradicts."""
    state, names, how = totals.loss, plan.classes.names, plan.convention
    weights, sums = weighed(job, assumed, plan, totals)
    spec = spec_of(job, assumed, plan, totals, seen, weights)
    known = known_of(job, assumed, plan, totals, seen, spec, weights)
    alarms = alarm_notices(job, assumed, plan, totals, seen)
    full = plan.full and totals.calibration is not None and totals.worst is not None
    loss = summarise_loss(state, sums, weights, how, found_by(job))
    return Evaluation(
        celoss_version=__version__,
        inputs=inputs_of(job, totals),
        spec=spec,
        loss=loss._replace(worst_percent_share=_tail_share(totals)),
        counts=_counts(job, plan, totals, seen, sums),
        baselines=_baselines(state, sums, weights, plan, how) if full else None,
        metrics=_metrics(totals, plan) if full else None,
        per_class=summarise_classes(totals, sums, weights, names, how, has_recall=plan.targets is TargetKind.INDEX)
        if full
        else (),
        worst=summarise_worst(totals.worst, names, how) if full and totals.worst is not None else (),
        slices=_slices(job, plan, totals, sums, how),
        convention=convention_used(job, how, names, weights),
        warnings=(*job.layout.notices, *compat_notices(job, assumed), *notices_of(known), *alarms),
    )


def _slices(job: Job, plan: Plan, totals: Totals, sums: Weighted, how: Convention) -> tuple[SliceResult, ...]:
    if totals.slices is None:
        return ()
    from celoss_cli.summary.slices import Basis, summarise_slices

    terms = len(plan.classes.names) if plan.targets is TargetKind.MULTILABEL else 1
    basis = Basis(sums, how, terms, plan.cluster == 1, plan.targets is not TargetKind.SOFT)
    return summarise_slices(totals.slices, plan.slices, job.predictions.path, basis)


def _counts(job: Job, plan: Plan, totals: Totals, seen: Evidence, sums: Weighted) -> Counts:
    counts = summarise_counts(totals, sums)._replace(unknown_class=unknown_rows(plan, totals, seen))
    pairs = None if job.side is None else job.side.pairs
    if pairs is None:
        return counts
    return counts._replace(unmatched=pairs.unmatched, unmatched_labels=pairs.unmatched_labels)


def _tail_share(totals: Totals) -> float | None:
    """Return what the worst 1 % of the rows carry, where there are enough rows to speak of a percent."""
    if totals.tail is None or totals.loss.scored < 100 or any(totals.loss.infinite):
        return None
    return totals.tail.share_of_worst(0.01)


def _baselines(
    state: LossState, sums: Weighted, weights: tuple[Fraction, ...], plan: Plan, how: Convention
) -> Baselines:
    if plan.targets is TargetKind.MULTILABEL:
        return summarise_label_baselines(state, sums, weights, how, plan.pos_weight)
    smoothing = plan.smoothing if plan.targets is TargetKind.INDEX else 0.0
    return summarise_baselines(sums, how, surprisal_weights(state, weights, smoothing, plan.pos_weight))


def _metrics(totals: Totals, plan: Plan) -> Metrics | None:
    if totals.calibration is None:
        return None
    return summarise_metrics(totals.calibration, totals.loss, brier_only=plan.targets is TargetKind.SOFT)


def evaluate(
    request: Request,
    open_input: Opener,
    progress: Callable[[int], Any],
    finish: Callable[[Evaluation], Evaluation] | None = None,
    *,
    own_process: OwnProcess | None = None,
) -> Evaluation:
    """Return the evaluation that ``request`` asks for, and write its per-sample file if it wants one.

    ``open_input(value, role)`` opens an input as a table; ``progress(total)`` is a context manager that gives something
    with ``advance(size)``. ``finish`` has the last word on the evaluation: what it raises leaves no file behind.
    ``own_process``: this process may be forked. Raises the errors of ``celoss_cli.errors``.
    """

    def conclude(job: Job, assumed: Assumed, plan: Plan, totals: Totals, seen: Evidence) -> Evaluation:
        evaluation = assemble(job, assumed, plan, totals, seen)
        return evaluation if finish is None else finish(evaluation)

    return settled(request, open_input, progress, conclude, own_process)
