"""Rows that are sequences of tokens, added up: the total token by token and exact, the spread by whole sequences.

A row k has D = Σ −ln p of its tokens and n units. Its loss is D/n and its weight w·n, so that the weighted mean of rows
is the mean per unit, and its standard error the one of sequences, which tokens of one text are not independent of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import InvalidWeights, UnreadableFile, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.request import InvalidRows
from celoss_cli.scoring.beside_tokens import skipped_of
from celoss_cli.scoring.chunk import BatchOfRows, Chunk
from celoss_cli.scoring.judged import Judged, weighted_losses
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.sequence_report import SequenceReport, SequencesScored
from celoss_cli.scoring.sequence_units import UnitCounts, unit_counts
from celoss_cli.scoring.tokens import TokenScorer, TokensOf
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.exact_products import add_products
from celoss_cli.state.exact_sum import MAX_BLOCK, Accumulator, ExactSums
from celoss_cli.state.id_sample import IdSample
from celoss_cli.state.loss import LossState
from celoss_cli.state.sample import Span
from celoss_cli.state.sequences import UNITS, SequenceCounts, SequenceState
from celoss_cli.state.totals import Totals

if TYPE_CHECKING:
    from celoss_cli.scoring.cluster_rows import ClusterRows
    from celoss_cli.scoring.id_rows import IdRows
    from celoss_cli.tables.arrow.lists import Ragged

LARGEST_WEIGHT = 1e150


class NothingFatal:
    """What a tally of other rows has as its observer: here a row that cannot be scored is an error at once."""

    fatal = False

    def note_label(self, label: str, count: int, row: int) -> None:
        """Take no note: sequences have no classes."""

    def note_respelt(self, label: str, count: int, row: int) -> None:
        """Take no note, either."""


class SequenceTally:
    """Adds batches of sequences up under one plan. Not thread-safe: one per partition, then ``finish``."""

    def __init__(self, plan: Plan, span: Span) -> None:
        columns = plan.layout.sequences
        if columns is None:
            raise ValueError("the rows of this plan are no sequences")
        self.observer = NothingFatal()
        self._plan, self._columns = plan, columns
        self._moments = plan.full or plan.paired
        self._tokens = TokenScorer(plan, columns)
        self._report = SequenceReport(plan, columns, self._tokens)
        self._total = Accumulator(1)
        self._weight, self._infinite_weight = Accumulator(1), Accumulator(1)
        self._squares, self._cross, self._weight_squares = Accumulator(1), Accumulator(1), Accumulator(1)
        self._units = Accumulator(len(UNITS))
        self._counts = SequenceCounts()
        self._clusters: ClusterRows | None = None
        if plan.cluster_quanta is not None:
            from celoss_cli.scoring.cluster_rows import ClusterRows

            self._clusters = ClusterRows(plan, span)
        self._ids: IdRows | None = None
        if plan.watch_ids and self._clusters is None:
            from celoss_cli.scoring.id_rows import IdRows

            self._ids = IdRows(plan.layout.ids)
        self._rows = self._ignored = self._independent = 0

    def add(self, rows: BatchOfRows) -> None:
        """Score a batch and add it up. Raises InvalidScores or InvalidWeights for the first row that is unfit."""
        from celoss_cli.tables.arrow.lists import ragged_numbers

        columns, path = self._columns, self._plan.counted_in
        if rows.numbers is not None:
            raise ValueError("sequences do not repeat")
        scores = ragged_numbers(rows.batch, columns.truth, path, rows.start)
        chosen = self._chosen(rows, scores)
        weights = self._row_weights(rows, chosen)
        found = self._tokens.add(rows, scores, chosen, weights, self._total if not columns.macro else None)
        counted = unit_counts(rows, columns, scores, found, self._plan)
        units = self._counted_by(counted, found, chosen, rows)
        self._add_rows(rows, found, units, weights, chosen, counted)

    def finish(self, rows: int) -> Totals:
        """Return the statistics of the partition, which had ``rows`` rows."""
        counts = self._counts.plus(self._tokens.counts)
        one = ExactSums.zeros(1)
        total, infinite = self._total.finish(), counts.infinite
        loss = LossState(
            scored=self._rows,
            units=self._independent,
            rows=(self._rows,),
            infinite=(infinite,),
            clipped=counts.clipped,
            weight=self._weight.finish(),
            infinite_weight=self._infinite_weight.finish(),
            loss=total,
            normalizer=one,
            plain=self._tokens.plain() if not self._columns.macro else total,
            squares=self._squares.finish(),
            cross=self._cross.finish(),
            weight_squares=self._weight_squares.finish(),
            positives=one,
        )
        state = SequenceState(
            counts=counts,
            evidence=self._tokens.evidence(),
            units=self._units.finish(),
            means=self._report.means(),
            second_half=self._tokens.second_half(),
            losses=self._report.losses(),
            worst=self._report.worst(),
            ids=IdSample() if self._ids is None else self._ids.finish(),
        )
        totals = Totals(rows, self._ignored, loss, None, None, sequences=state)
        if self._clusters is not None:
            return totals._replace(clusters=self._clusters.finish())
        return totals._replace(slices=self._report.slices())

    def evidence(self) -> Evidence:
        """Return nothing: what tokens say is among the statistics."""
        return Evidence()

    def _chosen(self, rows: BatchOfRows, scores: Ragged) -> npt.NDArray[np.bool_]:
        """Return which rows are to be scored, (n,). Raises for one without a list, unless these are dropped."""
        chosen = np.ones(rows.batch.rows, dtype=bool) if rows.chosen is None else rows.chosen.copy()
        missing = chosen & ~scores.present
        if missing.any():
            if self._plan.invalid is not InvalidRows.DROP:
                self._tokens.refuse_missing(rows.start + int(np.argmax(missing)))
            chosen &= scores.present
        return chosen

    def _row_weights(self, rows: BatchOfRows, chosen: npt.NDArray[np.bool_]) -> Floats | None:
        """Return the weight of each row, (n,), where each row has one. Raises InvalidWeights."""
        if rows.weights is None:
            return None
        bad = chosen & ~((rows.weights >= 0.0) & (rows.weights < LARGEST_WEIGHT))
        if bad.any():
            row = int(np.argmax(bad))
            raise InvalidWeights(
                f"the weight is {rows.weights[row]:g}",
                code="bad_weight",
                where=Where(self._plan.counted_in, row=rows.start + row, column=self._plan.layout.weight),
                hint="weights are finite numbers from 0 up",
            )
        return np.where(chosen, rows.weights, 0.0)

    def _counted_by(
        self, counted: UnitCounts, found: TokensOf, chosen: npt.NDArray[np.bool_], rows: BatchOfRows
    ) -> Floats:
        """Return the units of each row, (n,). Raises UnreadableFile for a loss without a unit to count it by."""
        units = counted.of(self._columns.unit if self._columns.counts is None else None)
        bad = chosen & ~((units >= 0.0) & np.isfinite(units))
        lost = chosen & (units == 0.0) & (found.loss != 0.0)
        if bad.any() or lost.any():
            row = int(np.argmax(bad | lost))
            name = self._columns.counts or self._columns.text or self._columns.truth
            what = f"it costs {found.loss[row]:.6g} nats, and has no {self._columns.per} to count that by"
            if bad[row]:
                what = f"the count is {units[row]:g}"
            raise UnreadableFile(
                what,
                code="bad_count" if bad[row] else "empty_text",
                where=Where(self._plan.counted_in, row=rows.start + row, column=name),
                hint="--per token or --per sequence counts something else; --where leaves such rows out",
            )
        return units

    def _add_rows(
        self,
        rows: BatchOfRows,
        found: TokensOf,
        units: Floats,
        weights: Floats | None,
        chosen: npt.NDArray[np.bool_],
        counted: UnitCounts,
    ) -> None:
        columns = self._columns
        filled = chosen & (units > 0.0) & (found.tokens > 0.0)  # where no token counts there is no loss, not one of 0
        empty = chosen & ~filled
        share = np.ones(units.shape[0]) if weights is None else weights
        mean = np.divide(found.loss, units, out=np.zeros_like(units), where=filled)
        finite = np.isfinite(found.loss)
        if columns.macro:
            loss = weighted_losses(share, mean)
            weight = np.where(filled, share, 0.0)
            self._add(self._total, np.where(filled & finite, loss, 0.0))
        else:
            loss, weight = found.weighted, np.where(filled, units * share, 0.0)
        self._add(self._weight, weight)
        if not finite.all():
            self._add(self._infinite_weight, np.where(filled & ~finite, weight, 0.0))
        if self._moments:
            a, v = np.where(filled & finite, loss, 0.0), np.where(finite, weight, 0.0)
            for start in range(0, a.shape[0], MAX_BLOCK):
                x, y = a[start : start + MAX_BLOCK], v[start : start + MAX_BLOCK]
                add_products(self._squares, x, x)
                add_products(self._cross, y, x)
                add_products(self._weight_squares, y, y)
        for place, unit in enumerate(UNITS):
            known = counted.known(unit)
            if known is not None:
                self._add(self._units, np.where(filled, known * share, 0.0), place)
        self._rows += int(np.count_nonzero(chosen))
        self._independent += int(np.count_nonzero(weight > 0.0))
        self._ignored += int(np.count_nonzero(~chosen))
        self._counts = self._counts.plus(
            SequenceCounts(
                sequences=int(np.count_nonzero(filled)),
                empty=int(np.count_nonzero(empty)),
                uncounted=counted.uncounted(filled),
                untold=counted.untold(filled & (share > 0.0) & (found.loss != 0.0)),
            )
        )
        if self._ids is not None:
            # A window that leaves out what one before it scored goes on with a text, and does not count it twice.
            skip = skipped_of(self._plan, columns, rows) if columns.skip_column is not None else None
            counted_rows = weight > 0.0
            self._ids.add(rows.batch, rows.start, counted_rows if skip is None else counted_rows & (skip == 0))
        if self._clusters is not None:
            self._clusters.add(rows, *_as_rows(rows, loss, weight))
            return
        self._report.add(
            rows, found, SequencesScored(mean, loss, weight, share, np.where(filled, units, 0.0), filled, chosen)
        )

    def _add(self, sums: Accumulator, values: Floats, place: int = 0) -> None:
        for start in range(0, values.shape[0], MAX_BLOCK):
            part = values[start : start + MAX_BLOCK]
            sums.add(part, np.full(part.shape[0], place, dtype=np.intp) if sums is self._units else None)


def _as_rows(rows: BatchOfRows, loss: Floats, weight: Floats) -> tuple[Chunk, Judged]:
    """Return the sequences of a batch, with their weighted losses and weights (n,), as rows of one class."""
    n = loss.shape[0]
    nothing = np.zeros(n)
    codes = np.zeros(n, dtype=np.intp)
    chunk = Chunk(np.zeros((1, n)), 0, codes, None, None, rows.start, 0)
    return chunk, Judged(loss, nothing, nothing, weight, loss, codes)
