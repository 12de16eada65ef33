"""Where no temperature is best the diagnosis says which case it is, and nothing that is not so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from diagnosed_files import binary, diagnosed, fix_of, reasons, several

APART = "told apart without fail"


def labelled(n: int, share: float) -> np.ndarray[Any, Any]:
    return (np.arange(n) < share * n).astype(np.int64)


@pytest.mark.parametrize(("p", "n", "share"), [(0.5, 4, 0.5), (0.6, 200, 0.3)])
def test_one_probability_on_the_wrong_side_has_a_shift_at_most(p: float, n: int, share: float, tmp_path: Path) -> None:
    found = diagnosed(tmp_path / "a.parquet", {"p": np.full(n, p), "label": labelled(n, share)})
    told = reasons(found)
    assert told["temperature"] == told["logistic"] == told["cox"] == "constant_scores"
    assert found.temperature is None
    assert APART not in found.headline.text
    shift = fix_of(found, "shift")
    assert shift.parameters["shift"] == pytest.approx(np.log(share / (1 - share)) - np.log(p / (1 - p)), abs=1e-9)
    assert found.headline.fix == ("shift" if p == 0.6 else None)


@pytest.mark.parametrize(("p", "share", "t"), [(0.3, 0.3, 1.0), (0.9, 0.75, 2.0)])
def test_one_probability_on_the_right_side_has_a_temperature(p: float, share: float, t: float, tmp_path: Path) -> None:
    found = diagnosed(tmp_path / "a.parquet", {"p": np.full(200, p), "label": labelled(200, share)})
    assert found.temperature is not None
    assert found.temperature.t == pytest.approx(t, rel=1e-9)
    assert reasons(found)["logistic"] == reasons(found)["cox"] == "constant_scores"


def test_an_order_that_is_reversed_without_fail_is_called_that(tmp_path: Path) -> None:
    p = np.linspace(0.05, 0.95, 40)
    found = diagnosed(tmp_path / "a.parquet", {"p": p, "label": (p < 0.5).astype(np.int64)}, positive="1")
    told = reasons(found)
    assert told["temperature"] == told["logistic"] == told["cox"] == "reversed"
    assert "--positive" in found.headline.text
    assert APART not in found.headline.text


def test_an_order_that_is_mostly_reversed_is_not_called_too_extreme(tmp_path: Path) -> None:
    columns = binary()
    found = diagnosed(tmp_path / "a.parquet", {**columns, "label": 1 - columns["label"]}, positive="1")
    assert found.headline.fix == "logistic"
    assert "opposite of what happens" in found.headline.text
    assert "extreme" not in found.headline.text


def test_a_shift_is_not_taken_for_a_reversed_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(0.0, 1.0, 3000)
    label = (rng.random(3000) < 1 / (1 + np.exp(-z))).astype(np.int64)
    high = diagnosed(tmp_path / "a.parquet", {"p": 1 / (1 + np.exp(-(z + 4.0))), "label": label * (z > 0.8)})
    assert reasons(high)["temperature"] == "shifted"
    assert "opposite" not in high.headline.text


@pytest.mark.parametrize("label", [0, 1])
def test_one_class_only(label: int, tmp_path: Path) -> None:
    p = np.linspace(0.6, 0.9, 30)
    found = diagnosed(tmp_path / "a.parquet", {"p": p, "label": np.full(30, label)}, classes=("0", "1"))
    assert reasons(found)["temperature"] == reasons(found)["logistic"] == "one_class"
    assert found.headline.text.startswith("Only one class occurs")


def test_rounded_probabilities_that_are_all_the_same(tmp_path: Path) -> None:
    columns = {
        "label": list("abc") * 50,
        **{name: np.full(150, p) for name, p in zip("abc", (0.3333, 0.3333, 0.3334), strict=True)},
    }
    found = diagnosed(tmp_path / "a.parquet", columns)
    assert reasons(found)["temperature"] == "constant_scores"
    assert found.headline.text.startswith("The scores do not differ enough")


def test_scores_of_several_classes_in_reversed_order(tmp_path: Path) -> None:
    x = several(classes=3)
    worst = np.stack([x[f"logit_{c}"] for c in range(3)]).argmin(axis=0)
    found = diagnosed(tmp_path / "a.parquet", {**x, "label": worst})
    assert reasons(found)["temperature"] == "reversed"
    assert "opposite of what happens" in found.headline.text


@pytest.mark.parametrize("classes", [2, 3])
def test_scores_that_know_nothing(classes: int, tmp_path: Path) -> None:
    n = 3000
    x = np.random.default_rng(5).normal(size=(classes, n // classes))
    if classes == 2:
        x = np.stack([x[0] * 0.0, x[0]])
    x = np.tile(x, classes)  # each score once with each class: the best β is 0
    columns = {f"logit_{c}": x[c] for c in range(classes)}
    columns["label"] = np.repeat(np.arange(classes), x.shape[1] // classes)
    found = diagnosed(tmp_path / "a.parquet", columns)
    assert reasons(found)["temperature"] == "uninformative"
    assert found.headline.text.startswith("The scores do not tell the classes apart")
    assert not any(word in found.headline.text for word in ("extreme", "timid", "not the problem"))
    assert all(fix.parameters.get("t", 1.0) > 0.0 for fix in found.fixes)


def test_all_rows_right_are_still_told_apart(tmp_path: Path) -> None:
    x = several(classes=3)
    best = np.stack([x[f"logit_{c}"] for c in range(3)]).argmax(axis=0)
    assert APART in diagnosed(tmp_path / "a.parquet", {**x, "label": best}).headline.text


def test_weights_do_not_make_a_shift_a_reversed_order(tmp_path: Path) -> None:
    columns = {"p": np.full(200, 0.6), "label": labelled(200, 0.3), "w": np.full(200, 2.0)}
    found = diagnosed(tmp_path / "a.parquet", columns, sample_weight="w")
    assert reasons(found)["temperature"] == "constant_scores"
    assert found.headline.fix == "shift"
    assert "opposite" not in found.headline.text
    label = np.repeat(list("abc"), (20, 40, 140))
    several = {name: np.full(200, p) for name, p in zip("abc", (0.8, 0.1, 0.1), strict=True)}
    found = diagnosed(tmp_path / "b.parquet", {**several, "label": label, "w": np.full(200, 2.0)}, sample_weight="w")
    assert reasons(found)["temperature"] == "wrong_way"
    assert "or too high or too low" in found.headline.text


def test_the_same_probabilities_for_all_rows_are_not_a_reversed_order(tmp_path: Path) -> None:
    label = np.repeat(list("abc"), (10, 10, 80))
    columns = {"label": label, **{name: np.full(100, p) for name, p in zip("abc", (0.8, 0.1, 0.1), strict=True)}}
    found = diagnosed(tmp_path / "a.parquet", columns)
    assert reasons(found)["temperature"] == "constant_scores"
    assert found.headline.fix == "class_biases"
    assert "opposite" not in found.headline.text
