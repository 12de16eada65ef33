"""What every row of the scores says about what the columns hold: mergeable, like all that a pass leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np

from celoss_cli.state.sample import Sample
from celoss_cli.tuples import NamedTuple

FAR = 0.02
"""Rows whose probabilities sum to 1 within this are distributions written coarsely; beyond, something else."""

UNEVEN = 2.718281828459045 * (1.0 + 1e-6)
"""The softmax of probabilities has no class more than e times as probable as another."""

ROUNDED = 1e-5
"""A probability above 1 by at most this was rounded so, and counts as 1; a log-probability above 0 likewise."""


class Flaw(Enum):
    """A way in which a row can be unfit to be scored under a reading."""

    NAN = "NaN or empty score"
    INFINITE = "infinite score"
    OUTSIDE = "not a probability"
    ROUNDED = "a probability rounded to more than 1"
    ZERO_ROW = "row of zeros"
    RULED_OUT = "row without any possible class"
    FAR_ROW = "row far from summing to 1"
    MISSING_LABEL = "missing label"
    BAD_WEIGHT = "bad sample weight"


class Sighting(NamedTuple):
    """A flaw: in how many rows, and the first of them with the column number (if one) and the value found there."""

    count: int  # type: ignore[assignment]  # tuple has a method of that name, which nobody needs here
    row: int
    column: int | None
    value: float | str

    def merge(self, other: Sighting) -> Sighting:
        """Return the sighting in both sets of rows."""
        first = self if self.row <= other.row else other
        return first._replace(count=self.count + other.count)


_NOTHING: Mapping[Any, Sighting] = {}


class Evidence(NamedTuple):
    """What the rows looked at say. ``merge`` is associative, with ``Evidence()`` as identity."""

    rows: int = 0
    """How many rows were looked at."""
    low: float = np.inf
    """The smallest score."""
    high: float = -np.inf
    """The largest score."""
    flaws: Mapping[Flaw, Sighting] = _NOTHING
    """In how many rows each flaw was seen, and where first."""
    deviating: int = 0
    """How many rows sum to something further from 1 than the precision explains."""
    deviation: float = 0.0
    """The largest distance of a sum from 1, of any row."""
    deviation_row: int = -1
    """The row that has it."""
    fractional: bool = False
    """Whether some score is neither 0 nor 1."""
    plausible: int = 0
    """How many rows were read as logits and would do as probabilities."""
    whole: bool = True
    """Whether all logits are whole numbers, and none negative."""
    least_sum: float = np.inf
    """The smallest sum of a row of logits without a negative one."""
    most_sum: float = -np.inf
    """The largest of these."""
    squeezed: bool = True
    """Whether all rows of probabilities are so even that the softmax of other probabilities could have made them."""
    labels: Mapping[str, Sighting] = _NOTHING
    """The labels that name no class of the plan, with the first row of each."""
    sample: Sample = Sample()
    """Rows from everywhere in the file, with one true class, as they were scored."""
    first: Sample = Sample()
    """The first rows of the file, likewise."""
    respelt: Mapping[str, Sighting] = _NOTHING
    """The labels that name a class of the plan by their letters alone, with the first row of each; where rows are left
    out that cannot be scored, those in the letters of their class as well."""

    def merge(self, other: Evidence) -> Evidence:
        """Return the evidence of both sets of rows."""
        mine, theirs = (self.deviation, -self.deviation_row), (other.deviation, -other.deviation_row)
        larger = self if mine >= theirs else other
        return Evidence(
            self.rows + other.rows,
            min(self.low, other.low),
            max(self.high, other.high),
            _merged(self.flaws, other.flaws),
            self.deviating + other.deviating,
            larger.deviation,
            larger.deviation_row,
            self.fractional or other.fractional,
            self.plausible + other.plausible,
            self.whole and other.whole,
            min(self.least_sum, other.least_sum),
            max(self.most_sum, other.most_sum),
            self.squeezed and other.squeezed,
            _merged(self.labels, other.labels),
            self.sample.merge(other.sample),
            self.first.merge(other.first),
            _merged(self.respelt, other.respelt),
        )

    def shifted(self, rows: int) -> Evidence:
        """Return the same evidence for rows that start ``rows`` further down the file."""
        if rows == 0:
            return self
        return self._replace(
            flaws={flaw: seen._replace(row=seen.row + rows) for flaw, seen in self.flaws.items()},
            labels={label: seen._replace(row=seen.row + rows) for label, seen in self.labels.items()},
            respelt={label: seen._replace(row=seen.row + rows) for label, seen in self.respelt.items()},
            deviation_row=self.deviation_row + rows if self.deviation_row >= 0 else -1,
            sample=self.sample.shifted(rows),
            first=self.first.shifted(rows),
        )


def _merged(a: Mapping[Any, Sighting], b: Mapping[Any, Sighting]) -> dict[Any, Sighting]:
    merged = dict(a)
    for key, seen in b.items():
        merged[key] = merged[key].merge(seen) if key in merged else seen
    return merged
