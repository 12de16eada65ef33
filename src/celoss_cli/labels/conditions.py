"""Which rows ``--where`` leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from celoss_cli.spelling import same
from celoss_cli.tables.batch import Batch


def rows_with(batch: Batch, where: Sequence[tuple[str, str]]) -> npt.NDArray[np.bool_] | None:
    """Return which rows (n,) have these values in these columns, or ``None`` for all."""
    chosen: npt.NDArray[np.bool_] | None = None
    for name, value in where:
        categories = batch.categories(name)
        fits = np.array([*(same(text, value) for text in categories.values), value == ""], dtype=bool)
        selected: npt.NDArray[np.bool_] = fits[categories.codes]
        chosen = selected if chosen is None else chosen & selected
    return chosen
