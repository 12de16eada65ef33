"""Multiclass cross-entropy of a vector of scores per row, for blocks stored by class or by row.

Every function takes a block of scores and the axis along which its classes lie: 0 for (C, n), how columnar files
arrive, where each operation is one long contiguous loop; 1 for (n, C), how list columns and arrays do.
``true`` (n,) is the flat index of each row's true class in the block (see ``true_index``).
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.binary import softplus, softplus_and_probabilities
from celoss_cli.kernels.outcome import Codes, Floats, Outcome

F = TypeVar("F", bound=np.floating[Any])


# exp of −inf, or of anything below about −708, leaves NumPy's SIMD path and slows the whole block by 40 %.
_GONE = -700.0


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


def sum_over_classes(block: npt.NDArray[F], axis: int) -> npt.NDArray[F]:
    """Return the sum of each row (n,), the same bits however many rows the block has.

    By class NumPy adds one class after the other, but pairwise where the block is a single row: that would make
    the last bit of a loss depend on how the file was cut.
    """
    alone = axis == 0 and block.shape[1] == 1
    sums: npt.NDArray[F] = np.add.accumulate(block, axis=0)[-1] if alone else block.sum(axis=axis)
    return sums


def losses_from_probabilities(p: Floats, true: Codes) -> Floats:
    """Return −log p_y, (n,), in nats; inf where the truth has probability 0. Reads the block only."""
    loss = p.reshape(-1).take(true)
    with np.errstate(divide="ignore"):
        np.log(loss, out=loss)
    return np.subtract(0.0, loss, out=loss)


def losses_from_log_probabilities(logp: Floats, true: Codes) -> Floats:
    """Return −logp_y, (n,), in nats. Reads the block only."""
    return np.subtract(0.0, logp.reshape(-1).take(true))


def losses_from_logits(z: Floats, true: Codes, axis: int) -> Floats:
    """Return log Σ exp(z_c) − z_y, (n,), in nats. Overwrites the block. See ``margins``."""
    margin, _, _, _ = margins(z, true, axis)
    return softplus(margin)


def margins(z: Floats, true: Codes, axis: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Return (margin, others, best, truth), all (n,): how far the other classes together are ahead of the true one.

    margin = log Σ_{c≠y} exp(z_c) − z_y, so the loss is softplus(margin), the binary loss of the margin: accurate
    for confident rows, where log Σ − z_y would cancel (log-sum-exp over all classes gives 0 for a loss of 1e-17).
    ``best`` is the largest other logit, ``others`` = Σ_{c≠y} exp(z_c − best), ``truth`` = z_y.
    On return the block holds exp(z_c − best), and 0 or next to nothing (exp −700) for the true class.
    −inf is a class ruled out; rows whose others are all ruled out have margin −inf.
    """
    flat = z.reshape(-1)
    truth = flat.take(true)
    flat[true] = -np.inf
    best = z.max(axis=axis)
    # −inf − −inf would be NaN: with no other class left, any finite reference will do.
    alone = np.flatnonzero(best == -np.inf)
    reference = best
    if alone.size:
        reference = best.copy()
        reference[alone] = 0.0
    with np.errstate(over="ignore"):  # logits 1e308 apart: −inf then, and exp of it 0
        z -= reference if axis == 0 else reference[:, None]
    flat[true] = _GONE
    np.exp(z, out=z)
    others = sum_over_classes(z, axis)
    with np.errstate(over="ignore"):
        margin = reference - truth
    margin += np.log(others)
    if alone.size:
        margin[alone] = np.where(truth[alone] == -np.inf, np.nan, -np.inf)
    return margin, others, best, truth


def outcome_from_logits(z: Floats, true: Codes, axis: int) -> Outcome:
    """Return what the rows came to, from logits. Overwrites the block."""
    margin, others, best, truth = margins(z, true, axis)
    loss, p_true, p_others = softplus_and_probabilities(margin)
    squares = sum_over_classes(np.square(z, out=z), axis)
    squares /= others
    squares /= others
    squares += 1.0
    squares *= p_others
    squares *= p_others  # (1 − p_y)² + Σ_{c≠y} p_c², the first term being p_others²
    correct = truth > best
    confidence = np.where(correct, p_true, p_others / others)
    ties = np.flatnonzero(truth == best)
    if ties.size:
        # Ties go to the first class: right only if no class before the true one has the same logit.
        tied = z[:, ties] if axis == 0 else z[ties].T
        correct[ties] = _code(true[ties], z, axis) < np.argmax(tied == 1.0, axis=0)  # exp(best − best)
    return Outcome(loss, p_true, confidence, correct, squares)


def outcome_from_probabilities(p: Floats, true: Codes, axis: int) -> Outcome:
    """Return what the rows came to, from probabilities taken as they are. Overwrites the block."""
    flat = p.reshape(-1)
    p_true = flat.take(true)
    with np.errstate(divide="ignore"):
        loss = np.subtract(0.0, np.log(p_true))
    flat[true] = -1.0
    best = p.max(axis=axis)
    correct = p_true > best
    ties = np.flatnonzero(p_true == best)
    if ties.size:
        tied = p[:, ties] if axis == 0 else p[ties].T
        correct[ties] = _code(true[ties], p, axis) < np.argmax(tied == best[ties], axis=0)
    flat[true] = p_true - 1.0
    squares = sum_over_classes(np.square(p, out=p), axis)
    return Outcome(loss, p_true, np.maximum(p_true, best), correct, squares)


def outcome_from_log_probabilities(logp: Floats, true: Codes, axis: int) -> Outcome:
    """Return what the rows came to, from log-probabilities taken as they are. Overwrites the block."""
    loss = losses_from_log_probabilities(logp, true)
    outcome = outcome_from_probabilities(np.exp(logp, out=logp), true, axis)
    return Outcome(loss, outcome.p_true, outcome.confidence, outcome.correct, outcome.brier)


def _code(true: Codes, block: Floats, axis: int) -> Codes:
    """Return the class code of each flat index: ``true_index`` undone."""
    code: Codes = true // block.shape[1] if axis == 0 else true % block.shape[1]
    return code
