"""Binary cross-entropy of one score per row: the score is about the positive class, y is 1 for it and 0 otherwise."""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.functions import exp, log, log1mexp, log1p, softplus
from celoss_cli.kernels.outcome import Floats, Outcome


def losses_from_probabilities(p: Floats, y: Floats) -> Floats:
    """Return −log p where y = 1 and −log(1 − p) where y = 0, (n,), in nats.

    ``p`` (n,) in [0, 1], ``y`` (n,) 0.0 or 1.0. A truth of probability 0 costs inf.

    For y = 0 the probability of the truth, 1 − p, is rounded; what the rounding took is put back to first order,
    so that p = 1e-20 costs 1e-20 and not 0, without the second logarithm that ``log1p`` on a mask would need.
    """
    return surprisals(p, y)[1]


def surprisals(p: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the probability of the truth and its −log, (n,) each: p where y = 1, to the last bit, else 1 − p, rounded.

    That is |p + (y − 1)|, in that order: (p + y) − 1 would turn p = 1e-20, y = 1 into a false infinite loss.
    """
    shift = y - 1.0
    truth = shift + p
    # The part of p that is in the sum, and what rounding took: exact (T. J. Dekker, 1971), for |y − 1| is 0 or 1 ≥ p.
    kept = truth - shift
    lost = p - kept
    truth = np.abs(truth)
    return truth, lost - log(truth)


def losses_from_logits(z: Floats, y: Floats) -> Floats:
    """Return softplus(−z) where y = 1 and softplus(z) where y = 0, (n,), in nats: no overflow, no cancellation.

    ``z`` (n,) logits of the positive class, ``y`` (n,) 0.0 or 1.0.
    """
    return softplus((1.0 - 2.0 * y) * z)


def losses_from_log_probabilities(logp: Floats, y: Floats) -> Floats:
    """Return −logp where y = 1 and −log(1 − exp(logp)) where y = 0, (n,), in nats.

    ``logp`` (n,) ≤ 0, ``y`` (n,) 0.0 or 1.0.
    """
    return np.where(y == 0.0, -log1mexp(logp), -logp) + 0.0  # −0.0 for logp = 0 becomes 0.0


def softplus_and_probabilities(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Return softplus(x), sigmoid(−x) and sigmoid(x), (n,) each: the loss of a margin x, and both probabilities.

    All come from exp(−|x|), and none is a difference: the smaller probability keeps its digits.
    """
    tail = exp(-np.abs(x))
    loss = log1p(tail) + np.where(x > 0.0, x, 0.0)
    larger = 1.0 / (1.0 + tail)
    smaller = tail * larger
    ahead = x > 0.0
    return loss, np.where(ahead, smaller, larger), np.where(ahead, larger, smaller)


def outcome_from_probabilities(p: Floats, y: Floats) -> Outcome:
    """Return what the rows came to, from the probability ``p`` (n,) of the positive class; ``y`` (n,) 0.0 or 1.0."""
    truth, loss = surprisals(p, y)
    return Outcome(loss, truth, _confidence(p), (p > 0.5) == (y > 0.5), np.square(p - y) * 2.0, p)


def outcome(loss: Floats, p: Floats, y: Floats) -> Outcome:
    """Return what the rows came to, given their ``loss`` (n,) and the probability ``p`` (n,) of the positive class.

    p = 0.5 is a negative prediction. Brier is the multiclass form: both columns count, 2 (p − y)².
    """
    error = p - y
    p_true = 1.0 - np.abs(error)
    small = np.flatnonzero(p_true < 0.25)
    p_true[small] = exp(-loss[small])  # 1 − |p − y| has lost the digits of a small probability
    return Outcome(loss, p_true, _confidence(p), (p > 0.5) == (y > 0.5), np.square(error) * 2.0, p)


def _confidence(p: Floats) -> Floats:
    """Return the probability of the predicted class, max(p, 1 − p)."""
    return np.abs(p - 0.5) + 0.5


def probabilities_from_logits(z: Floats) -> Floats:
    """Return the logistic sigmoid of ``z`` (n,), accurate at both ends."""
    return 1.0 / (1.0 + exp(-z))
