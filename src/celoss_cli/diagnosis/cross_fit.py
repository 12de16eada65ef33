"""Fixes that have no leave-one-out formula, fitted on four fifths of the rows, tried on the rest."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from celoss_cli.diagnosis.folds import FOLDS, REPETITIONS, dealt
from celoss_cli.diagnosis.groups import Groups
from celoss_cli.kernels.functions import log
from celoss_cli.kernels.outcome import Floats
from celoss_cli.state.scores import Counts
from celoss_cli.statistics.isotonic import pooled

Fitted = Callable[[Counts], Floats]
"""Takes how many rows of each group (k,) to fit on, returns the loss (k,) of each group's rows under that fit."""


class CrossFit(NamedTuple):
    """What a fix saves out of fold, in nats a row."""

    gain: float
    standard_error: float
    """Over rows, averaged over the divisions: it leaves out that folds share rows, and covers 82 to 92 %."""
    ahead: float
    """Mean of what it saves more than the fix that it is held against."""
    ahead_error: float


def cross_fitted(groups: Groups, before: Floats, fitted: Fitted, against: Floats) -> CrossFit:
    """Return what a fix saves out of fold where the rows of each group lose ``before`` (k,).

    ``against`` (k,) is what another fix saves for each of them, corrected.
    """
    n = groups.n
    gains, errors, aheads, ahead_errors = [], [], [], []
    for folds in dealt(groups.rows):
        gain = np.empty((groups.rows.shape[0], FOLDS))
        for fold in range(FOLDS):
            gain[:, fold] = before - fitted(groups.rows - folds[:, fold])
        mean, error = _moments(gain, folds, n)
        gains.append(mean)
        errors.append(error)
        mean, error = _moments(gain - against[:, None], folds, n)
        aheads.append(mean)
        ahead_errors.append(error)
    return CrossFit(
        math.fsum(gains) / REPETITIONS,
        math.sqrt(math.fsum(errors) / REPETITIONS),
        math.fsum(aheads) / REPETITIONS,
        math.sqrt(math.fsum(ahead_errors) / REPETITIONS),
    )


def isotonic_losses(groups: Groups) -> Fitted:
    """Return what fits an isotonic regression: (k + π)/(m + 1) in a block of m rows, π the base rate, and between
    blocks a straight line in z.

    k/m itself is infinite out of fold sooner or later: the outermost blocks are nearly always of one outcome.
    """
    points = groups.points
    ends = np.isfinite(points.z)
    inner = points.z[ends]
    low, high = (float(inner[0]), float(inner[-1])) if inner.size else (0.0, 0.0)
    place = np.clip(points.z, low - 1.0, high + 1.0)

    def losses(rows: Counts) -> Floats:
        counts = np.zeros(points.counts.shape, dtype=np.int64)
        counts[groups.point, groups.outcome.astype(np.intp)] = rows
        held = np.flatnonzero(counts.any(axis=1))
        ones, total = counts[held, 1], counts[held].sum(axis=1)
        base = (int(ones.sum()) + 0.5) / (int(total.sum()) + 1.0)
        starts = pooled(ones, total)
        share = (np.add.reduceat(ones, starts) + base) / (np.add.reduceat(total, starts) + 1.0)
        last = np.append(starts[1:], held.shape[0]) - 1
        nodes = np.stack([place[held[starts]], place[held[last]]], axis=1).ravel()
        q = np.interp(place, nodes, np.repeat(share, 2))[groups.point]
        return 0.0 - log(np.where(groups.outcome > 0.0, q, 1.0 - q))

    return losses


def blocks_of(groups: Groups) -> int:
    """Return how many blocks the isotonic regression of all rows has."""
    return int(pooled(groups.points.counts[:, 1], groups.points.counts.sum(axis=1)).shape[0])


def _moments(values: Floats, folds: Counts, n: int) -> tuple[float, float]:
    """Return the mean, and the square of its standard error, of ``values`` (k, 5) with ``folds`` (k, 5) rows each."""
    mean = float((values * folds).sum()) / n
    spread = values - mean
    return mean, float((spread * spread * folds).sum()) / max(1, n - 1) / n
