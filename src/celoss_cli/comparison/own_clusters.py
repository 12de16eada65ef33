"""The loss of each model by itself where rows are not independent: its spread is that of clusters, as in `eval`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.comparison.counted_rows import in_blocks, number_of
from celoss_cli.comparison.model import Model
from celoss_cli.comparison.row_order import Order
from celoss_cli.comparison.spool import InOrder
from celoss_cli.kernels.outcome import Floats
from celoss_cli.pipeline.clusters import cluster_quanta, spread_over
from celoss_cli.pipeline.parts import Parts
from celoss_cli.request import Denominator
from celoss_cli.scoring.cluster_keys import key_of
from celoss_cli.scoring.judged import weighted_losses
from celoss_cli.state.keyed_sums import KeyedAccumulator, KeyedSums

_RUN = 1 << 18  # rows at a time


def by_clusters(baseline: Model, model: Model, codes: npt.NDArray[np.intp], order: Order | None) -> Model:
    """Return ``model`` with the standard error and the interval of its own loss taken over the clusters of rows.

    The baseline's file says which cluster a row is of. ``codes`` and ``order`` find the model's classes and rows among
    the baseline's, see ``MatchedModel``. Where a row of the model is of no cluster there is no standard error.
    """
    settled, loss = model.settled, model.evaluation.loss
    if baseline.job.request.cluster is None or settled.sums.infinite:
        return model
    quanta = cluster_quanta(settled)
    state = _cluster_sums(baseline, model, codes, order, quanta)
    if state is None:
        loss = loss._replace(standard_error=None, ci95=None)
    else:
        loss = Parts(settled, model.expected, spread_over(state, settled, quanta)).loss
    return replace(model, evaluation=model.evaluation._replace(loss=loss))


def _cluster_sums(
    baseline: Model, model: Model, codes: npt.NDArray[np.intp], order: Order | None, quanta: tuple[float, float]
) -> KeyedSums | None:
    """Return v·l and v of each cluster, over all rows that the model scored; ``None`` if one of them is of none."""
    mine, theirs = baseline.spool, model.spool
    counted = model.plan.convention.denominator is Denominator.COUNT
    keys = np.array([*(key_of(value) for value in mine.names(-1)), 0], dtype=np.uint64)
    by_class = _class_weights(model, codes)
    sums, seen = KeyedAccumulator(quanta), 0
    for start in range(0, mine.rows, _RUN):
        stop = min(mine.rows, start + _RUN)

        def read(column: Any, start: int = start, stop: int = stop) -> Any:
            return None if column is None else InOrder(column, order).read(start, stop)

        loss, counts = read(theirs.loss), read(theirs.counts)
        scored = ~np.isnan(loss)
        seen += number_of(scored, counts)
        places = np.flatnonzero(scored)
        weighted, weight = loss[places], np.ones(places.shape[0])
        if theirs.weight is not None:
            weight = read(theirs.weight)[places]
        if by_class is not None and mine.truth is not None:
            weight = weight * by_class[mine.truth.read(start, stop)[places]]
        if model.plan.plain:
            weighted = weighted_losses(weight, weighted)
        counts = None if counts is None else counts[places]
        counting = np.ones(places.shape[0], dtype=bool) if counted else weight > 0.0
        clusters = mine.slices[-1].read(start, stop)[places]
        if (counting & (clusters < 0)).any():
            return None
        terms = (weighted, np.ones(places.shape[0]) if counted else weight)
        for block, _ in in_blocks(places.shape[0], counts):
            some = counting[block]
            sums.add(keys[clusters[block]][some], tuple(term[block][some] for term in terms))
    sequences = model.totals.sequences
    scored_rows = model.totals.loss.scored if sequences is None else sequences.counts.sequences
    return sums.finish() if seen == scored_rows else None


def _class_weights(model: Model, codes: npt.NDArray[np.intp]) -> Floats | None:
    """Return the class weights of a model's own rows in the baseline's order of classes; ``None`` where all are 1."""
    if not (model.plan.plain and model.plan.weighted_classes):
        return None
    weights = np.zeros(codes.shape[0])
    weights[codes] = [float(weight) for weight in model.class_weights]
    return weights
