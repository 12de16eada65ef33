"""Log-probabilities in another base, or with the sign turned, which would pass for logits and give a false loss."""

from __future__ import annotations

import numpy as np

from celoss_cli.errors import InvalidScores
from celoss_cli.evidence import FAR
from celoss_cli.kernels.outcome import Floats
from celoss_cli.location import Locator

# What the probabilities are called, each as log p in the first rows; natural logarithms as they stand are read as such.
_OTHERS = (
    ("base-2 log-probabilities", np.log(2.0), "2^score"),
    ("base-10 log-probabilities", np.log(10.0), "10^score"),
    ("negative log-probabilities", -1.0, "exp(−score)"),
    ("negative base-2 log-probabilities", -np.log(2.0), "2^−score"),
    ("negative base-10 log-probabilities", -np.log(10.0), "10^−score"),
)


def refuse_other_logs(head: Floats, at: Locator) -> None:
    """Raise InvalidScores if the first rows (n, C) of what was taken for logits are logarithms of distributions.

    Logits have no such sum: that the rows of a file all give 1 is no accident.
    """
    rows = head[~np.isnan(head).any(axis=1)]
    if not rows.size or rows.shape[1] < 2:
        return
    for name, factor, formula in _OTHERS:
        with np.errstate(over="ignore", invalid="ignore"):
            powers = np.exp(rows * factor)
        if (powers <= 1.0 + FAR).all() and (np.abs(powers.sum(axis=1) - 1.0) <= FAR).all():
            raise InvalidScores(
                f"{formula} sums to 1 in each of the first {len(rows):,} rows: these are {name}, not logits",
                code="other_logs",
                where=at.where(None, None),
                hint=f"multiply them by {factor:.17g} to have natural ones; --input logits if logits they are",
            )
