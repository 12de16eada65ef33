"""Ordinary rows, scored and added up by the compiled core in one go: what it leaves is what the general way would.

Ordinary is a row with one true class, of no weight but that of its class, whose scores are fit to be read as the plan
reads them, and whose loss is finite. The core stops before a block of rows with any other among them: the general way
takes some rows from there, and the core goes on.
"""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.bfloat16 import BFLOAT16, as_halves
from celoss_cli.kernels.compiled import CORE, as_buffer, letter_of
from celoss_cli.kernels.outcome import Codes
from celoss_cli.request import Detail, InputKind
from celoss_cli.scoring.chunk import BatchOfRows
from celoss_cli.scoring.plan import Plan
from celoss_cli.state.calibration import (
    CELLS,
    SINGLE_CELLS,
    CalibrationState,
    CellSums,
    of_confidence,
    of_positive,
    of_single,
)
from celoss_cli.state.caps import CAPS, CapState
from celoss_cli.state.evidence import FAR, UNEVEN, Evidence
from celoss_cli.state.exact_sum import CORE_CHUNKS, CORE_LIMBS, ExactSums, units_of
from celoss_cli.state.loss import LossState
from celoss_cli.state.sample import Slots
from celoss_cli.state.tail import HIGHEST, LOWEST, TAIL_BINS, TailState
from celoss_cli.state.totals import Totals
from celoss_cli.state.worst import WorstState
from celoss_cli.tuples import NamedTuple

_KINDS = {InputKind.PROBS: 0, InputKind.LOGITS: 1, InputKind.LOGPROBS: 2}

_FEW_CLASSES = 64  # rows of more are read one by one, which only logits are

_CALIBRATION_LIMBS = (-25, -59)

_SPREAD_LIMB = (-39,)

_PARTS = len(_CALIBRATION_LIMBS) + len(_SPREAD_LIMB)

_ROWS_AT_MOST = 1 << 24  # variances are at most 2^37 a row: 2^61 in all, and as much again from a batch

_EVIDENCE = np.dtype(
    [(name, np.float64) for name in ("low", "high", "deviation", "least_sum", "most_sum")]
    + [(name, np.int64) for name in ("deviation_row", "plausible", "whole", "fractional", "squeezed", "clipped")]
)

_CANDIDATE = np.dtype([("loss", np.float64), ("row", np.int64)])


class Noted(NamedTuple):
    """What the core says of the rows of one call, beside the sums."""

    stop: int
    """The row of the batch that it stopped before: the first that is not ordinary, or the end."""
    worst: Codes
    """The rows of the batch that may be among the worst, (n,), in order."""
    beyond_caps: npt.NDArray[Any]
    """The rows whose losses are above some cap, (n,): a record of ``loss`` and ``row`` each."""


def fits(plan: Plan) -> bool:
    """Whether rows scored under a plan can be ordinary, and there is a core to score them."""
    convention = plan.convention
    contributing = min(plan.class_weights or (1.0,)) > 0.0  # a row of weight 0 is none of the worst
    plain = plan.plain and contributing and convention.rule is None and not (plan.beyond or plan.any_sum)
    alone = plan.cluster == 1 and plan.layout.weight is None and not (plan.paired or plan.per_sample or plan.slices)
    narrow = plan.width <= _FEW_CLASSES or plan.input is InputKind.LOGITS
    untouched = plan.recalibration is None
    square = plan.width in (1, len(plan.classes.names))
    return (
        CORE is not None
        and plain
        and alone
        and narrow
        and square
        and plan.cluster_quanta is None
        and untouched
        and plan.detail not in (Detail.CONVENTIONS, Detail.EXPECTED)
    )


class FusedRows:
    """Adds up the ordinary rows of batches under one plan that ``fits``. Not thread-safe: one per partition."""

    def __init__(self, plan: Plan) -> None:
        classes = len(plan.classes.names)
        self._plan = plan
        self._classes = classes
        self._by_class = plan.weighted_classes
        sums = classes if plan.full or self._by_class else 1
        cells = SINGLE_CELLS if plan.single else CELLS
        of_class = (cells if plan.single else 2 * cells) if plan.full else 1
        self._counts = np.zeros((classes, of_class), dtype=np.int64)
        self._loss = np.zeros((sums, len(CORE_LIMBS)), dtype=np.int64)
        self._loss_chunks = np.zeros((sums, CORE_CHUNKS), dtype=np.int64)
        self._squares = np.zeros((classes if self._by_class else 1, CORE_CHUNKS), dtype=np.int64)
        self._calibration = np.zeros((cells, _PARTS), dtype=np.int64)
        self._positive_counts = np.zeros((2, CELLS), dtype=np.int64)
        self._positive = np.zeros((CELLS, _PARTS), dtype=np.int64)
        self._brier = np.zeros(len(_CALIBRATION_LIMBS), dtype=np.int64)
        self._tail = np.zeros(TAIL_BINS, dtype=np.int64)
        self._rows = self._clipped = 0
        self._totals: Totals | None = None
        self._evidence = Evidence()
        self._limits = np.array(
            [
                100.0 if plan.percent else 1.0,
                0.0 if plan.input is InputKind.PROBS else -sys.float_info.max,
                self._largest_score(),
                plan.undivided,
                FAR,
                UNEVEN,
                LOWEST,
                HIGHEST,
                CAPS[0][1],
                *(plan.convention.limits or (0.0, math.inf)),
                math.inf,
            ]
        )

    def takes(self, rows: BatchOfRows) -> bool:
        """Whether the core can read a batch: each row is scored, and once; the scores are floats of one type."""
        if not (rows.chosen is None and rows.numbers is None and rows.copies is None):
            return False
        first, *others = (column.dtype for column in self._columns(rows))
        floats = first.kind == "f" or first == BFLOAT16
        return floats and letter_of(first) is not None and all(other == first for other in others)

    def add(self, rows: BatchOfRows, start: int, stop: int, bar: float, slots: Slots | None) -> Noted:
        """Add ordinary rows of a batch, from ``start`` on; of those with a loss above ``bar`` the worst are noted.

        What they hold of the rows in ``slots`` is filled in.
        """
        plan = self._plan
        if self._rows > _ROWS_AT_MOST:
            self._put_aside()
        stored = self._columns(rows)
        letter = letter_of(stored[0].dtype)
        columns = tuple(as_buffer(as_halves(one) if one.dtype == BFLOAT16 else one) for one in stored)
        codes = as_buffer(rows.codes)
        top = min(plan.top, stop - start) if plan.full else 0
        self._limits[-1] = bar
        seen = np.zeros(1, dtype=_EVIDENCE)
        known = self._evidence
        seen[0] = (np.inf, -np.inf, 0.0, np.inf, -np.inf, -1, 0, known.whole, known.fractional, known.squeezed, 0)
        worst = np.empty(top, dtype=_CANDIDATE)
        beyond_cap = np.empty(stop - start if plan.full else 0, dtype=_CANDIDATE)
        end, kept, capped = CORE.add_rows(
            _KINDS[plan.input],
            plan.full,
            self._by_class,
            plan.layout.vector,
            plan.width,
            self._classes,
            top,
            columns,
            letter,
            codes,
            letter_of(codes.dtype),
            self._limits,
            start,
            stop,
            (
                self._counts,
                self._loss,
                self._loss_chunks,
                self._squares,
                self._calibration,
                self._positive_counts,
                self._positive,
                self._brier,
                self._tail,
                seen,
                worst,
                beyond_cap,
            ),
            None if slots is None else (slots.numbers, slots.scores, slots.codes),
            rows.start,
        )
        self._rows += end - start
        self._clipped += int(seen["clipped"][0])
        self._evidence = self._evidence.merge(_evidence(seen[0], end - start, rows.start))
        return Noted(end, np.sort(worst["row"][:kept]), beyond_cap[:capped])

    def evidence(self) -> Evidence:
        """Return what the scores of the rows added say."""
        return self._evidence

    def totals(self) -> Totals:
        """Return the statistics of the rows added, but for the worst ones: ``Noted`` names these."""
        self._put_aside()
        if self._totals is None:
            raise AssertionError("put aside above")
        return self._totals

    def _columns(self, rows: BatchOfRows) -> list[npt.NDArray[Any]]:
        names = self._plan.score_names
        stored = [one for name in names if (one := rows.batch.stored(name)) is not None]
        if len(stored) == len(names):
            return stored
        if self._plan.layout.vector:
            return [rows.batch.matrix(names[0])]
        return [rows.batch.numbers(name) for name in names]

    def _largest_score(self) -> float:
        """Return the largest score that is fit to be read as the plan reads it."""
        if self._plan.input is InputKind.LOGITS:
            return sys.float_info.max
        return 1.0 if self._plan.input is InputKind.PROBS else 0.0

    def _put_aside(self) -> None:
        """Move the sums so far into Python's integers, which have no limit."""
        totals = self._of_arrays()
        self._totals = totals if self._totals is None else self._totals.merge(totals)
        self._rows = self._clipped = 0
        losses = (self._loss, self._loss_chunks, self._squares, self._brier, self._tail)
        for array in (self._counts, self._calibration, self._positive_counts, self._positive, *losses):
            array.fill(0)

    def _of_arrays(self) -> Totals:
        plan, classes = self._plan, self._classes
        rows = tuple(self._counts.reshape(classes, -1).sum(axis=1).tolist())
        n = sum(rows)
        loss = ExactSums(units_of(self._loss, self._loss_chunks))
        if not plan.full and not self._by_class:
            loss = ExactSums((*loss.units, *(0,) * (classes - 1)))
        plain = ExactSums((sum(loss.units),))
        squares = ExactSums(units_of(np.zeros((len(self._squares), 0), dtype=np.int64), self._squares, ()))
        zeros = ExactSums.zeros(classes)
        state = LossState(
            scored=n,
            units=n,
            rows=rows,
            infinite=(0,) * classes,
            clipped=self._clipped,
            weight=ExactSums.of_integers(rows),
            infinite_weight=zeros,
            loss=loss,
            normalizer=zeros,
            plain=plain,
            squares=squares,
            cross=loss if self._by_class else plain,
            weight_squares=ExactSums.of_integers(rows if self._by_class else (n,)),
            positives=zeros,
            idle=(0,) * classes,
        )
        if not plan.full:
            return Totals(0, 0, state, None, None)
        tail = TailState(tuple(self._tail.tolist()))
        return Totals(0, 0, state, self._calibrated(), WorstState(plan.top), None, tail, CapState())

    def _calibrated(self) -> CalibrationState:
        brier = ExactSums(units_of(self._brier[None, :], exponents=_CALIBRATION_LIMBS))
        if self._plan.single:
            return of_single(self._counts, _cells(self._calibration), brier)
        positive = of_positive(self._positive_counts, _cells(self._positive)) if self._plan.binary else None
        return of_confidence(self._counts.reshape(-1, CELLS, 2), _cells(self._calibration), brier, positive)


def _cells(parts: npt.NDArray[np.int64]) -> CellSums:
    """Return the sums of each cell."""
    claimed, spread = parts[:, : len(_CALIBRATION_LIMBS)], parts[:, len(_CALIBRATION_LIMBS) :]
    return CellSums(
        ExactSums(units_of(claimed, exponents=_CALIBRATION_LIMBS)), ExactSums(units_of(spread, exponents=_SPREAD_LIMB))
    )


def _evidence(seen: Any, rows: int, start: int) -> Evidence:
    row = int(seen["deviation_row"])
    return Evidence(
        rows=rows,
        low=float(seen["low"]) + 0.0,  # 0, whatever its sign
        high=float(seen["high"]) + 0.0,
        deviation=float(seen["deviation"]),
        deviation_row=row + start if row >= 0 else -1,
        fractional=bool(seen["fractional"]),
        plausible=int(seen["plausible"]),
        whole=bool(seen["whole"]),
        least_sum=float(seen["least_sum"]),
        most_sum=float(seen["most_sum"]),
        squeezed=bool(seen["squeezed"]),
    )
