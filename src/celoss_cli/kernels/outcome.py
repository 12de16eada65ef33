"""What a kernel says about each row of a block."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.tuples import NamedTuple

Floats = npt.NDArray[np.float64]

Codes = npt.NDArray[np.signedinteger[Any]]

Mask = npt.NDArray[np.bool_]


class Outcome(NamedTuple):
    """How each prediction came out, all arrays (n,).

    ``loss`` in nats; ``p_true`` the probability of the true class; ``confidence`` that of the predicted class (the
    largest; ties go to the first class); ``correct`` whether the predicted class is the true one; ``brier`` the
    squared error summed over all classes; ``positive`` the probability of the second class where there are two.
    """

    loss: Floats
    p_true: Floats
    confidence: Floats
    correct: Mask
    brier: Floats
    positive: Floats | None = None
