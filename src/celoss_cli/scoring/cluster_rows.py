"""The weighted loss and the weight of each cluster, from what single rows came to."""

from __future__ import annotations

import numpy as np

from celoss_cli.request import Denominator
from celoss_cli.scoring.chunk import BatchOfRows, Chunk
from celoss_cli.scoring.cluster_keys import ClusterKeys
from celoss_cli.scoring.judged import Judged
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.keyed_sums import KeyedAccumulator, KeyedSums
from celoss_cli.state.sample import Span


class ClusterRows:
    """Takes what the rows of chunks came to. Not thread-safe: one per partition."""

    def __init__(self, plan: Plan, span: Span) -> None:
        if plan.cluster_quanta is None:
            raise ValueError("the plan does not say what clusters are counted in")
        self._keys = ClusterKeys(plan, span)
        self._counted = plan.convention.denominator is Denominator.COUNT
        self._sums = KeyedAccumulator(plan.cluster_quanta)

    def add(self, rows: BatchOfRows, chunk: Chunk, judged: Judged) -> None:
        """Add a chunk: rows without a cluster are noted, those without a weight left out."""
        keys, missing = self._keys.of(rows, chunk)
        weighted = judged.product
        weight = np.ones(chunk.size) if judged.weight is None else judged.weight
        counts = np.isfinite(weighted) if self._counted else weight > 0.0
        if missing is not None:
            lost = np.flatnonzero(missing & counts)
            if lost.size:
                place = int(lost[0])
                self._sums.lose(chunk.rows + place if isinstance(chunk.rows, int) else int(chunk.rows[place]))
            counts &= ~missing
        share = np.ones(chunk.size) if self._counted else weight
        if not counts.all():
            keys, weighted, share = keys[counts], weighted[counts], share[counts]
        self._sums.add(keys, (weighted, share))

    def finish(self) -> KeyedSums:
        """Return the sums of all rows added so far."""
        return self._sums.finish()
