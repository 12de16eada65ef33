"""What labels that are numbers say: gathered in the scoring pass, mergeable like it."""

from __future__ import annotations

from typing import Any

import numpy as np

from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.state.evidence import Sighting
from celoss_cli.tuples import NamedTuple

TOLERANCE = 1e-6
"""How far from 1 the sum of a soft label may be: float32 softmax outputs and six printed digits are."""


class TargetEvidence(NamedTuple):
    """What the label numbers of the rows looked at say. ``merge`` is associative; identity ``TargetEvidence()``.

    ``outside`` is the first number that is no probability, ``uneven`` the first row that does not sum to 1 (with its
    sum); ``fractional`` whether some number is neither 0 nor 1.
    """

    rows: int = 0
    outside: Sighting | None = None
    uneven: Sighting | None = None
    fractional: bool = False

    def merge(self, other: TargetEvidence) -> TargetEvidence:
        """Return the evidence of both sets of rows."""
        return TargetEvidence(
            self.rows + other.rows,
            _earlier(self.outside, other.outside),
            _earlier(self.uneven, other.uneven),
            self.fractional or other.fractional,
        )

    def shifted(self, rows: int) -> TargetEvidence:
        """Return the same evidence for rows that start ``rows`` further down the file."""
        return self._replace(outside=_moved(self.outside, rows), uneven=_moved(self.uneven, rows))


def observe(targets: Floats, rows: Codes | int) -> TargetEvidence:
    """Look at label numbers (C, n); ``rows`` numbers their rows, or the first of them. NaN (missing) is passed over."""
    known = ~np.isnan(targets).any(axis=0)
    outside = known & ((targets < 0.0) | (targets > 1.0)).any(axis=0)
    sums = targets.sum(axis=0)
    uneven = known & (np.abs(sums - 1.0) > TOLERANCE) & (targets.shape[0] > 1)
    fractional = bool(((targets != 0.0) & (targets != 1.0) & known).any())
    return TargetEvidence(
        int(known.sum()), _first(outside, rows, targets), _first(uneven, rows, sums[None, :]), fractional
    )


def _first(bad: Any, rows: Codes | int, values: Floats) -> Sighting | None:
    where = np.flatnonzero(bad)
    if not where.size:
        return None
    position = int(where[0])
    cells = values[:, position]
    column = int(((cells < 0.0) | (cells > 1.0)).argmax())
    row = rows + position if isinstance(rows, int) else int(rows[position])
    return Sighting(int(where.size), row, column, float(cells[column]))


def _earlier(a: Sighting | None, b: Sighting | None) -> Sighting | None:
    if a is None or b is None:
        return b if a is None else a
    return a.merge(b)


def _moved(seen: Sighting | None, rows: int) -> Sighting | None:
    return None if seen is None else seen._replace(row=seen.row + rows)
