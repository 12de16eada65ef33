"""Rows whose label names one class: the loss is the surprisal of that class, and nothing else of the row counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from celoss_cli.kernels.outcome import Codes, Floats, Outcome
from celoss_cli.scoring.chunk import Chunk, Mask
from celoss_cli.scoring.judged import Judged, weighted_losses
from celoss_cli.scoring.kernel_choice import losses, losses_under, outcomes
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.calibration import CalibrationAccumulator, CalibrationState
from celoss_cli.state.loss import LossAccumulator, LossState

if TYPE_CHECKING:
    from celoss_cli.kernels.rules import RowLosses

_NONE = np.empty(0)


class IndexRows:
    """Adds up chunks of rows with one true class each. Class weights are applied when all is known."""

    def __init__(self, plan: Plan) -> None:
        classes = len(plan.classes.names)
        self._plan = plan
        self._classes = classes
        self._loss = LossAccumulator(
            classes,
            by_class=plan.full or plan.paired or plan.weighted_classes,
            moments=plan.row_moments,
            moments_by_class=plan.weighted_classes and plan.cluster == 1,
        )
        self._calibration = (
            CalibrationAccumulator(classes, binary=plan.binary, single=plan.single) if plan.full else None
        )
        self._class_weights = None if plan.class_weights is None else np.array(plan.class_weights)
        self.wrong = 0

    def add(self, chunk: Chunk, logsum: Floats | None) -> Judged | None:
        """Score a chunk; ``logsum`` (n,) is log Σp where rows do not sum to 1. ``None`` if the mean alone is wanted."""
        # An unknown label ends in an error or in another plan: meanwhile any class will do.
        codes = chunk.codes if int(chunk.codes.min(initial=0)) == 0 else np.maximum(chunk.codes, 0)
        ruled = self._ruled(chunk, codes)
        beyond = Beyond(codes, self._classes - self._plan.beyond) if self._plan.beyond else None
        inside = codes if beyond is None else beyond.codes
        if self._calibration is None:
            loss = self._losses(chunk, inside, beyond)
            loss = self._add(loss, codes, self._counted(codes), chunk.weights, logsum, ruled)
            if not self._plan.paired:
                return None
            return Judged(loss, _NONE, _NONE, self._row_weights(codes, chunk.weights), None, codes)
        outcome = outcomes(self._plan.input, chunk.scores, chunk.axis, inside)
        outcome = outcome if beyond is None else beyond.outcome(outcome)
        counts = self._calibration.add(outcome, codes, chunk.weights)
        loss = self._add(outcome.loss, codes, counts, chunk.weights, logsum, ruled)
        weight = self._row_weights(codes, chunk.weights)
        weighted = None if weight is None else weighted_losses(weight, loss)
        return Judged(loss, outcome.p_true, outcome.confidence, weight, weighted, codes, correct=outcome.correct)

    def _losses(self, chunk: Chunk, codes: Codes, beyond: Beyond | None) -> Floats:
        """Return the losses (n,); where rows are kept, note whether any is predicted wrong, until the first is."""
        if not self._plan.paired or self.wrong:
            loss = losses(self._plan.input, chunk.scores, chunk.axis, codes)
            return loss if beyond is None else beyond.losses(loss)
        outcome = outcomes(self._plan.input, chunk.scores, chunk.axis, codes)
        outcome = outcome if beyond is None else beyond.outcome(outcome)
        missed = ~outcome.correct if chunk.weights is None else ~outcome.correct & (chunk.weights > 0.0)
        self.wrong += int(np.count_nonzero(missed))
        return outcome.loss

    def loss(self) -> LossState:
        """Return the loss of all rows added."""
        return self._loss.finish()

    def calibration(self) -> CalibrationState | None:
        """Return the calibration of all rows added, unless the mean alone is wanted."""
        return None if self._calibration is None else self._calibration.finish()

    def conventions(self) -> None:
        """Return nothing: these rows are scored under one convention."""

    def _counted(self, codes: Codes) -> Codes:
        """Return how many rows each class has (C,)."""
        if self._classes == 2:
            ones = int(codes.sum())  # bincount of few values waits for itself
            return np.array([codes.shape[0] - ones, ones])
        return np.bincount(codes, minlength=self._classes)

    def _ruled(self, chunk: Chunk, codes: Codes) -> RowLosses | None:
        """Return the losses by the rule of the library followed, ``None`` for none; to be asked before the kernels."""
        rule = self._plan.convention.rule
        if rule is None:
            return None
        kind = self._plan.convention.file_type
        return losses_under(rule, self._plan.input, chunk.scores, chunk.axis, codes, kind)

    def _add(
        self,
        loss: Floats,
        codes: Codes,
        counts: Codes,
        weights: Floats | None,
        logsum: Floats | None,
        ruled: RowLosses | None,
    ) -> Floats:
        convention = self._plan.convention
        if logsum is not None:
            self._loss.add_normalizer(logsum, codes, weights)
            if convention.renormalize:
                loss = np.maximum(loss + logsum, 0.0)  # each logarithm is rounded by itself
        loss, clipped = convention.clipped(loss) if ruled is None else (ruled.loss, ruled.limited)
        self._loss.add(loss, codes, counts, weights, clipped, float(loss.max()))
        return loss

    def _row_weights(self, codes: Codes, weights: Floats | None) -> Floats | None:
        if self._class_weights is None or not self._plan.weighted_classes:
            return weights
        by_class: Floats = self._class_weights[codes]
        return by_class if weights is None else weights * by_class


def judged(plan: Plan, chunk: Chunk) -> Judged:
    """Return what rows of one true class came to, whatever its weight, added to nothing. Overwrites the scores."""
    outcome = outcomes(plan.input, chunk.scores, chunk.axis, chunk.codes)
    loss, _ = plan.convention.clipped(outcome.loss)
    return Judged(loss, outcome.p_true, outcome.confidence, None, None, chunk.codes, correct=outcome.correct)


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
