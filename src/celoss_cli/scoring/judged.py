"""What the rows of a chunk came to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.kernels.gradients import Gradients

Mask = npt.NDArray[np.bool_]


class Judged(NamedTuple):
    """What the rows of a chunk came to, for the worst rows and the per-sample file: arrays over n rows.

    Where only losses are wanted, the probabilities are empty, (0,).
    """

    loss: Floats
    """The unweighted loss of each row, (n,), in nats."""
    p_true: Floats
    """The probability of the truth, (n,)."""
    confidence: Floats
    """The probability of the predicted class, (n,)."""
    weight: Floats | None
    """The weight v of each row, (n,), where it is known in the pass; ``None`` where all are 1."""
    weighted: Floats | None
    """The weighted loss v·l, (n,), where v is known in the pass."""
    labels: Codes | Mask
    """The class codes of the truth, (n,); of multilabel rows, whether each label holds, (L, n)."""
    predicted: Codes | Mask | None = None
    """The same for the prediction, where it is known already."""
    gradients: Gradients | None = None
    """The gradients, where they were asked for."""
    terms: tuple[Floats, Floats] | None = None
    """The surprisals and the weights, (C, n) each, whose products make up v·l where a row has several."""
    correct: Floats | Mask | None = None
    """How many answers of a row are right, (n,): up to L for multilabel rows; ``None`` where none can be."""

    @property
    def product(self) -> Floats:
        """v·l of each row, (n,): 0 where v is 0 even if l is infinite."""
        if self.weighted is not None:
            return self.weighted
        if self.weight is None:
            return self.loss
        return weighted_losses(self.weight, self.loss)


def weighted_losses(weight: Floats, loss: Floats) -> Floats:
    """Return v·l of each row, (n,): 0 where the weight v is 0 even if l is infinite."""
    return np.multiply(weight, loss, out=np.zeros_like(loss), where=weight > 0.0)
