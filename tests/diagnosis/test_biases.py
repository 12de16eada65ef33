"""Class biases: the mean of each class is its frequency, exact cases come out, and gains are corrected."""

from __future__ import annotations

import math

import numpy as np
import pytest

from celoss_cli.diagnosis.biases import NoFit, fit_biases
from celoss_cli.diagnosis.temperature import best_beta, curve_of, knots_of, temperature_fit
from celoss_cli.kernels.functions import softmax
from celoss_cli.state.temperature import CurveAccumulator, FixedAccumulator, Rows


def case(m: int = 3000, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    x = 2.0 * rng.normal(size=(classes, m))
    biased = 0.7 * x + np.linspace(0.0, 1.0, classes)[:, None]
    p = np.exp(biased) / np.exp(biased).sum(axis=0)
    return x, (rng.random(m) > np.cumsum(p, axis=0)).sum(axis=0)


def test_the_mean_of_each_class_is_its_frequency() -> None:
    x, codes = case()
    found = fit_biases(x, codes, temperature=True, biases=True)
    eta = found.beta * x + found.biases[:, None]
    q = np.exp(eta) / np.exp(eta).sum(axis=0)
    assert q.mean(axis=1) == pytest.approx(np.bincount(codes) / codes.shape[0], abs=1e-12)
    assert found.beta == pytest.approx(0.7, abs=0.06)
    assert found.biases == pytest.approx(np.linspace(0.0, 1.0, 4), abs=0.25)
    assert found.biases[0] == 0.0
    assert found.degrees == 4


def test_the_correction_is_close_to_leaving_each_row_out() -> None:
    x, codes = case(m=200, classes=3)

    def loss(rows: slice | int, beta: float, biases: np.ndarray) -> np.ndarray:
        eta = beta * x + biases[:, None]
        every = np.log(np.exp(eta).sum(axis=0)) - eta[codes, np.arange(200)]
        return every[rows]

    found = fit_biases(x, codes, temperature=True, biases=True)
    out = []
    for i in range(200):
        without = fit_biases(np.delete(x, i, axis=1), np.delete(codes, i), temperature=True, biases=True)
        out.append(float(loss(i, without.beta, without.biases)))
    gain = float(loss(slice(None), 1.0, np.zeros(3)).mean() - np.mean(out))
    assert found.gain_in_sample - found.optimism == pytest.approx(gain, abs=0.1 * found.optimism)
    assert found.corrected.mean() == pytest.approx(found.gain_in_sample - found.optimism, rel=1e-9)


def test_ten_rows_have_the_temperature_ln_8_over_ln_3() -> None:
    x = np.log(np.array([[0.8, 0.1, 0.1]] * 10).T)
    codes = np.array([0] * 6 + [1] * 2 + [2] * 2)
    found = fit_biases(x, codes, temperature=True, biases=False)
    assert 1.0 / found.beta == pytest.approx(math.log(8.0) / math.log(3.0), abs=1e-12)


def test_two_passes_have_the_same_temperature() -> None:
    for x, codes in ((np.log(np.array([[0.8, 0.1, 0.1]] * 10).T), np.array([0] * 6 + [1] * 2 + [2] * 2)), case()):
        rows = Rows.of(softmax(x), codes, None)
        first = CurveAccumulator(weighted=False)
        first.add(rows)
        knots = knots_of(first.finish())
        beta = best_beta(knots)
        assert beta is not None
        second = FixedAccumulator(beta, weighted=False)
        second.add(rows)
        found = temperature_fit(second.finish(), beta, weighted=False)
        wanted = fit_biases(x, codes, temperature=True, biases=False)
        assert found is not None
        assert found.beta == pytest.approx(wanted.beta, rel=1e-8)
        assert found.gain_in_sample == pytest.approx(wanted.gain_in_sample, abs=1e-11)
        assert found.optimism == pytest.approx(wanted.optimism, rel=1e-4)
        assert found.standard_error == pytest.approx(wanted.standard_error, rel=1e-3)
        shown = dict(curve_of(knots))
        eta = x / 2.0
        loss = np.log(np.exp(eta).sum(axis=0)) - eta[codes, np.arange(codes.shape[0])]
        assert shown[2.0] == pytest.approx(float(loss.mean()), abs=1e-8)
        assert len(shown) == 33


def test_where_there_is_no_best() -> None:
    x, _codes = case(m=50)
    with pytest.raises(NoFit):
        fit_biases(x, np.zeros(50, dtype=np.intp), temperature=False, biases=True)
    with pytest.raises(NoFit):
        fit_biases(x, x.argmax(axis=0), temperature=True, biases=False)
    with pytest.raises(NoFit):
        fit_biases(x, x.argmax(axis=0), temperature=True, biases=True)


def test_the_fit_does_not_depend_on_how_scores_lie_in_memory() -> None:
    rng = np.random.default_rng(9)
    x, codes = rng.normal(size=(5, 900)), rng.integers(0, 5, 900)
    one, other = (fit_biases(scores, codes, temperature=True, biases=True) for scores in (x, np.asfortranarray(x)))
    assert one.beta == other.beta
    assert one.biases.tolist() == other.biases.tolist()
    assert one.corrected.tolist() == other.corrected.tolist()
