"""Several models in one file without a column that says so, or without ids: refused, or a doubt that is said."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import evaluate, inspect
from notices import about_the_data
from running import run

N = 120
RNG = np.random.default_rng(41)
Z = RNG.normal(0.0, 1.5, N)
P = 1.0 / (1.0 + np.exp(-Z))
Q = 1.0 / (1.0 + np.exp(-(0.8 * Z + RNG.normal(0.0, 0.5, N))))
Y = (RNG.random(N) < P).astype(int)
IDS = [f"i{row}" for row in range(N)]


def loss(p: np.ndarray, y: np.ndarray = Y) -> float:
    return float(-np.log(np.where(y == 1, p, 1.0 - p)).mean())


def stacked(**more: tuple[Any, Any]) -> pd.DataFrame:
    """The rows of two models, one below the other; each of ``more`` has a value for either."""
    return pd.concat(
        [
            pd.DataFrame({"y_true": Y, "y_prob": p, **{name: pair[place] for name, pair in more.items()}})
            for place, p in enumerate((P, Q))
        ],
        ignore_index=True,
    )


@pytest.mark.parametrize("name", ["id", "sample_id", "uid", "example_id"])
@pytest.mark.parametrize("order", ["below each other", "in turn", "shuffled"])
def test_ids_that_stand_twice_with_other_scores_are_doubted(name: str, order: str, tmp_path: Path) -> None:
    table = stacked(**{name: (IDS, IDS)})
    if order == "in turn":
        table = table.sort_values(name, kind="stable")
    elif order == "shuffled":
        table = table.sample(frac=1.0, random_state=3)
    table.to_csv(tmp_path / "f.csv", index=False)
    assert about_the_data(evaluate(str(tmp_path / "f.csv"))) == ["repeated_ids"]
    refused = run("eval", tmp_path / "f.csv", "--strict")
    assert refused.code == 3
    assert f"{name!r} stands in several rows of one label with other scores" in refused.err
    allowed = run("eval", tmp_path / "f.csv", "-q", "--strict", "--allow", "repeated_ids")
    assert allowed.mean == pytest.approx((loss(P) + loss(Q)) / 2.0, rel=1e-12)


def test_inspect_refuses_them_under_strict_and_names_the_command_that_accepts_them(tmp_path: Path) -> None:
    stacked(id=(IDS, IDS)).to_csv(tmp_path / "f.csv", index=False)
    assert run("inspect", tmp_path / "f.csv", "--strict").code == 3
    command = inspect(str(tmp_path / "f.csv")).command
    assert command is not None
    assert command.endswith("--strict --allow repeated_ids")
    assert run(*shlex.split(command)[1:], "-q").mean == pytest.approx((loss(P) + loss(Q)) / 2.0, rel=1e-12)


@pytest.mark.parametrize("name", ["patient", "image", "filename", "customer"])
def test_several_rows_of_one_patient_or_file_are_samples(name: str, tmp_path: Path) -> None:
    stacked(**{name: (IDS, IDS)}).to_csv(tmp_path / "f.csv", index=False)
    assert not run("eval", tmp_path / "f.csv", "-q", "--strict").err


def test_rows_of_differing_truth_are_samples(tmp_path: Path) -> None:
    table = stacked(id=(IDS, IDS))
    table["y_true"] = RNG.permutation(table["y_true"])
    table.to_csv(tmp_path / "f.csv", index=False)
    assert not run("eval", tmp_path / "f.csv", "-q", "--strict").err


@pytest.mark.parametrize("name", ["model", "method", "run", "classifier", "seed"])
@pytest.mark.parametrize("rows", [N, 1500])
def test_models_below_each_other_without_ids_are_told_by_their_truth(name: str, rows: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(rows)
    p, q = rng.random(rows), rng.random(rows)
    y = (rng.random(rows) < p).astype(int)
    table = pd.DataFrame({name: np.repeat([7, 8], rows), "y_true": np.tile(y, 2), "y_prob": np.concatenate([p, q])})
    table.to_csv(tmp_path / "f.csv", index=False)
    refused = run("eval", tmp_path / "f.csv", "-q")
    assert refused.code == 3
    assert f"for each {name!r}" in refused.err
    assert f"--where {name}=7" in refused.err
    assert run("eval", tmp_path / "f.csv", "-q", "--where", f"{name}=7").mean == pytest.approx(loss(p, y), rel=1e-12)


@pytest.mark.parametrize("name", ["model", "fold", "method"])
def test_parts_with_rows_of_their_own_are_not(name: str, tmp_path: Path) -> None:
    both = np.concatenate([P, Q])
    y = (RNG.random(2 * N) < both).astype(int)
    table = pd.DataFrame({name: np.repeat(["a", "b"], N), "y_true": y, "y_prob": both})
    table.to_csv(tmp_path / "f.csv", index=False)
    found = run("eval", tmp_path / "f.csv", "-q", "--strict")
    assert found.mean == pytest.approx(loss(both, y), rel=1e-12)
    assert not found.err


def test_an_image_stands_once_a_model_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("img", "photo", "qid", "url"):
        table = stacked(**{name: (IDS, IDS), "method": ("a", "b")}).sample(frac=1.0, random_state=1)
        table.to_csv(tmp_path / "f.csv", index=False)
        refused = run("eval", tmp_path / "f.csv", "-q")
        assert refused.code == 3
        assert "told apart by 'method'" in refused.err


Z3 = RNG.normal(0.0, 1.2, (N, 3))
P3 = np.exp(Z3) / np.exp(Z3).sum(axis=1, keepdims=True)
CODES = (P3.cumsum(axis=1) > RNG.random((N, 1))).argmax(axis=1)
COLOURS = np.array(["red", "green", "blue"])


@pytest.mark.parametrize("name", ["logit_scale", "logit_temperature", "logit_bias"])
@pytest.mark.parametrize("value", [2.5, 1.0, 0.0])
def test_the_same_number_in_every_row_is_no_class(name: str, value: float, tmp_path: Path) -> None:
    logits = {f"logit_{colour}": Z3[:, i] for i, colour in enumerate(COLOURS)}
    pd.DataFrame({"y_true": COLOURS[CODES], **logits, name: value}).to_csv(tmp_path / "f.csv", index=False)
    found = run("eval", tmp_path / "f.csv", "-q", "--strict")
    assert found.mean == pytest.approx(-np.log(P3[np.arange(N), CODES]).mean(), rel=1e-9)
    assert not found.err


def test_a_class_of_the_same_share_in_every_row_is_one(tmp_path: Path) -> None:
    shares = {f"p_{colour}": 0.97 * P3[:, i] for i, colour in enumerate(COLOURS)}
    pd.DataFrame({"y_true": COLOURS[CODES], **shares, "p_other": 0.03}).to_csv(tmp_path / "f.csv", index=False)
    found = run("eval", tmp_path / "f.csv", "-q")
    assert found.mean == pytest.approx(-np.log(0.97 * P3[np.arange(N), CODES]).mean(), rel=1e-9)


@pytest.mark.parametrize("names", [("logit_m0", "logit_m1"), ("logit_model0", "logit_model1")])
def test_members_that_are_numbered_as_the_classes_are_no_classes(names: tuple[str, str], tmp_path: Path) -> None:
    scores = {names[0]: Z, names[1]: Z + RNG.normal(0.0, 0.3, N)}
    pd.DataFrame({"y_true": Y, **scores}).to_csv(tmp_path / "f.csv", index=False)
    refused = run("eval", tmp_path / "f.csv", "-q")
    assert refused.code == 3
    assert all(name in refused.err for name in names)
    one = run("eval", tmp_path / "f.csv", "-q", "--pred", names[0], "--positive", "1")
    assert one.mean == pytest.approx(loss(P), rel=1e-9)


def test_margins_of_one_class_against_the_rest_are_no_logits(tmp_path: Path) -> None:
    margins = {f"ovr_{colour}": Z3[:, i] for i, colour in enumerate(COLOURS)}
    pd.DataFrame({"y_true": COLOURS[CODES], **margins}).to_csv(tmp_path / "f.csv", index=False)
    refused = run("eval", tmp_path / "f.csv", "-q")
    assert refused.code == 3
    assert "margins of one class against the rest" in refused.err
    said = run("eval", tmp_path / "f.csv", "-q", "--pred", "ovr_*")
    assert said.mean == pytest.approx(-np.log(P3[np.arange(N), CODES]).mean(), rel=1e-9)


@pytest.mark.parametrize("name", ["label", "class", "y"])
def test_a_label_that_is_the_largest_score_on_the_border_too_is_what_was_predicted(name: str, tmp_path: Path) -> None:
    logits = {f"logit_{colour}": Z3[:, i] for i, colour in enumerate(COLOURS)}
    pd.DataFrame({name: COLOURS[Z3.argmax(axis=1)], **logits}).to_csv(tmp_path / "f.csv", index=False)
    assert about_the_data(evaluate(str(tmp_path / "f.csv"))) == ["label_is_predicted"]
    assert run("eval", tmp_path / "f.csv", "-q", "--strict").code == 3


def test_a_model_that_is_never_wrong_and_keeps_clear_of_the_border_is_not(tmp_path: Path) -> None:
    for seed in range(10):
        rng = np.random.default_rng(seed)
        codes = rng.integers(0, 3, N)
        z = 0.3 * rng.normal(0.0, 0.2, (N, 3))
        z[np.arange(N), codes] += 0.7
        logits = {f"logit_{colour}": z[:, i] for i, colour in enumerate(COLOURS)}
        pd.DataFrame({"label": COLOURS[codes], **logits}).to_csv(tmp_path / "f.csv", index=False)
        assert about_the_data(evaluate(str(tmp_path / "f.csv"))) == []
