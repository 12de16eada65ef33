"""Rows of two classes with weights: fits against other libraries and plain formulas, verdicts, and the gate."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.optimize
import scipy.stats
from sklearn.linear_model import LogisticRegression

from celoss_cli.diagnosis.groups import Groups
from celoss_cli.diagnosis.logistic import LogisticFit, fit
from celoss_cli.gate.miscalibration import judge
from celoss_cli.request import Margin
from celoss_cli.state.weighted_scores import Quanta, WeightedScoreAccumulator
from diagnosed_files import binary, diagnosed, fix_of, reasons

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def weighted(z: Floats, y: Ints, w: Floats) -> Groups:
    quanta = Quanta(float(w.sum()), float((w * w).sum()))
    accumulator = WeightedScoreAccumulator(quanta)
    accumulator.add(z, y, w)
    return Groups.of_weighted(accumulator.finish(), quanta)


def sample(n: int, seed: int = 2) -> tuple[Floats, Ints, Floats]:
    rng = np.random.default_rng(seed)
    z = rng.normal(-1.0, 2.0, n)
    y = (rng.random(n) < 1 / (1 + np.exp(-z))).astype(np.int64)
    return 1.3 * z + 0.2, y, 1e-3 * rng.gamma(1.5, 1.0, n)


def losses(z: Floats, y: Ints, a: float, b: float) -> Floats:
    return np.logaddexp(0.0, -(2 * y - 1) * (a + b * z))


def test_slope_and_intercept_are_those_of_scikit_learn() -> None:
    z, y, w = sample(2000)
    found = fit(weighted(z, y, w), intercept=True, slope=True)
    wanted = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000).fit(z[:, None], y, sample_weight=w / w.mean())
    assert found.slope == pytest.approx(float(wanted.coef_[0, 0]), abs=1e-6)
    assert found.intercept == pytest.approx(float(wanted.intercept_[0]), abs=1e-6)


@pytest.mark.parametrize(("intercept", "slope"), [(True, True), (False, True), (True, False)])
def test_fits_are_those_of_a_general_optimiser(intercept: bool, slope: bool) -> None:
    z, y, w = sample(500)
    found = fit(weighted(z, y, w), intercept=intercept, slope=slope)

    def mean(parameters: Floats) -> float:
        a, b = parameters[0] * intercept, parameters[-1] if slope else 1.0
        return float(np.average(losses(z, y, a, b), weights=w))

    wanted = scipy.optimize.minimize(mean, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-15})
    before = float(np.average(losses(z, y, 0.0, 1.0), weights=w))
    assert before - found.gain_in_sample == pytest.approx(wanted.fun, abs=1e-12)
    assert (found.intercept, found.slope) == pytest.approx(
        (wanted.x[0] * intercept, wanted.x[1] if slope else 1.0), abs=1e-6
    )


def test_what_chance_is_taken_for_is_that_of_the_formulas() -> None:
    z, y, w = sample(300)
    found = fit(weighted(z, y, w), intercept=True, slope=True)
    q = 1 / (1 + np.exp(-(found.intercept + found.slope * z)))
    design = np.stack([np.ones_like(z), z])
    gradient = (q - y) * design
    inverse = np.linalg.inv((design * (w * q * (1 - q))) @ design.T)
    sandwich = inverse @ (gradient * w * w) @ gradient.T @ inverse
    assert found.standard_errors == pytest.approx(tuple(np.sqrt(np.diag(sandwich))), rel=1e-9)
    leverage = w * (gradient * (inverse @ gradient)).sum(axis=0)
    gain = losses(z, y, 0.0, 1.0) - losses(z, y, found.intercept, found.slope)
    assert found.optimism == pytest.approx(float(np.average(leverage, weights=w)), rel=1e-9)
    mean = np.average(gain, weights=w)
    error = math.sqrt(300 / 299 * float((w * w * (gain - mean) ** 2).sum())) / w.sum()
    assert found.standard_error == pytest.approx(error, rel=1e-9)
    distance = np.array([found.intercept, found.slope - 1.0])
    wald = float(distance @ np.linalg.inv(sandwich) @ distance)
    assert found.p_value == pytest.approx(float(scipy.stats.chi2.sf(wald, 2)), rel=1e-7)


def test_the_correction_is_close_to_leaving_each_row_out() -> None:
    z, y, _ = sample(600)
    w = np.random.default_rng(4).uniform(0.5, 2.0, 600)
    found = fit(weighted(z, y, w), intercept=True, slope=True)
    out = []
    for i in range(600):
        without = fit(weighted(np.delete(z, i), np.delete(y, i), np.delete(w, i)), intercept=True, slope=True)
        out.append(losses(z[i : i + 1], y[i : i + 1], without.intercept, without.slope)[0])
    gain = float(np.average(losses(z, y, 0.0, 1.0) - np.array(out), weights=w))
    assert found.optimism > 0.003
    assert found.gain_in_sample - found.optimism == pytest.approx(gain, abs=0.05 * found.optimism)
    unweighted = found.optimism * 1.0 / float((w * w).mean() / w.mean() ** 2)
    assert abs(found.gain_in_sample - unweighted - gain) > 0.05 * found.optimism  # the weights are in it


def test_weights_of_1_change_nothing(tmp_path: Path) -> None:
    columns = binary()
    plain = diagnosed(tmp_path / "a.parquet", columns)
    found = diagnosed(tmp_path / "b.parquet", {**columns, "w": np.full(3000, 0.25)}, sample_weight="w")
    assert found.in_the_large is not None
    assert plain.in_the_large is not None
    assert found.in_the_large.ratio_ci95 == pytest.approx(plain.in_the_large.ratio_ci95, rel=1e-12)
    assert found.in_the_large.z == pytest.approx(plain.in_the_large.z, rel=1e-9)
    assert found.cox is not None
    assert plain.cox is not None
    assert (found.cox.slope, found.cox.shift) == pytest.approx((plain.cox.slope, plain.cox.shift), rel=1e-12)
    assert found.cox.slope_ci95 == pytest.approx(plain.cox.slope_ci95, rel=1e-12)
    assert found.temperature is not None
    assert plain.temperature is not None
    assert found.temperature.t_ci95 == pytest.approx(plain.temperature.t_ci95, rel=1e-12)
    for fix in found.fixes:
        other = fix_of(plain, fix.name)
        assert (fix.gain, fix.optimism) == pytest.approx((other.gain, other.optimism), rel=1e-9)
        assert fix.gain_ci95 == pytest.approx(other.gain_ci95, rel=1e-9)
        assert (fix.verdict, fix.no_better_than) == (other.verdict, other.no_better_than)


def test_whole_weights_fit_what_repeated_rows_do(tmp_path: Path) -> None:
    columns = binary()
    w = np.random.default_rng(3).integers(0, 4, 3000)
    found = diagnosed(tmp_path / "a.parquet", {**columns, "w": w.astype(float)}, sample_weight="w")
    again = {name: np.repeat(column, w) for name, column in columns.items()}
    repeated = diagnosed(tmp_path / "b.parquet", again)
    for fix in found.fixes:
        wanted = fix_of(repeated, fix.name)
        assert fix.parameters == pytest.approx(wanted.parameters, rel=1e-9)
        assert fix.gain_in_sample == pytest.approx(wanted.gain_in_sample, rel=1e-9)
    assert found.in_the_large is not None
    assert repeated.in_the_large is not None
    assert found.in_the_large.mean_p == pytest.approx(repeated.in_the_large.mean_p, rel=1e-12)
    assert found.in_the_large.base_rate == pytest.approx(repeated.in_the_large.base_rate, rel=1e-12)
    assert reasons(found) == dict.fromkeys(
        ("corp", "ece", "classes", "confusions", "contradictions", "isotonic"), "weights"
    )


@pytest.mark.parametrize("most", [1 << 17, 300])
def test_cut_order_threads_and_unit_do_not_change_a_bit(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("celoss_cli.state.weighted_scores.MOST_DISTINCT", most)
    columns: dict[str, Any] = {**binary(), "w": np.random.default_rng(3).gamma(1.0, 1.0, 3000)}
    whole = diagnosed(tmp_path / "a.parquet", columns, threads=1, sample_weight="w")
    order = np.random.default_rng(5).permutation(3000)
    shuffled = {name: column[order] for name, column in columns.items()}
    doubled = {**columns, "w": 1024.0 * columns["w"]}
    for other, size, threads in ((columns, 700, 1), (columns, 97, 2), (shuffled, 450, 2), (doubled, 450, 2)):
        assert diagnosed(tmp_path / "a.parquet", other, size, threads=threads, sample_weight="w") == whole


def test_many_scores_are_rounded_by_less_than_it_matters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = {**binary(20_000), "w": np.random.default_rng(3).gamma(1.0, 1.0, 20_000)}
    exact = diagnosed(tmp_path / "a.parquet", columns, sample_weight="w")
    monkeypatch.setattr("celoss_cli.state.weighted_scores.MOST_DISTINCT", 1000)
    found = diagnosed(tmp_path / "a.parquet", columns, sample_weight="w")
    assert found.cox is not None
    assert exact.cox is not None
    assert found.cox != exact.cox
    assert (found.cox.slope, found.cox.intercept) == pytest.approx((exact.cox.slope, exact.cox.intercept), abs=2e-6)
    for fix in found.fixes:
        assert fix.gain == pytest.approx(fix_of(exact, fix.name).gain, abs=2e-7)


def test_the_gate_judges_what_is_defined(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    for t, passes in ((1.0, True), (1.8, False)):
        columns = {**binary(5000, t=t), "w": rng.gamma(2.0, 1.0, 5000)}
        found = diagnosed(tmp_path / "a.parquet", columns, sample_weight="w")
        verdict = judge(found, Margin(0.01, relative=True))
        assert verdict.passed is passes
        assert verdict.checks[0].value == max(0.0, fix_of(found, "logistic").gain or 0.0)


def test_probabilities_of_0_are_counted_and_the_slope_stands(tmp_path: Path) -> None:
    columns = binary()
    p = np.where(columns["p"] < 0.02, 0.0, columns["p"])
    assert (columns["label"][p == 0.0] == 1).any()
    found = diagnosed(tmp_path / "a.parquet", {**columns, "p": p, "w": np.full(3000, 0.5)}, sample_weight="w")
    assert found.loss.mean == math.inf
    assert [(fix.name, fix.verdict) for fix in found.fixes] == [("temperature", "cannot")]
    assert reasons(found)["floor"] == "weights"
    assert found.cox is not None
    assert found.cox.without_logit == int((p == 0.0).sum())
    assert judge(found, Margin(1.0)).passed is False


def test_reversed_scores_and_one_class_are_called_so(tmp_path: Path) -> None:
    columns = {**binary(), "w": np.random.default_rng(3).gamma(1.0, 1.0, 3000)}
    backwards = diagnosed(tmp_path / "a.parquet", {**columns, "p": 1 - columns["p"]}, sample_weight="w")
    assert reasons(backwards)["temperature"] == "reversed"
    one = {**columns, "w": np.where(columns["label"] == 1, columns["w"], 0.0)}
    told = reasons(diagnosed(tmp_path / "b.parquet", one, sample_weight="w"))
    assert told["cox"] == told["logistic"] == told["shift"] == "one_class"


def test_a_calibrated_model_is_flagged_about_as_often_as_stated() -> None:
    flagged = 0
    for seed in range(1000):
        rng = np.random.default_rng([7, seed])
        z = rng.normal(-1.0, 2.0, 500)
        y = (rng.random(500) < 1 / (1 + np.exp(-z))).astype(np.int64)
        found: LogisticFit = fit(weighted(z, y, rng.gamma(2.0, 1.0, 500)), intercept=True, slope=True)
        flagged += found.p_value < 0.01
    assert 4 <= flagged <= 30  # 1 % stated; the sandwich is small with 330 effective rows
