"""A baseline that is scored, and one candidate after the other held against it, row by row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.comparison.agreement import contradiction, matching_codes
from celoss_cli.comparison.assemble import assemble_comparison, held_means
from celoss_cli.comparison.difference import DifferenceBasis, PairedMeans
from celoss_cli.comparison.model import Model
from celoss_cli.comparison.notices import spread_notices
from celoss_cli.comparison.options import Comparing
from celoss_cli.comparison.own_clusters import by_clusters
from celoss_cli.comparison.paired_rows import HeldRows, PairedColumns, paired_runs
from celoss_cli.comparison.resampling import bootstrapped
from celoss_cli.comparison.row_order import RowOrder, order_rows
from celoss_cli.comparison.spool import InOrder, SpooledColumn
from celoss_cli.engine.choice import engine_for_rows
from celoss_cli.engine.interface import Engine
from celoss_cli.errors import DataError, InvalidWeights, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.labels.weights import BALANCED, balanced_weights, macro_weights
from celoss_cli.pipeline.job import Progress
from celoss_cli.request import Average, Denominator, TargetKind
from celoss_cli.results.comparison import Bootstrap, Comparison
from celoss_cli.results.document import Notice
from celoss_cli.state.clusters import ClusterSums
from celoss_cli.statistics.bootstrap import Resampled


class MatchedModel(NamedTuple):
    """A candidate, and how its classes (C,) and rows are found among the baseline's."""

    model: Model
    codes: npt.NDArray[np.intp]
    rows: RowOrder

    @property
    def losses(self) -> InOrder:
        """Its losses in the order of the baseline's rows."""
        return InOrder(self.model.spool.loss, self.rows.order)


class Compared(NamedTuple):
    """What a candidate came to beside the baseline, what to know of the spread, and the pairs it came from."""

    comparison: Comparison
    means: PairedMeans
    notices: tuple[Notice, ...]
    pairs: PairedColumns


class PairedModels:
    """Holds candidates against ``baseline``."""

    def __init__(self, baseline: Model, asked: Comparing, progress: Progress) -> None:
        own_codes = np.arange(len(baseline.plan.classes.names))
        self.baseline, self.asked = by_clusters(baseline, baseline, own_codes, None), asked
        self._progress = progress
        request = baseline.job.request
        self._clustered = baseline.plan.cluster > 1 or request.cluster is not None
        self._engine = engine_for_rows(baseline.spool.rows, request.threads)

    def match(self, candidate: Model) -> MatchedModel:
        """Find the candidate's classes and rows among the baseline's. Raises DataError where they are not the same."""
        codes = matching_codes(self.baseline, candidate)
        rows = order_rows(self.baseline.job, candidate.job, (self.baseline.spool.rows, candidate.spool.rows))
        return MatchedModel(by_clusters(self.baseline, candidate, codes, rows.order), codes, rows)

    def compare(self, match: MatchedModel) -> Compared:
        """Return what a candidate came to beside the baseline."""
        return self._compare(match, self._pairs(match), self.asked)

    def compare_on(self, counted: SpooledColumn | None, match: MatchedModel, *, whole: bool) -> Compared:
        """Likewise, by the rows ``counted`` (n,) alone; without ``whole`` there are no slices and no changed rows."""
        pairs = replace(self._pairs(match), counted=counted)
        if whole:
            return self._compare(match, pairs, self.asked)
        return self._compare(match, replace(pairs, sliced=0, top=1), self.asked._replace(top=0))

    def beside(self, reference: MatchedModel, match: MatchedModel, pairs: PairedColumns) -> PairedMeans:
        """Return what the candidate of ``pairs`` came to beside that of ``reference``, on the same rows."""
        pairs = replace(pairs, reference=reference.losses, sliced=0, top=0, wants_rows=self._clustered)
        held = _held(self.baseline, match.model, pairs, self._engine)
        try:
            return held_means(self.baseline, held, (reference.model, match.model)).means
        finally:
            held.close()

    def _pairs(self, match: MatchedModel) -> PairedColumns:
        plan, request = self.baseline.plan, self.baseline.job.request
        indexed = plan.targets is TargetKind.INDEX
        return PairedColumns(
            baseline=self.baseline.spool,
            candidate=match.model.spool,
            order=match.rows.order,
            truths=match.codes if indexed else None,
            grouped=indexed,
            classes=len(plan.classes.names),
            weighted=not plan.plain,
            class_weights=None,
            sliced=len(plan.layout.slices) - (request.cluster is not None),
            top=max(self.asked.top, 1),
            wants_rows=self._clustered or self.asked.bootstrap is not None,
        )

    def _compare(self, match: MatchedModel, pairs: PairedColumns, asked: Comparing) -> Compared:
        baseline, candidate = self.baseline, match.model
        pairs = replace(pairs, class_weights=_class_weights(baseline, candidate, pairs, match.codes, self._engine))
        held = _held(baseline, candidate, pairs, self._engine)
        try:
            found = held_means(baseline, held, (baseline, candidate))
            if found.means.error is not None:
                found = found._replace(bootstrap=self._bootstrap(held, found.basis))
            comparison = assemble_comparison(baseline, candidate, match.rows, held, asked, found)
            notices = spread_notices(held.state, found.means, clustered=held.clusters is not None)
        finally:
            held.close()
        return Compared(comparison, found.means, notices, pairs)

    def _bootstrap(self, held: HeldRows, basis: DifferenceBasis) -> Bootstrap | None:
        asked, threads = self.asked, self.baseline.job.request.threads
        if asked.bootstrap is None or held.state is None:
            return None
        change, weight = held.units()
        counted = basis.kind is Denominator.COUNT
        denominator = sum(held.state.scored) * basis.terms if counted else float(held.state.weight.total())
        units = Resampled(change, None if counted else weight, denominator)
        engine = engine_for_rows(change.shape[0] * asked.bootstrap, threads)
        return bootstrapped(units, asked, basis.nats, engine, self._progress)


def _held(baseline: Model, candidate: Model, pairs: PairedColumns, engine: Engine) -> HeldRows:
    """Hold the rows of two models against each other. Raises DataError for the first that the files differ about."""
    request, size = baseline.job.request, baseline.plan.cluster
    clusters = None
    if request.cluster is not None:
        clusters, size = ClusterSums(len(baseline.spool.names(-1))), 1  # the places of an index may be of several
    elif size > 1:
        clusters = ClusterSums(-(-baseline.spool.rows // size))
    held = HeldRows(pairs, clusters, size)
    for run in paired_runs(pairs, engine):
        if run.clash is not None:
            raise contradiction(baseline, candidate, pairs.order, run.clash)
        lost = held.add(run)
        if lost is not None:
            raise DataError(
                "it belongs to no cluster",
                code="no_cluster",
                where=baseline.job.at.where(lost, None),
                hint=f"give every row a value of {request.cluster!r}",
            )
    if held.state is None or not held.state.total:
        raise DataError(
            "no row is scored, with a weight, under both models",
            code="nothing_paired",
            where=Where(candidate.path),
            hint="check --where, --ignore-index and --invalid: they leave rows out of each file by itself",
        )
    return held


def _class_weights(
    baseline: Model, candidate: Model, pairs: PairedColumns, codes: Any, engine: Engine
) -> Floats | None:
    """Return the class weights that are to be applied to the rows (C,), ``None`` for none.

    Those that follow from the data follow from the rows that both models scored.
    """
    job, plan = baseline.job, baseline.plan
    if pairs.weighted:
        if any(baseline.class_weights[c] != w for c, w in zip(codes.tolist(), candidate.class_weights, strict=True)):
            raise InvalidWeights(
                "the class weights that follow from the rows scored are not those of the baseline",
                code="weights_differ",
                where=Where(candidate.path),
                hint="the two files have other rows left out: give the weights of the classes by --class-weight",
            )
        return None
    if not plan.weighted_classes:
        return None
    weights = baseline.class_weights
    if job.class_weight == BALANCED or job.request.average is Average.MACRO:
        found = _held(baseline, candidate, replace(pairs, wants_rows=False, sliced=0), engine).state
        if found is not None:
            counts, sums = found.scored, [found.weight.fraction(c) for c in range(pairs.classes)]
            weights = balanced_weights(counts) if job.class_weight == BALANCED else macro_weights(sums)
    return np.array([float(weight) for weight in weights])
