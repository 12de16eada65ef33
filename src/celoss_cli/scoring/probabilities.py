"""The probabilities of a block, by the softmax, the sigmoid or exp: what a library's rule starts from."""

from __future__ import annotations

from typing import assert_never

import numpy as np

from celoss_cli.kernels.binary import probabilities_from_logits
from celoss_cli.kernels.multiclass import sum_over_classes
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout import Layout
from celoss_cli.spec import InputKind


def probabilities(kind: InputKind, scores: Floats, axis: int) -> Floats:
    """Return the probabilities of the classes (C, n), or (1, n) of the positive one, from a block with that axis.

    Never overwrites ``scores`` ((C, n) or (n, C), float64), but may return a view of them.
    """
    block = scores if axis == 0 else scores.T
    match kind:
        case InputKind.PROBS:
            return block
        case InputKind.LOGPROBS:
            p: Floats = np.exp(block)
            return p
        case InputKind.LOGITS:
            return probabilities_from_logits(block) if block.shape[0] == 1 else softmax(block)
        case _:
            assert_never(kind)


def softmax(z: Floats) -> Floats:
    """Return exp(z_c) / Σ exp(z_k), (C, n), of logits (C, n); −inf is a class ruled out."""
    powers: Floats = np.subtract(z, z.max(axis=0), order="C")
    np.exp(powers, out=powers)
    powers /= sum_over_classes(powers, 0)
    return powers


def file_type(layout: Layout) -> str:
    """Return the floating-point type of the array that a library would be given: the widest of the score columns.

    Text files, integers and decimals are read as float64.
    """
    types = {_float_type(column.dtype) for column in layout.scores}
    return max(types, key=lambda name: int(name.removeprefix("float")))


def _float_type(dtype: str) -> str:
    """Return the type of one column; ``list<float32>[3]`` is a vector column, ``float`` a column of text."""
    return next((name for name in ("float16", "float32") if name in dtype), "float64")
