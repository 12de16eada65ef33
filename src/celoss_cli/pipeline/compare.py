"""Two models on the same rows: each file scored once and spooled, then the rows held against each other."""

from __future__ import annotations

import functools
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import numpy as np

from celoss_cli.comparing import Comparing, check_comparing
from celoss_cli.comparison import Bootstrap, Comparison
from celoss_cli.difference import Basis
from celoss_cli.engine.choice import engine_for_rows
from celoss_cli.engine.interface import Engine
from celoss_cli.errors import DataError, InvalidWeights, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.pipeline.agreement import contradiction, matching_codes
from celoss_cli.pipeline.assemble_comparison import assemble_comparison
from celoss_cli.pipeline.job import Opener
from celoss_cli.pipeline.model import Model, score_model
from celoss_cli.pipeline.pairing import Held, Pairs, paired_runs
from celoss_cli.pipeline.resampling import Progress, bootstrapped
from celoss_cli.pipeline.row_order import order_rows
from celoss_cli.spec import Average, Denominator, Request, TargetKind
from celoss_cli.state.cluster_sums import ClusterSums
from celoss_cli.statistics.bootstrap import Resampled
from celoss_cli.weights import BALANCED, balanced_weights, macro_weights


def compare(
    request: Request,
    candidate: Any,
    asked: Comparing,
    open_input: Opener,
    progress: Progress,
    *,
    own_process: bool = False,
) -> Comparison:
    """Return how the model of ``candidate`` does beside that of ``request.predictions``, on the same rows.

    Both are read and scored as ``request`` says. ``own_process``: this process may be forked. Raises the errors of
    ``celoss_cli.errors``.
    """
    check_comparing(asked)
    with ExitStack() as stack:
        score = functools.partial(score_model, progress=progress, stack=stack, own_process=own_process)
        baseline = score(request, _in_role(open_input, "baseline"), truth=True)
        # What rows are grouped by is read once, with the baseline; and so are labels that both share.
        other = request._replace(predictions=candidate, slice=(), cluster=None)
        beside = score(other, _in_role(open_input, "candidate"), truth=request.labels is None)
        return compare_models(baseline, beside, asked, progress, own_process=own_process)


def _in_role(open_input: Opener, role: str) -> Opener:
    """Return ``open_input``, calling the predictions by their role: objects in memory have no other name."""
    return lambda value, name: open_input(value, role if name == "predictions" else name)


def compare_models(
    baseline: Model, candidate: Model, asked: Comparing, progress: Progress, *, own_process: bool
) -> Comparison:
    """Return the comparison of two models that are scored."""
    plan, request = baseline.plan, baseline.job.request
    codes = matching_codes(baseline, candidate)
    rows = order_rows(baseline.job, candidate.job, (baseline.spool.rows, candidate.spool.rows))
    indexed = plan.targets is TargetKind.INDEX
    pairs = Pairs(
        baseline=baseline.spool,
        candidate=candidate.spool,
        order=rows.order,
        truths=codes if indexed else None,
        grouped=indexed,
        classes=len(plan.classes.names),
        weighted=not plan.plain,
        class_weights=None,
        sliced=len(plan.layout.slices) - (request.cluster is not None),
        top=max(asked.top, 1),
        wants_rows=plan.cluster > 1 or request.cluster is not None or asked.bootstrap is not None,
    )
    engine = engine_for_rows(baseline.spool.rows, request.threads, own_process=own_process)
    pairs = replace(pairs, class_weights=_class_weights(baseline, candidate, pairs, codes, engine))
    held = _held(baseline, candidate, pairs, engine)
    try:
        bootstrap = functools.partial(_bootstrap, request, held, asked, progress, own_process=own_process)
        return assemble_comparison(baseline, candidate, rows, held, asked, bootstrap)
    finally:
        held.close()


def _bootstrap(
    request: Request, held: Held, asked: Comparing, progress: Progress, basis: Basis, *, own_process: bool
) -> Bootstrap | None:
    if asked.bootstrap is None or held.state is None:
        return None
    change, weight = held.units()
    counted = basis.kind is Denominator.COUNT
    denominator = sum(held.state.scored) * basis.terms if counted else float(held.state.weight.total())
    units = Resampled(change, None if counted else weight, denominator)
    engine = engine_for_rows(change.shape[0] * asked.bootstrap, request.threads, own_process=own_process)
    return bootstrapped(units, asked, basis.nats, engine, progress)


def _held(baseline: Model, candidate: Model, pairs: Pairs, engine: Engine) -> Held:
    """Hold the rows of two models against each other. Raises DataError for the first that the files differ about."""
    request, size = baseline.job.request, baseline.plan.cluster
    clusters = None
    if request.cluster is not None:
        clusters = ClusterSums(len(baseline.spool.names(pairs.sliced)))
    elif size > 1:
        clusters = ClusterSums(-(-baseline.spool.rows // size))
    held = Held(pairs, clusters, size)
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


def _class_weights(baseline: Model, candidate: Model, pairs: Pairs, codes: Any, engine: Engine) -> Floats | None:
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
