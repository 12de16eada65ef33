"""The ids of rows as they are scored: some of them, by their hash, with the truth of each row that has them."""

from __future__ import annotations

import numpy as np

from celoss_cli.scoring.chunk import BatchOfRows
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.row_sample import MOST_IDS, Codes, Prints, RowSample
from celoss_cli.tables.id_prints import IdFilter

_MOST_HELD = 4 * MOST_IDS  # rows, which are put together at once: of a batch they are few


class Watching:
    """Samples the watched columns of a plan. Not thread-safe: one per partition, then ``finish``."""

    def __init__(self, plan: Plan) -> None:
        self._columns = tuple(
            _Watched(name, looked_at) for name, looked_at in zip(plan.layout.watched, plan.id_filters, strict=True)
        )

    def add(self, rows: BatchOfRows) -> None:
        """Take the rows of a batch that are scored."""
        for column in self._columns:
            column.add(rows)

    def finish(self) -> tuple[RowSample, ...]:
        """Return the sample of each column."""
        return tuple(column.finish() for column in self._columns)


class _Watched:
    """One column: the rows held of it, and the sample of those before them."""

    def __init__(self, name: str, looked_at: IdFilter) -> None:
        self._name, self._filter = name, looked_at
        self._sample = RowSample()
        self._held: list[tuple[Prints, Codes]] = []
        self._size = 0

    def add(self, rows: BatchOfRows) -> None:
        hits, prints = self._filter.hits(rows.batch.held(self._name))
        if rows.chosen is not None:
            chosen = rows.chosen[hits]
            hits, prints = hits[chosen], prints[chosen]
        if not hits.size:
            return
        self._held.append((prints, rows.codes[hits]))
        self._size += int(hits.size)
        if self._size > _MOST_HELD:
            self.finish()

    def finish(self) -> RowSample:
        if self._held:
            prints, codes = (np.concatenate(parts) for parts in zip(*self._held, strict=True))
            self._sample = self._sample.merge(RowSample.of(prints, codes))
            self._held, self._size = [], 0
        return self._sample
