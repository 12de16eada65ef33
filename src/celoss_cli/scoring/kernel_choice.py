"""Which kernel scores a block: the one place where the kind of input and the shape of the scores are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import numpy as np

from celoss_cli.kernels import binary, multiclass, surprisal
from celoss_cli.kernels.binary import probabilities_from_logits
from celoss_cli.kernels.functions import exp, sum_over_classes
from celoss_cli.kernels.outcome import Codes, Floats, Outcome
from celoss_cli.layout import Layout
from celoss_cli.request import InputKind

if TYPE_CHECKING:
    from celoss_cli.kernels.rules import RowLosses, Rule


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
            return exp(scores)
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


def probabilities(kind: InputKind, scores: Floats, axis: int) -> Floats:
    """Return the probabilities of the classes (C, n), or (1, n) of the positive one, from a block with that axis.

    Never overwrites ``scores`` ((C, n) or (n, C), float64), but may return a view of them.
    """
    block = scores if axis == 0 else scores.T
    match kind:
        case InputKind.PROBS:
            return block
        case InputKind.LOGPROBS:
            p: Floats = exp(block)
            return p
        case InputKind.LOGITS:
            return probabilities_from_logits(block) if block.shape[0] == 1 else softmax(block)
        case _:
            assert_never(kind)


def losses_under(rule: Rule, kind: InputKind, scores: Floats, axis: int, codes: Codes, file_type: str) -> RowLosses:
    """Return what a library's ``rule`` makes of each row: of probabilities, or of one logit in a way of its own.

    Never overwrites ``scores`` ((C, n) or (n, C), float64).
    """
    if rule.float32_sigmoid and kind is InputKind.LOGITS and scores.shape[axis] == 1:
        from celoss_cli.kernels.rules import float32_sigmoid

        rule = rule._replace(wide_log=True)
        return rule.row_losses(float32_sigmoid(scores.reshape(1, -1)), codes, file_type)
    return rule.row_losses(probabilities(kind, scores, axis), codes, file_type)


def softmax(z: Floats) -> Floats:
    """Return exp(z_c) / Σ exp(z_k), (C, n), of logits (C, n); −inf is a class ruled out."""
    with np.errstate(over="ignore"):  # logits 1e308 apart: −inf then, and exp of it 0
        powers: Floats = np.subtract(z, z.max(axis=0), order="C")
    exp(powers, out=powers)
    powers /= sum_over_classes(powers, 0)
    return powers


def file_type(layout: Layout) -> str:
    """Return the floating-point type of the array that a library would be given: the widest of the score columns.

    Text files, integers and decimals are read as float64.
    """
    types = set(map(_float_type, {column.dtype for column in layout.scores}))
    return max(types, key=lambda name: int(name.removeprefix("float")))


def _float_type(dtype: str) -> str:
    """Return the type of one column; ``list<float32>[3]`` is a vector column, ``float`` a column of text."""
    return next((name for name in ("float16", "float32") if name in dtype), "float64")


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
