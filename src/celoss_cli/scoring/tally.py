"""One partition being added up: the way of a block of scores through evidence, kernel and statistics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.align import MISSING
from celoss_cli.evidence import Flaw, Observer
from celoss_cli.kernels.outcome import Codes, Floats, Outcome
from celoss_cli.scoring.blocks import Block, Blocks
from celoss_cli.scoring.losses import losses, outcomes, predicted_classes
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.rows import RowResults
from celoss_cli.spec import InvalidRows
from celoss_cli.state.calibration import CalibrationAccumulator
from celoss_cli.state.loss import LossAccumulator
from celoss_cli.state.totals import Totals
from celoss_cli.state.worst import Candidate, WorstAccumulator
from celoss_cli.tables.batch import Batch

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BatchOfRows:
    """A batch ready to be scored: row ``start`` of the partition is its first; all arrays (n,).

    ``codes`` are class codes (negative: missing or unknown), ``weights`` the sample weights or ``None``, ``chosen`` the
    rows that ``--where`` selects or ``None`` for all; ``results`` takes every row, if the per-sample file is wanted.
    """

    batch: Batch
    start: int
    codes: Codes
    weights: Floats | None
    chosen: Mask | None
    results: RowResults | None


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The rows of a block that are to be scored; ``keep`` are their positions in the block, ``None`` for all."""

    scores: Floats
    axis: int
    codes: Codes
    weights: Floats | None
    rows: Codes | int
    keep: npt.NDArray[np.intp] | None


class Tally:
    """Adds batches up under one plan. Not thread-safe: one per partition, then ``finish``."""

    def __init__(self, plan: Plan) -> None:
        classes = len(plan.classes.names)
        self._plan = plan
        self._loss = LossAccumulator(
            classes,
            by_class=plan.full or plan.weighted_classes,
            moments=plan.full,
            moments_by_class=plan.weighted_classes,
        )
        self._calibration = CalibrationAccumulator(classes) if plan.full else None
        self._worst = WorstAccumulator(plan.top) if plan.full else None
        self._blocks = Blocks(plan.width, vector=plan.layout.vector, percent=plan.percent)
        self._ignored = 0
        self.observer = Observer(plan.input, plan.tolerance)

    def add(self, rows: BatchOfRows) -> None:
        """Score a batch and add it up; stops at the first block with a row that no reading can score."""
        for block in self._cut(rows.batch):
            chunk = self._chunk(rows, block)
            logsum = self.observer.observe(chunk.scores, chunk.axis, chunk.rows)
            self._check_labels_and_weights(chunk)
            if self.observer.fatal:
                return
            if not self.observer.unfit and chunk.codes.shape[0]:
                self._score(rows, block, chunk, logsum)

    def finish(self, rows: int) -> Totals:
        """Return the statistics of the partition, which had ``rows`` rows."""
        return Totals(
            rows,
            self._ignored,
            self._loss.finish(),
            None if self._calibration is None else self._calibration.finish(),
            None if self._worst is None else self._worst.finish(),
        )

    def _cut(self, batch: Batch) -> Iterator[Block]:
        names = self._plan.score_names
        if self._plan.layout.vector:
            return self._blocks.of_matrix(batch.matrix(names[0]))
        return self._blocks.of_columns([batch.numbers(name) for name in names])

    def _chunk(self, rows: BatchOfRows, block: Block) -> _Chunk:
        part = slice(block.start, block.start + block.rows)
        codes = rows.codes[part]
        weights = None if rows.weights is None else rows.weights[part]
        first = rows.start + block.start
        keep = self._kept(block, codes, None if rows.chosen is None else rows.chosen[part])
        if keep is None:
            return _Chunk(block.scores, block.axis, codes, weights, first, None)
        self._ignored += block.rows - keep.shape[0]
        scores = block.scores.take(keep, axis=1 - block.axis)
        return _Chunk(scores, block.axis, codes[keep], None if weights is None else weights[keep], keep + first, keep)

    def _kept(self, block: Block, codes: Codes, chosen: Mask | None) -> npt.NDArray[np.intp] | None:
        """Return the positions of the rows to score if some are left out, else ``None``."""
        keep: Any = chosen
        if self._plan.invalid is InvalidRows.DROP:
            if np.isnan(block.scores.min()):
                valid = ~np.isnan(block.scores).any(axis=block.axis)
                keep = valid if keep is None else keep & valid
            if int(codes.min()) <= MISSING:
                labelled = codes != MISSING
                keep = labelled if keep is None else keep & labelled
        return None if keep is None or keep.all() else np.flatnonzero(keep)

    def _check_labels_and_weights(self, chunk: _Chunk) -> None:
        if chunk.codes.shape[0] and int(chunk.codes.min()) < 0:
            self.observer.note(Flaw.MISSING_LABEL, chunk.codes == MISSING, chunk.rows, chunk.codes)
        if chunk.weights is not None:
            good = (chunk.weights >= 0.0) & (chunk.weights < np.inf)
            if not good.all():
                self.observer.note(Flaw.BAD_WEIGHT, ~good, chunk.rows, chunk.weights)

    def _score(self, rows: BatchOfRows, block: Block, chunk: _Chunk, logsum: Floats | None) -> None:
        plan = self._plan
        # An unknown label ends in an error or in another plan: meanwhile any class will do.
        codes = np.maximum(chunk.codes, 0)
        if not plan.full:
            self._add_up(losses(plan.input, chunk.scores, chunk.axis, codes), None, chunk, codes, logsum, rows, block)
            return
        predicted = None
        if rows.results is not None:
            predicted = predicted_classes(plan.input, chunk.scores, chunk.axis)
        outcome = outcomes(plan.input, chunk.scores, chunk.axis, codes)
        loss = self._add_up(outcome.loss, outcome, chunk, codes, logsum, rows, block)
        if rows.results is not None and predicted is not None:
            part: Any = slice(block.start, block.start + block.rows)
            if chunk.keep is not None:
                part = chunk.keep + block.start
            rows.results.fill(part, loss, outcome.p_true, predicted, chunk.weights)

    def _add_up(
        self,
        loss: Floats,
        outcome: Outcome | None,
        chunk: _Chunk,
        codes: Codes,
        logsum: Floats | None,
        rows: BatchOfRows,
        block: Block,
    ) -> Floats:
        convention, weights = self._plan.convention, chunk.weights
        if logsum is not None:
            self._loss.add_normalizer(logsum, codes, weights)
            if convention.renormalize:
                loss = loss + logsum
        loss, clipped = convention.clipped(loss)
        peak = float(loss.max())
        if outcome is None or self._calibration is None:
            counts = np.bincount(codes, minlength=len(self._plan.classes.names))
        else:
            counts = self._calibration.add(outcome, codes, weights)
        self._loss.add(loss, codes, counts, weights, clipped, peak)
        if outcome is not None and self._worst is not None:
            self._add_worst(loss, peak, outcome, chunk, codes, rows, block)
        return loss

    def _add_worst(
        self,
        loss: Floats,
        peak: float,
        outcome: Outcome,
        chunk: _Chunk,
        codes: Codes,
        rows: BatchOfRows,
        block: Block,
    ) -> None:
        loss = self._contributing(loss, codes, chunk.weights)

        def describe(positions: list[int]) -> list[Candidate]:
            places = [p if chunk.keep is None else int(chunk.keep[p]) for p in positions]
            predicted = self._predicted(rows.batch, [block.start + place for place in places])
            return [
                Candidate(
                    row=rows.start + block.start + place,
                    loss=float(loss[p]),
                    label=int(codes[p]),
                    p_true=float(outcome.p_true[p]),
                    predicted=predicted[i],
                    p_predicted=float(outcome.confidence[p]),
                    id=self._id(rows.batch, block.start + place),
                )
                for i, (p, place) in enumerate(zip(positions, places, strict=True))
                if loss[p] != -np.inf
            ]

        self._worst_of(loss, peak, describe)

    def _worst_of(self, loss: Floats, peak: float, describe: Any) -> None:
        if self._worst is not None:
            self._worst.add(loss, peak, describe)

    def _contributing(self, loss: Floats, codes: Codes, weights: Floats | None) -> Floats:
        """Return the losses with −inf for rows of weight 0: such rows contribute nothing, and are never the worst."""
        class_weights = self._plan.class_weights
        if weights is not None and not weights.all():
            loss = np.where(weights > 0.0, loss, -np.inf)
        if class_weights is not None and 0.0 in class_weights:
            loss = np.where(np.array(class_weights)[codes] > 0.0, loss, -np.inf)
        return loss

    def _predicted(self, batch: Batch, positions: list[int]) -> list[int]:
        names = self._plan.score_names
        if self._plan.layout.vector:
            scores = batch.matrix(names[0])[positions].T
        else:
            scores = np.stack([batch.numbers(name)[positions] for name in names])
        if self._plan.percent:
            scores = scores / 100.0
        predicted: list[int] = predicted_classes(self._plan.input, scores.astype(np.float64), 0).tolist()
        return predicted

    def _id(self, batch: Batch, position: int) -> str | None:
        name = self._plan.layout.id
        return None if name is None else batch.text_at(name, position)
