"""The rows of a batch one by one: for the per-sample file, and to be held against another model's."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.request import TargetKind
from celoss_cli.scoring.judged import Judged
from celoss_cli.scoring.plan import Plan
from celoss_cli.tables.batch import Categories
from celoss_cli.tuples import NamedTuple

Truth = npt.NDArray[np.signedinteger[Any]]


class RowResults(NamedTuple):
    """What each row of a batch came to, in file order: arrays over its n rows, filled block by block."""

    loss: Floats
    """The unweighted loss, (n,), in nats; NaN for rows that were not scored."""
    p_true: Floats
    """The probability of the truth, (n,); NaN for rows that were not scored."""
    predicted: npt.NDArray[np.int32]
    """The code of the predicted class, (n,), −1 for none; of multilabel rows, the predicted labels, (L, n)."""
    label: npt.NDArray[np.int32]
    """The class code, (n,), −1 if there is none; of multilabel rows, which labels hold, (L, n)."""
    weight: Floats
    """The weight v of each row, (n,)."""
    weighted: Floats
    """The weighted loss v·l, (n,)."""
    ids: tuple[Any, ...]
    """The id columns, as the table holds them."""
    gradients: Floats | None = None
    """The gradients, (C, n), of the losses in nats, if they are wanted: see ``kernels.gradients``."""
    el2n: Floats | None = None
    """The EL2N score, (n,), likewise."""

    @classmethod
    def unscored(cls, codes: Codes, ids: tuple[Any, ...], *, labels: int, gradients: int) -> RowResults:
        """Return the results of rows of which nothing is known but the class codes (n,) and the ids.

        ``labels`` is L for multilabel rows, else 0; ``gradients`` how many logits a row has, 0 for no gradients.
        """
        n = codes.shape[0]
        several = np.full((labels, n), -1, dtype=np.int32)
        return cls(
            np.full(n, np.nan),
            np.full(n, np.nan),
            several.copy() if labels else np.full(n, -1, dtype=np.int32),
            several if labels else np.maximum(codes, -1).astype(np.int32),
            np.ones(n),
            np.full(n, np.nan),
            ids,
            np.full((gradients, n), np.nan) if gradients else None,
            np.full(n, np.nan) if gradients else None,
        )

    def fill(self, rows: slice | Codes, judged: Judged) -> None:
        """Note what ``rows`` of the batch came to."""
        self.loss[rows] = judged.loss
        self.p_true[rows] = judged.p_true
        self.label[..., rows] = judged.labels
        if judged.predicted is not None:
            self.predicted[..., rows] = judged.predicted
        if judged.gradients is not None and self.gradients is not None and self.el2n is not None:
            self.gradients[:, rows] = judged.gradients.logits
            self.el2n[rows] = judged.gradients.el2n
        if judged.weight is not None and judged.weighted is not None:
            self.weight[rows] = judged.weight
            self.weighted[rows] = judged.weighted
        else:
            self.weighted[rows] = judged.loss


class SequenceResults(NamedTuple):
    """What each sequence of a batch came to, in file order: arrays (n,), NaN for those that were not scored."""

    loss: Floats
    """The loss per unit, in nats."""
    total: Floats
    """The loss of all its tokens, in nats."""
    units: Floats
    """How many units it has."""
    p_min: Floats
    """The smallest probability of a token."""
    weight: Floats
    """The weight that was given to it."""
    ids: tuple[Any, ...]
    """The id columns, as the table holds them."""

    @classmethod
    def unscored(cls, rows: int, ids: tuple[Any, ...]) -> SequenceResults:
        """Return the results of sequences of which nothing is known but the ids."""
        loss, total, units, p_min = np.full((4, rows), np.nan)
        return cls(loss, total, units, p_min, np.ones(rows), ids)


class KeptRows(NamedTuple):
    """The rows of a batch in file order, to be held against another model's: arrays over n rows.

    Where a row has one true class and nothing else (``plan.plain``), ``loss`` is unweighted and
    ``weight`` is the sample weight. Otherwise ``loss`` is the weighted loss, and ``weight`` what the row counts in the
    mean.
    """

    loss: Floats
    """The loss, (n,), in nats; NaN for rows that are not scored."""
    truth: Truth
    """The class code, (n,); for targets that speak of every class, their digest (``keep.target_digest``)."""
    weight: Floats | None
    """The weight, (n,); ``None`` where all count 1."""
    slices: tuple[Categories, ...]
    """The slice of each row, for each column of ``--slice``."""
    counts: Floats | None = None
    """How many rows it stands for, (n,), in whole numbers; ``None`` where each is one."""

    @classmethod
    def unscored(cls, rows: int, plan: Plan, slices: tuple[Categories, ...]) -> KeptRows:
        """Return ``rows`` rows of which nothing is known but their slices."""
        weighted = plan.layout.weight is not None or not plan.plain
        return cls(
            np.full(rows, np.nan),
            np.full(rows, -1, dtype=np.int32 if plan.targets is TargetKind.INDEX else np.int64),
            np.ones(rows) if weighted else None,
            slices,
            np.ones(rows) if plan.layout.counts is not None else None,
        )
