"""Rows with one true class each, looked at for a diagnosis: their log odds, their classes, other temperatures.

Rows whose truth has probability 0 have an infinite loss at every temperature: the sums over temperatures leave them
out, the others count them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from celoss_cli.kernels.functions import log, softmax
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.scoring.chunk import BatchOfRows, Chunk
from celoss_cli.scoring.examined import Examined
from celoss_cli.scoring.log_scores import LogScores
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.class_sums import ClassAccumulator
from celoss_cli.state.confusion import ConfusionAccumulator
from celoss_cli.state.contradictions import ContradictionAccumulator
from celoss_cli.state.diagnosis import DiagnosisState
from celoss_cli.state.repeated_rows import RepeatAccumulator
from celoss_cli.state.sample import SampleAccumulator, Span
from celoss_cli.state.scores import ScoreAccumulator
from celoss_cli.state.temperature import CurveAccumulator, FixedAccumulator, Rows
from celoss_cli.state.weighted_scores import WeightedScoreAccumulator

if TYPE_CHECKING:
    from celoss_cli.scoring.cluster_terms import ClusterTerms


class Examination:
    """Takes chunks and leaves a ``DiagnosisState``. Not thread-safe: one per partition."""

    def __init__(self, plan: Plan, examined: Examined, span: Span) -> None:
        classes = len(plan.classes.names)
        self._plan = plan
        self._examined = examined
        counted = examined.first and not examined.weighted
        self._scores = ScoreAccumulator() if counted else None
        self._two = classes == 2
        self._classes = ClassAccumulator(classes, single=plan.single) if counted else None
        self._confusions = ConfusionAccumulator(classes) if counted else None
        self._curve = CurveAccumulator(weighted=examined.weighted) if examined.curve else None
        self._sample = SampleAccumulator(classes, span, examined.sampled) if examined.sampled else None
        self._fixed: FixedAccumulator | None = None
        if examined.beta is not None:
            self._fixed = FixedAccumulator(examined.beta, weighted=examined.weighted)
        self._repeats = RepeatAccumulator() if examined.first and examined.repeats else None
        self._weighted = None if examined.quanta is None else WeightedScoreAccumulator(examined.quanta)
        self._clusters: ClusterTerms | None = None
        if examined.clustered is not None:
            from celoss_cli.scoring.cluster_terms import ClusterTerms

            self._clusters = ClusterTerms(plan, examined, span)
        self._contradictions: ContradictionAccumulator | None = None
        if examined.thresholds is not None:
            self._contradictions = ContradictionAccumulator(np.array(examined.thresholds), examined.top)

    @np.errstate(over="ignore", invalid="ignore")  # scores may be any that are finite
    def add(self, rows: BatchOfRows, chunk: Chunk) -> None:
        """Add the rows of a chunk, whose scores stay as they are."""
        if not chunk.size:
            return
        codes = chunk.codes if int(chunk.codes.min()) >= 0 else np.maximum(chunk.codes, 0)
        block = LogScores.of(self._plan.input, chunk)
        if self._sample is not None:
            self._sample.add(block.x, 0, codes, chunk.rows)
        if self._repeats is not None:
            self._look_for_repeats(rows, chunk, codes)
        if self._scores is not None:
            self._look(block, codes)
        if self._weighted is not None and chunk.weights is not None:
            self._weighted.add(*self._log_odds(block, codes), chunk.weights)
        if self._clusters is not None and self._examined.lines:
            self._clusters.add_lines(rows, chunk, *self._log_odds(block, codes))
        if self._contradictions is not None:
            self._contradict(rows, chunk, block, codes)
        if self._curve is not None or self._fixed is not None:
            self._try_temperatures(rows, chunk, block, codes)

    def finish(self) -> DiagnosisState:
        """Return the state of all rows added so far."""
        return DiagnosisState(
            None if self._scores is None else self._scores.finish(),
            None if self._classes is None else self._classes.finish(),
            None if self._confusions is None else self._confusions.finish(),
            None if self._curve is None else self._curve.finish(),
            None if self._sample is None else self._sample.finish()[0],
            None if self._fixed is None else self._fixed.finish(),
            None if self._contradictions is None else self._contradictions.finish(),
            None if self._weighted is None else self._weighted.finish(),
            None if self._clusters is None else self._clusters.finish(),
            None if self._repeats is None else self._repeats.finish(),
        )

    def _look(self, block: LogScores, codes: Codes) -> None:
        if self._scores is not None and self._two:
            self._scores.add(*self._log_odds(block, codes))
        elif self._scores is not None:
            self._scores.add(block.top_log_odds(), (block.predicted == codes).astype(np.intp))
        if self._classes is not None:
            self._classes.add(block.p, codes)
        if self._confusions is not None:
            self._confusions.add(block.losses(codes), codes, block.predicted)

    def _look_for_repeats(self, rows: BatchOfRows, chunk: Chunk, codes: Codes) -> None:
        """Look for copies among the rows, but not among those that ``--count`` makes of one."""
        if self._repeats is None:
            return
        own = None if rows.copies is None else ~rows.copies[chunk.in_batch()]
        some, prints = self._repeats.sampled(chunk.scores if chunk.axis == 0 else chunk.scores.T, own)
        if some.size:
            alone = chunk._replace(scores=chunk.scores.take(some, axis=1 - chunk.axis), codes=codes[some])
            self._repeats.add(prints, codes[some], LogScores.of(self._plan.input, alone).p)

    def _log_odds(self, block: LogScores, codes: Codes) -> tuple[Floats, Codes]:
        """Return the log odds (n,) of the positive one of two classes, and whether (n,) a row is of it."""
        positive = self._examined.positive
        return block.x[positive] - block.x[1 - positive], (codes == positive).astype(np.intp)

    def _contradict(self, rows: BatchOfRows, chunk: Chunk, block: LogScores, codes: Codes) -> None:
        ids = self._plan.layout.ids

        def row(place: int) -> tuple[int, str | None]:
            number = chunk.rows + place if isinstance(chunk.rows, int) else int(chunk.rows[place])
            parts = [rows.batch.text_at(name, chunk.place(place)) or "" for name in ids]
            return number, "|".join(parts) if parts else None

        first = None if rows.copies is None else ~rows.copies[chunk.in_batch()]
        if self._contradictions is not None:
            self._contradictions.add(block.p, block.predicted, codes, block.losses_at, row, first)

    def _try_temperatures(self, batch: BatchOfRows, chunk: Chunk, block: LogScores, codes: Codes) -> None:
        examined, tried, before = self._examined, block.softmax, None
        if examined.floor:
            tried = softmax(log(np.maximum(block.p, examined.floor)))
        if examined.scale != 1.0:
            before = log(tried.total) - tried.below[codes, np.arange(codes.shape[0])]
            tried = softmax(tried.below * examined.scale)
        rows = Rows.of(tried, codes, chunk.weights, before)
        if self._curve is not None:
            self._curve.add(rows)
        if self._fixed is not None:
            self._fixed.add(rows)
        if self._clusters is not None and examined.beta is not None:
            self._clusters.add_temperature(batch, chunk, rows, examined.beta)
