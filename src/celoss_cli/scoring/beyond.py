"""Rows of a class that no score speaks of: the prediction gave it probability 0."""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.outcome import Codes, Floats, Outcome
from celoss_cli.scoring.chunk import Mask


class Beyond:
    """The rows of a chunk whose class is one of those after the first ``scored``, as the kernels know only these."""

    def __init__(self, codes: Codes, scored: int) -> None:
        self.rows: Mask = codes >= scored
        self.codes: Codes = np.where(self.rows, 0, codes)
        """What the kernels are given: any class will do where none is right."""

    def losses(self, loss: Floats) -> Floats:
        """Return the losses (n,) with those rows infinite."""
        return np.where(self.rows, np.inf, loss)

    def outcome(self, of_codes: Outcome) -> Outcome:
        """Return the outcome, that of ``codes`` being known: all wrong, with no probability on the truth.

        The squared error of the row was that of class 0, (p_0 − 1)² + Σ_{c>0} p_c². It is Σ p_c² + 1: 2 p_0 more.
        """
        return Outcome(
            self.losses(of_codes.loss),
            np.where(self.rows, 0.0, of_codes.p_true),
            of_codes.confidence,
            of_codes.correct & ~self.rows,
            of_codes.brier + np.where(self.rows, 2.0 * of_codes.p_true, 0.0),
        )
