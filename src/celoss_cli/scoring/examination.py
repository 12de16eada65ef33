"""Rows with one true class each, looked at for a diagnosis: their log odds, their classes, other temperatures.

Rows whose truth has probability 0 have an infinite loss at every temperature: the sums over temperatures leave them
out, the others count them.
"""

from __future__ import annotations

from typing import NamedTuple, assert_never

import numpy as np

from celoss_cli.kernels.functions import exp, log, log1mexp, log1p, softplus, sum_over_classes
from celoss_cli.kernels.outcome import Codes, Floats, Mask
from celoss_cli.request import InputKind
from celoss_cli.scoring.chunk import BatchOfRows, Chunk
from celoss_cli.scoring.examined import Examined
from celoss_cli.scoring.kernel_choice import softmax
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.bins import BinAccumulator
from celoss_cli.state.class_sums import ClassAccumulator
from celoss_cli.state.confusion import ConfusionAccumulator
from celoss_cli.state.contradictions import ContradictionAccumulator
from celoss_cli.state.diagnosis import DiagnosisState
from celoss_cli.state.sample import SampleAccumulator, Span
from celoss_cli.state.scores import ScoreAccumulator
from celoss_cli.state.temperature import CurveAccumulator, FixedAccumulator, Rows


class Examination:
    """Takes chunks and leaves a ``DiagnosisState``. Not thread-safe: one per partition."""

    def __init__(self, plan: Plan, examined: Examined, span: Span) -> None:
        classes = len(plan.classes.names)
        self._plan = plan
        self._examined = examined
        self._binary = classes == 2
        counted = examined.first and not examined.weighted
        self._scores = ScoreAccumulator() if counted else None
        self._positive = BinAccumulator() if counted and self._binary else None
        self._top = BinAccumulator() if counted else None
        self._classes = ClassAccumulator(classes) if counted else None
        self._confusions = ConfusionAccumulator(classes) if counted else None
        self._curve = CurveAccumulator(weighted=examined.weighted) if examined.curve else None
        self._sample = SampleAccumulator(classes, span, examined.sampled) if examined.sampled else None
        self._fixed: FixedAccumulator | None = None
        if examined.beta is not None:
            self._fixed = FixedAccumulator(examined.beta, weighted=examined.weighted)
        self._contradictions: ContradictionAccumulator | None = None
        if examined.thresholds is not None:
            self._contradictions = ContradictionAccumulator(np.array(examined.thresholds), examined.top)

    def add(self, rows: BatchOfRows, chunk: Chunk) -> None:
        """Add the rows of a chunk, whose scores stay as they are."""
        if not chunk.size:
            return
        codes = chunk.codes if int(chunk.codes.min()) >= 0 else np.maximum(chunk.codes, 0)
        block = _log_scores(self._plan.input, chunk)
        if self._sample is not None:
            self._sample.add(block.x, 0, codes, chunk.rows)
        if self._scores is not None:
            self._look(block, codes)
        if self._contradictions is not None:
            self._contradict(rows, chunk, block, codes)
        if self._curve is not None or self._fixed is not None:
            self._try_temperatures(chunk, block, codes)

    def finish(self) -> DiagnosisState:
        """Return the state of all rows added so far."""
        parts = (self._scores, self._positive, self._top, self._classes, self._confusions, self._curve)
        scores, positive, top, classes, confusions, curve = (None if one is None else one.finish() for one in parts)
        return DiagnosisState(
            scores,  # type: ignore[arg-type]  # each is what its accumulator leaves
            positive,  # type: ignore[arg-type]
            top,  # type: ignore[arg-type]
            classes,  # type: ignore[arg-type]
            confusions,  # type: ignore[arg-type]
            curve,  # type: ignore[arg-type]
            None if self._sample is None else self._sample.finish()[0],
            None if self._fixed is None else self._fixed.finish(),
            None if self._contradictions is None else self._contradictions.finish(),
        )

    def _look(self, block: _LogScores, codes: Codes) -> None:
        if self._binary:
            positive = self._examined.positive
            z = block.x[positive] - block.x[1 - positive]
            predicted = (block.p[1] > 0.5 if self._plan.single else block.p.argmax(axis=0)).astype(np.intp)
            confidence = block.p.max(axis=0)
            right = predicted == codes
            happened = codes == positive
            self._add(z, happened.astype(np.intp), confidence, right)
            if self._positive is not None:
                self._positive.add(block.p[positive], happened)
        else:
            predicted = block.x.argmax(axis=0)
            confidence = block.p[predicted, np.arange(codes.shape[0])]
            right = predicted == codes
            self._add(_top_log_odds(block.x, predicted), right.astype(np.intp), confidence, right)
        if self._classes is not None:
            self._classes.add(block.p, codes)
        if self._confusions is not None:
            self._confusions.add(block.losses(codes), codes, predicted)

    def _add(self, z: Floats, outcome: Codes, confidence: Floats, right: Mask) -> None:
        if self._scores is not None and self._top is not None:
            self._scores.add(z, outcome)
            self._top.add(confidence, right)

    def _contradict(self, rows: BatchOfRows, chunk: Chunk, block: _LogScores, codes: Codes) -> None:
        ids = self._plan.layout.ids

        def row(place: int) -> tuple[int, str | None]:
            number = chunk.rows + place if isinstance(chunk.rows, int) else int(chunk.rows[place])
            parts = [rows.batch.text_at(name, chunk.place(place)) or "" for name in ids]
            return number, "|".join(parts) if parts else None

        first = None if rows.copies is None else ~rows.copies[chunk.in_batch()]
        if self._contradictions is not None:
            self._contradictions.add(block.p, codes, block.losses(codes), row, first)

    def _try_temperatures(self, chunk: Chunk, block: _LogScores, codes: Codes) -> None:
        x = block.x
        if self._examined.floor:
            x = log(np.maximum(block.p, self._examined.floor))
        if self._examined.scale != 1.0:
            x = x * self._examined.scale
        rows = Rows.of(x, codes, chunk.weights)
        if self._curve is not None:
            self._curve.add(rows)
        if self._fixed is not None:
            self._fixed.add(rows, exp(rows.x))


class _LogScores(NamedTuple):
    """Rows as log-scores and as probabilities."""

    kind: InputKind
    x: Floats
    """(C, n) log-probabilities, up to a number that is the same for all classes of a row."""
    p: Floats
    """(C, n) probabilities as they are: a row of them may miss 1 by its rounding."""

    def losses(self, codes: Codes) -> Floats:
        """Return the loss (n,) of each row, in nats."""
        truth: Floats = self.x[codes, np.arange(codes.shape[0])]
        if self.kind is not InputKind.LOGITS:
            return 0.0 - truth
        if self.x.shape[0] == 2:
            return softplus(self.x[1 - codes, np.arange(codes.shape[0])] - truth)
        best = self.x.max(axis=0)
        loss: Floats = log(sum_over_classes(exp(self.x - best), 0)) - (truth - best)
        return loss


def _log_scores(kind: InputKind, chunk: Chunk) -> _LogScores:
    """Return the rows of a chunk as log-scores; its own scores stay as they are."""
    if chunk.scores.shape[chunk.axis] == 1:
        return _of_single(kind, chunk.scores.reshape(-1))
    block = chunk.scores if chunk.axis == 0 else np.ascontiguousarray(chunk.scores.T)
    match kind:
        case InputKind.PROBS:
            return _LogScores(kind, log(block), block)
        case InputKind.LOGPROBS:
            return _LogScores(kind, block, exp(block))
        case InputKind.LOGITS:
            return _LogScores(kind, block, softmax(block))
        case _:
            assert_never(kind)


def _of_single(kind: InputKind, scores: Floats) -> _LogScores:
    match kind:
        case InputKind.PROBS:
            return _LogScores(kind, np.stack([log1p(-scores), log(scores)]), np.stack([1.0 - scores, scores]))
        case InputKind.LOGPROBS:
            p = exp(scores)
            return _LogScores(kind, np.stack([log1mexp(scores), scores]), np.stack([1.0 - p, p]))
        case InputKind.LOGITS:
            p = 1.0 / (1.0 + exp(-scores))
            return _LogScores(kind, np.stack([np.zeros_like(scores), scores]), np.stack([1.0 - p, p]))
        case _:
            assert_never(kind)


def _top_log_odds(x: Floats, top: Codes) -> Floats:
    """Return the log odds (n,) of the classes ``top`` (n,), which have the largest scores: −log Σ exp(x_c − x_top).

    The sum is over the other classes alone: with the class itself in it, nothing would be left of a small one.
    """
    columns = np.arange(x.shape[1])
    others = x - x[top, columns]
    others[top, columns] = -np.inf
    exp(others, out=others)
    return 0.0 - log(sum_over_classes(others, 0))
