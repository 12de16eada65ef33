"""One partition from file to statistics. What the engine runs, in one thread or in many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from celoss_cli.align import UNKNOWN, LabelSide, batch_codes, class_codes
from celoss_cli.evidence import Evidence, Observer
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.scoring.chunk import BatchOfRows
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.rows import RowResults
from celoss_cli.scoring.tally import Tally
from celoss_cli.state.totals import Totals
from celoss_cli.tables.batch import Batch, Categories
from celoss_cli.tables.source import Need, Partition


@dataclass(frozen=True, slots=True)
class Scored:
    """What one partition leaves behind: its statistics, its evidence, and its rows if they are to be written.

    ``stopped``: a row was met that no reading can score, and those after it were not looked at.
    """

    totals: Totals
    evidence: Evidence
    results: tuple[RowResults, ...]
    stopped: bool


class Scorer:
    """Scores partitions under one plan. Holds nothing that changes: safe to share among threads."""

    def __init__(self, plan: Plan, side: LabelSide | None) -> None:
        self.plan = plan
        self.side = side
        self._side_codes = None if side is None else class_codes(side.labels, plan.classes)
        self.needs = self._needs()

    def _needs(self) -> Mapping[str, Need]:
        plan, layout = self.plan, self.plan.layout
        needs = dict.fromkeys(plan.score_names, Need.NUMBER)
        if self.side is None:
            needs[layout.label] = Need.CATEGORY
        if layout.weight is not None and not layout.weight_beside_label:
            needs[layout.weight] = Need.NUMBER
        for name, _ in plan.where:
            needs.setdefault(name, Need.CATEGORY)
        if layout.id is not None and plan.full:
            needs.setdefault(layout.id, Need.KEY)
        return needs

    def score(self, partition: Partition, start: Callable[[int], int], stopped: Callable[[], bool]) -> Scored:
        """Read and score one partition.

        ``start(rows)`` returns the partition's first row in the file, given how many rows it has itself; it is asked
        only where labels pair by row number, and may wait for the partitions before. ``stopped()`` ends the work.
        """
        batches = partition.batches(self.needs)
        first = 0
        if self.side is not None:
            rows = partition.rows
            if rows is None:
                held = list(batches)
                rows, batches = sum(batch.rows for batch in held), iter(held)
            first = start(rows)
        tally = Tally(self.plan)
        results: list[RowResults] = []
        done = 0
        for batch in batches:
            if stopped():
                break
            rows_of_batch = self._with_labels(batch, done, first + done, tally.observer)
            tally.add(rows_of_batch)
            done += batch.rows
            if rows_of_batch.results is not None:
                results.append(rows_of_batch.results)
            if tally.observer.fatal:
                break
        return Scored(tally.finish(done), tally.observer.finish(), tuple(results), tally.observer.fatal)

    def _with_labels(self, batch: Batch, done: int, row: int, observer: Observer) -> BatchOfRows:
        """Pair a batch with its labels and weights: row ``done`` of the partition is its first, ``row`` of the file."""
        layout = self.plan.layout
        weights: Floats | None = None
        names: Categories | None
        if self.side is None or self._side_codes is None:
            codes, names = batch_codes(batch, layout.label, self.plan.classes)
        else:
            part = slice(row, row + batch.rows)
            codes, names = self._side_codes[part], Categories(self.side.labels.codes[part], self.side.labels.values)
            weights = None if self.side.weights is None else self.side.weights[part]
            if codes.shape[0] < batch.rows:
                # More predictions than labels. That is said when all rows are counted; until then, any class will do.
                codes, names = np.zeros(batch.rows, dtype=np.intp), None
                weights = None if weights is None else np.ones(batch.rows)
        if layout.weight is not None and weights is None:
            weights = batch.numbers(layout.weight).astype(np.float64, copy=False)
        chosen = self._chosen(batch)
        if names is not None:
            self._note_unknown(codes, names, done, chosen, observer)
        results = None
        if self.plan.per_sample:
            results = RowResults.unscored(codes, None if layout.id is None else batch.column(layout.id))
        return BatchOfRows(batch, done, codes, None, weights, chosen, results)

    def _chosen(self, batch: Batch) -> npt.NDArray[np.bool_] | None:
        """Return which rows ``--where`` selects (n,), or ``None`` for all."""
        chosen: npt.NDArray[np.bool_] | None = None
        for name, value in self.plan.where:
            categories = batch.categories(name)
            fits = np.array([*(text == value for text in categories.values), value == ""], dtype=bool)
            selected = fits[categories.codes]
            chosen = selected if chosen is None else chosen & selected
        return chosen

    def _note_unknown(
        self, codes: Codes, names: Categories, done: int, chosen: npt.NDArray[np.bool_] | None, observer: Observer
    ) -> None:
        unknown = codes == UNKNOWN
        if chosen is not None:
            unknown &= chosen
        positions = np.flatnonzero(unknown)
        if not positions.size:
            return
        values, firsts, counts = np.unique(names.codes[positions], return_index=True, return_counts=True)
        for value, first, count in zip(values.tolist(), firsts.tolist(), counts.tolist(), strict=True):
            observer.note_label(names.values[value], count, done + int(positions[first]))
