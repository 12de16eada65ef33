"""What every row of the scores says about what the columns hold: gathered in the scoring pass, mergeable like it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.functions import exp, log, sum_over_classes
from celoss_cli.kernels.outcome import Floats
from celoss_cli.request import InputKind
from celoss_cli.state.sample import Sample, SampleAccumulator, Span

FAR = 0.02
"""Rows whose probabilities sum to 1 within this are distributions written coarsely; beyond, something else."""

UNEVEN = 2.718281828459045 * (1.0 + 1e-6)
"""The softmax of probabilities has no class more than e times as probable as another."""

Rows = npt.NDArray[np.signedinteger[Any]]


class Flaw(Enum):
    """A way in which a row can be unfit to be scored under a reading."""

    NAN = "NaN or empty score"
    INFINITE = "infinite score"
    OUTSIDE = "not a probability"
    ZERO_ROW = "row of zeros"
    RULED_OUT = "row without any possible class"
    FAR_ROW = "row far from summing to 1"
    MISSING_LABEL = "missing label"
    UNKNOWN_LABEL = "unknown label"
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
    """What the rows looked at say. ``merge`` is associative, with ``Evidence()`` as identity.

    ``low`` and ``high`` are the smallest and largest score. ``deviating`` rows sum to something further from 1 than
    the precision explains; ``deviation`` is the largest distance of any row, in row ``deviation_row``. ``fractional``:
    some score is neither 0 nor 1. ``plausible`` rows were read as logits and would do as probabilities; those without a
    negative score sum to ``least_sum`` up to ``most_sum``. ``squeezed``:
    all rows read as probabilities are so even that the softmax of other probabilities could have made them.
    ``labels`` counts the labels that name no class of the plan, with the first row of each. ``sample`` are
    rows with one true class as they were scored, from everywhere in the file, and ``first`` those of its beginning.
    """

    rows: int = 0
    low: float = np.inf
    high: float = -np.inf
    flaws: Mapping[Flaw, Sighting] = _NOTHING
    deviating: int = 0
    deviation: float = 0.0
    deviation_row: int = -1
    fractional: bool = False
    plausible: int = 0
    least_sum: float = np.inf
    most_sum: float = -np.inf
    squeezed: bool = True
    labels: Mapping[str, Sighting] = _NOTHING
    sample: Sample = Sample()
    first: Sample = Sample()

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
            min(self.least_sum, other.least_sum),
            max(self.most_sum, other.most_sum),
            self.squeezed and other.squeezed,
            _merged(self.labels, other.labels),
            self.sample.merge(other.sample),
            self.first.merge(other.first),
        )

    def shifted(self, rows: int) -> Evidence:
        """Return the same evidence for rows that start ``rows`` further down the file."""
        if rows == 0:
            return self
        return self._replace(
            flaws={flaw: seen._replace(row=seen.row + rows) for flaw, seen in self.flaws.items()},
            labels={label: seen._replace(row=seen.row + rows) for label, seen in self.labels.items()},
            deviation_row=self.deviation_row + rows if self.deviation_row >= 0 else -1,
            sample=self.sample.shifted(rows),
            first=self.first.shifted(rows),
        )


def _merged(a: Mapping[Any, Sighting], b: Mapping[Any, Sighting]) -> dict[Any, Sighting]:
    merged = dict(a)
    for key, seen in b.items():
        merged[key] = merged[key].merge(seen) if key in merged else seen
    return merged


class Observer:
    """Looks at blocks of scores under one reading and leaves ``Evidence``. Not thread-safe: one per partition.

    ``tolerance`` is how far from 1 the sum of a row may be for reasons of printing or of the dtype. Where ``any_sum``
    is allowed, numbers above 1 are shares of a row too.
    """

    def __init__(
        self,
        reading: InputKind,
        tolerance: float,
        *,
        independent: bool = False,
        any_sum: bool = False,
        span: Span | None = None,
    ) -> None:
        """``independent`` scores, one for each label, are no distribution: their sum is not looked at.

        ``span`` says where the partition stands in the file, if rows are to be kept.
        """
        self._span = span
        self._independent = independent
        self._most = np.inf if any_sum else 1.0 + tolerance
        self._reading = reading
        self._tolerance = tolerance
        self._rows = 0
        self._low, self._high = np.inf, -np.inf
        self._flaws: dict[Flaw, Sighting] = {}
        self._deviating = 0
        self._deviation, self._deviation_row = 0.0, -1
        self._fractional = False
        self._plausible, self._squeezed = 0, True
        self._least_sum, self._most_sum = np.inf, -np.inf
        self._labels: dict[str, Sighting] = {}
        self._sample: SampleAccumulator | None = None

    def observe(self, block: Floats, axis: int, rows: Rows | int) -> Floats | None:
        """Look at a block (C, n) or (n, C), classes along ``axis``; ``rows`` numbers its rows, or the first of them.

        Returns log Σp of the rows (n,) where the probabilities need normalising (0 where not), ``None`` if none do.
        Call ``unfit`` before scoring the block.
        """
        n = block.shape[1 - axis]
        if n == 0:
            return None
        # Of logits the least of each row is wanted as well: the least of all then costs nothing.
        least = block.min(axis=axis) if self._reading is InputKind.LOGITS else block
        low, high = float(least.min()), float(block.max())
        self._rows += n
        if low != low:
            self._note_each(Flaw.NAN, np.isnan(block), axis, rows, block)
            low = float(np.fmin.reduce(block, axis=None, initial=np.inf))
            high = float(np.fmax.reduce(block, axis=None, initial=-np.inf))
        self._low, self._high = min(self._low, low + 0.0), max(self._high, high + 0.0)  # 0, whatever its sign
        if high == np.inf or (low == -np.inf and self._reading is InputKind.PROBS):
            bad = np.isinf(block) if self._reading is InputKind.PROBS else block == np.inf
            self._note_each(Flaw.INFINITE, bad, axis, rows, block)
        if low == -np.inf and self._reading is not InputKind.PROBS and not self._independent and block.shape[axis] > 1:
            self.note(Flaw.RULED_OUT, block.max(axis=axis) == -np.inf, rows, np.full(n, -np.inf))
        if self._reading is InputKind.LOGITS:
            self._count_plausible(block, axis, least)
            return None
        if self._independent or block.shape[axis] == 1:
            self._observe_single(block, axis, rows, low, high)
            return None
        if self._reading is InputKind.PROBS:
            return self._observe_distributions(block, axis, rows, low, high)
        return self._observe_log_distributions(block, axis, rows, high)

    def note(self, flaw: Flaw, bad: npt.NDArray[np.bool_], rows: Rows | int, values: Any) -> None:
        """Note the rows where ``bad`` (n,) is true, with the value of the first from ``values`` (n,)."""
        where = np.flatnonzero(bad)
        if where.size:
            first = int(where[0])
            self._add(flaw, Sighting(int(where.size), _row(rows, first), None, values[first]))

    def note_label(self, label: str, count: int, row: int) -> None:
        """Note rows with a label that names no class of the plan."""
        seen = Sighting(count, row, None, label)
        self._labels[label] = self._labels[label].merge(seen) if label in self._labels else seen

    def keep(self, block: Floats, axis: int, codes: Rows, rows: Rows | int) -> None:
        """Keep some rows of a block (C, n) or (n, C), as they are and with their class ``codes`` (n,)."""
        if self._span is None:
            return
        if self._sample is None:
            self._sample = SampleAccumulator(block.shape[axis], self._span)
        self._sample.add(block, axis, codes, rows)

    def may_keep(self, width: int, row: int, rows: int) -> Rows:
        """Return the numbers of those of some rows of ``width`` scores that ``keep`` may keep: only they need be given.

        The rows are ``rows`` from ``row`` on; all rows of the file must be scored.
        """
        if self._span is None:
            return np.empty(0, dtype=np.intp)
        if self._sample is None:
            self._sample = SampleAccumulator(width, self._span)
        return self._sample.wanted(row, rows)

    @property
    def fatal(self) -> bool:
        """Whether a row was seen that no reading could score: the rest of the partition need not be read."""
        return not _FATAL.isdisjoint(self._flaws)

    @property
    def unfit(self) -> bool:
        """Whether scores were seen that this reading cannot score: losses would be NaN."""
        return not _UNFIT.isdisjoint(self._flaws)

    def finish(self) -> Evidence:
        """Return the evidence so far."""
        spread, first = (Sample(), Sample()) if self._sample is None else self._sample.finish()
        return Evidence(
            self._rows,
            self._low,
            self._high,
            dict(self._flaws),
            self._deviating,
            self._deviation,
            self._deviation_row,
            self._fractional,
            self._plausible,
            self._least_sum,
            self._most_sum,
            self._squeezed,
            dict(self._labels),
            spread,
            first,
        )

    def _observe_single(self, block: Floats, axis: int, rows: Rows | int, low: float, high: float) -> None:
        if self._reading is InputKind.LOGPROBS:
            if high > 0.0:
                self._note_each(Flaw.OUTSIDE, block > 0.0, axis, rows, block)
        elif low < 0.0 or high > 1.0:
            self._note_each(Flaw.OUTSIDE, (block < 0.0) | (block > 1.0), axis, rows, block)
        self._check_fractional(block)

    def _observe_distributions(
        self, block: Floats, axis: int, rows: Rows | int, low: float, high: float
    ) -> Floats | None:
        if low < 0.0 or high > self._most:
            outside = (block < 0.0) | (block > self._most)
            self._note_each(Flaw.OUTSIDE, outside, axis, rows, block)
        self._check_fractional(block)
        self._check_squeezed(block, axis)
        sums = sum_over_classes(block, axis)
        empty = sums == 0.0
        if empty.any():  # logits read as probabilities can sum to 0 too: those are no rows of zeros
            self.note(Flaw.ZERO_ROW, empty & (block.max(axis=axis) == 0.0), rows, sums)
        return self._check_sums(sums, rows, lambda: log(np.maximum(sums, 1e-300)))

    def _observe_log_distributions(self, block: Floats, axis: int, rows: Rows | int, high: float) -> Floats | None:
        if high > self._tolerance:
            self._note_each(Flaw.OUTSIDE, block > self._tolerance, axis, rows, block)
        self._fractional = True
        with np.errstate(over="ignore"):
            sums = sum_over_classes(exp(block), axis)
        return self._check_sums(sums, rows, lambda: log(np.maximum(sums, 1e-300)))

    def _check_sums(self, sums: Floats, rows: Rows | int, logs: Any) -> Floats | None:
        deviation = sums - 1.0
        np.abs(deviation, out=deviation)
        if np.isnan(deviation.max()):
            deviation[np.isnan(deviation)] = 0.0  # such rows have a flaw of their own
        largest = float(deviation.max())
        if largest > self._deviation:
            self._deviation, self._deviation_row = largest, _row(rows, int(deviation.argmax()))
        if not largest > self._tolerance:
            return None
        beyond = deviation > self._tolerance
        self._deviating += int(np.count_nonzero(beyond))
        if largest > FAR:
            self.note(Flaw.FAR_ROW, deviation > FAR, rows, sums)

        return np.where(beyond, logs(), 0.0)

    def _check_fractional(self, block: Floats) -> None:
        if not self._fractional:
            self._fractional = bool(((block != 0.0) & (block != 1.0)).any())

    def _count_plausible(self, block: Floats, axis: int, least: Floats) -> None:
        """Count the rows of logits that would do as probabilities; ``least`` (n,) is the least logit of each."""
        candidates = np.flatnonzero(least >= 0.0)
        if not candidates.size:
            return
        rows = block.take(candidates, axis=1 - axis)
        if block.shape[axis] == 1 or self._independent:
            inside = (rows <= 1.0).all(axis=axis)
        else:
            sums = sum_over_classes(rows, axis)
            self._least_sum = min(self._least_sum, float(sums.min()))
            self._most_sum = max(self._most_sum, float(sums.max()))
            inside = np.abs(sums - 1.0) <= FAR
        self._plausible += int(np.count_nonzero(inside))

    def _check_squeezed(self, block: Floats, axis: int) -> None:
        """Find out whether all rows are so even that they can be the softmax of probabilities."""
        if self._squeezed:
            self._squeezed = bool((block.max(axis=axis) <= UNEVEN * block.min(axis=axis)).all())

    def _note_each(self, flaw: Flaw, bad: npt.NDArray[np.bool_], axis: int, rows: Rows | int, block: Floats) -> None:
        by_row = bad.any(axis=axis)
        where = np.flatnonzero(by_row)
        first = int(where[0])
        cells, values = (bad[:, first], block[:, first]) if axis == 0 else (bad[first], block[first])
        column = int(np.flatnonzero(cells)[0])
        self._add(flaw, Sighting(int(where.size), _row(rows, first), column, float(values[column])))

    def _add(self, flaw: Flaw, seen: Sighting) -> None:
        self._flaws[flaw] = self._flaws[flaw].merge(seen) if flaw in self._flaws else seen


_FATAL = frozenset({Flaw.NAN, Flaw.INFINITE, Flaw.ZERO_ROW, Flaw.RULED_OUT, Flaw.MISSING_LABEL, Flaw.BAD_WEIGHT})

_UNFIT = _FATAL | {Flaw.OUTSIDE}


def _row(rows: Rows | int, position: int) -> int:
    return rows + position if isinstance(rows, int) else int(rows[position])
