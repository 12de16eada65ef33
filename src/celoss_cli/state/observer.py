"""Looks at every row of the scores in the scoring pass, and leaves evidence of what the columns hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.functions import exp, log, sum_over_classes
from celoss_cli.kernels.outcome import Floats
from celoss_cli.request import InputKind
from celoss_cli.state.evidence import FAR, ROUNDED, UNEVEN, Evidence, Flaw, Sighting
from celoss_cli.state.sample import Sample, SampleAccumulator, Slots, Span

Rows = npt.NDArray[np.signedinteger[Any]]


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
        clipped: bool = False,
        undivided: float | None = None,
        span: Span | None = None,
    ) -> None:
        """``independent`` scores, one for each label, are no distribution: their sum is not looked at.

        ``clipped``: values outside [0, 1] are limited before they are scored, so they make nothing unfit.

        ``undivided`` is how far from 1 the sum of a row may be that is not divided by it; ``tolerance`` if not given.

        ``span`` says where the partition stands in the file, if rows are to be kept.
        """
        self._span = span
        self._independent = independent
        self._most = np.inf if any_sum else 1.0 + ROUNDED
        self._unfit = _UNFIT - {Flaw.OUTSIDE} if clipped else _UNFIT
        self._reading = reading
        self._tolerance = tolerance
        self._undivided = tolerance if undivided is None else undivided
        self._rows = 0
        self._low, self._high = np.inf, -np.inf
        self._flaws: dict[Flaw, Sighting] = {}
        self._deviating = 0
        self._deviation, self._deviation_row = 0.0, -1
        self._fractional = False
        self._plausible, self._squeezed, self._whole = 0, True, True
        self._least_sum, self._most_sum = np.inf, -np.inf
        self._labels: dict[str, Sighting] = {}
        self._respelt: dict[str, Sighting] = {}
        self._sample: SampleAccumulator | None = None

    def observe(self, block: Floats, axis: int, rows: Rows | int) -> Floats | None:
        """Look at a block (C, n) or (n, C), classes along ``axis``; ``rows`` numbers its rows, or the first of them.

        Returns log Σp of the rows (n,) where the probabilities need normalising (0 where not), ``None`` if none do.
        Probabilities a little above 1 become 1 in the block itself. Call ``unfit`` before scoring it.
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
            self._whole = self._whole and low >= 0.0 and bool((block == np.rint(block)).all())
            self._count_plausible(block, axis, least)
            return None
        self._limit(block, axis, rows, low, high)
        if self._independent or block.shape[axis] == 1:
            self._check_fractional(block)
            return None
        if self._reading is InputKind.PROBS:
            return self._observe_distributions(block, axis, rows)
        return self._observe_log_distributions(block, axis, rows)

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

    def note_respelt(self, label: str, count: int, row: int) -> None:
        """Note rows whose label names a class of the plan by its letters alone: ``a`` where the class is ``A``.

        Also those with ``A``, where rows are left out that cannot be scored.
        """
        seen = Sighting(count, row, None, label)
        self._respelt[label] = self._respelt[label].merge(seen) if label in self._respelt else seen

    def keep(self, block: Floats, axis: int, codes: Rows, rows: Rows | int) -> None:
        """Keep some rows of a block (C, n) or (n, C), as they are and with their class ``codes`` (n,)."""
        if self._span is None:
            return
        if self._sample is None:
            self._sample = SampleAccumulator(block.shape[axis], self._span)
        self._sample.add(block, axis, codes, rows)

    def slots(self, width: int) -> Slots | None:
        """Return which rows of ``width`` scores ``keep`` may keep, to be filled in without it; ``None``: all of them.

        Known only where every row of the file is scored.
        """
        if self._span is None:
            return None
        if self._sample is None:
            self._sample = SampleAccumulator(width, self._span)
        return self._sample.slots

    @property
    def samples(self) -> bool:
        """Whether rows are kept."""
        return self._span is not None

    @property
    def fatal(self) -> bool:
        """Whether a row was seen that no reading could score: the rest of the partition need not be read."""
        return not _FATAL.isdisjoint(self._flaws)

    @property
    def unfit(self) -> bool:
        """Whether scores were seen that this reading cannot score: losses would be NaN."""
        return not self._unfit.isdisjoint(self._flaws)

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
            self._whole,
            self._least_sum,
            self._most_sum,
            self._squeezed,
            dict(self._labels),
            spread,
            first,
            dict(self._respelt),
        )

    def _limit(self, block: Floats, axis: int, rows: Rows | int, low: float, high: float) -> None:
        """Note scores that are no probabilities, and those that were rounded to more than one can be; limit them.

        ``low`` and ``high`` are the least and the largest score of the block.
        """
        if self._reading is InputKind.PROBS:
            least, bound, most = 0.0, 1.0, self._most
        else:
            least, bound, most = -np.inf, 0.0, ROUNDED
        if low < least or high > most:
            self._note_each(Flaw.OUTSIDE, (block < least) | (block > most), axis, rows, block)
        elif high <= bound or most == np.inf:
            return
        if most < np.inf and bool((rounded := (block > bound) & (block <= most)).any()):
            self._note_each(Flaw.ROUNDED, rounded, axis, rows, block)
        if not self.unfit:
            np.clip(block, least, most if most == np.inf else bound, out=block)

    def _observe_distributions(self, block: Floats, axis: int, rows: Rows | int) -> Floats | None:
        self._check_fractional(block)
        self._check_squeezed(block, axis)
        sums = sum_over_classes(block, axis)
        empty = sums == 0.0
        if empty.any():  # logits read as probabilities can sum to 0 too: those are no rows of zeros
            self.note(Flaw.ZERO_ROW, empty & (block.max(axis=axis) == 0.0), rows, sums)
        return self._check_sums(sums, rows, lambda: log(np.maximum(sums, 1e-300)))

    def _observe_log_distributions(self, block: Floats, axis: int, rows: Rows | int) -> Floats | None:
        self._fractional = True
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
        if largest > self._tolerance:
            self._deviating += int(np.count_nonzero(deviation > self._tolerance))
            if largest > FAR:
                self.note(Flaw.FAR_ROW, deviation > FAR, rows, sums)
        if not largest > self._undivided:
            return None
        return np.where(deviation > self._undivided, logs(), 0.0)

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
            with np.errstate(over="ignore"):  # rows of numbers that large are none of probabilities
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
