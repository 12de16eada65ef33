"""The gradient of each row's weighted loss with respect to its logits, and how far the prediction is off (EL2N)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from celoss_cli.kernels.functions import sum_over_classes
from celoss_cli.kernels.outcome import Floats, Mask


class Gradients(NamedTuple):
    """``logits`` (C, n): ∂(weighted loss)/∂z_c of each row, (1, n) for a single column. ``el2n`` (n,): ‖p − t‖₂.

    Of losses in nats. A term that a clip has limited is a constant: its derivative is 0, as torch's autograd has it
    through ``clamp``.

    EL2N after M. Paul, S. Ganguli, G. K. Dziugaite, "Deep learning on a data diet", arXiv:2107.07075.
    """

    logits: Floats
    el2n: Floats


def softmax_gradients(
    p: Floats, t: Floats, class_weights: Floats, weights: Floats | None, constant: Mask | None = None
) -> Gradients:
    """Return s (p_k Σ_c w_c t_c − w_k t_k) for each class.

    ``p`` (C, n) probabilities, ``t`` (C, n) the soft or smoothed targets, ``class_weights`` (C,), ``weights`` (n,)
    sample weights or ``None``. ``constant`` (C, n) says which terms a clip has limited: they leave both sums.
    """
    weighed = t * class_weights[:, None]
    if constant is not None:
        weighed[constant] = 0.0
    gradient = p * sum_over_classes(weighed, 0) - weighed
    return Gradients(gradient if weights is None else gradient * weights, _distance(p, t))


def sigmoid_gradients(
    p: Floats,
    t: Floats,
    negative_weight: Floats,
    positive_weight: Floats,
    weights: Floats | None,
    constant: Mask | None = None,
) -> Gradients:
    """Return s (w₀ (1 − t) p − w₁ t (1 − p)) for each of L sigmoids, (L, n): L = 1 for a single binary column.

    ``p`` and ``t`` (L, n); ``negative_weight`` w₀ and ``positive_weight`` w₁ (L,) hold class weights and pos_weight:
    with w₀ = 1 and w₁ = q this is s (p (1 − t + q t) − q t). ``constant`` (2, L, n) says which of the terms of the
    negative and the positive outcome a clip has limited.
    """
    negative, positive = negative_weight[:, None] * (1.0 - t) * p, positive_weight[:, None] * t * (1.0 - p)
    if constant is not None:
        negative[constant[0]] = 0.0
        positive[constant[1]] = 0.0
    gradient = negative - positive
    return Gradients(gradient if weights is None else gradient * weights, _distance(p, t))


def _distance(p: Floats, t: Floats) -> Floats:
    distance: Floats = np.sqrt(sum_over_classes(np.square(p - t), 0))
    return distance
