"""Binary cross-entropy of one score per row: the score is about the positive class, y is 1 for it and 0 otherwise."""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.outcome import Floats, Outcome

_LN2 = 0.6931471805599453


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
    kept = np.subtract(truth, shift, out=shift)
    lost = np.subtract(p, kept, out=kept)
    np.abs(truth, out=truth)
    with np.errstate(divide="ignore"):
        loss = np.log(truth)
    return truth, np.subtract(lost, loss, out=loss)


def losses_from_logits(z: Floats, y: Floats) -> Floats:
    """Return softplus(−z) where y = 1 and softplus(z) where y = 0, (n,), in nats: no overflow, no cancellation.

    ``z`` (n,) logits of the positive class, ``y`` (n,) 0.0 or 1.0.
    """
    margin = 1.0 - 2.0 * y
    margin *= z
    return softplus(margin)


def losses_from_log_probabilities(logp: Floats, y: Floats) -> Floats:
    """Return −logp where y = 1 and −log(1 − exp(logp)) where y = 0, (n,), in nats.

    ``logp`` (n,) ≤ 0, ``y`` (n,) 0.0 or 1.0. log(1 − exp x) after M. Mächler, "Accurately computing
    log(1 − exp(−|a|))", 2012: expm1 above −ln 2, log1p below.
    """
    loss = -logp
    negatives = np.flatnonzero(y == 0.0)
    x = logp[negatives]
    near = x > -_LN2
    with np.errstate(divide="ignore"):
        loss[negatives] = -np.where(near, np.log(-np.expm1(np.where(near, x, -1.0))), np.log1p(-np.exp(x)))
    loss += 0.0  # −0.0 for logp = 0 becomes 0.0
    return loss


def softplus(x: Floats) -> Floats:
    """Return log(1 + exp x), (n,), as max(x, 0) + log1p(exp(−|x|)); overwrites nothing."""
    tail = np.abs(x)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    np.log1p(tail, out=tail)
    tail += np.maximum(x, 0.0)
    return tail


def softplus_and_probabilities(x: Floats) -> tuple[Floats, Floats, Floats]:
    """Return softplus(x), sigmoid(−x) and sigmoid(x), (n,) each: the loss of a margin x, and both probabilities.

    All come from exp(−|x|), and none is a difference: the smaller probability keeps its digits.
    """
    tail = np.abs(x)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    loss = np.log1p(tail)
    loss += np.maximum(x, 0.0)
    larger = 1.0 + tail
    np.divide(1.0, larger, out=larger)
    np.multiply(tail, larger, out=tail)
    ahead = x > 0.0
    return loss, np.where(ahead, tail, larger), np.where(ahead, larger, tail)


def outcome_from_probabilities(p: Floats, y: Floats) -> Outcome:
    """Return what the rows came to, from the probability ``p`` (n,) of the positive class; ``y`` (n,) 0.0 or 1.0."""
    truth, loss = surprisals(p, y)
    brier = p - y
    np.square(brier, out=brier)
    brier *= 2.0
    return Outcome(loss, truth, _confidence(p), (p > 0.5) == (y > 0.5), brier)


def outcome(loss: Floats, p: Floats, y: Floats) -> Outcome:
    """Return what the rows came to, given their ``loss`` (n,) and the probability ``p`` (n,) of the positive class.

    p = 0.5 is a negative prediction. Brier is the multiclass form: both columns count, 2 (p − y)².
    """
    error = p - y
    p_true = 1.0 - np.abs(error)
    small = np.flatnonzero(p_true < 0.25)
    p_true[small] = np.exp(-loss[small])  # 1 − |p − y| has lost the digits of a small probability
    np.square(error, out=error)
    error *= 2.0
    return Outcome(loss, p_true, _confidence(p), (p > 0.5) == (y > 0.5), error)


def _confidence(p: Floats) -> Floats:
    """Return the probability of the predicted class, max(p, 1 − p)."""
    confidence = np.abs(p - 0.5)
    confidence += 0.5
    return confidence


def probabilities_from_logits(z: Floats) -> Floats:
    """Return the logistic sigmoid of ``z`` (n,), accurate at both ends."""
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-z))
