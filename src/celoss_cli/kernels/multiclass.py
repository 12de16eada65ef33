"""Multiclass cross-entropy of a vector of scores per row, for blocks stored by class or by row.

Every function takes a block of scores and the axis along which its classes lie: 0 for (C, n), how columnar files
arrive, where each operation is one long contiguous loop; 1 for (n, C), how list columns and arrays do.
``true`` (n,) is the flat index of each row's true class in the block (see ``true_index``).
"""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.binary import softplus_and_probabilities
from celoss_cli.kernels.functions import exp, log, softplus, sum_over_classes
from celoss_cli.kernels.outcome import Codes, Floats, Mask, Outcome
from celoss_cli.tuples import NamedTuple


def true_index(codes: Codes, classes: int, axis: int) -> Codes:
    """Return where the true class of each row stands in the flattened block; ``codes`` (n,) in [0, classes)."""
    n = codes.shape[0]
    rows = np.arange(n, dtype=np.intp)
    if axis == 0:
        index = codes.astype(np.intp)
        index *= n
        index += rows
        return index
    rows *= classes
    rows += codes
    return rows


def losses_from_probabilities(p: Floats, true: Codes) -> Floats:
    """Return −log p_y, (n,), in nats; inf where the truth has probability 0. Reads the block only."""
    return 0.0 - log(p.reshape(-1).take(true))


def losses_from_log_probabilities(logp: Floats, true: Codes) -> Floats:
    """Return −logp_y, (n,), in nats. Reads the block only."""
    return 0.0 - logp.reshape(-1).take(true)


def losses_from_logits(z: Floats, true: Codes, axis: int) -> Floats:
    """Return log Σ exp(z_c) − z_y, (n,), in nats. Overwrites the block. See ``margins``."""
    return softplus(margins(z, true, axis).margin)


class Margins(NamedTuple):
    """How far the other classes together are ahead of the true one, in some rows; all (n,)."""

    margin: Floats
    """log Σ_{c≠y} exp(z_c) − z_y."""
    others: Floats
    """Σ_{c≠y} exp(z_c − best), with ``best`` the largest other logit; 1 where there is no other."""
    correct: Mask
    """Whether the true class has the largest logit; ties go to the first."""


def margins(z: Floats, true: Codes, axis: int) -> Margins:
    """Return the margins of rows of logits. On return the block holds exp(z_c − best), and 0 for the true class.

    The loss is softplus(margin), the binary loss of the margin: accurate for confident rows, where log Σ − z_y would
    cancel (log-sum-exp over all classes gives 0 for a loss of 1e-17).
    −inf is a class ruled out; rows whose others are all ruled out have margin −inf.
    """
    truth = z.reshape(-1).take(true)
    z.reshape(-1)[true] = -np.inf
    best = z.max(axis=axis)
    correct = _is_first(z, true, truth, best, axis)
    # −inf − −inf would be NaN: with no other class left, any finite reference will do.
    alone = best == -np.inf
    reference = np.where(alone, 0.0, best)
    with np.errstate(over="ignore"):  # logits 1e308 apart: −inf then, and exp of it 0
        z -= reference if axis == 0 else reference[:, None]
        margin = reference - truth
    exp(z, out=z)
    others = np.where(alone, 1.0, sum_over_classes(z, axis))
    margin = np.where(alone, np.where(truth == -np.inf, np.nan, -np.inf), margin + log(others))
    return Margins(margin, others, correct)


def _is_first(block: Floats, true: Codes, truth: Floats, best: Floats, axis: int) -> Mask:
    """Return whether the true class, which is taken out of the block, is the first of those with the largest score."""
    correct: Mask = truth > best
    ties = np.flatnonzero(truth == best)
    if ties.size:
        tied = (block[:, ties] if axis == 0 else block[ties].T) == best[ties]
        code = true[ties] // block.shape[1] if axis == 0 else true[ties] % block.shape[1]
        correct[ties] = code < np.argmax(tied, axis=0)
    return correct


def _second(true: Codes, block: Floats, axis: int) -> Mask:
    """Return whether the second of two classes is the true one, (n,)."""
    second: Mask = true >= block.shape[1] if axis == 0 else true % 2 == 1
    return second


def outcome_from_logits(z: Floats, true: Codes, axis: int) -> Outcome:
    """Return what the rows came to, from logits. Overwrites the block."""
    margin, others, correct = margins(z, true, axis)
    loss, p_true, p_others = softplus_and_probabilities(margin)
    # (1 − p_y)² + Σ_{c≠y} p_c², the first term being p_others²
    squares = (sum_over_classes(np.square(z, out=z), axis) / others / others + 1.0) * p_others * p_others
    confidence = np.where(correct, p_true, p_others / others)
    positive = np.where(_second(true, z, axis), p_true, p_others) if z.shape[axis] == 2 else None
    return Outcome(loss, p_true, confidence, correct, squares, positive)


def outcome_from_probabilities(p: Floats, true: Codes, axis: int) -> Outcome:
    """Return what the rows came to, from probabilities taken as they are. Overwrites the block."""
    flat = p.reshape(-1)
    positive: Floats | None = (p[1] if axis == 0 else p[:, 1]).copy() if p.shape[axis] == 2 else None
    p_true = flat.take(true)
    loss = 0.0 - log(p_true)
    flat[true] = -1.0
    best = p.max(axis=axis)
    correct = _is_first(p, true, p_true, best, axis)
    flat[true] = p_true - 1.0
    squares = sum_over_classes(np.square(p, out=p), axis)
    return Outcome(loss, p_true, np.maximum(p_true, best), correct, squares, positive)


def outcome_from_log_probabilities(logp: Floats, true: Codes, axis: int) -> Outcome:
    """Return what the rows came to, from log-probabilities taken as they are. Overwrites the block."""
    loss = losses_from_log_probabilities(logp, true)
    outcome = outcome_from_probabilities(exp(logp, out=logp), true, axis)
    return outcome._replace(loss=loss)
