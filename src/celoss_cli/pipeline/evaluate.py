"""celoss eval: the result of a pass that nothing contradicts, put together for the reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from celoss_cli._version import __version__
from celoss_cli.pipeline.alarming import alarm_notices
from celoss_cli.pipeline.compat import compat_notices, convention_used
from celoss_cli.pipeline.decisions import inputs_of, spec_of
from celoss_cli.pipeline.expected import expected_loss
from celoss_cli.pipeline.interval import interval_notices, mean_spread
from celoss_cli.pipeline.job import Opener, Progress
from celoss_cli.pipeline.matching import found_by
from celoss_cli.pipeline.notices import notices_of
from celoss_cli.pipeline.passes import settled_pass
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import Request, TargetKind
from celoss_cli.results.evaluation import Baselines, Counts, Evaluation, SliceResult
from celoss_cli.results.metrics import Metrics
from celoss_cli.scoring.plan import Plan
from celoss_cli.spec import Spec
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

if TYPE_CHECKING:
    from celoss_cli.pipeline.clusters import ClusterSpread
    from celoss_cli.pipeline.passes import Pass
    from celoss_cli.pipeline.per_row import KeptInMemory
    from celoss_cli.results.clusters import Clusters


def assemble(settled: Settled, expected: float | None, by_cluster: ClusterSpread | None = None) -> Evaluation:
    """Return the result of a pass that nothing contradicts. Raises AmbiguousData for a guess under ``--strict``.

    ``expected`` is the loss that a calibrated model would expect, where no error was seen: see ``expected_loss``.
    ``by_cluster`` is how far clusters vary, where rows belong together: see ``cluster_spread``.
    """
    plan, totals, sums, weights = settled.plan, settled.totals, settled.sums, settled.weights
    names, how = plan.classes.names, plan.convention
    spec = spec_of(settled)
    notices = notices_of(settled)
    alarms = alarm_notices(settled.request, settled.predictions.path, settled.alarms)
    full = plan.full and totals.calibration is not None and totals.worst is not None
    spread = mean_spread(settled, expected, by_cluster) if plan.full or plan.paired else None
    loss = summarise_loss(totals.loss, sums, weights, how, found_by(settled.request, settled.class_weight), spread)
    about_interval = () if plan.paired else interval_notices(settled, spread, loss)
    return Evaluation(
        celoss_version=__version__,
        inputs=inputs_of(settled),
        spec=spec,
        loss=loss._replace(worst_percent_share=_tail_share(totals)),
        counts=_counts(settled),
        baselines=_baselines(settled) if full else None,
        metrics=_metrics(totals, plan, spec) if full else None,
        per_class=summarise_classes(totals, sums, weights, names, how, has_recall=plan.targets is TargetKind.INDEX)
        if full
        else (),
        worst=summarise_worst(totals.worst, names, how) if full and totals.worst is not None else (),
        slices=_slices(settled),
        convention=convention_used(settled),
        tags=dict(settled.request.tag),
        digest=None if settled.partial.digest is None else settled.partial.digest.text,
        clusters=_clusters(settled, by_cluster),
        warnings=(*settled.layout.notices, *compat_notices(settled), *about_interval, *notices, *alarms),
    )


def _slices(settled: Settled) -> tuple[SliceResult, ...]:
    plan, found = settled.plan, settled.totals.slices
    if found is None:
        return ()
    from celoss_cli.summary.slices import SliceBasis, summarise_slices

    terms = len(plan.classes.names) if plan.targets is TargetKind.MULTILABEL else 1
    basis = SliceBasis(settled.sums, plan.convention, terms, plan.independent, plan.targets is not TargetKind.SOFT)
    return summarise_slices(found, plan.slices, settled.predictions.path, basis)


def _clusters(settled: Settled, by_cluster: ClusterSpread | None) -> Clusters | None:
    if by_cluster is not None:
        return by_cluster.clusters
    if settled.plan.cluster == 1 or not settled.plan.full:
        return None
    from celoss_cli.results.clusters import Clusters

    return Clusters(None, settled.totals.loss.units)


def _spread_by_cluster(found: Pass) -> ClusterSpread | None:
    if not found.settled.plan.by_cluster:
        return None
    from celoss_cli.pipeline.clusters import cluster_spread

    return cluster_spread(found)


def _counts(settled: Settled) -> Counts:
    counts = summarise_counts(settled.totals, settled.sums)._replace(unknown_class=settled.unknown_rows)
    if settled.dropped is None:
        return counts
    return counts._replace(unmatched=settled.dropped.predictions, unmatched_labels=settled.dropped.labels)


def _tail_share(totals: Totals) -> float | None:
    """Return what the worst 1 % of the rows carry, where there are enough rows to speak of a percent."""
    if totals.tail is None or totals.loss.scored < 100 or any(totals.loss.infinite):
        return None
    return totals.tail.share_of_worst(0.01)


def _baselines(settled: Settled) -> Baselines:
    plan, state, how = settled.plan, settled.totals.loss, settled.plan.convention
    if plan.targets is TargetKind.MULTILABEL:
        return summarise_label_baselines(state, settled.sums, settled.weights, how, plan.pos_weight)
    smoothing = plan.smoothing if plan.targets is TargetKind.INDEX else 0.0
    return summarise_baselines(settled.sums, how, surprisal_weights(state, settled.weights, smoothing, plan.pos_weight))


def _metrics(totals: Totals, plan: Plan, spec: Spec) -> Metrics | None:
    calibration = totals.calibration
    if calibration is None:
        return None
    if spec.positive is not None and spec.positive != plan.classes.names[1]:
        calibration = calibration._replace(positive=None)  # the bins are those of the second class
    return summarise_metrics(
        calibration,
        totals.loss,
        brier_only=plan.targets is TargetKind.SOFT,
        independent=plan.independent and plan.targets is TargetKind.INDEX,
    )


def evaluate(
    request: Request,
    open_input: Opener,
    progress: Progress,
    finish: Callable[[Evaluation], Evaluation] | None = None,
    *,
    meanwhile: Iterator[None] | None = None,
) -> Evaluation:
    """Return the evaluation that ``request`` asks for, and write its per-sample file if it wants one.

    ``finish`` has the last word on the evaluation: what it raises leaves no file behind. The other parameters, and
    what is raised, as in ``settled_pass``.
    """
    kept: KeptInMemory | None = None
    if request.per_row:
        from celoss_cli.pipeline.per_row import KeptInMemory

        kept = KeptInMemory()
    sink = None if kept is None else kept.sink
    with settled_pass(request, open_input, progress, meanwhile=meanwhile, sink=sink) as found:
        evaluation = assemble(found.settled, expected_loss(found), _spread_by_cluster(found))
        if kept is not None:
            evaluation = evaluation._replace(per_row=kept.arrays(found.settled))
        return evaluation if finish is None else finish(evaluation)
