"""What a kernel says about each row of a block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How each prediction came out, all arrays (n,).

    ``loss`` in nats; ``p_true`` the probability of the true class; ``confidence`` that of the predicted class (the
    largest; ties go to the first class); ``correct`` 1.0 where the predicted class is the true one, else 0.0;
    ``brier`` the squared error summed over all classes.
    """

    loss: Floats
    p_true: Floats
    confidence: Floats
    correct: Floats
    brier: Floats
