"""Multilabel rows: L yes/no questions, each with its own binary loss; the mean runs over all N·L of them."""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.functions import exp, sum_over_classes
from celoss_cli.kernels.gradients import sigmoid_gradients
from celoss_cli.kernels.outcome import Floats, Outcome
from celoss_cli.kernels.surprisal import expected
from celoss_cli.scoring.chunk import Chunk
from celoss_cli.scoring.judged import Judged
from celoss_cli.scoring.kernel_choice import binary_surprisals
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.target_rows import term_weights
from celoss_cli.state.calibration import CalibrationAccumulator, CalibrationState
from celoss_cli.state.loss import LossState
from celoss_cli.state.target_loss import TargetLossAccumulator, TermRows


class LabelRows:
    """Adds up chunks of multilabel rows; "class" is a label here, and class weights weigh labels."""

    def __init__(self, plan: Plan) -> None:
        labels = len(plan.classes.names)
        self._plan = plan
        self._labels = labels
        self._class_weights = np.array(plan.class_weights or (1.0,) * labels)
        self._pos_weight = np.broadcast_to(np.array(plan.pos_weight or (1.0,)), (labels,))
        self._loss = TargetLossAccumulator(self._class_weights, moments=plan.row_moments)
        self._calibration = CalibrationAccumulator(labels) if plan.full else None

    def add(self, chunk: Chunk, logsum: Floats | None) -> Judged | None:  # noqa: ARG002  labels need not sum to 1
        """Score a chunk. ``None`` if the mean alone is wanted."""
        plan = self._plan
        scores = chunk.scores if chunk.axis == 0 else np.ascontiguousarray(chunk.scores.T)
        if chunk.targets is None:
            raise ValueError("multilabel rows need a target for every label")
        targets = chunk.targets
        surprisals = binary_surprisals(plan.input, scores)
        limited, _ = plan.convention.clipped(surprisals)
        costs = np.stack([1.0 - targets, targets * self._pos_weight[:, None]])
        clipped = int(np.count_nonzero(((limited != surprisals) & (costs > 0.0)).any(axis=(0, 1))))
        terms = expected(limited[1], costs[1]) + expected(limited[0], costs[0])
        total = sum_over_classes(terms, 0)
        s = chunk.weights if chunk.weights is not None else np.ones(chunk.size)
        weighted = expected(_weighed(terms, self._class_weights), s)
        weighing = s * self._class_weights.sum()
        counts = np.count_nonzero(targets > 0.5, axis=1)
        shares = np.ones_like(terms)
        self._loss.add(TermRows(terms, shares, weighted, weighing, counts, chunk.weights, clipped, targets))
        if self._calibration is None:
            return None
        self._add_outcomes(surprisals, targets, chunk.weights)
        certain = exp(-sum_over_classes(surprisals.min(axis=0), 0) / self._labels)
        mean = total / self._labels
        gradients = None
        if plan.gradients:
            p = exp(-surprisals[1])
            positive = self._class_weights * self._pos_weight
            constant = None if limited is surprisals else limited != surprisals
            gradients = sigmoid_gradients(p, targets, self._class_weights, positive, chunk.weights, constant)
        return Judged(
            mean,
            exp(-mean),
            certain,
            weighing,  # a row has the weight of all its labels, even where each of them weighs 1
            weighted,
            targets > 0.5,
            surprisals[1] < surprisals[0],
            gradients,
            (
                limited.reshape(-1, chunk.size),
                term_weights(costs.reshape(-1, chunk.size), np.tile(self._class_weights, 2), chunk.weights),
            ),
            _right_answers(surprisals, targets) if plan.slices else None,
        )

    def loss(self) -> LossState:
        """Return the loss of all rows added."""
        return self._loss.finish()

    def calibration(self) -> CalibrationState | None:
        """Return the calibration of all rows added, unless the mean alone is wanted."""
        return None if self._calibration is None else self._calibration.finish()

    def conventions(self) -> None:
        """Return nothing: these rows are scored under one convention."""

    def _add_outcomes(self, surprisals: Floats, targets: Floats, weights: Floats | None) -> None:
        """Add each label's predictions as rows of their own."""
        if self._calibration is None:
            return
        p = exp(-surprisals[1])
        for label in range(self._labels):
            t = targets[label]
            outcome = Outcome(
                loss=t,
                p_true=t,
                confidence=np.abs(p[label] - 0.5) + 0.5,
                correct=(p[label] > 0.5) == (t > 0.5),
                brier=2.0 * np.square(p[label] - t),
            )
            self._calibration.add(outcome, np.full(t.shape[0], label, dtype=np.intp), weights)


def _right_answers(surprisals: Floats, targets: Floats) -> Floats:
    """Return how many labels of each row are told right, (n,)."""
    right: Floats = ((exp(-surprisals[1]) > 0.5) == (targets > 0.5)).sum(axis=0).astype(np.float64)
    return right


def _weighed(terms: Floats, class_weights: Floats) -> Floats:
    rows: Floats = sum_over_classes(expected(terms, np.broadcast_to(class_weights[:, None], terms.shape)), 0)
    return rows
