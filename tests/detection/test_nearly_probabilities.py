"""Probabilities that are not quite: limited where asked for, read where something vouches for it, or refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import AmbiguousData, CelossError, evaluate

RNG = np.random.default_rng(3)
Y = RNG.integers(0, 2, 200)
LINEAR = 0.5 + 0.35 * (2 * Y - 1) + RNG.normal(0.0, 0.12, 200)
P3 = RNG.dirichlet([1.0, 1.0, 1.0], 200)
Y3 = np.array([RNG.choice(3, p=p) for p in P3])
NAMES = list("abc")


def single(values: Any, name: str = "score") -> pd.DataFrame:
    return pd.DataFrame({"y_true": Y, name: values})


def several(values: np.ndarray, prefix: str = "") -> pd.DataFrame:
    return pd.DataFrame(values, columns=[prefix + name for name in NAMES]).assign(y_true=[NAMES[i] for i in Y3])


def codes(found: Any) -> set[str]:
    return {notice.code for notice in found.warnings}


def refusal(frame: Any, **options: Any) -> CelossError:
    with pytest.raises(CelossError) as caught:
        evaluate(frame, **options)
    return caught.value


def loss_of(p: np.ndarray, y: np.ndarray) -> float:
    return math.fsum(-np.log(np.where(y == 1, p, 1.0 - p))) / len(y)


@pytest.mark.parametrize("name", ["score", "y_pred", "prob"])
def test_one_column_slightly_outside_is_refused_with_the_flags_that_limit_it(name: str) -> None:
    outside = (LINEAR < 0.0) | (LINEAR > 1.0)
    assert 5 < outside.sum() < 100
    error = refusal(single(LINEAR, name))
    assert error.code == "nearly_probabilities"
    assert error.where is not None
    assert error.where.row == int(np.flatnonzero(outside)[0])
    assert f"{outside.sum()} rows of 200 outside [0, 1]" in str(error)
    assert error.hint is not None
    assert error.hint.startswith('input="probs", clip=EPS ')
    assert "clip=EPS" in str(refusal(single(LINEAR, name), input="probs").hint)
    found = evaluate(single(LINEAR, name), input="probs", clip=1e-3)
    assert found.loss.mean == pytest.approx(loss_of(LINEAR.clip(1e-3, 1.0 - 1e-3), Y), rel=1e-12)
    assert found.counts.clipped >= outside.sum()
    said = {notice.code: notice.message for notice in found.warnings}["outside_clipped"]
    assert said.startswith(f"{outside.sum()} rows have values outside [0, 1]")
    logits = evaluate(single(LINEAR, name), input="logits")
    assert logits.loss.mean == pytest.approx(np.logaddexp(0.0, np.where(Y == 1, -LINEAR, LINEAR)).mean(), rel=1e-12)


def test_several_columns_slightly_outside() -> None:
    moved = P3 * 1.1 - 0.1 / 3.0
    assert np.abs(moved.sum(axis=1) - 1.0).max() < 1e-9
    error = refusal(several(moved))
    assert error.code == "nearly_probabilities"
    found = evaluate(several(moved), input="probs", clip=1e-6)
    expected = -np.log(moved.clip(1e-6, 1.0 - 1e-6)[np.arange(200), Y3])
    assert found.loss.mean == pytest.approx(math.fsum(expected) / 200, rel=1e-12)


@pytest.mark.parametrize("name", ["prob", "score"])
@pytest.mark.parametrize("excess", [1e-9, 5.36e-6, 1e-5])
def test_a_probability_rounded_above_1_counts_as_1(name: str, excess: float) -> None:
    p = LINEAR.clip(0.05, 0.95)
    p[Y.argmax()] = 1.0 + excess
    found = evaluate(single(p, name))
    assert found.loss.mean == pytest.approx(loss_of(np.minimum(p, 1.0), Y), rel=1e-12)
    assert min(row.loss for row in found.worst) >= 0.0
    assert "rounded_probabilities" in codes(found)
    assert found.counts.clipped == 0


def test_so_does_one_of_several_and_no_loss_is_negative() -> None:
    p = P3.copy()
    p[5] = np.eye(3)[Y3[5]] * (1.0 + 5e-6)
    found = evaluate(several(p), top=200)
    assert found.worst[-1].loss >= 0.0
    assert found.loss.mean == pytest.approx(-np.log(np.minimum(p, 1.0)[np.arange(200), Y3]).mean(), rel=1e-12)
    assert "rounded_probabilities" in codes(found)
    logs = evaluate(several(np.log(np.maximum(p, 1e-30))), input="logprobs", top=200)
    assert logs.worst[-1].loss >= 0.0
    assert "rounded_probabilities" in codes(logs)


def test_beyond_a_rounding_it_is_an_error() -> None:
    p = LINEAR.clip(0.05, 0.95)
    p[0] = 1.0 + 2e-5
    assert refusal(single(p, "prob")).code == "nearly_probabilities"


@pytest.mark.parametrize("prefix", ["", "score_", "votes_"])
def test_counts_with_unequal_sums_are_no_logits(prefix: str) -> None:
    votes = np.array([np.random.default_rng(i).multinomial(12 + i % 30, p) for i, p in enumerate(P3)])
    error = refusal(several(votes, prefix))
    assert isinstance(error, AmbiguousData)
    assert "counts or votes, not logits" in str(error)
    smoothed = votes + 1
    found = evaluate(several(smoothed, prefix), input="probs", renormalize=True)
    shares = smoothed / smoothed.sum(axis=1, keepdims=True)
    assert found.loss.mean == pytest.approx(-np.log(shares[np.arange(200), Y3]).mean(), rel=1e-12)


def test_whole_numbers_called_logits_or_with_a_negative_one_are_logits() -> None:
    whole = np.rint(np.log(P3) - np.log(P3).min() + 1.0)
    right = evaluate(several(whole), input="logits").loss.mean
    assert evaluate(several(whole, "logit_")).loss.mean == pytest.approx(right, rel=1e-14)
    assert evaluate(several(whole - 3.0)).loss.mean == pytest.approx(right, rel=1e-12)


def test_odds_are_refused_by_name_and_by_what_they_come_to() -> None:
    odds = P3 / (1.0 - P3)
    assert "odds" in str(refusal(several(odds)))
    p = LINEAR.clip(0.05, 0.95)
    for name in ("log10_odds", "log10odds", "Log10Odds", "log10odds_pos"):
        assert "base-10 logarithm of odds" in str(refusal(single(np.log10(p / (1.0 - p)), name))), name
    p = LINEAR.clip(0.45, 0.85)  # a few of them between 0 and 1 are no probabilities beside one below
    assert "base-10 logarithm of odds" in str(refusal(single(np.log10(p / (1.0 - p)), "log10_odds")))
    assert "odds" in str(refusal(single(LINEAR.clip(0.05, 0.45), "odds")))
    p = LINEAR.clip(0.05, 0.95)
    assert "odds" in str(refusal(single(p / (1.0 - p))))
    right = evaluate(several(P3)).loss.mean
    assert evaluate(several(odds / (1.0 + odds))).loss.mean == pytest.approx(right, rel=1e-12)


def test_a_percentage_below_1_is_one_or_the_other() -> None:
    p = LINEAR.clip(0.05, 0.95)
    error = refusal(single(p, "percent"))
    assert "1 may be 1 % or 100 %" in str(error)
    assert evaluate(single(p, "percent"), input="probs").loss.mean == pytest.approx(loss_of(p, Y), rel=1e-12)
    late = np.sort(p)  # the first thousand of many rows are below 1 %, and the whole file is not
    many = pd.DataFrame({"y_true": np.tile(Y, 10), "percent": np.sort(np.tile(late, 10)) ** 12 * 100.0})
    assert many.percent[:1000].max() <= 1.0 < many.percent.max()
    found = evaluate(many)
    assert found.loss.mean == pytest.approx(loss_of(many.percent.to_numpy() / 100.0, many.y_true.to_numpy()), rel=1e-12)


def test_numbers_up_to_100_under_a_name_of_probability_are_percentages_as_a_guess() -> None:
    p = LINEAR.clip(0.05, 0.95)
    found = evaluate(single(100.0 * p, "prob"))
    assert found.loss.mean == pytest.approx(loss_of(p, Y), rel=1e-12)
    said = {notice.code: notice.message for notice in found.warnings}["percentages"]
    assert "a column of probabilities goes up to 95" in said
    assert refusal(single(100.0 * p, "prob"), strict=True).code == "strict"
    p[3] = 1.2
    assert refusal(single(100.0 * p, "prob")).code == "input_ambiguous"
    few = LINEAR.clip(0.05, 0.95)
    few[3] = 57.0
    assert refusal(single(few, "prob")).code == "input_ambiguous"


def test_margins_of_one_classifier_a_class_are_a_guess() -> None:
    margins = np.log(P3) + 1.3
    found = evaluate(several(margins, "decision_function_"))
    decision = next(one for one in found.spec.decisions if one.what == "input")
    assert decision.guess
    assert refusal(several(margins, "decision_function_"), strict=True).code == "strict"
    centred = margins - margins.mean(axis=1, keepdims=True)  # those of a multinomial model are logits
    assert evaluate(several(centred, "decision_function_"), strict=True).loss.mean == pytest.approx(found.loss.mean)
    assert evaluate(several(margins, "logit_"), strict=True).loss.mean == pytest.approx(found.loss.mean)


@pytest.mark.parametrize("threads", [1, 2])
def test_limits_are_the_same_in_every_form(threads: int, tmp_path: Path) -> None:
    frame = single(LINEAR, "prob")
    frame.to_csv(tmp_path / "f.csv", index=False)
    frame.to_parquet(tmp_path / "f.parquet", row_group_size=30)
    means = {
        evaluate(tmp_path / name, input="probs", clip=1e-6, threads=threads, top=0).loss.mean
        for name in ("f.csv", "f.parquet")
    }
    assert means == {evaluate(frame, input="probs", clip=1e-6).loss.mean}
