"""The surprisal −log p of every class, for targets that speak of all of them: soft labels, smoothing, multilabel.

Blocks are stored by class, (C, n). With index targets only the surprisal of the true class counts, and
``kernels.multiclass`` finds it with less work; these functions agree with it.
"""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.functions import exp, log, log1mexp, log1p, softplus, sum_over_classes
from celoss_cli.kernels.outcome import Floats


def surprisals_from_probabilities(p: Floats) -> Floats:
    """Return −log p, (C, n), in nats; inf where p = 0. Overwrites the block."""
    return 0.0 - log(p, out=p)


def surprisals_from_log_probabilities(logp: Floats) -> Floats:
    """Return −logp, (C, n), in nats. Overwrites the block."""
    return np.subtract(0.0, logp, out=logp)


def surprisals_from_logits(z: Floats) -> Floats:
    """Return log Σ exp(z_k) − z_c for every class, (C, n), in nats. Overwrites the block.

    With m the largest logit it is (m − z_c) + log1p(R), R = Σ exp(z_k − m) over the classes other than the first
    with the largest: the surprisal of a confident prediction is log1p of something tiny, not a difference of logs.
    """
    first = z.argmax(axis=0)
    columns = np.arange(z.shape[1])
    best = z[first, columns]
    with np.errstate(over="ignore"):  # inf is the surprisal, then
        np.subtract(best, z, out=z)
    others = exp(-z)
    others[first, columns] = 0.0
    z += log1p(sum_over_classes(others, 0))
    return z


def binary_surprisals_from_probabilities(p: Floats) -> Floats:
    """Return −log(1 − p) and −log p, (2, n), in nats, from the probability of the positive class (n,)."""
    surprisals: Floats = 0.0 - np.stack([log1p(-p), log(p)])
    return surprisals


def binary_surprisals_from_logits(z: Floats) -> Floats:
    """Return softplus(z) and softplus(−z), (2, n), in nats, from the logit of the positive class (n,)."""
    return np.stack([softplus(z), softplus(-z)])


def binary_surprisals_from_log_probabilities(logp: Floats) -> Floats:
    """Return −log(1 − exp(logp)) and −logp, (2, n), in nats, from the log-probability of the positive class (n,)."""
    surprisals: Floats = 0.0 - np.stack([log1mexp(logp), logp])
    return surprisals


def expected(surprisals: Floats, targets: Floats) -> Floats:
    """Return t_c · (−log p_c), (C, n), with 0 · inf = 0: a class that cannot be the truth costs nothing."""
    terms = np.zeros_like(surprisals)
    return np.multiply(surprisals, targets, out=terms, where=targets != 0.0)
