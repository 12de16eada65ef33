"""The rows of one block that are to be scored, with all that pairs with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.scoring.rows import RowResults
from celoss_cli.tables.batch import Batch, Categories

if TYPE_CHECKING:
    from celoss_cli.scoring.rows import KeptRows

Mask = npt.NDArray[np.bool_]


class BatchOfRows(NamedTuple):
    """A batch ready to be scored: row ``start`` of the partition is its first; all arrays have its n rows.

    ``codes`` (n,) are class codes (negative: missing or unknown); ``targets`` (C, n) stand in their place where the
    labels speak of every class. ``weights`` (n,) are the sample weights or ``None``, ``chosen`` (n,) the rows that
    ``--where`` and ``--ignore-index`` leave or ``None`` for all; ``results`` takes every row, if the per-sample file
    is wanted. ``slices`` has the slice of each row for each column of ``--slice``. ``kept`` takes every row, if it is
    to be held against another model's.
    """

    batch: Batch
    start: int
    codes: Codes
    targets: Floats | None
    weights: Floats | None
    chosen: Mask | None
    results: RowResults | None
    slices: tuple[Categories, ...] = ()
    kept: KeptRows | None = None


class Chunk(NamedTuple):
    """Rows of a block to be scored, n of them: ``scores`` (C, n) if ``axis`` is 0, (n, C) if 1, float64 scratch.

    ``codes``, ``targets`` and ``weights`` as in ``BatchOfRows``; ``rows`` numbers the rows in the partition (or the
    first of them, if they follow each other), ``places`` in the batch likewise.
    """

    scores: Floats
    axis: int
    codes: Codes
    targets: Floats | None
    weights: Floats | None
    rows: Codes | int
    places: Codes | int

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(self.codes.shape[0])

    def place(self, position: int) -> int:
        """Return where the row at ``position`` of the chunk stands in the batch."""
        return self.places + position if isinstance(self.places, int) else int(self.places[position])

    def in_batch(self) -> slice | Codes:
        """Return what selects these rows from an array over the batch."""
        return slice(self.places, self.places + self.size) if isinstance(self.places, int) else self.places
