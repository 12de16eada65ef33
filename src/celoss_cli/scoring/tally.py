"""One partition being added up: ordinary rows by the core, others cut into blocks, looked at, and handed on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.bfloat16 import widened
from celoss_cli.kernels.functions import sum_over_classes
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.request import Detail, InvalidRows, TargetKind
from celoss_cli.scoring.blocks import Block, Blocks
from celoss_cli.scoring.chunk import BatchOfRows, Chunk
from celoss_cli.scoring.fused import FusedRows, Noted, fits
from celoss_cli.scoring.index_rows import IndexRows, judged
from celoss_cli.scoring.judged import Judged
from celoss_cli.scoring.kernel_choice import predicted_classes
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.row_report import RowReport
from celoss_cli.state.calibration import CalibrationState
from celoss_cli.state.evidence import Evidence, Flaw
from celoss_cli.state.loss import LossState
from celoss_cli.state.observer import Observer
from celoss_cli.state.sample import Span
from celoss_cli.state.tail import TailAccumulator
from celoss_cli.state.totals import Totals
from celoss_cli.tables.batch import MISSING, Batch

if TYPE_CHECKING:
    from celoss_cli.scoring.cluster_rows import ClusterRows
    from celoss_cli.scoring.examination import Examination
    from celoss_cli.state.by_convention import ByConvention
    from celoss_cli.state.paired import ThirdAccumulator

_FEW_ROWS = 512  # of a batch go the general way before the core is asked again

LARGEST_WEIGHT = 1e150
"""Beyond it the squares of weights, which the standard error needs, leave the range of doubles."""


class RowKind(Protocol):
    """How rows with one kind of target are scored and added up."""

    def add(self, chunk: Chunk, logsum: Floats | None) -> Judged | None:
        """Score a chunk and add it up; say what its rows came to, unless the mean alone is wanted."""
        ...

    def loss(self) -> LossState:
        """Return the loss of all rows added."""
        ...

    def calibration(self) -> CalibrationState | None:
        """Return the calibration of all rows added, unless the mean alone is wanted."""
        ...

    def conventions(self) -> ByConvention | None:
        """Return the losses of all rows under every convention, if these are wanted."""
        ...


def _row_kind(plan: Plan) -> RowKind:
    """Return what scores the rows; the less common kinds are imported where they are wanted."""
    if plan.detail is Detail.CONVENTIONS:
        from celoss_cli.scoring.convention_rows import ConventionRows

        return ConventionRows(plan)
    if plan.detail is Detail.EXPECTED:
        from celoss_cli.scoring.expected_rows import ExpectedRows

        return ExpectedRows(plan)
    if plan.plain:
        return IndexRows(plan)
    if plan.targets is TargetKind.MULTILABEL:
        from celoss_cli.scoring.label_rows import LabelRows

        return LabelRows(plan)
    from celoss_cli.scoring.target_rows import TargetRows

    return TargetRows(plan)


class Tally:
    """Adds batches up under one plan. Not thread-safe: one per partition, then ``finish``."""

    def __init__(self, plan: Plan, span: Span | None = None) -> None:
        """``span`` says where the partition stands in the file, if some of its rows are to be kept as they are."""
        self._plan = plan
        scored = plan.as_scored
        self._scored_as = scored.input
        self._general: RowKind | None = None  # made for the first row that the core does not take
        self._report = RowReport(plan) if plan.full and plan.cluster_quanta is None else None
        self._tail = TailAccumulator() if plan.paired and not plan.full else None
        self._thirds: ThirdAccumulator | None = None
        if plan.third_moments and plan.cluster_quanta is None:
            from celoss_cli.state.paired import ThirdAccumulator

            self._thirds = ThirdAccumulator(1)
        self._blocks = Blocks(
            plan.width, vector=plan.layout.vector, percent=plan.percent, examined=plan.examined is not None
        )
        self._fused = FusedRows(plan) if fits(plan) else None
        self._examination: Examination | None = None
        if plan.examined is not None:
            from celoss_cli.scoring.examination import Examination

            self._examination = Examination(scored, plan.examined, span or Span(0, 0, False))
        self._ignored = 0
        self._clusters: ClusterRows | None = None
        if plan.cluster_quanta is not None:
            from celoss_cli.scoring.cluster_rows import ClusterRows

            self._clusters = ClusterRows(plan, span or Span(0, 0, False))
        independent = plan.targets is TargetKind.MULTILABEL
        self.observer = Observer(
            plan.input,
            plan.tolerance,
            independent=independent,
            any_sum=plan.any_sum,
            clipped=plan.clips_outside,
            undivided=plan.undivided,
            span=span,
        )
        self._slots = None if self._fused is None else self.observer.slots(plan.width)

    def add(self, rows: BatchOfRows) -> None:
        """Score a batch and add it up; stops at the first block with a row that no reading can score."""
        if self._examination is not None and not self._plan.full:
            # A later pass of a diagnosis: these rows have been looked at and scored before.
            for block in self._cut(rows.batch, 0, rows.batch.rows):
                self._examination.add(rows, self._recalibrated(self._chunk(rows, block)))
            return
        if self._report is not None:
            self._report.begin(rows)
        for start, stop in self._left_over(rows):
            for block in self._cut(rows.batch, start, stop):
                self._add_block(rows, block)
                if self.observer.fatal:
                    self._look_at_rest(rows, block)
                    return
        if self._report is not None:
            self._report.end()

    def _look_at_rest(self, rows: BatchOfRows, block: Block) -> None:
        """Count the flaws of as many rows as are looked at together where the core takes none of them."""
        stop = self._blocks.end(block.start, rows.batch.rows)
        for rest in self._cut(rows.batch, block.start + block.rows, stop):
            chunk = self._chunk(rows, rest)
            self.observer.observe(chunk.scores, chunk.axis, chunk.rows)
            self._check_labels_and_weights(chunk)

    def _add_block(self, rows: BatchOfRows, block: Block) -> None:
        chunk = self._chunk(rows, block)
        logsum = self.observer.observe(chunk.scores, chunk.axis, chunk.rows)
        self._check_labels_and_weights(chunk)
        if not self.observer.unfit and chunk.size:
            if self._plan.any_sum and logsum is not None:
                logsum = _divided(chunk, logsum, 1.0 + self._plan.tolerance)
            self._score(rows, chunk, logsum)

    def _left_over(self, rows: BatchOfRows) -> Iterator[tuple[int, int]]:
        """Yield the start and the end of the rows of a batch that the core does not take, once it has taken the others.

        It is asked again after a few rows, and less often where it finds nothing ordinary.
        """
        n = rows.batch.rows
        if self._fused is None or not self._fused.takes(rows):
            yield 0, n
            return
        place, patience = 0, _FEW_ROWS
        while place < n and not self.observer.unfit:
            bar = self._report.bar if self._report is not None else math.inf
            noted = self._fused.add(rows, place, n, bar, self._slots)
            patience = _FEW_ROWS if noted.stop > place else 2 * patience
            self._look_at_single_rows(rows, place, noted)
            if self._examination is not None:
                for block in self._cut(rows.batch, place, noted.stop):
                    self._examination.add(rows, self._chunk(rows, block))
            place = noted.stop
            if place < n:
                yield place, (place := min(n, place + patience))
        if place < n:
            yield place, n

    def _look_at_single_rows(self, rows: BatchOfRows, start: int, noted: Noted) -> None:
        """Keep what is to be kept of single rows, from ``start`` to the end noted, which the core has added up."""
        if self._slots is None and self.observer.samples:
            chunk = self._gathered(rows, np.arange(start, noted.stop))
            self.observer.keep(chunk.scores, chunk.axis, chunk.codes, chunk.rows)
        if self._report is not None:
            self._report.add_beyond_caps(noted.beyond_caps["loss"], rows.codes[noted.beyond_caps["row"]])
            if noted.worst.size:
                chunk = self._gathered(rows, noted.worst)
                predicted = predicted_classes(self._scored_as, chunk.scores, chunk.axis)  # before they are overwritten
                self._report.add_worst(rows, chunk, judged(self._plan, chunk)._replace(predicted=predicted))

    def _gathered(self, rows: BatchOfRows, places: Codes) -> Chunk:
        """Return single rows of a batch."""
        batch, names, every = rows.batch, self._plan.score_names, places.shape[0] == rows.batch.rows
        if self._plan.layout.vector:
            stored = batch.stored(names[0])
            if stored is not None:
                matrix = widened(stored[places])
            else:
                matrix = batch.matrix(names[0]) if every else batch.matrix(names[0])[places]
            scores = np.array(matrix.T, dtype=np.float64, order="C")  # never a view
        else:
            scores = np.empty((len(names), places.shape[0]))
            for target, name in zip(scores, names, strict=True):
                stored = batch.stored(name)
                target[:] = batch.numbers(name)[places] if stored is None else widened(stored[places])
        if self._plan.percent:
            scores /= 100.0
        return Chunk(scores, 0, rows.codes[places], None, None, places + rows.start, places)

    def finish(self, rows: int) -> Totals:
        """Return the statistics of the partition, which had ``rows`` rows."""
        if self._fused is not None and self._general is None:
            totals = self._fused.totals()._replace(rows=rows, ignored=self._ignored)
            if self._report is not None:
                totals = self._report.put_beside(totals)
        else:
            totals = self._of_general(rows)
            totals = totals if self._fused is None else totals.merge(self._fused.totals())
        if self._clusters is not None:
            totals = totals._replace(clusters=self._clusters.finish())
        return totals if self._examination is None else totals._replace(diagnosis=self._examination.finish())

    def _of_general(self, rows: int) -> Totals:
        """Return the statistics of the rows that the core has not taken."""
        general = self._rows
        tail = None if self._tail is None else self._tail.finish()
        totals = Totals(rows, self._ignored, general.loss(), general.calibration(), None, general.conventions(), tail)
        if isinstance(general, IndexRows) and self._plan.paired:
            totals = totals._replace(wrong=general.wrong)
        if self._thirds is not None:
            totals = totals._replace(thirds=self._thirds.finish())
        return totals if self._report is None else self._report.put_into(totals)

    @property
    def _rows(self) -> RowKind:
        """What scores the rows that the core does not take."""
        if self._general is None:
            self._general = _row_kind(self._plan.as_scored)
        return self._general

    def evidence(self) -> Evidence:
        """Return what the rows looked at say."""
        seen = self.observer.finish()
        return seen if self._fused is None else seen.merge(self._fused.evidence())

    def _cut(self, batch: Batch, start: int, stop: int) -> Iterator[Block]:
        names = self._plan.score_names
        if self._plan.layout.vector:
            return self._blocks.of_matrix(batch.matrix(names[0]), start, stop)
        return self._blocks.of_columns([batch.numbers(name) for name in names], start, stop)

    def _chunk(self, rows: BatchOfRows, block: Block) -> Chunk:
        part = slice(block.start, block.start + block.rows)
        first = rows.start + block.start
        codes = rows.codes[part]
        targets = None if rows.targets is None else rows.targets[:, part]
        weights = None if rows.weights is None else rows.weights[part]
        keep = self._kept(block, codes, None if rows.chosen is None else rows.chosen[part])
        numbers = None if rows.numbers is None else rows.numbers[part]
        if keep is None:
            row = first if numbers is None else numbers
            return Chunk(block.scores, block.axis, codes, targets, weights, row, block.start)
        self._ignored += block.rows - keep.shape[0]
        return Chunk(
            block.scores.take(keep, axis=1 - block.axis),
            block.axis,
            codes[keep],
            None if targets is None else targets[:, keep],
            None if weights is None else weights[keep],
            keep + first if numbers is None else numbers[keep],
            keep + block.start,
        )

    def _kept(self, block: Block, codes: Codes, chosen: npt.NDArray[np.bool_] | None) -> npt.NDArray[np.intp] | None:
        """Return the positions of the rows to score if some are left out, else ``None``."""
        if chosen is None and self._plan.invalid is not InvalidRows.DROP:
            return None
        keep = np.ones(block.rows, dtype=bool) if chosen is None else chosen
        if self._plan.invalid is InvalidRows.DROP:
            keep = keep & (codes != MISSING) & ~np.isnan(block.scores).any(axis=block.axis)
        return None if keep.all() else np.flatnonzero(keep)

    def _check_labels_and_weights(self, chunk: Chunk) -> None:
        if chunk.size and int(chunk.codes.min()) < 0:
            self.observer.note(Flaw.MISSING_LABEL, chunk.codes == MISSING, chunk.rows, chunk.codes)
        if chunk.weights is not None:
            good = (chunk.weights >= 0.0) & (chunk.weights < LARGEST_WEIGHT)
            if not good.all():
                self.observer.note(Flaw.BAD_WEIGHT, ~good, chunk.rows, chunk.weights)

    def _score(self, rows: BatchOfRows, chunk: Chunk, logsum: Floats | None) -> None:
        if self._plan.targets is TargetKind.INDEX:
            self.observer.keep(chunk.scores, chunk.axis, chunk.codes, chunk.rows)
        if self._plan.recalibration is not None:
            chunk, logsum = self._recalibrated(chunk), None  # whatever rows summed to, now it is 1
        if self._examination is not None:
            self._examination.add(rows, chunk)
        predicted: Codes | None = None
        if rows.results is not None and self._plan.targets is not TargetKind.MULTILABEL:
            predicted = predicted_classes(self._scored_as, chunk.scores, chunk.axis)
        outcome = self._rows.add(chunk, logsum)
        if outcome is None:
            return
        if rows.kept is not None:
            from celoss_cli.scoring.keep import keep_rows

            keep_rows(rows, self._plan, chunk, outcome)
        if self._clusters is not None:
            self._clusters.add(rows, chunk, outcome)
        if self._tail is not None:
            self._tail.add(outcome.loss if outcome.weight is None else outcome.loss[outcome.weight > 0.0])
        if self._thirds is not None:
            product = outcome.product
            finite = np.isfinite(product)
            self._thirds.add(product[finite], None if outcome.weight is None else outcome.weight[finite], None)
        if self._report is not None:
            self._report.add(chunk, outcome if predicted is None else outcome._replace(predicted=predicted))

    def _recalibrated(self, chunk: Chunk) -> Chunk:
        """Return the rows with the fix applied to their scores, where there is one."""
        by = self._plan.recalibration
        if by is None:
            return chunk
        from celoss_cli.scoring.recalibrated import recalibrated

        return chunk._replace(scores=recalibrated(self._plan.input, chunk.scores, chunk.axis, by))


def _divided(chunk: Chunk, logsum: Floats, most: float) -> Floats:
    """Divide the rows with a number above ``most`` by their sums; return log Σp (n,) of what is left."""
    counts = chunk.scores.max(axis=chunk.axis) > most
    sums = np.where(counts, sum_over_classes(chunk.scores, chunk.axis), 1.0)
    np.divide(chunk.scores, sums if chunk.axis == 0 else sums[:, None], out=chunk.scores)
    return np.where(counts, 0.0, logsum)
