"""One partition from file to statistics. What the engine runs, in one thread or in many."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from celoss_cli.errors import Where
from celoss_cli.labels.conditions import rows_and_texts_with
from celoss_cli.labels.side import LabelSide
from celoss_cli.request import InvalidRows, TargetKind, UnknownClass
from celoss_cli.scoring.chunk import BatchOfRows, Mask
from celoss_cli.scoring.labelling import Labelling, respelt_labels, unknown_labels
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.tally import Tally
from celoss_cli.state.partial import Partial
from celoss_cli.state.sample import Span
from celoss_cli.state.target_evidence import TargetEvidence, observe
from celoss_cli.state.texts_met import TextsMet
from celoss_cli.tables.batch import UNKNOWN, Batch, Categories
from celoss_cli.tables.source import Need, Partition
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.scoring.digest import RowDigest
    from celoss_cli.scoring.labelling import Slicing
    from celoss_cli.scoring.rows import KeptRows, RowResults, SequenceResults
    from celoss_cli.scoring.sequences import SequenceTally
    from celoss_cli.scoring.watching import Watching


class Scored(NamedTuple):
    """What scoring one partition comes to."""

    partial: Partial
    """What its rows leave behind."""
    stopped: bool
    """Whether a row was met that no reading can score: those after it were not looked at."""
    kept: tuple[KeptRows, ...] = ()
    """Its rows, batch by batch, where they are to be held against another model's."""
    results: tuple[RowResults | SequenceResults, ...] = ()
    """Its rows, batch by batch, where they are to be written to a file."""


class Scorer:
    """Scores partitions under one plan. Holds nothing that changes: safe to share among threads."""

    def __init__(self, plan: Plan, side: LabelSide | None, rows: int | None = None) -> None:
        """``rows`` are in all partitions together, where that is known."""
        self.plan, self._side = plan, side
        self._rows = rows or 0
        self._labelling = Labelling(plan, side)
        self.needs = {} if plan.layout.sequences is not None else dict.fromkeys(plan.score_names, Need.NUMBER)
        self.needs.update(self._labelling.needs())
        for name, _ in plan.where:
            self.needs.setdefault(name, Need.CATEGORY)
        for name in plan.layout.ids if plan.full or plan.examined is not None or plan.watch_ids else ():
            self.needs.setdefault(name, Need.KEY)
        for name in (*plan.layout.watched, *(plan.layout.ids if plan.digest else ())):
            self.needs.setdefault(name, Need.KEY)
        selects = side is not None and (side.chosen is not None or side.paired is not None)
        selected = plan.where or plan.ignore is not None or selects
        drops = plan.invalid is InvalidRows.DROP or plan.unknown is UnknownClass.DROP
        self._all_scored = not (selected or drops or plan.layout.counts)
        self._slicing: Slicing | None = None
        columns = plan.cluster_columns or plan.slices or plan.kept_slices
        if columns:
            from celoss_cli.scoring.labelling import Slicing

            self._slicing = Slicing(columns, side, self.needs)

    def __reduce__(self) -> tuple[Any, ...]:
        # What else it holds is made from these, and is larger; how rows were paired is for messages alone.
        return Scorer, (self.plan, None if self._side is None else self._side._replace(pairs=None), self._rows)

    @np.errstate(invalid="ignore")  # NaN is evidence, one that signals, too
    def score(self, partition: Partition, start: Callable[[int], int], stopped: Callable[[], bool]) -> Scored:
        """Read and score one partition.

        ``start(rows)`` returns the partition's first row in the file, given how many rows it has itself; it may wait
        for the partitions before to be counted. ``stopped()`` ends the work.
        """
        batches = partition.batches(self.needs)
        rows = partition.rows
        if rows is None:
            held = list(batches)
            rows, batches = sum(batch.rows for batch in held), iter(held)
        first = start(rows)
        before = self.plan.before
        tally = self._tally(Span(first + before, rows, self._all_scored, of=before + self._rows))
        watching = self._watching()
        digest = self._digest()
        targets = TargetEvidence()
        met = TextsMet()
        kept: list[KeptRows] = []
        results: list[RowResults | SequenceResults] = []
        done = 0
        for batch in batches:
            if stopped():
                break
            where, texts = rows_and_texts_with(batch, self.plan.where)
            met = met.merge(texts)
            rows_of_batch = self._with_labels(batch, done, first + done, tally, where)
            if digest is not None and self.plan.layout.sequences is not None:
                digest.take_sequences(batch, self.plan.layout.sequences)
            elif digest is not None:
                digest.take(batch, self._labelling.names(batch, first + done), rows_of_batch.targets)
            if rows_of_batch.targets is not None:
                targets = targets.merge(_seen(rows_of_batch))
            for rows_to_score in self._counted(rows_of_batch, first + done):
                tally.add(self._as_scored(rows_to_score))
                if digest is not None:
                    places = None if rows_to_score.numbers is None else rows_to_score.numbers - done
                    digest.add(places, rows_to_score.chosen)
            done += batch.rows
            if tally.observer.fatal:
                break
            if watching is not None:
                watching.add(rows_of_batch)
            if rows_of_batch.results is not None:
                results.append(rows_of_batch.results)
            if rows_of_batch.kept is not None:
                kept.append(rows_of_batch.kept)
        fatal = tally.observer.fatal
        repeats = () if watching is None else watching.finish()
        told = None if digest is None else digest.finish()
        partial = Partial(tally.finish(done), tally.evidence(), targets, repeats, told, met)
        return Scored(partial, fatal, tuple(kept), tuple(results))

    def _tally(self, span: Span) -> Tally | SequenceTally:
        """Return what adds the rows up: those that are sequences have no scores by class."""
        if self.plan.targets is not TargetKind.TRUTH:
            return Tally(self.plan, span)
        from celoss_cli.scoring.sequences import SequenceTally

        return SequenceTally(self.plan, span)

    def _watching(self) -> Watching | None:
        if not self.plan.layout.watched:
            return None
        from celoss_cli.scoring.watching import Watching

        return Watching(self.plan)

    def _digest(self) -> RowDigest | None:
        if not self.plan.digest:
            return None
        from celoss_cli.scoring.digest import RowDigest

        return RowDigest(self.plan.layout.ids)

    def _with_labels(
        self, batch: Batch, done: int, row: int, tally: Tally | SequenceTally, where: Mask | None
    ) -> BatchOfRows:
        """Pair a batch with its labels: row ``done`` of the partition is its first, ``row`` of the file.

        ``where`` (n,) are the rows that conditions on its own columns leave.
        """
        labels = self._labelling.of(batch, row)
        chosen = self._chosen(batch, row, where)
        if labels.ignored is not None:
            chosen = ~labels.ignored if chosen is None else chosen & ~labels.ignored
        for label, count, position in unknown_labels(labels, chosen):
            tally.observer.note_label(label, count, done + position)
        counts = functools.partial(self._labelling.counts, batch, row)
        for label, count, position in respelt_labels(labels, chosen, self.plan, counts):
            tally.observer.note_respelt(label, count, done + position)
        if self.plan.unknown is UnknownClass.DROP and labels.codes.size and int(labels.codes.min()) <= UNKNOWN:
            known = labels.codes != UNKNOWN
            chosen = known if chosen is None else chosen & known
        results: RowResults | SequenceResults | None = None
        if self.plan.per_sample and self.plan.targets is TargetKind.TRUTH:
            from celoss_cli.scoring.rows import SequenceResults

            results = SequenceResults.unscored(batch.rows, tuple(batch.column(name) for name in self.plan.layout.ids))
        elif self.plan.per_sample:
            from celoss_cli.scoring.rows import RowResults

            several = self.plan.targets is TargetKind.MULTILABEL
            results = RowResults.unscored(
                labels.codes,
                tuple(batch.column(name) for name in self.plan.layout.ids),
                labels=self.plan.width if several else 0,
                gradients=self.plan.width if self.plan.gradients else 0,
            )
        slices = () if self._slicing is None else self._slicing.of(batch, row)
        kept = self._kept(batch.rows, slices) if self.plan.paired else None
        if kept is not None:
            slices = ()
        return BatchOfRows(batch, done, labels.codes, labels.targets, labels.weights, chosen, results, slices, kept)

    def _counted(self, rows: BatchOfRows, row: int) -> Iterable[BatchOfRows]:
        """Return the rows of a batch, each as often as ``--count`` says; the first is row ``row`` of the file."""
        counts = self._labelling.counts(rows.batch, row)
        if counts is None:
            return (rows,)
        if rows.kept is not None and rows.kept.counts is not None:
            rows.kept.counts[:] = counts
        from celoss_cli.scoring.counted import repeated

        return repeated(rows, counts, Where(self.plan.counted_in, column=self.plan.layout.counts))

    def _kept(self, rows: int, slices: tuple[Categories, ...]) -> KeptRows:
        from celoss_cli.scoring.rows import KeptRows

        return KeptRows.unscored(rows, self.plan, slices)

    def _as_scored(self, rows: BatchOfRows) -> BatchOfRows:
        """Return the rows without their targets where the one-hot codes say all there is."""
        if rows.targets is None or self.plan.targets is not TargetKind.INDEX:
            return rows
        return rows._replace(targets=None)

    def _chosen(self, batch: Batch, row: int, chosen: Mask | None) -> Mask | None:
        """Return which rows ``--where`` selects (n,), or ``None`` for all; the first is row ``row`` of the file."""
        beside = self._labelling.chosen(row, batch.rows)
        return beside if chosen is None else chosen if beside is None else chosen & beside


def _seen(rows: BatchOfRows) -> TargetEvidence:
    """Return what the label numbers of the rows that are to be scored say."""
    if rows.targets is None:
        return TargetEvidence()
    if rows.chosen is None:
        return observe(rows.targets, rows.start)
    positions = np.flatnonzero(rows.chosen)
    return observe(rows.targets[:, positions], positions + rows.start)
