"""Scores under a temperature, or under a slope and an intercept of the log odds: logits from logits, and back.

With log-probabilities (or logits) x_c of a row the new logits are slope · x_c; slope is 1/T. With two classes the
second one's has the intercept added, so that log odds z become intercept + slope · z (Platt's logistic; C. Guo et al.,
"On calibration of modern neural networks", ICML 2017, for the temperature).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.functions import exp, log, log1mexp, log1p, softplus, sum_over_classes
from celoss_cli.kernels.outcome import Floats


class Recalibration(NamedTuple):
    """What becomes of log odds z: ``intercept + slope · z``. The intercept is 0 unless there are two classes."""

    slope: float
    """Above 0: 1/T."""
    intercept: float = 0.0
    """Of the second class against the first, in nats."""


def log_odds_from_probabilities(p: Floats) -> Floats:
    """Return log p − log(1 − p) of ``p`` in [0, 1], of any shape: infinite at both ends."""
    odds: Floats = log(p) - log1p(-p)
    return odds


def log_odds_from_log_probabilities(logp: Floats) -> Floats:
    """Return logp − log(1 − exp(logp)) of ``logp`` ≤ 0, of any shape."""
    odds: Floats = logp - log1mexp(logp)
    return odds


def of_log_odds(z: Floats, by: Recalibration) -> Floats:
    """Return ``intercept + slope · z`` of log odds ``z``, of any shape; what is finite stays so."""
    with np.errstate(over="ignore"):
        moved = by.slope * z + by.intercept
    largest = np.finfo(np.float64).max
    return np.clip(moved, -largest, largest, out=moved, where=np.isfinite(z))


def of_log_scores(x: Floats, by: Recalibration, axis: int) -> Floats:
    """Return new logits from log-scores ``x``, (C, n) or (n, C) with the classes along ``axis``; −∞ stays −∞.

    Where one would overflow, the largest of each row is taken from it first: only differences count.
    """
    with np.errstate(over="ignore"):
        moved: Floats = by.slope * x
        if not np.array_equal(np.isfinite(moved), np.isfinite(x)):
            moved = by.slope * (x - x.max(axis=axis, keepdims=True))
    if by.intercept:
        second = moved[1] if axis == 0 else moved[:, 1]
        second += by.intercept
    return moved


def sigmoid(z: Floats) -> Floats:
    """Return the probabilities of log odds ``z``, of any shape, both ends accurate."""
    tail = exp(-np.abs(z))
    larger = 1.0 / (1.0 + tail)
    return np.where(z < 0.0, tail * larger, larger)


def log_sigmoid(z: Floats) -> Floats:
    """Return the log-probabilities of log odds ``z``, of any shape."""
    return 0.0 - softplus(-z)


def softmax(z: Floats, axis: int) -> Floats:
    """Return the probabilities of logits ``z``, (C, n) or (n, C) with the classes along ``axis``."""
    powers: Floats = np.subtract(z, z.max(axis=axis, keepdims=True), order="C")
    exp(powers, out=powers)
    powers /= np.expand_dims(sum_over_classes(powers, axis), axis)
    return powers


def log_softmax(z: Floats, axis: int) -> Floats:
    """Return the log-probabilities of logits ``z``, likewise."""
    below: Floats = z - z.max(axis=axis, keepdims=True)
    below -= np.expand_dims(log(sum_over_classes(exp(below), axis)), axis)
    return below
