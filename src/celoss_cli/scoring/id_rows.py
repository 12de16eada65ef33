"""The ids of ``--id`` as sequences are scored: some of them, by a hash of all their columns, with the rows of each."""

from __future__ import annotations

import numpy as np

from celoss_cli.pairing.fingerprints import fingerprints
from celoss_cli.pairing.ids import missing_in
from celoss_cli.scoring.chunk import Mask
from celoss_cli.state.id_sample import IdSample
from celoss_cli.state.row_sample import Codes
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.id_column import id_column

_SEED = 0xA4093822299F31D0  # digits of π

_LONGEST = 60  # characters of an id that are kept for a message


class IdRows:
    """Samples the ids of rows, batch by batch. Not thread-safe: one per partition."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._sample = IdSample()

    def add(self, batch: Batch, start: int, chosen: Mask) -> None:
        """Take the ``chosen`` (n,) rows of a batch, the first of which is row ``start`` of the partition.

        A row that has no id, or not all parts of one, is passed over.
        """
        key = [id_column(batch, name) for name in self._names]
        prints = fingerprints(key, _SEED)
        wanted = chosen & (prints <= self._sample.largest)
        missing = missing_in(key)
        if missing is not None:
            wanted &= ~missing
        hits = np.flatnonzero(wanted)
        if not hits.size:
            return
        found = IdSample.of(prints[hits], hits + start)
        self._sample = self._sample.merge(found.with_values(self._values(batch, found.first - start)))

    def finish(self) -> IdSample:
        """Return the sample."""
        return self._sample

    def _values(self, batch: Batch, rows: Codes) -> list[tuple[str, ...]]:
        """Return the ids in some rows of a batch, column by column."""
        some = batch.taken(rows)
        columns = [[(text or "")[:_LONGEST] for text in some.texts(name)] for name in self._names]
        return list(zip(*columns, strict=True))
