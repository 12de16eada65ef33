"""The rows of a batch one by one, for the per-sample file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Codes, Floats


@dataclass(frozen=True, slots=True)
class RowResults:
    """What each row of a batch came to, in file order; all arrays (n,). Filled block by block.

    ``loss`` (nats, unweighted) and ``p_true`` are NaN, ``predicted`` is −1 for rows that were not scored; ``label`` is
    the class code, −1 if there is none; ``weight`` are the sample weights, 1 where there are none; ``ids`` is the id
    column as the table holds it, or ``None``.
    """

    loss: Floats
    p_true: Floats
    predicted: npt.NDArray[np.int32]
    label: npt.NDArray[np.int32]
    weight: Floats
    ids: Any

    @classmethod
    def unscored(cls, labels: Codes, ids: Any) -> RowResults:
        """Return the results of rows of which nothing is known but the labels (n,) and the ids."""
        n = labels.shape[0]
        return cls(
            np.full(n, np.nan),
            np.full(n, np.nan),
            np.full(n, -1, dtype=np.int32),
            np.maximum(labels, -1).astype(np.int32),
            np.ones(n),
            ids,
        )

    def fill(self, rows: slice | Codes, loss: Floats, p_true: Floats, predicted: Codes, weights: Floats | None) -> None:
        """Note what ``rows`` of the batch came to."""
        self.loss[rows] = loss
        self.p_true[rows] = p_true
        self.predicted[rows] = predicted
        if weights is not None:
            self.weight[rows] = weights
