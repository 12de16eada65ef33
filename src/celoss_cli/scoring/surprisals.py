"""The surprisals of all classes of a chunk, whatever its scores are: the one place that chooses the kernel for it."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from celoss_cli.kernels import surprisal
from celoss_cli.kernels.outcome import Floats
from celoss_cli.spec import InputKind


def class_surprisals(kind: InputKind, scores: Floats, axis: int) -> Floats:
    """Return −log p_c of each class, (C, n), in nats; a single column of scores speaks of two classes, (2, n).

    ``scores`` (C, n) or (n, C) may be overwritten.
    """
    if scores.shape[axis] == 1:
        return binary_surprisals(kind, scores.reshape(-1))
    block = scores if axis == 0 else np.ascontiguousarray(scores.T)
    match kind:
        case InputKind.LOGITS:
            return surprisal.surprisals_from_logits(block)
        case InputKind.PROBS:
            return surprisal.surprisals_from_probabilities(block)
        case InputKind.LOGPROBS:
            return surprisal.surprisals_from_log_probabilities(block)
        case _:
            assert_never(kind)


def binary_surprisals(kind: InputKind, scores: Floats) -> Floats:
    """Return −log(1 − p) and −log p of the event that each score speaks of: (2, …) from scores of any shape."""
    match kind:
        case InputKind.LOGITS:
            return surprisal.binary_surprisals_from_logits(scores)
        case InputKind.PROBS:
            return surprisal.binary_surprisals_from_probabilities(scores)
        case InputKind.LOGPROBS:
            return surprisal.binary_surprisals_from_log_probabilities(scores)
        case _:
            assert_never(kind)
