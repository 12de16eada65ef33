"""Rows scored by what they expect of themselves: their entropy, the loss of a calibrated model, whatever is true."""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.functions import exp, sum_over_classes
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.kernels.surprisal import expected
from celoss_cli.request import TargetKind
from celoss_cli.scoring.chunk import Chunk
from celoss_cli.scoring.kernel_choice import binary_surprisals, class_surprisals
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.loss import LossAccumulator, LossState


class ExpectedRows:
    """Adds up the entropies of chunks, in the place of their losses. Class weights are applied when all is known.

    Each label of multilabel rows counts as a row of its own.
    """

    def __init__(self, plan: Plan) -> None:
        classes = len(plan.classes.names)
        self._plan = plan
        self._classes = classes
        self._loss = LossAccumulator(classes, by_class=True, moments=False, moments_by_class=False)

    def add(self, chunk: Chunk, logsum: Floats | None) -> None:
        """Add a chunk; ``logsum`` (n,) is log Σp where rows do not sum to 1: that of rows is taken out."""
        if self._plan.targets is TargetKind.MULTILABEL:
            self._add_labels(chunk)
            return
        surprisals = class_surprisals(self._plan.input, chunk.scores, chunk.axis)
        if logsum is not None:
            surprisals += logsum
        codes = np.maximum(chunk.codes, 0)
        self._add(_entropies(surprisals), codes, chunk.weights)

    def _add_labels(self, chunk: Chunk) -> None:
        scores = chunk.scores if chunk.axis == 0 else np.ascontiguousarray(chunk.scores.T)
        surprisals = binary_surprisals(self._plan.input, scores)
        for label in range(self._classes):
            codes = np.full(chunk.size, label, dtype=np.intp)
            self._add(_entropies(surprisals[:, label]), codes, chunk.weights)

    def _add(self, entropies: Floats, codes: Codes, weights: Floats | None) -> None:
        counts = np.bincount(codes, minlength=self._classes)
        self._loss.add(entropies, codes, counts, weights, 0, float(entropies.max(initial=0.0)))

    def loss(self) -> LossState:
        """Return the entropies of all rows added, as if they were losses."""
        return self._loss.finish()

    def calibration(self) -> None:
        """Return nothing: what is true plays no part."""

    def conventions(self) -> None:
        """Return nothing, as above."""


def _entropies(surprisals: Floats) -> Floats:
    """Return Σ p_c (−log p_c), (n,), of surprisals (C, n): what is impossible adds nothing."""
    entropies: Floats = sum_over_classes(np.ascontiguousarray(expected(surprisals, exp(-surprisals))), 0)
    return entropies
