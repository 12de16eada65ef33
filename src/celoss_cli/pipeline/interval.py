"""How far the interval of the mean can be trusted: what it follows from, and the warnings that go with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from celoss_cli.pipeline.matching import found_by
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import TargetKind
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import Loss
from celoss_cli.summary.interval import MeanSpread, spread_of

if TYPE_CHECKING:
    from celoss_cli.pipeline.clusters import ClusterSpread
from celoss_cli.summary.weighted_mean import ThirdMoments, units_of


def mean_spread(settled: Settled, expected: float | None, by_cluster: ClusterSpread | None = None) -> MeanSpread | None:
    """Return what the interval of the mean follows from, ``None`` where the rows have none.

    ``expected`` is the loss that a calibrated model would expect, in nats, where no error was seen; ``by_cluster`` how
    far clusters vary, where rows belong together.
    """
    plan, totals = settled.plan, settled.totals
    if settled.sums.infinite or units_of(totals.loss, settled.weights, plan.convention.denominator) < 2:
        return None
    if by_cluster is not None:
        return MeanSpread(
            by_cluster.clusters.count,
            by_cluster.effective,
            by_cluster.skewness,
            clustered=True,
            error=by_cluster.error,
            expected=expected,
        )
    given = found_by(settled.request, settled.class_weight) is None and all(weight == 1 for weight in settled.weights)
    alike = given and plan.cluster == 1 and plan.layout.weight is None
    thirds = None if totals.thirds is None else ThirdMoments(*(sums.total() for sums in totals.thirds))
    tail, kind = totals.tail if alike else None, plan.convention.denominator
    spread = spread_of(totals.loss, settled.sums, settled.weights, tail, thirds if given else None, kind)
    return spread._replace(expected=expected)


def interval_notices(settled: Settled, spread: MeanSpread | None, loss: Loss) -> Iterator[Notice]:
    """Yield what is to be known of the interval of the mean. It concerns no number but its ends."""
    if spread is None or loss.ci95 is None:
        return
    if spread.few and spread.effective is not None:
        alone = "rows" if settled.plan.targets is not TargetKind.TRUTH else "sequences"
        units = f"clusters of {alone}" if settled.plan.cluster > 1 or spread.clustered else alone
        text = (
            f"the loss sits in about {max(1, round(spread.effective)):,} of {spread.units:,} {units}, (Σl)²/Σl²: the "
            "interval is by Student's t, and may still be too narrow"
        )
        yield Notice("few_rows", text)
    if spread.clustered and settled.plan.weighted_classes:
        text = (
            "weights by class follow from how many rows each class has, and the standard error by cluster takes them "
            "for given: it is too wide, sometimes by a multiple"
        )
        yield Notice("clusters_weighted", text)
    if spread.expected is not None:
        mean = spread.expected / settled.plan.convention.base.nats
        text = (
            f"no error among {settled.totals.loss.scored:,} rows: they do not tell how rare errors are, nor what one "
            f"costs. The interval reaches at least to {mean:.4g}, what these rows expect to lose by their own "
            "probabilities: too little if these are too sure"
        )
        yield Notice("no_errors_seen", text)
