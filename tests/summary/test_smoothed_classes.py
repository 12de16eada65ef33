"""Smoothed losses by class: a row counts for its label, whatever the terms of its loss speak of."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from celoss_cli.api.functions import compare, evaluate
from running import run

TEN = "p,y\n" + "0.1,0\n" * 9 + "0.8,1\n"

OF_0 = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
OF_1 = -0.9 * math.log(0.8) - 0.1 * math.log(0.2)

RNG = np.random.default_rng(8)
Y = RNG.choice(3, 200, p=[0.7, 0.2, 0.1])
Z = RNG.normal(size=(200, 3)) + 2.0 * np.eye(3)[Y]
W = RNG.uniform(0.2, 3.0, 200)
LOG_P = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
SOFT = 0.7 * np.eye(3)[Y] + 0.1
LOSS = -(SOFT * LOG_P).sum(axis=1)
"""With 0.3 smoothed."""
MEANS = [np.average(LOSS[c == Y], weights=W[c == Y]) for c in range(3)]


def scored(**options: Any) -> Any:
    return evaluate(Z, Y, input="logits", sample_weight=W, label_smoothing=0.3, **options)


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    path = tmp_path / "ten.csv"
    path.write_text(TEN, encoding="utf-8")
    return path


def test_the_mean_of_a_class_is_that_of_its_rows(ten: Path) -> None:
    found = run("eval", ten, "--label-smoothing", "0.2", "--format", "json").document
    assert [row["mean_loss"] for row in found["per_class"]] == pytest.approx([OF_0, OF_1], rel=1e-14)
    shares = [row["loss_share"] for row in found["per_class"]]
    assert shares == pytest.approx([9 * OF_0 / (9 * OF_0 + OF_1), OF_1 / (9 * OF_0 + OF_1)], rel=1e-14)


@pytest.mark.parametrize(("limit", "code"), [("1=0.6", 0), ("1=0.37", 0), ("1=0.36", 1), ("0=0.3", 1)])
def test_the_gate_of_a_class(ten: Path, limit: str, code: int) -> None:
    assert run("eval", ten, "-q", "--label-smoothing", "0.2", "--max-class-loss", limit).code == code


def test_the_macro_average_is_the_mean_of_the_class_means(ten: Path) -> None:
    found = run("eval", ten, "--label-smoothing", "0.2", "--average", "macro", "-q")
    assert found.mean == pytest.approx((OF_0 + OF_1) / 2, rel=1e-14)
    assert scored(average="macro").loss.mean == pytest.approx(np.mean(MEANS), rel=1e-13)


@pytest.mark.parametrize(
    "options",
    [{}, {"average": "macro"}, {"class_weight": "1,2,5"}, {"class_weight": "balanced"}, {"class_weight": "1,0,5"}],
    ids=str,
)
def test_rows_by_label_under_every_kind_of_weights(options: dict[str, Any]) -> None:
    found = scored(**options, per_row=True)
    assert [row.mean_loss for row in found.per_class] == pytest.approx(MEANS, rel=1e-13)
    assert found.per_row is not None
    weighted = found.per_row.weighted_loss
    shares = [weighted[c == Y].sum() / weighted.sum() for c in range(3)]
    assert [row.loss_share for row in found.per_class] == pytest.approx(shares, rel=1e-12)
    assert math.fsum(row.loss_share for row in found.per_class) == pytest.approx(1.0, rel=1e-14)
    assert found.loss.mean == pytest.approx(weighted.sum() / found.per_row.weight.sum(), rel=1e-13)


def test_class_weights_weigh_the_terms_as_in_torch() -> None:
    w = np.array([1.0, 2.0, 5.0])
    expected = (W * -(SOFT * LOG_P * w).sum(axis=1)).sum() / (W * w[Y]).sum()
    assert scored(class_weight="1,2,5").loss.mean == pytest.approx(expected, rel=1e-13)


def test_the_spread_and_the_prior_of_the_macro_average() -> None:
    """What classes differ by is no noise, as without smoothing; a constant guess serves all classes alike."""
    found = scored(average="macro")
    variance = 0.0
    for c in range(3):
        loss, w = LOSS[c == Y], W[c == Y]
        n = len(loss)
        variance += n / (n - 1) * (w**2 * (loss - MEANS[c]) ** 2).sum() / w.sum() ** 2 / 9
    assert found.loss.standard_error == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert found.baselines.prior == pytest.approx(math.log(3), rel=1e-14)
    assert found.baselines.uniform == pytest.approx(math.log(3), rel=1e-14)


def test_the_gradients_of_the_macro_average() -> None:
    found = scored(average="macro", gradients=True, per_row=True)
    weights = np.array([W[c == Y].sum() for c in range(3)])
    v = W * W.sum() / (3.0 * weights[Y])
    expected = v[:, None] * (np.exp(LOG_P) - SOFT)
    assert found.per_row is not None
    assert found.per_row.gradients == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("options", [{"class_weight": "balanced"}, {"average": "macro"}], ids=str)
def test_gradients_change_no_standard_error(options: dict[str, Any]) -> None:
    plain = evaluate(Z, Y, input="logits", sample_weight=W, **options).loss
    graded = evaluate(Z, Y, input="logits", sample_weight=W, gradients=True, per_row=True, **options).loss
    assert graded.standard_error == pytest.approx(plain.standard_error, rel=1e-9)


def test_an_impossible_class_makes_the_rows_infinite_by_their_label() -> None:
    p, y = np.array([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5], [0.1, 0.8, 0.1]]), np.array([0, 2, 1])
    for options in ({}, {"class_weight": "1,2,3"}):
        found = evaluate(p, y, label_smoothing=0.1, **options)
        assert [row.mean_loss == math.inf for row in found.per_class] == [True, False, False]
        assert found.counts.infinite == 1


def test_soft_labels_have_their_shares_of_every_class() -> None:
    t = RNG.dirichlet(np.ones(3), 200)
    found = evaluate(np.exp(LOG_P), t)
    expected = -(t * LOG_P).sum(axis=0) / t.sum(axis=0)
    assert [row.mean_loss for row in found.per_class] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("options", [(), ("--class-weight", "0=1,1=3")])
def test_states_merged(tmp_path: Path, options: tuple[str, ...]) -> None:
    lines = TEN.splitlines(keepends=True)
    said = ("--label-smoothing", "0.2", "--label", "y", "--pred", "p", *options)
    states = []
    for place, rows in enumerate((lines[1:6], lines[6:])):
        path = tmp_path / f"{place}.csv"
        path.write_text(lines[0] + "".join(rows), encoding="utf-8")
        states.append(tmp_path / f"{place}.state")
        classes = ("--classes", "0,1")
        assert run("state", path, "-o", states[-1], *said, *classes, "--part", f"{place + 1}/2").code == 0
    found = run("merge", *states, "--format", "json").document
    assert [row["mean_loss"] for row in found["per_class"]] == pytest.approx([OF_0, OF_1], rel=1e-14)
    assert sum(row["loss_share"] for row in found["per_class"]) == pytest.approx(1.0, rel=1e-14)


def test_compare_says_the_same() -> None:
    options: dict[str, Any] = {"input": "logits", "sample_weight": W, "label_smoothing": 0.3}
    for average in ("micro", "macro"):
        found = compare(Z, 0.5 * Z, Y, average=average, **options)
        assert found.baseline.mean == scored(average=average).loss.mean
        assert [row.baseline for row in found.per_class] == pytest.approx(MEANS, rel=1e-12)
    found = compare(Z, 0.5 * Z, Y, class_weight="1,2,5", **options)
    assert found.baseline.mean == scored(class_weight="1,2,5").loss.mean
    assert [row.baseline for row in found.per_class] == pytest.approx(MEANS, rel=1e-12)
    assert [row.won is None for row in found.per_class] == [False, False, False]
