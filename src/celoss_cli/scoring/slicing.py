"""The slices of the rows of a batch, whichever file the column is in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from celoss_cli.align import MISSING, LabelSide
from celoss_cli.slicing import SliceBy, slice_codes
from celoss_cli.tables.batch import Batch, Categories
from celoss_cli.tables.source import Need


class Slicing:
    """Tells the slice of every row, for each of some columns. Holds nothing that changes."""

    def __init__(self, slices: Sequence[SliceBy], side: LabelSide | None, needs: dict[str, Need]) -> None:
        """Add the columns that have to be read for it to ``needs``."""
        self._side = side
        self._slices: list[tuple[SliceBy, Categories | None, Need]] = []
        beside = iter(() if side is None else side.slices)
        for by in slices:
            if by.beside_label:
                self._slices.append((by, next(beside), by.need))
            else:
                self._slices.append((by, None, needs.setdefault(by.column, by.need)))

    def of(self, batch: Batch, row: int) -> tuple[Categories, ...]:
        """Return the slices of a batch whose first row is ``row`` of the file, column by column."""
        return tuple(
            slice_codes(batch, by, read_as) if beside is None else _part(beside, row, batch.rows)
            for by, beside, read_as in self._slices
        )


def _part(slices: Categories, row: int, rows: int) -> Categories:
    codes = slices.codes[row : row + rows]
    if codes.shape[0] < rows:  # fewer labels than predictions: that is said when all rows are counted
        codes = np.full(rows, MISSING, dtype=np.int32)
    return Categories(codes, slices.values)
