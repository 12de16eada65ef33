"""The rows of a batch one by one, for the per-sample file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Codes, Floats

if TYPE_CHECKING:
    from celoss_cli.scoring.chunk import Judged


@dataclass(frozen=True, slots=True)
class RowResults:
    """What each row of a batch came to, in file order; all arrays (n,). Filled block by block.

    ``loss`` (nats, unweighted) and ``p_true`` are NaN, ``predicted`` is −1 for rows that were not scored; ``label`` is
    the class code, −1 if there is none; ``weight`` is v and ``weighted`` v·l of each row; ``ids`` is the id column as
    the table holds it, or ``None``.
    """

    loss: Floats
    p_true: Floats
    predicted: npt.NDArray[np.int32]
    label: npt.NDArray[np.int32]
    weight: Floats
    weighted: Floats
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
            np.full(n, np.nan),
            ids,
        )

    def fill(self, rows: slice | Codes, judged: Judged, predicted: Codes) -> None:
        """Note what ``rows`` of the batch came to."""
        self.loss[rows] = judged.loss
        self.p_true[rows] = judged.p_true
        self.predicted[rows] = predicted
        if judged.weight is not None and judged.weighted is not None:
            self.weight[rows] = judged.weight
            self.weighted[rows] = judged.weighted
        else:
            self.weighted[rows] = judged.loss
