"""The rows of one block that are to be scored, with all that pairs with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.tables.batch import Batch, Categories
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.scoring.rows import KeptRows, RowResults, SequenceResults

Mask = npt.NDArray[np.bool_]


class BatchOfRows(NamedTuple):
    """A batch of n rows, ready to be scored."""

    batch: Batch
    """The columns."""
    start: int
    """The row of the partition that its first row is."""
    codes: Codes
    """The class codes, (n,): negative where the label is missing or names no class."""
    targets: Floats | None
    """A number for every class, (C, n), where labels say that; else ``None``."""
    weights: Floats | None
    """The sample weights, (n,), ``None`` where there are none."""
    chosen: Mask | None
    """The rows, (n,), that ``--where`` and ``--ignore-index`` leave; ``None`` for all."""
    results: RowResults | SequenceResults | None
    """Takes what each row comes to, if the per-sample file is wanted."""
    slices: tuple[Categories, ...] = ()
    """The slice of each row, for each column of ``--slice``."""
    kept: KeptRows | None = None
    """Takes each row, if it is to be held against another model's."""
    numbers: Codes | None = None
    """The row of the partition that each of them is, (n,), where rows stand here several times."""
    copies: Mask | None = None
    """Which of them, (n,), are the row before once more; ``None`` for none."""


class Chunk(NamedTuple):
    """Rows of a block to be scored, n of them."""

    scores: Floats
    """The scores, (C, n) if ``axis`` is 0 and (n, C) if it is 1: float64, to be overwritten at will."""
    axis: int
    """The axis of the classes."""
    codes: Codes
    """As in ``BatchOfRows``, of these rows."""
    targets: Floats | None
    """As in ``BatchOfRows``."""
    weights: Floats | None
    """As in ``BatchOfRows``."""
    rows: Codes | int
    """The numbers of the rows in the partition, (n,), or that of the first where they follow each other."""
    places: Codes | int
    """Where they stand in the batch, likewise."""

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
