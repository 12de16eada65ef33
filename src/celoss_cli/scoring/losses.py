"""Which kernel scores a block: the one place where the kind of input and the shape of the scores are looked at."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from celoss_cli.kernels import binary, multiclass
from celoss_cli.kernels.outcome import Codes, Floats, Outcome
from celoss_cli.spec import InputKind


def losses(kind: InputKind, scores: Floats, axis: int, codes: Codes) -> Floats:
    """Return the loss of each row (n,), in nats. May overwrite ``scores`` ((C, n) or (n, C); C = 1: binary)."""
    if scores.shape[axis] == 1:
        return _single(kind, scores.reshape(-1), codes.astype(np.float64))
    true = multiclass.true_index(codes, scores.shape[axis], axis)
    match kind:
        case InputKind.LOGITS:
            return multiclass.losses_from_logits(scores, true, axis)
        case InputKind.PROBS:
            return multiclass.losses_from_probabilities(scores, true)
        case InputKind.LOGPROBS:
            return multiclass.losses_from_log_probabilities(scores, true)
        case _:
            assert_never(kind)


def outcomes(kind: InputKind, scores: Floats, axis: int, codes: Codes) -> Outcome:
    """Return all that the report needs of each row. May overwrite ``scores``."""
    if scores.shape[axis] == 1:
        flat, y = scores.reshape(-1), codes.astype(np.float64)
        if kind is InputKind.PROBS:
            return binary.outcome_from_probabilities(flat, y)
        return binary.outcome(_single(kind, flat, y), positive_probabilities(kind, flat), y)
    true = multiclass.true_index(codes, scores.shape[axis], axis)
    match kind:
        case InputKind.LOGITS:
            return multiclass.outcome_from_logits(scores, true, axis)
        case InputKind.PROBS:
            return multiclass.outcome_from_probabilities(scores, true, axis)
        case InputKind.LOGPROBS:
            return multiclass.outcome_from_log_probabilities(scores, true, axis)
        case _:
            assert_never(kind)


def predicted_classes(kind: InputKind, scores: Floats, axis: int) -> Codes:
    """Return the code of the class with the largest score (n,): ties go to the first, p = 0.5 alone is negative."""
    if scores.shape[axis] > 1:
        predicted: Codes = scores.argmax(axis=axis)
        return predicted
    return (positive_probabilities(kind, scores.reshape(-1)) > 0.5).astype(np.intp)


def positive_probabilities(kind: InputKind, scores: Floats) -> Floats:
    """Return the probability of the positive class (n,) from a single column of scores."""
    match kind:
        case InputKind.PROBS:
            return scores
        case InputKind.LOGITS:
            return binary.probabilities_from_logits(scores)
        case InputKind.LOGPROBS:
            return np.exp(scores)
        case _:
            assert_never(kind)


def _single(kind: InputKind, scores: Floats, y: Floats) -> Floats:
    match kind:
        case InputKind.PROBS:
            return binary.losses_from_probabilities(scores, y)
        case InputKind.LOGITS:
            return binary.losses_from_logits(scores, y)
        case InputKind.LOGPROBS:
            return binary.losses_from_log_probabilities(scores, y)
        case _:
            assert_never(kind)
