"""Two columns that could each be all of the scores are asked for, whatever their names; what stands beside is not."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import AmbiguousData, evaluate
from running import Run, run

N = 200
RNG = np.random.default_rng(23)
Z = RNG.normal(0.0, 1.5, N)
P = 1.0 / (1.0 + np.exp(-Z))
Y = (RNG.random(N) < P).astype(int)
SECOND = 1.0 / (1.0 + np.exp(-(0.8 * Z + RNG.normal(0.0, 0.4, N))))
TOO_SURE = 1.0 / (1.0 + np.exp(-4.0 * (Z + RNG.normal(0.0, 0.8, N))))
MARGIN = np.log(P / (1.0 - P))


def loss(p: np.ndarray) -> float:
    return math.fsum(-np.log(np.where(Y == 1, p, 1.0 - p))) / N


def done(directory: Path, columns: dict[str, Any], *arguments: str, apart: bool = False) -> Run:
    table = pd.DataFrame({"id": range(N), "y": Y, **columns})
    if apart:
        table.drop(columns="y").to_csv(directory / "f.csv", index=False)
        table[["id", "y"]].sample(frac=1.0, random_state=1).to_csv(directory / "l.csv", index=False)
        return run("eval", directory / "f.csv", directory / "l.csv", "-q", *arguments)
    table.to_csv(directory / "f.csv", index=False)
    return run("eval", directory / "f.csv", "-q", *arguments)


PAIRS = [
    ("ensemble", "prob_lr"), ("prob", "prob_calibrated"), ("p_model_a", "p_model_b"), ("score", "score_calibrated"),
    ("y_prob", "y_prob_v2"), ("model_a", "model_b"), ("svm", "prob_b"), ("clf1", "prob_b"), ("prob", "bert_prob"),
]  # fmt: skip


@pytest.mark.parametrize("names", PAIRS)
@pytest.mark.parametrize("second", [SECOND, TOO_SURE], ids=["good", "too sure"])
@pytest.mark.parametrize("apart", [False, True])
def test_two_scores_of_one_class_are_asked_for(
    names: tuple[str, str], second: np.ndarray, apart: bool, tmp_path: Path
) -> None:
    columns = {names[0]: P, names[1]: second}
    refused = done(tmp_path, columns, apart=apart)
    assert refused.code == 3
    assert all(repr(name) in refused.err for name in names)
    flags = shlex.split(refused.err[refused.err.index("scored: ") + len("scored: ") :].replace(" or ", " "))
    assert sorted(flags[1::2]) == sorted(names)
    for name in names:
        found = done(tmp_path, columns, "--pred", name, "--input", "probs", apart=apart)
        assert found.mean == pytest.approx(loss(columns[name]), rel=1e-9)


@pytest.mark.parametrize("names", [("x", "y_prob_v2"), ("x", "model_b_prob"), ("v1", "prob_rf"), ("a", "prob_a")])
def test_two_scores_that_know_nothing_of_the_label_are_asked_for_too(names: tuple[str, str], tmp_path: Path) -> None:
    near = 1.0 / (1.0 + np.exp(-(0.9 * Z + RNG.normal(0.0, 0.3, N))))
    table = pd.DataFrame({"y": RNG.permutation(Y), names[0]: P, names[1]: near})
    table.to_csv(tmp_path / "f.csv", index=False)
    refused = run("eval", tmp_path / "f.csv", "-q")
    assert refused.code == 3
    assert all(repr(name) in refused.err for name in names)


@pytest.mark.parametrize("seed", range(5))
def test_a_feature_that_such_a_score_was_made_from_is_none(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    share = rng.random(N)
    score = 1.0 / (1.0 + np.exp(-(6.0 * share - 5.0)))
    table = pd.DataFrame({"y": (rng.random(N) < score).astype(int), "humidity": share, "fire_prob": score})
    table.to_csv(tmp_path / "f.csv", index=False)
    found = run("eval", tmp_path / "f.csv", "-q")
    y = table.y.to_numpy()
    assert found.mean == pytest.approx(-np.log(np.where(y == 1, score, 1.0 - score)).mean(), rel=1e-9)


@pytest.mark.parametrize("second", [SECOND, TOO_SURE], ids=["good", "too sure"])
def test_logits_of_two_models_are_no_classes(second: np.ndarray, tmp_path: Path) -> None:
    logits = {"logit_model_a": MARGIN, "logit_model_b": np.log(second / (1.0 - second))}
    assert "'logit_model_a', 'logit_model_b'" in done(tmp_path, logits).err
    assert done(tmp_path, logits, "--pred", "logit_model_a").mean == pytest.approx(loss(P), rel=1e-9)
    with pytest.raises(AmbiguousData, match="by itself"):
        evaluate(pd.DataFrame({"y": Y, **logits}))


BESIDE: dict[str, Any] = {
    "margin": MARGIN, "raw_score": MARGIN, "decision_function": 0.7 * MARGIN, "max_prob": np.maximum(P, 1.0 - P),
    "confidence": np.maximum(P, 1.0 - P), "prob_lower": 0.8 * P, "prob_upper": 1.0 - 0.8 * (1.0 - P),
    "p_value": RNG.random(N), "prior_prob": 0.9 * P + 0.03, "market_prob": SECOND, "prob_threshold": np.full(N, 0.5),
    "uncertainty": P * (1.0 - P), "ratio": RNG.random(N), "glucose": (P + RNG.normal(0.0, 0.15, N)).clip(0.0, 1.0),
    "age": RNG.integers(18, 90, N), "n_clicks": RNG.integers(0, 9, N),
}  # fmt: skip


@pytest.mark.parametrize("name", BESIDE)
@pytest.mark.parametrize("apart", [False, True])
def test_what_stands_beside_a_score_is_no_rival(name: str, apart: bool, tmp_path: Path) -> None:
    found = done(tmp_path, {"prob": P, name: BESIDE[name]}, apart=apart)
    assert found.mean == pytest.approx(loss(P), rel=1e-9)
    assert not found.err


ASIDE: dict[str, dict[str, Any]] = {
    "an interval": {"prob": P, "prob_lo": 0.8 * P, "prob_hi": 0.8 * P + 0.2},
    "an interval of 95 %": {"y_prob": P, "y_prob_ci_lower": 0.8 * P, "y_prob_ci_upper": 0.8 * P + 0.2},
    "a baseline": {"y_prob": P, "baseline_prob": np.full(N, 0.4)},
    "the market's": {"y_prob": P, "market_prob": SECOND},
}


@pytest.mark.parametrize("what", ASIDE)
@pytest.mark.parametrize("apart", [False, True])
def test_ends_of_an_interval_and_a_baseline_are_no_classes(what: str, apart: bool, tmp_path: Path) -> None:
    found = done(tmp_path, ASIDE[what], apart=apart)
    assert found.mean == pytest.approx(loss(P), rel=1e-9)
    assert not found.err


def test_classes_may_be_called_low_and_high(tmp_path: Path) -> None:
    for words in (("low", "high"), ("L", "H")):
        table = pd.DataFrame({"y": [words[y] for y in Y], "prob_low": 1.0 - P, "prob_high": P})
        table.to_csv(tmp_path / "f.csv", index=False)
        found = run("eval", tmp_path / "f.csv", "-q", *(("--classes", "L,H") if words[0] == "L" else ()))
        assert found.mean == pytest.approx(loss(P), rel=1e-9)


@pytest.mark.parametrize(
    "names", [("logprob_no", "logprob_yes"), ("score_neg", "score_pos"), ("out_false", "out_true")]
)
def test_words_for_two_classes_are_classes_though_both_follow_the_label(names: tuple[str, str], tmp_path: Path) -> None:
    shared = 6.0 * Y + RNG.normal(0.0, 0.5, N)
    table = pd.DataFrame({"y": Y, names[0]: shared - 8.0, names[1]: shared - 8.0 + MARGIN})
    table.to_csv(tmp_path / "f.csv", index=False)
    found = run("eval", tmp_path / "f.csv", "-q", "--input", "logits", "--classes", "0,1")
    assert found.mean == pytest.approx(loss(P), rel=1e-9)


@pytest.mark.parametrize("names", [("logit_0", "logit_1"), ("score_no", "score_yes"), ("out_neg", "out_pos")])
def test_class_columns_that_move_together_are_classes(names: tuple[str, str], tmp_path: Path) -> None:
    shared = RNG.normal(0.0, 4.0, N)
    words = {"logit_0": (0, 1), "score_no": ("no", "yes"), "out_neg": ("neg", "pos")}[names[0]]
    table = pd.DataFrame({"y": [words[y] for y in Y], names[0]: shared, names[1]: shared + MARGIN})
    table.to_csv(tmp_path / "f.csv", index=False)
    assert run("eval", tmp_path / "f.csv", "-q").mean == pytest.approx(loss(P), rel=1e-9)
