"""Isotonic regression finds the blocks that scikit-learn does, in any number of rounds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from celoss_cli.statistics import isotonic
from celoss_cli.statistics.isotonic import pooled

points = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(any), min_size=1, max_size=60)


@given(points, st.sampled_from([1, 10**9]))
def test_blocks_are_those_of_scikit_learn(some: list[tuple[int, int]], worth: int) -> None:
    zeros, ones = np.array(some).T
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(isotonic, "_WORTH_A_ROUND", worth)  # the stack at once, or rounds alone
        starts = pooled(ones, zeros + ones)
    share = np.add.reduceat(ones, starts) / np.add.reduceat(zeros + ones, starts)
    assert (np.diff(share) > 0).all()
    found = np.repeat(share, np.diff(np.append(starts, len(some))))
    place = np.arange(len(some))
    wanted = IsotonicRegression().fit(place, ones / (zeros + ones), sample_weight=zeros + ones).predict(place)
    assert found == pytest.approx(wanted, abs=1e-12)


def test_a_large_curve() -> None:
    rng = np.random.default_rng(1)
    z = np.sort(rng.normal(-1.0, 2.0, 50_000))
    y = (rng.random(50_000) < 1 / (1 + np.exp(-z))).astype(np.int64)
    starts = pooled(y, np.ones_like(y))
    share = np.add.reduceat(y, starts) / np.diff(np.append(starts, y.shape[0]))
    wanted = IsotonicRegression().fit_transform(np.arange(50_000), y)
    assert np.repeat(share, np.diff(np.append(starts, 50_000))) == pytest.approx(wanted, abs=1e-12)
