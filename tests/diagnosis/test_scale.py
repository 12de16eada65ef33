"""The best temperature of scores of any size is the root of the score equation, or it is not there."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import brentq

from celoss_cli.request import InputKind
from diagnosed_files import Columns, diagnosed, fix_of, reasons

Floats = npt.NDArray[np.float64]


def best_t(x: Floats, y: npt.NDArray[np.int64]) -> float:
    """The temperature at which the mean score of the classes is that of the true one; ``x`` is (n, C)."""

    def equation(log_beta: float) -> float:
        scaled = math.exp(log_beta) * x
        q = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        q /= q.sum(axis=1, keepdims=True)
        return float(((q * x).sum(axis=1) - x[np.arange(y.shape[0]), y]).mean())

    return math.exp(-brentq(equation, -40.0, 40.0, xtol=1e-14))


def columns_of(x: Floats, y: npt.NDArray[np.int64]) -> Columns:
    return {**{f"logit_{c}": x[:, c] for c in range(x.shape[1])}, "label": y}


@pytest.mark.parametrize("size", [1e-8, 1e-6, 0.3, 1.0, 60.0, 1923.6, 5000.0, 1e5, 1e7])
@pytest.mark.parametrize("weighted", [False, True])
def test_scores_of_any_size(size: float, weighted: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    z = rng.normal(size=(1000, 3))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = (rng.random((1000, 1)) > p.cumsum(axis=1)).sum(axis=1)
    columns, options = columns_of(size * z, y), {}
    if weighted:
        columns["w"] = np.full(1000, 2.0)
        options = {"sample_weight": "w"}
    found = diagnosed(tmp_path / "a.parquet", columns, input=InputKind.LOGITS, **options)
    wanted = best_t(size * z, y)
    assert found.temperature is not None
    assert found.temperature.t == pytest.approx(wanted, rel=3e-6)
    low, high = found.temperature.t_ci95
    assert low < wanted < high < 1.5 * low
    if not weighted and size > 16.0:
        both = fix_of(found, "temperature_biases")
        assert both.parameters["t"] == pytest.approx(wanted, rel=0.02)


def test_one_hot_logits_that_are_far_too_sure(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    told = rng.integers(0, 3, 1000)
    y = np.where(rng.random(1000) < 0.2, (told + 1) % 3, told)
    x = 10000.0 * (np.eye(3)[told] - 0.5)
    found = diagnosed(tmp_path / "a.parquet", columns_of(x, y), input=InputKind.LOGITS)
    assert "temperature" not in reasons(found)
    assert found.temperature is not None
    right = float((told == y).mean())
    assert found.temperature.t == pytest.approx(10000.0 / math.log(2.0 * right / (1.0 - right)), rel=3e-6)
    assert found.headline.text.startswith("The probabilities are too extreme")
