"""Which cluster each row is of: the value of ``--cluster``, or the leading index of an array, as a number."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from celoss_cli.scoring.chunk import BatchOfRows, Chunk
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.keyed_sums import Keys
from celoss_cli.state.sample import Span
from celoss_cli.tables.batch import Categories


class ClusterKeys:
    """Tells the clusters of rows. Not thread-safe: one per partition."""

    def __init__(self, plan: Plan, span: Span) -> None:
        self._size = plan.cluster
        self._by_column = plan.by_cluster
        self._start = span.start
        self._known: dict[str, int] = {}
        self._of: tuple[Categories, Keys] | None = None

    def of(self, rows: BatchOfRows, chunk: Chunk) -> tuple[Keys, npt.NDArray[np.bool_] | None]:
        """Return the keys (n,) of a chunk of a batch, and which (n,) rows have none: ``None`` if all have one.

        That of a value is a hash of 64 bits: among a million clusters two have the same with a chance of 3e-8.
        """
        if not self._by_column:
            first = chunk.rows + np.arange(chunk.size) if isinstance(chunk.rows, int) else chunk.rows
            return ((self._start + first) // self._size).astype(np.uint64), None
        column = rows.slices[-1]
        if self._of is None or self._of[0] is not column:
            self._of = column, self._hashes(column)
        codes = column.codes[chunk.in_batch()]
        missing = codes < 0
        return self._of[1][codes], missing if missing.any() else None

    def _hashes(self, column: Categories) -> Keys:
        """Return the hash of each value, and one more for rows without a value, which is not used."""
        known = self._known
        for value in column.values:
            if value not in known:
                known[value] = key_of(value)
        return np.array([*(known[value] for value in column.values), 0], dtype=np.uint64)


def key_of(value: str) -> int:
    """Return the key of the cluster that a column calls ``value``."""
    return int.from_bytes(hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
