"""Rows with one true class each, looked at for a diagnosis: their log odds, their classes, other temperatures.

Rows whose truth has probability 0 have an infinite loss at every temperature: the sums over temperatures leave them
out, the others count them.
"""

from __future__ import annotations

import numpy as np

from celoss_cli.kernels.functions import log
from celoss_cli.kernels.outcome import Codes
from celoss_cli.scoring.chunk import BatchOfRows, Chunk
from celoss_cli.scoring.examined import Examined
from celoss_cli.scoring.log_scores import LogScores
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
        counted = examined.first and not examined.weighted
        self._scores = ScoreAccumulator() if counted else None
        self._positive = BinAccumulator() if counted and classes == 2 else None
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
        block = LogScores(self._plan.input, chunk)
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

    def _look(self, block: LogScores, codes: Codes) -> None:
        right = block.predicted == codes
        if self._positive is not None:
            positive = self._examined.positive
            happened = codes == positive
            z, outcome = block.x[positive] - block.x[1 - positive], happened.astype(np.intp)
            confidence = block.p.max(axis=0)
            self._positive.add(block.p[positive], happened)
        else:
            z, outcome = block.top_log_odds(), right.astype(np.intp)
            confidence = block.p[block.predicted, np.arange(codes.shape[0])]
        if self._scores is not None and self._top is not None:
            self._scores.add(z, outcome)
            self._top.add(confidence, right)
        if self._classes is not None:
            self._classes.add(block.p, codes)
        if self._confusions is not None:
            self._confusions.add(block.losses(codes), codes, block.predicted)

    def _contradict(self, rows: BatchOfRows, chunk: Chunk, block: LogScores, codes: Codes) -> None:
        ids = self._plan.layout.ids

        def row(place: int) -> tuple[int, str | None]:
            number = chunk.rows + place if isinstance(chunk.rows, int) else int(chunk.rows[place])
            parts = [rows.batch.text_at(name, chunk.place(place)) or "" for name in ids]
            return number, "|".join(parts) if parts else None

        first = None if rows.copies is None else ~rows.copies[chunk.in_batch()]
        if self._contradictions is not None:
            self._contradictions.add(block.p, codes, block.losses_at, row, first)

    def _try_temperatures(self, chunk: Chunk, block: LogScores, codes: Codes) -> None:
        examined = self._examined
        x = log(np.maximum(block.p, examined.floor)) if examined.floor else block.x
        if examined.scale != 1.0:
            x = x * examined.scale
        # What a first pass has made of the scores serves here, too, as long as they are the same.
        powers = block.powers if x is block.x else None
        rows = Rows.of(x, codes, chunk.weights, powers)
        if self._curve is not None:
            self._curve.add(rows)
        if self._fixed is not None:
            self._fixed.add(rows)
