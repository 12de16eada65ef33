"""Rows that are not independent: a second pass for the loss of each cluster, and the spread that follows from those."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from celoss_cli.errors import DataError
from celoss_cli.pipeline.job import Job
from celoss_cli.pipeline.passes import Pass
from celoss_cli.pipeline.settled import Settled
from celoss_cli.request import Denominator
from celoss_cli.results.clusters import Clusters
from celoss_cli.state.keyed_sums import KeyedSums, quantum_of
from celoss_cli.statistics.skewed_mean import sample_skewness


class ClusterSpread(NamedTuple):
    """How far clusters vary: what a standard error and an interval follow from."""

    clusters: Clusters
    error: float | None
    """The standard error of the mean loss, in nats; ``None`` with one cluster."""
    skewness: float
    effective: float | None
    """(Σ D)² / Σ D² over the losses D of clusters: how many equal ones the loss would be that of."""


def cluster_spread(found: Pass) -> ClusterSpread | None:
    """Return how far the clusters of ``--cluster`` vary, from a pass over all rows; ``None`` without any.

    Raises DataError for a row that is to be scored and belongs to none.
    """
    settled = found.settled
    plan = settled.plan
    if not plan.by_cluster or not plan.full or settled.sums.infinite or plan.examined is not None:
        return None
    weights = tuple(float(weight) for weight in settled.weights)
    quanta = cluster_quanta(settled)
    plan = plan._replace(
        class_weights=weights if plan.weighted_classes else plan.class_weights,
        cluster_quanta=quanta,
        layout=plan.layout._replace(watched=()),
        per_sample=False,
        gradients=False,
        top=0,
    )
    state = found.again(plan).totals.clusters
    if state is None:
        raise AssertionError("the pass adds up clusters")
    check_all_have_one(state, found.job)
    return spread_over(state, settled, quanta)


def cluster_quanta(settled: Settled) -> tuple[float, float]:
    """Return what the v·l and the v of clusters are counted in; with the count as denominator each row counts 1."""
    counted = settled.plan.convention.denominator is Denominator.COUNT
    total = Fraction(settled.totals.loss.scored) if counted else settled.sums.weight
    return quantum_of(float(settled.sums.loss)), quantum_of(float(total))


def spread_over(state: KeyedSums, settled: Settled, quanta: tuple[float, float]) -> ClusterSpread:
    """Return how far the clusters vary that all rows of a pass came to, in ``quanta``."""
    loss, weight = state.sums.astype(np.float64).T * np.array([quanta]).T
    m = state.size
    of = Clusters(settled.request.cluster, m)
    squares = float((loss * loss).sum())
    effective = float(loss.sum()) ** 2 / squares if squares else None
    if m < 2:
        return ClusterSpread(of, None, 0.0, effective)
    apart = loss - float(loss.sum()) / float(weight.sum()) * weight
    second, third = math.fsum(apart**2), math.fsum(apart**3)
    error = math.sqrt(m / (m - 1) * second) / float(settled.sums.denominator)
    return ClusterSpread(of, error, sample_skewness(m, second, third), effective)


def check_all_have_one(state: KeyedSums, job: Job) -> None:
    """Refuse a row that belongs to no cluster. Raises DataError."""
    if state.lost is not None:
        raise DataError(
            "it belongs to no cluster",
            code="no_cluster",
            where=job.at.where(state.lost, None)._replace(column=job.request.cluster),
            hint=f"give every row a value of {job.request.cluster!r}",
        )
