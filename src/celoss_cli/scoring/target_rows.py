"""Rows whose target speaks of every class: soft or smoothed labels, a weight on the positive class.

Each row has a term t_c · (−log p_c) for every class, and all of them count. (With a plain index target the terms of
all other classes are 0: ``index_rows`` does that with less work, and agrees.)
"""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.functions import exp, sum_over_classes
from celoss_cli.kernels.gradients import Gradients, sigmoid_gradients, softmax_gradients
from celoss_cli.kernels.outcome import Codes, Floats, Outcome
from celoss_cli.kernels.surprisal import expected
from celoss_cli.request import TargetKind
from celoss_cli.scoring.chunk import Chunk
from celoss_cli.scoring.judged import Judged
from celoss_cli.scoring.kernel_choice import class_surprisals
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.calibration import CalibrationAccumulator, CalibrationState
from celoss_cli.state.loss import LossAccumulator, LossState
from celoss_cli.state.target_loss import TargetLossAccumulator, TermRows


class TargetRows:
    """Adds up chunks of rows with a target distribution each.

    Class weights take part in the spread of the rows here, so the plan must know them before the pass. The losses of
    rows with one true class are added up by that class, as those of ``IndexRows`` are, unless each term has a weight.
    """

    def __init__(self, plan: Plan) -> None:
        classes = len(plan.classes.names)
        self._plan = plan
        self._classes = classes
        self._index = plan.targets is TargetKind.INDEX
        self._class_weights = np.array(plan.class_weights or (1.0,) * classes)
        # Under the macro average a row with one true class has the weight of that class, whatever its terms.
        self._by_row = self._index and plan.macro
        self._term_weights = np.ones(classes) if self._by_row else self._class_weights
        self._terms: TargetLossAccumulator | None = None
        self._rows: LossAccumulator | None = None
        if self._index and not plan.mixes_weights:
            by_class = plan.weighted_classes and plan.cluster == 1
            self._rows = LossAccumulator(classes, by_class=True, moments=plan.row_moments, moments_by_class=by_class)
        else:
            self._terms = TargetLossAccumulator(self._class_weights, moments=plan.row_moments, labels=self._index)
        self._calibration = CalibrationAccumulator(classes, binary=plan.binary) if plan.full else None

    def add(self, chunk: Chunk, logsum: Floats | None) -> Judged | None:
        """Score a chunk; ``logsum`` (n,) is log Σp where rows do not sum to 1. ``None`` if the mean alone is wanted."""
        plan = self._plan
        surprisals = class_surprisals(plan.input, chunk.scores, chunk.axis)
        given = self._given(chunk)
        targets = smoothed(given, plan.smoothing)
        costs = targets
        if plan.pos_weight:
            costs = np.stack([targets[0], targets[1] * plan.pos_weight[0]])
        codes = np.maximum(chunk.codes, 0) if self._index else given.argmax(axis=0)
        if logsum is not None:
            self._add_normalizer(logsum * costs, codes, chunk.weights)
            if plan.convention.renormalize:
                surprisals = np.maximum(surprisals + logsum, 0.0)  # each logarithm is rounded by itself
        limited, _ = plan.convention.clipped(surprisals)
        clipped = int(np.count_nonzero(((limited != surprisals) & (targets > 0.0)).any(axis=0)))
        terms = expected(limited, costs)
        loss = sum_over_classes(terms, 0)
        # The weight of an index target is that of its class, smoothed or not; a soft one has its share of every class.
        shares = given if self._index else targets
        weighing = _rows_weighed(shares, self._class_weights, chunk.weights)
        row_weights = weighing if self._by_row else chunk.weights
        weighted = _rows_weighed(terms, self._term_weights, row_weights)
        counts = np.bincount(codes, minlength=self._classes)
        if self._rows is not None:
            self._rows.add(loss, codes, counts, chunk.weights, clipped, float(loss.max()))
        elif self._terms is not None:
            rows = TermRows(terms, shares, weighted, weighing, counts, chunk.weights, clipped)
            self._terms.add(rows._replace(codes=codes, loss=loss) if self._index else rows)
        if self._calibration is None:
            return None
        outcome = self._outcome(surprisals, given, codes, loss)
        if self._index:
            self._calibration.add(outcome, codes, chunk.weights)
        else:
            self._calibration.add_brier(outcome.brier, chunk.weights)
        plain = chunk.weights is None and not plan.weighted_classes
        return Judged(
            loss,
            outcome.p_true,
            outcome.confidence,
            None if plain else weighing,
            None if plain else weighted,
            codes,
            gradients=self._gradients(surprisals, limited, targets, row_weights) if plan.gradients else None,
            terms=(limited, term_weights(costs, self._term_weights, row_weights)),
            correct=outcome.correct if self._index else None,
        )

    def _add_normalizer(self, terms: Floats, codes: Codes, weights: Floats | None) -> None:
        """Add what dividing by the sum adds to each term of the loss, (C, n)."""
        if self._rows is not None:
            self._rows.add_normalizer(sum_over_classes(terms, 0), codes, weights)
        elif self._terms is not None:
            self._terms.add_normalizer(terms, weights)

    def _gradients(self, surprisals: Floats, limited: Floats, targets: Floats, weights: Floats | None) -> Gradients:
        p = exp(-surprisals)
        constant = None if limited is surprisals else limited != surprisals
        if not self._plan.single:
            return softmax_gradients(p, targets, self._term_weights, weights, constant)
        positive = self._term_weights[1:] * (self._plan.pos_weight[0] if self._plan.pos_weight else 1.0)
        constant = None if constant is None else constant[:, None]
        return sigmoid_gradients(p[1:], targets[1:], self._term_weights[:1], positive, weights, constant)

    def loss(self) -> LossState:
        """Return the loss of all rows added."""
        if self._rows is not None:
            return self._rows.finish()
        if self._terms is None:
            raise AssertionError("rows are added up one way or the other")
        return self._terms.finish()

    def calibration(self) -> CalibrationState | None:
        """Return the calibration of all rows added, unless the mean alone is wanted."""
        return None if self._calibration is None else self._calibration.finish()

    def conventions(self) -> None:
        """Return nothing: these rows are scored under one convention."""

    def _given(self, chunk: Chunk) -> Floats:
        """Return the target distributions before smoothing, (C, n)."""
        if chunk.targets is None:
            targets = np.zeros((self._classes, chunk.size))
            targets[np.maximum(chunk.codes, 0), np.arange(chunk.size)] = 1.0
            return targets
        if chunk.targets.shape[0] == 1:  # one column: the probability of the positive class
            return np.concatenate([1.0 - chunk.targets, chunk.targets])
        return chunk.targets

    def _outcome(self, surprisals: Floats, given: Floats, codes: Codes, loss: Floats) -> Outcome:
        """Return how the predictions came out, by the targets before smoothing and the losses before clipping."""
        p = exp(-surprisals)
        best = surprisals.argmin(axis=0)
        if surprisals.shape[0] == 2 and self._plan.single:
            best = (p[1] > 0.5).astype(np.intp)
        return Outcome(
            loss,
            exp(-sum_over_classes(expected(surprisals, given), 0)),
            p.max(axis=0),
            best == codes,
            sum_over_classes(np.square(p - given), 0),
            p[1],
        )


def smoothed(targets: Floats, epsilon: float) -> Floats:
    """Return (1 − ε) t + ε/C, (C, n): label smoothing as in C. Szegedy et al., arXiv:1512.00567, section 7."""
    if epsilon == 0.0:
        return targets
    even: Floats = (1.0 - epsilon) * targets + epsilon / targets.shape[0]
    return even


def term_weights(costs: Floats, class_weights: Floats, sample_weights: Floats | None) -> Floats:
    """Return how much each surprisal counts in the weighted loss, (C, n): s w_c t_c."""
    weights: Floats = costs * class_weights[:, None]
    return weights if sample_weights is None else np.multiply(weights, sample_weights, out=weights)


def _rows_weighed(terms: Floats, class_weights: Floats, sample_weights: Floats | None) -> Floats:
    """Return s Σ_c w_c terms_c, (n,): with 0 · inf = 0, as a weight of 0 takes a term out."""
    weights = np.broadcast_to(class_weights[:, None], terms.shape)
    rows: Floats = sum_over_classes(expected(terms, weights), 0)
    if sample_weights is None:
        return rows
    return expected(rows, sample_weights)
