"""The ids of rows as they are scored: some of them, by their hash, with the truth of each row that has them."""

from __future__ import annotations

from celoss_cli.scoring.chunk import BatchOfRows
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.row_sample import RowSample


class Watching:
    """Samples the watched columns of a plan. Not thread-safe: one per partition, then ``finish``."""

    def __init__(self, plan: Plan) -> None:
        self._names = plan.layout.watched
        self._filters = plan.id_filters
        self._samples = [RowSample() for _ in self._names]

    def add(self, rows: BatchOfRows) -> None:
        """Take the rows of a batch that are scored."""
        for place, name in enumerate(self._names):
            hits, prints = self._filters[place].hits(rows.batch.held(name))
            if rows.chosen is not None:
                chosen = rows.chosen[hits]
                hits, prints = hits[chosen], prints[chosen]
            if hits.size:
                self._samples[place] = self._samples[place].merge(RowSample.of(prints, rows.codes[hits]))

    def finish(self) -> tuple[RowSample, ...]:
        """Return the sample of each column."""
        return tuple(self._samples)
