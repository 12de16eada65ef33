"""Quantiles are NumPy's, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from celoss_cli.statistics.quantiles import quantile


@pytest.mark.parametrize("n", [1, 2, 3, 20, 199, 200])
@pytest.mark.parametrize("q", [0.0, 0.05, 0.25, 0.5, 0.77, 0.95, 1.0])
def test_they_are_those_of_numpy(n: int, q: float) -> None:
    values = np.random.default_rng(n).normal(size=(n, 31))
    before = values.copy()
    assert np.array_equal(quantile(values, q), np.quantile(values, q, axis=0))
    assert np.array_equal(values, before)
