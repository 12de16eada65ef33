"""The probability of the truth of each row is no score of a class: by its name, or by what only it can hold."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import CelossError, evaluate, explain
from running import mean_of_columns, run

N = 120
RNG = np.random.default_rng(17)
P = 1.0 / (1.0 + np.exp(-RNG.normal(0.0, 2.5, N)))
Y = (RNG.random(N) < P).astype(int)
OF_TRUTH = np.where(Y == 1, P, 1.0 - P)
LOSS = math.fsum(-np.log(OF_TRUTH)) / N

NAMES = [
    "p_true", "prob_correct", "prob_of_truth", "prob_true_class", "true_prob", "prob_gold", "p_actual", "prob_y_true",
    "confidence_true", "gt_prob", "prob_ytrue", "correct_class_prob", "log_prob_true", "prob_assigned_to_truth",
    "trueClassProb", "prob_of_label", "true_class_probability", "score_true",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_for_it_is_refused(name: str, tmp_path: Path) -> None:
    for values in (OF_TRUTH, P):
        refused = mean_of_columns(tmp_path, {"y_true": Y, name: values})
        assert refused.code == 3
        assert "its name is one for the probability of the truth" in refused.err
        assert f"--pred {name} --positive CLASS" in refused.err
        assert mean_of_columns(tmp_path, {"y_true": Y, name: values}, "--pred", name).err == refused.err
    of_one = mean_of_columns(
        tmp_path, {"y_true": Y, name: P}, "--pred", name, "--positive", "1", "--input", "probs", "--strict"
    )
    assert of_one.mean == pytest.approx(LOSS, rel=1e-12)
    for command in ("inspect", "explain"):
        assert "the probability of the truth" in run(command, tmp_path / "f.csv").err, command
    assert "probability of the truth" in run("compare", tmp_path / "f.csv", tmp_path / "f.csv").err


@pytest.mark.parametrize("name", ["p_true", "prob_correct"])
def test_so_it_is_beside_a_label_file_and_in_python(name: str) -> None:
    for call in (evaluate, explain):
        with pytest.raises(CelossError, match="probability of the truth"):
            call(pd.DataFrame({"id": range(N), name: OF_TRUTH}), pd.DataFrame({"id": range(N), "y": Y}))


@pytest.mark.parametrize(
    ("name", "labels"),
    [("prob_true", (False, True)), ("p_True", ("False", "True")), ("true_prob", ("fake", "true")),
     ("prob_correct", ("incorrect", "correct")), ("prob_gold", ("gold", "silver"))],
)  # fmt: skip
def test_a_class_of_that_name_is_one(name: str, labels: tuple[Any, Any], tmp_path: Path) -> None:
    shares = 1.0 - P if labels[0] == "gold" else P
    found = mean_of_columns(tmp_path, {"y_true": [labels[y] for y in Y], name: shares})
    assert found.mean == pytest.approx(LOSS, rel=1e-12)
    assert not found.err


def test_columns_of_the_classes_false_and_true_are_scores(tmp_path: Path) -> None:
    found = mean_of_columns(tmp_path, {"y_true": Y.astype(bool), "prob_false": 1.0 - P, "prob_true": P})
    assert found.mean == pytest.approx(LOSS, rel=1e-12)


@pytest.mark.parametrize("name", ["target_prob", "p_label", "prob_target", "p_y", "label_score", "class_prob"])
def test_a_name_that_can_mean_both_is_judged_by_the_rows(name: str, tmp_path: Path) -> None:
    honest = mean_of_columns(tmp_path, {"y_true": Y, name: P})
    assert honest.mean == pytest.approx(LOSS, rel=1e-12)
    assert not honest.err
    refused = mean_of_columns(tmp_path, {"y_true": Y, name: OF_TRUTH})
    assert refused.code == 3
    assert "may be the probability of the truth of each row" in refused.err
    assert "--positive CLASS" in refused.err
    assert mean_of_columns(tmp_path, {"y_true": Y, name: OF_TRUTH}, "--positive", "1").code == 0


@pytest.mark.parametrize("name", ["y_prob", "y_score", "y_pred", "prob", "prediction", "class_1_prob"])
@pytest.mark.parametrize("shift", [-2.0, 0.0, 2.0])
def test_other_names_are_no_doubt_whatever_the_model(name: str, shift: float, tmp_path: Path) -> None:
    shares = 1.0 / (1.0 + np.exp(-(np.log(P / (1.0 - P)) + shift)))
    found = mean_of_columns(tmp_path, {"y_true": Y, name: shares})
    assert found.mean == pytest.approx(math.fsum(-np.log(np.where(Y == 1, shares, 1.0 - shares))) / N, rel=1e-12)


def test_what_celoss_writes_for_each_row_is_not_scored_as_two_classes(tmp_path: Path) -> None:
    mean_of_columns(tmp_path, {"y_true": Y, "prob": P}, "--per-sample", str(tmp_path / "rows.csv"))
    refused = run("eval", tmp_path / "rows.csv", "-q")
    assert refused.code == 3
    assert "the probability of the truth" in refused.err


@pytest.mark.parametrize("name", ["true_prob", "prob_correct"])
def test_beside_the_largest_probability_it_is_none_either(name: str, tmp_path: Path) -> None:
    largest = "max_prob" if name.endswith("prob") else "prob_max"
    refused = mean_of_columns(
        tmp_path, {"label": np.where(Y == 1, "pos", "neg"), name: OF_TRUTH, largest: np.maximum(P, 1.0 - P)}
    )
    assert refused.code == 3
    assert not refused.out


USELESS = 1.0 / (1.0 + np.exp(-RNG.normal(0.0, 2.0, 400)))
COIN = RNG.integers(0, 2, 400)


@pytest.mark.parametrize("name", ["p_true", "prob_true", "true_prob"])
def test_beside_false_and_true_a_model_that_knows_nothing_leaves_it_open(name: str, tmp_path: Path) -> None:
    """That of the truth and that of True look the same where they tell nothing of the label."""
    for values in (USELESS, np.where(COIN == 1, USELESS, 1.0 - USELESS)):
        found = mean_of_columns(tmp_path, {"y_true": COIN.astype(bool), name: values})
        assert found.code == 0
        assert "can be the probability of the truth" in found.err
        assert "--positive True" in found.err
        assert (
            mean_of_columns(tmp_path, {"y_true": COIN.astype(bool), name: values}, "--input", "probs", "--strict").code
            == 3
        )
        said = mean_of_columns(
            tmp_path, {"y_true": COIN.astype(bool), name: values}, "--input", "probs", "--strict", "--positive", "True"
        )
        assert said.mean == pytest.approx(-np.log(np.where(COIN == 1, values, 1.0 - values)).mean(), rel=1e-9)
        assert not said.err


@pytest.mark.parametrize("name", ["p_true", "prob_true"])
@pytest.mark.parametrize("skill", [0.0, 0.3, 1.0])
def test_that_of_the_truth_is_never_scored_in_silence(name: str, skill: float, tmp_path: Path) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)
        z = rng.normal(0.0, 2.0, 200)
        y = rng.random(200) < 1.0 / (1.0 + np.exp(-skill * z))
        p = 1.0 / (1.0 + np.exp(-z))
        assert (
            mean_of_columns(tmp_path, {"y_true": y, name: np.where(y, p, 1.0 - p)}, "--input", "probs", "--strict").code
            == 3
        )


@pytest.mark.parametrize("name", ["p_true", "prob_true", "target_prob", "p_label"])
@pytest.mark.parametrize(("shift", "scale"), [(0.0, 1.0), (0.0, 5.0), (-2.0, 1.0), (0.0, 0.2)])
def test_a_model_that_knows_something_leaves_no_doubt(name: str, shift: float, scale: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    z = rng.normal(0.0, 1.0, 300)
    y = rng.random(300) < 1.0 / (1.0 + np.exp(-z))
    p = 1.0 / (1.0 + np.exp(-scale * (z + shift)))
    found = mean_of_columns(tmp_path, {"y_true": y, name: p}, "--input", "probs", "--strict")
    assert found.mean == pytest.approx(-np.log(np.where(y, p, 1.0 - p)).mean(), rel=1e-9)
    assert not found.err
