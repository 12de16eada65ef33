"""The parts of an evaluation, each put together when it is first asked for: a loop that reads means makes no tables."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from celoss_cli._version import __version__
from celoss_cli.pipeline.alarming import alarm_notices
from celoss_cli.pipeline.compat import compat_notices, convention_used
from celoss_cli.pipeline.decisions import inputs_of, spec_of
from celoss_cli.pipeline.interval import interval_notices, mean_spread
from celoss_cli.pipeline.matching import found_by
from celoss_cli.pipeline.notices import notices_of
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import TargetKind
from celoss_cli.results.convention import ConventionUsed
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import (
    SCHEMA,
    SCHEMA_VERSION,
    Baselines,
    ClassResult,
    Counts,
    Evaluation,
    Inputs,
    Loss,
    SliceResult,
    WorstRow,
)
from celoss_cli.results.metrics import Metrics
from celoss_cli.scoring.plan import Plan
from celoss_cli.spec import Spec
from celoss_cli.state.sample import Sample
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
from celoss_cli.summary.interval import MeanSpread

if TYPE_CHECKING:
    from celoss_cli.pipeline.clusters import ClusterSpread
    from celoss_cli.results.clusters import Clusters
    from celoss_cli.results.per_row import PerRow
    from celoss_cli.results.sequences import Sequences
    from celoss_cli.state.sequences import SequenceState


_MOST_HELD = 1 << 14  # scores: results are kept by the hundred, and the rows that alarms look at can be 1 MiB of each

_UNJUDGED = (TargetKind.SOFT, TargetKind.TRUTH)  # whose rows are neither right nor wrong


class Parts:
    """The fields of ``results.evaluation.Evaluation``, of one settled pass.

    ``spec`` and ``warnings`` raise AmbiguousData for a guess under ``--strict``, ``slices`` for too many.
    """

    celoss_version = __version__
    verdict = None
    baseline = None
    schema, schema_version = SCHEMA, SCHEMA_VERSION

    def __init__(
        self,
        settled: Settled,
        expected: float | None,
        by_cluster: ClusterSpread | None = None,
        per_row: PerRow | None = None,
    ) -> None:
        """``expected`` is the loss that a calibrated model would expect, where no error was seen: ``expected_loss``.

        ``by_cluster`` is how far clusters vary, where rows belong together: see ``cluster_spread``.
        """
        self._settled, self._expected, self._by_cluster = settled, expected, by_cluster
        self._alarms: tuple[Notice, ...] | None = None
        self.per_row = per_row

    @property
    def certain(self) -> bool:
        """Whether nothing can be raised by a part."""
        settled = self._settled
        of_rows = settled.totals.sequences is None and settled.totals.slices is None
        return of_rows and not settled.request.strict and settled.request.compat is None

    def alone(self) -> Parts:
        """Return the same parts, holding no table, and of the rows that alarms look at no more than a few."""
        sample, settled = self._settled.partial.evidence.sample, self._settled
        if sample.scores.size > _MOST_HELD:
            self._alarms = alarm_notices(settled)
            evidence = settled.partial.evidence._replace(sample=Sample(), first=Sample())
            settled = settled._replace(partial=settled.partial._replace(evidence=evidence))
        known = settled.others() if self._alarms is None else {}
        paths = [None if one is None else one.path for one in (settled.predictions, settled.labels)]
        request = settled.request._replace(predictions=paths[0], labels=paths[1])  # which may be arrays
        self._settled = settled._replace(others=lambda: known, request=request)
        return self

    def whole(self) -> Evaluation:
        """Return the evaluation with all its parts."""
        return Evaluation(
            celoss_version=self.celoss_version,
            inputs=self.inputs,
            spec=self.spec,
            loss=self.loss,
            counts=self.counts,
            baselines=self.baselines,
            metrics=self.metrics,
            per_class=self.per_class,
            worst=self.worst,
            slices=self.slices,
            convention=self.convention,
            tags=self.tags,
            digest=self.digest,
            clusters=self.clusters,
            sequences=self.sequences,
            warnings=self.warnings,
            per_row=self.per_row,
        )

    @functools.cached_property
    def inputs(self) -> Inputs:
        """What was read."""
        return inputs_of(self._settled)

    @functools.cached_property
    def spec(self) -> Spec:
        """What was decided about the data."""
        return spec_of(self._settled)

    @functools.cached_property
    def loss(self) -> Loss:
        """The mean, and how far it can be trusted."""
        settled = self._settled
        plan, totals = settled.plan, settled.totals
        found = found_by(settled.request, settled.class_weight)
        loss = summarise_loss(totals.loss, settled.sums, settled.weights, plan.convention, found, self._spread)
        loss = loss._replace(worst_percent_share=_tail_share(totals))
        return loss if totals.sequences is None else _per_unit(settled, loss, totals.sequences)

    @functools.cached_property
    def _spread(self) -> MeanSpread | None:
        plan = self._settled.plan
        return mean_spread(self._settled, self._expected, self._by_cluster) if plan.full or plan.paired else None

    @functools.cached_property
    def counts(self) -> Counts:
        """What became of the rows."""
        return _counts(self._settled)

    @functools.cached_property
    def baselines(self) -> Baselines | None:
        """What guesses would lose."""
        return _baselines(self._settled) if self._full else None

    @functools.cached_property
    def metrics(self) -> Metrics | None:
        """Accuracy, Brier score, calibration."""
        return _metrics(self._settled.totals, self._settled.plan, self.spec) if self._full else None

    @functools.cached_property
    def per_class(self) -> tuple[ClassResult, ...]:
        """One row a class."""
        if not self._full:
            return ()
        settled, plan = self._settled, self._settled.plan
        has_recall = plan.targets is TargetKind.INDEX
        names, how = plan.classes.names, plan.convention
        return summarise_classes(settled.totals, settled.sums, settled.weights, names, how, has_recall=has_recall)

    @functools.cached_property
    def worst(self) -> tuple[WorstRow, ...]:
        """The rows with the largest loss."""
        state, plan = self._settled.totals.worst, self._settled.plan
        return () if state is None or not self._full else summarise_worst(state, plan.classes.names, plan.convention)

    @functools.cached_property
    def slices(self) -> tuple[SliceResult, ...]:
        """The loss of each slice."""
        return _slices(self._settled)

    @functools.cached_property
    def convention(self) -> ConventionUsed:
        """What was meant by the loss."""
        return convention_used(self._settled)

    @functools.cached_property
    def tags(self) -> dict[str, str]:
        """What the user noted."""
        return dict(self._settled.request.tag)

    @functools.cached_property
    def digest(self) -> str | None:
        """What names the rows."""
        digest = self._settled.partial.digest
        return None if digest is None else digest.text

    @functools.cached_property
    def clusters(self) -> Clusters | None:
        """What the standard error runs over."""
        return _clusters(self._settled, self._by_cluster)

    @functools.cached_property
    def sequences(self) -> Sequences | None:
        """What there is to say of rows that are sequences."""
        return _sequences(self._settled)

    @functools.cached_property
    def warnings(self) -> tuple[Notice, ...]:
        """What the reader should know, the gravest last."""
        settled = self._settled
        about_interval = () if settled.plan.paired else interval_notices(settled, self._spread, self.loss)
        notices = (*compat_notices(settled), *about_interval, *notices_of(settled))
        alarms = alarm_notices(settled) if self._alarms is None else self._alarms
        return (*settled.layout.notices, *notices, *alarms)

    @property
    def _full(self) -> bool:
        totals = self._settled.totals
        return self._settled.plan.full and totals.calibration is not None and totals.worst is not None


def _slices(settled: Settled) -> tuple[SliceResult, ...]:
    plan, found = settled.plan, settled.totals.slices
    if found is None:
        return ()
    from celoss_cli.summary.slices import SliceBasis, summarise_slices

    terms = len(plan.classes.names) if plan.targets is TargetKind.MULTILABEL else 1
    basis = SliceBasis(settled.sums, plan.convention, terms, plan.independent, plan.targets not in _UNJUDGED)
    return summarise_slices(found, plan.slices, settled.predictions.path, basis)


def _per_unit(settled: Settled, loss: Loss, state: SequenceState) -> Loss:
    from celoss_cli.summary.sequences import with_units

    columns = settled.layout.sequences
    return (
        loss
        if columns is None
        else with_units(loss, state, settled.sums, columns, full=settled.plan.full or settled.plan.paired)
    )


def _sequences(settled: Settled) -> Sequences | None:
    if settled.totals.sequences is None or not settled.plan.full:
        return None
    from celoss_cli.summary.sequences import summarise_sequences

    return summarise_sequences(settled.totals.sequences, settled.plan.convention)


def _clusters(settled: Settled, by_cluster: ClusterSpread | None) -> Clusters | None:
    if by_cluster is not None:
        return by_cluster.clusters
    if settled.plan.cluster == 1 or not settled.plan.full:
        return None
    from celoss_cli.results.clusters import Clusters

    return Clusters(None, settled.totals.loss.units)


def _counts(settled: Settled) -> Counts:
    counts = summarise_counts(settled.totals, settled.sums, settled.weights)._replace(
        unknown_class=settled.unknown_rows
    )
    if settled.totals.sequences is not None and settled.layout.sequences is not None:
        from celoss_cli.summary.sequences import with_tokens

        return with_tokens(counts, settled.totals.sequences, settled.layout.sequences)
    if settled.dropped is None:
        return counts
    return counts._replace(unmatched=settled.dropped.predictions, unmatched_labels=settled.dropped.labels)


def _tail_share(totals: Totals) -> float | None:
    """Return what the worst 1 % of the rows carry, where there are enough rows to speak of a percent."""
    if totals.tail is None or sum(totals.tail.counts) < 100 or any(totals.loss.infinite):
        return None
    return totals.tail.share_of_worst(0.01)


def _baselines(settled: Settled) -> Baselines:
    plan, state, how = settled.plan, settled.totals.loss, settled.plan.convention
    if plan.targets is TargetKind.MULTILABEL:
        return summarise_label_baselines(state, settled.sums, settled.weights, how, plan.pos_weight)
    smoothing = plan.smoothing if plan.targets is TargetKind.INDEX else 0.0
    by_term = plan.targets is TargetKind.SOFT or plan.mixes_weights
    counting = surprisal_weights(state, settled.weights, smoothing, plan.pos_weight, by_term=by_term)
    return summarise_baselines(settled.sums, how, counting)


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
