"""What the rows of a chunk came to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.gradients import Gradients
from celoss_cli.kernels.outcome import Codes, Floats

Mask = npt.NDArray[np.bool_]


class Judged(NamedTuple):
    """What the rows of a chunk came to, all arrays (n,), for the worst rows and the per-sample file.

    ``loss`` is unweighted; ``weight`` and ``weighted`` are v and v·l where known in the pass, ``None`` where the rows
    weigh 1. ``labels`` are the class codes (n,) of the truth, and ``predicted`` of the prediction where known already;
    for multilabel rows both say for each label whether it holds (L, n). ``p_true`` is the probability of the truth;
    ``confidence`` that of the predicted class; both are empty (0,) where only losses are wanted. ``gradients`` are
    there if they were asked for. ``terms`` are the surprisals and weights (C, n) whose products make up v·l, where a
    row has several. ``correct`` is how many answers of a row are right: 0 or 1, up to L for multilabel rows, ``None``
    where none is right or wrong.
    """

    loss: Floats
    p_true: Floats
    confidence: Floats
    weight: Floats | None
    weighted: Floats | None
    labels: Codes | Mask
    predicted: Codes | Mask | None = None
    gradients: Gradients | None = None
    terms: tuple[Floats, Floats] | None = None
    correct: Floats | Mask | None = None
