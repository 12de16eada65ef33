"""What fits save in each cluster, and the gradients of its loss: from these follow intervals over clusters.

The terms of a row with weight w and loss l: first w; for two classes w (y − p) and then, for each line, w (l − l'), and
w times the derivatives of l' by intercept and slope; for more w (l − l') and w times the derivative by β.
"""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.functions import exp, log, softplus
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.scoring.chunk import BatchOfRows, Chunk, Mask
from celoss_cli.scoring.cluster_keys import ClusterKeys
from celoss_cli.scoring.examined import Examined
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.keyed_sums import KeyedAccumulator, KeyedSums
from celoss_cli.state.sample import Span
from celoss_cli.state.temperature import Rows, moments


class ClusterTerms:
    """Takes rows of chunks under fits that are known. Not thread-safe: one per partition."""

    def __init__(self, plan: Plan, examined: Examined, span: Span) -> None:
        if examined.clustered is None:
            raise ValueError("the plan does not say what clusters are counted in")
        self._keys = ClusterKeys(plan, span)
        self._lines = examined.lines
        self._floor = examined.floor
        self._sums = KeyedAccumulator(examined.clustered)

    def add_lines(self, rows: BatchOfRows, chunk: Chunk, z: Floats, outcome: Codes) -> None:
        """Add rows of two classes with log odds ``z`` (n,) and ``outcome`` (n,) 0 or 1.

        Those whose truth has probability 0 are left out, those whose truth has probability 1 have no gradient.
        """
        if self._floor:
            longest = log(1.0 / (1.0 + exp(-np.abs(z)))) - log(self._floor)
            z = np.clip(z, -longest, longest)
        sign: Floats = 2.0 * outcome.astype(np.float64) - 1.0
        weights = np.ones(chunk.size) if chunk.weights is None else chunk.weights
        before = softplus(-sign * z)
        counts = np.isfinite(before) & (weights > 0.0)
        known = np.where(np.isfinite(z), z, 0.0)
        fitted = weights * np.isfinite(z)
        terms = [weights, weights * _residual(sign, z)]
        for intercept, slope in self._lines:
            eta = intercept + slope * known
            gradient = fitted * -_residual(sign, eta)
            terms += [fitted * (np.where(counts, before, 0.0) - softplus(-sign * eta)), gradient, gradient * known]
        self._add(rows, chunk, terms, counts)

    def add_temperature(self, batch: BatchOfRows, chunk: Chunk, rows: Rows, beta: float) -> None:
        """Add rows of several classes; ``rows`` are those of the chunk with a finite loss, at ``beta``."""
        if rows.truth.shape[0] != chunk.size:
            raise ValueError("rows of infinite loss have no temperature")
        weights = np.ones(chunk.size) if rows.weights is None else rows.weights
        after, slope, _ = moments(rows, beta, exp(rows.x * beta))
        self._add(batch, chunk, [weights, weights * (rows.before - after), weights * slope], weights > 0.0)

    def finish(self) -> KeyedSums:
        """Return the sums of all rows added so far."""
        return self._sums.finish()

    def _add(self, rows: BatchOfRows, chunk: Chunk, terms: list[Floats], counts: Mask) -> None:
        keys, missing = self._keys.of(rows, chunk)
        if missing is not None:
            lost = np.flatnonzero(missing & counts)
            if lost.size:
                place = int(lost[0])
                self._sums.lose(chunk.rows + place if isinstance(chunk.rows, int) else int(chunk.rows[place]))
            counts = counts & ~missing
        self._sums.add(keys[counts], tuple(term[counts] for term in terms))


def _residual(sign: Floats, eta: Floats) -> Floats:
    """Return y − p at log odds ``eta`` (n,), ``sign`` 1 where y is 1 and −1 where it is 0."""
    residual: Floats = sign / (1.0 + exp(sign * eta))
    return residual
