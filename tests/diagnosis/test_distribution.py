"""Where the loss is: half of it in so many rows, deciles and bars that hold every row once."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from celoss_cli.diagnosis.distribution import MOST_BARS, distribution_of
from celoss_cli.results.diagnosis import Distribution
from celoss_cli.state.loss import LossAccumulator
from celoss_cli.state.tail import TailAccumulator


def distribution(losses: np.ndarray) -> Distribution:
    tail = TailAccumulator()
    tail.add(losses)
    taken = LossAccumulator(1, by_class=True, moments=True, moments_by_class=False)
    codes = np.zeros(losses.shape[0], dtype=np.intp)
    taken.add(losses, codes, np.array([losses.shape[0]]), None, 0, float(losses.max()))
    return distribution_of(tail.finish(), taken.finish(), single=True)


def test_half_of_the_loss_and_its_deciles() -> None:
    losses = np.random.default_rng(3).exponential(size=20_000) ** 2
    found = distribution(losses)
    falling = np.sort(losses)[::-1]
    half = int(np.searchsorted(np.cumsum(falling), falling.sum() / 2)) + 1
    assert found.half_rows == pytest.approx(half, rel=0.005)
    assert found.effective_rows == pytest.approx(losses.sum() ** 2 / (losses**2).sum(), rel=1e-12)
    wanted = falling.reshape(10, -1).sum(axis=1) / falling.sum()
    assert found.deciles == pytest.approx(wanted.tolist(), abs=1e-3)


@given(st.lists(st.one_of(st.just(0.0), st.floats(1e-12, 1e5), st.floats(0.1, 3.0)), min_size=1, max_size=50))
def test_bars_hold_every_row_once_and_follow_each_other(losses: list[float]) -> None:
    found = distribution(np.array(losses))
    bars = found.bars
    assert 1 <= len(bars) <= MOST_BARS + 1
    assert sum(bar.rows for bar in bars) == len(losses)
    for bar, following in itertools.pairwise(bars):
        assert bar.high == following.low
    for bar in bars:
        assert bar.rows == sum(bar.low <= loss < bar.high for loss in losses)
    if sum(losses) > 1e-6:
        assert math.fsum(bar.loss_share or 0.0 for bar in bars) == pytest.approx(1.0, abs=1e-9)
        assert math.fsum(found.deciles) == pytest.approx(1.0, abs=1e-9)
        assert found.half_rows is not None
        assert 1 <= found.half_rows <= len(losses)


def test_infinite_and_no_loss() -> None:
    found = distribution(np.array([math.inf, 1.0, 0.5]))
    assert (found.half_rows, found.effective_rows, found.deciles) == (None, None, ())
    assert sum(bar.rows for bar in found.bars) == 3
    found = distribution(np.zeros(4))
    assert (found.half_rows, found.effective_rows, found.deciles) == (None, None, ())
    assert [(bar.low, bar.rows) for bar in found.bars] == [(0.0, 4)]
