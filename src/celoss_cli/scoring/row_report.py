"""What the report says of single rows: the worst ones, the tail, the runaway ones, and each row for its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.scoring.chunk import BatchOfRows, Chunk, Mask
from celoss_cli.scoring.judged import Judged
from celoss_cli.scoring.kernel_choice import predicted_classes
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.rows import RowResults
from celoss_cli.state.caps import CapAccumulator
from celoss_cli.state.exact_sum import MAX_BLOCK
from celoss_cli.state.tail import TailAccumulator
from celoss_cli.state.totals import Totals
from celoss_cli.state.worst import Candidate, WorstAccumulator
from celoss_cli.tables.batch import Batch

if TYPE_CHECKING:
    from celoss_cli.state.slices import ColumnAccumulator


class RowReport:
    """Takes what the rows of each chunk came to, batch by batch. Not thread-safe: one per partition."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._worst = WorstAccumulator(plan.top)
        self._tail = TailAccumulator()
        self._caps = CapAccumulator()
        weights = plan.class_weights if plan.weighted_classes else None
        self._class_weights = None if weights is None else np.array(weights)
        self._clusters = None
        if plan.cluster > 1:
            from celoss_cli.state.clusters import ClusterMoments

            self._clusters = ClusterMoments(plan.cluster)
        self._slices: list[ColumnAccumulator] = []
        if plan.slices:
            from celoss_cli.state.slices import ColumnAccumulator

            self._slices = [ColumnAccumulator() for _ in plan.slices]
        self._rows: BatchOfRows | None = None
        self._spread = np.zeros((2, 0))

    @property
    def bar(self) -> float:
        """The loss above which a later row is among the worst."""
        return self._worst.bar

    def begin(self, rows: BatchOfRows) -> None:
        """Start a batch."""
        self._rows = rows
        for column, slices in zip(self._slices, rows.slices, strict=True):
            column.begin(slices.codes, slices.values, rows.chosen)
        if self._clusters is not None:
            self._spread = np.zeros((2, rows.batch.rows))

    def add(self, chunk: Chunk, judged: Judged) -> None:
        """Add a chunk of the batch."""
        rows = self._rows
        if rows is None:
            raise ValueError("a chunk belongs to a batch: begin it first")
        peak = float(judged.loss.max())
        contributing = None if judged.weight is None or judged.weight.all() else judged.weight > 0.0
        self._tail.add(judged.loss if contributing is None else judged.loss[contributing])
        if judged.terms is None:
            self._caps.add(judged.loss, judged.weight, peak)
        else:
            self._caps.add_terms(*judged.terms)
        self._add_worst(rows, chunk, judged, contributing, peak)
        if self._slices:
            self._add_to_slices(chunk, judged)
        if self._clusters is not None:
            weighted = judged.loss if judged.weighted is None else judged.weighted
            finite = np.isfinite(weighted)
            self._spread[0, chunk.in_batch()] = np.where(finite, weighted, 0.0)
            self._spread[1, chunk.in_batch()] = np.where(finite, 1.0 if judged.weight is None else judged.weight, 0.0)
        if isinstance(rows.results, RowResults):
            rows.results.fill(chunk.in_batch(), judged)

    def add_beyond_caps(self, loss: Floats, codes: Codes) -> None:
        """Add the losses (n,) of rows, of no weight but that of their class, that are above some cap."""
        weights = None if self._class_weights is None else self._class_weights[codes]
        for start in range(0, loss.shape[0], MAX_BLOCK):
            part = loss[start : start + MAX_BLOCK]
            self._caps.add(part, None if weights is None else weights[start : start + MAX_BLOCK], float(part.max()))

    def add_worst(self, rows: BatchOfRows, chunk: Chunk, judged: Judged) -> None:
        """Add rows of no weight but that of their class that may be among the worst."""
        self._add_worst(rows, chunk, judged, None, float(judged.loss.max()))

    def end(self) -> None:
        """End the batch: it holds whole clusters."""
        if self._clusters is not None:
            self._clusters.add(self._spread[0], self._spread[1])

    def _add_to_slices(self, chunk: Chunk, judged: Judged) -> None:
        from celoss_cli.state.slices import SlicedRows

        weighted = judged.loss if judged.weighted is None else judged.weighted
        correct = None if judged.correct is None else judged.correct.astype(np.float64)
        rows = SlicedRows(weighted, judged.weight, chunk.weights, correct)
        for column in self._slices:
            column.add(chunk.in_batch(), rows)

    def put_into(self, totals: Totals) -> Totals:
        """Return the statistics with what was gathered here."""
        loss = totals.loss if self._clusters is None else self._clusters.put_into(totals.loss)
        totals = totals._replace(
            loss=loss, worst=self._worst.finish(), tail=self._tail.finish(), caps=self._caps.finish()
        )
        if not self._slices:
            return totals
        from celoss_cli.state.slices import SliceState

        return totals._replace(slices=SliceState(tuple(column.finish() for column in self._slices)))

    def put_beside(self, totals: Totals) -> Totals:
        """Return the statistics of rows that the core has added up with what was gathered here of single ones."""
        return totals._replace(worst=self._worst.finish(), caps=self._caps.finish())

    def _add_worst(
        self, rows: BatchOfRows, chunk: Chunk, judged: Judged, contributing: Mask | None, peak: float
    ) -> None:
        loss = judged.loss
        if contributing is not None:
            loss = np.where(contributing, loss, -np.inf)  # a row of weight 0 contributes nothing
            peak = float(loss.max())
        if rows.copies is not None:
            loss = np.where(rows.copies[chunk.in_batch()], -np.inf, loss)  # a row is among the worst once
            peak = float(loss.max())

        def describe(positions: list[int]) -> list[Candidate]:
            contributing = [p for p in positions if loss[p] != -np.inf]
            places = [chunk.place(p) for p in contributing]
            if judged.predicted is None:
                predicted: list[int | tuple[int, ...]] = [*self._predicted(rows.batch, places)]
            else:
                predicted = [_code(judged.predicted, p) for p in contributing]
            return [
                Candidate(
                    row=rows.start + place if rows.numbers is None else int(rows.numbers[place]),
                    loss=float(loss[p]),
                    label=_code(judged.labels, p),
                    p_true=float(judged.p_true[p]),
                    predicted=code,
                    p_predicted=float(judged.confidence[p]),
                    id=self._id(rows.batch, place),
                )
                for p, place, code in zip(contributing, places, predicted, strict=True)
            ]

        self._worst.add(loss, peak, describe)

    def _predicted(self, batch: Batch, places: list[int]) -> list[int]:
        if not places:
            return []
        names = self._plan.score_names
        if self._plan.layout.vector:
            scores: Floats = batch.matrix(names[0])[places].T.astype(np.float64)
        else:
            scores = np.stack([batch.numbers(name)[places].astype(np.float64) for name in names])
        if self._plan.percent:
            scores /= 100.0
        if self._plan.recalibration is not None:
            from celoss_cli.scoring.recalibrated import recalibrated

            scores = recalibrated(self._plan.input, scores, 0, self._plan.recalibration)
        predicted: list[int] = predicted_classes(self._plan.as_scored.input, scores, 0).tolist()
        return predicted

    def _id(self, batch: Batch, place: int) -> str | None:
        parts = [batch.text_at(name, place) for name in self._plan.layout.ids]
        return "|".join(part or "" for part in parts) if len(parts) > 1 else next(iter(parts), None)


def _code(codes: Codes | Mask, position: int) -> int | tuple[int, ...]:
    """Return the class code of a row, or the codes of all labels that hold."""
    if codes.ndim == 1:
        return int(codes[position])
    return tuple(np.flatnonzero(codes[:, position]).tolist())
