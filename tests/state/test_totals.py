"""Totals: the laws carry over from the parts, shifts add up, and a fold gives the same for any cut."""

from __future__ import annotations

import copy
import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from celoss_cli.state.calibration import CalibrationAccumulator, CalibrationState
from celoss_cli.state.loss import LossAccumulator, LossState
from celoss_cli.state.totals import Totals
from celoss_cli.state.worst import Candidate, WorstAccumulator, WorstState
from row_sets import Cut, RowSet, cuts, in_one, row_sets


def empty(classes: int, *, full: bool = True) -> Totals:
    return Totals(
        0,
        0,
        LossState.empty(classes, 1),
        CalibrationState.empty(classes) if full else None,
        WorstState(3) if full else None,
    )


def partition_totals(rows: RowSet, blocks: list[np.ndarray], *, full: bool) -> Totals:
    loss = LossAccumulator(rows.classes, by_class=True, moments=full, moments_by_class=False)
    calibration, worst, done = CalibrationAccumulator(rows.classes), WorstAccumulator(3), 0
    for block in blocks:
        part = rows.take(block)
        if part.size:
            peak = float(part.loss.max())
            counts = calibration.add(part.outcome, part.codes, part.weights)
            loss.add(part.loss, part.codes, counts, part.weights, 0, peak)
            worst.add(
                part.loss,
                peak,
                lambda chosen, part=part, done=done: [
                    Candidate(done + i, float(part.loss[i]), int(part.codes[i]), 0.0, 0, 1.0) for i in chosen
                ],
            )
        done += part.size
    ends = (calibration.finish(), worst.finish()) if full else (None, None)
    return Totals(done, 0, loss.finish(), *ends)


def folded(rows: RowSet, cut: Cut, *, full: bool) -> Totals:
    total = empty(rows.classes, full=full)
    for blocks in cut:
        total = total.merge(partition_totals(rows, blocks, full=full).shifted(total.rows))
    return total


@given(data=st.data(), rows=row_sets(), full=st.booleans())
@settings(max_examples=80)
def test_a_fold_gives_the_same_for_any_cut(data: st.DataObject, rows: RowSet, full: bool) -> None:
    cut = data.draw(cuts(rows.size, permuted=False))
    assert folded(rows, cut, full=full) == folded(rows, in_one(rows.size), full=full)


@given(a=row_sets(), b=row_sets(), c=row_sets(), full=st.booleans())
@settings(max_examples=50)
def test_laws(a: RowSet, b: RowSet, c: RowSet, full: bool) -> None:
    starts = (0, a.size, a.size + b.size)
    x, y, z = (
        partition_totals(RowSet(4, r.codes, r.weights, r.outcome), [np.arange(r.size)], full=full).shifted(start)
        for r, start in zip((a, b, c), starts, strict=True)
    )
    copies = copy.deepcopy((x, y))
    none = empty(4, full=full)
    assert x.merge(none) == x == none.merge(x)
    assert x.merge(y) == y.merge(x)
    assert x.merge(y).merge(z) == x.merge(y.merge(z))
    assert (x, y) == copies
    assert x.shifted(5).shifted(7) == x.shifted(12)
    assert pickle.loads(pickle.dumps(x)) == x


def test_rows_read_and_left_out_add_up() -> None:
    one = Totals(5, 2, LossState.empty(2, 1), None, None)
    both = one.merge(Totals(7, 3, LossState.empty(2, 1), None, None))
    assert (both.rows, both.ignored) == (12, 5)
    assert both.calibration is None
    assert both.worst is None
