"""``--gradients``: the derivative of the loss that stands beside it, in its unit, by the logits."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.special

import celoss_cli
from running import run, write

LIMIT = 0.2
STEP = 1e-6

Losses = Any  # a function of logits (n, C): the losses (n,), or (n, L) of several labels


def rows_of(tmp_path: Path, content: str, *arguments: object) -> list[dict[str, float]]:
    write(tmp_path, {"f.csv": content})
    out = tmp_path / "rows.csv"
    done = run("eval", tmp_path / "f.csv", "-q", "--per-sample", out, "--gradients", *arguments)
    assert done.code == 0, done.err
    with out.open(encoding="utf-8") as file:
        return [{name: float(row[name]) for name in ("loss", "grad_1", "el2n")} for row in csv.DictReader(file)]


def test_the_gradient_is_in_the_unit_of_the_loss(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "z,y\n1.0,1\n-2.0,1\n0.5,0\n", "--pred", "z", "--input", "logits", "--base", 2)
    assert rows[1]["loss"] == pytest.approx(np.log1p(np.exp(2.0)) / np.log(2.0), rel=1e-14)
    assert rows[1]["grad_1"] == pytest.approx(-1.0 / (1.0 + np.exp(-2.0)) / np.log(2.0), rel=1e-14)
    assert rows[1]["el2n"] == pytest.approx(1.0 / (1.0 + np.exp(-2.0)), rel=1e-14)  # no loss: it has no unit


def test_a_clipped_loss_is_a_constant(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, "z,y\n1.0,1\n-2.0,1\n3.0,1\n0.5,0\n", "--pred", "z", "--input", "logits", "--clip", 0.2)
    assert [row["loss"] for row in rows[1:3]] == pytest.approx([-np.log(0.2), -np.log(0.8)])
    assert [row["grad_1"] for row in rows[1:3]] == [0.0, 0.0]
    p = scipy.special.expit([1.0, 0.5])
    assert [rows[0]["grad_1"], rows[3]["grad_1"]] == pytest.approx([p[0] - 1.0, p[1]], rel=1e-14)


def test_a_loss_that_a_library_limits_is_a_constant(tmp_path: Path) -> None:
    arguments = ("--pred", "p", "--input", "probs", "--compat", "torch")
    rows = rows_of(tmp_path, "p,y\n1e-50,1\n0.25,1\n0.0,1\n", *arguments)
    assert [row["loss"] for row in rows] == pytest.approx([100.0, np.log(4.0), 100.0])
    assert [row["grad_1"] for row in rows] == pytest.approx([0.0, -0.75, 0.0])


def clipped(logp: Any) -> Any:
    return np.clip(-logp, -np.log(1.0 - LIMIT), -np.log(LIMIT))


def softmax_losses(t: Any, w: Any, s: Any) -> Losses:
    return lambda z: s * (clipped(scipy.special.log_softmax(z, axis=1)) * t * w).sum(axis=1)


def sigmoid_losses(t: Any, q: float, s: Any) -> Losses:
    s = np.asarray(s)[..., None]
    return lambda z: s * (q * t * clipped(scipy.special.log_expit(z)) + (1 - t) * clipped(scipy.special.log_expit(-z)))


def derivative(losses: Losses, z: Any, column: int) -> Any:
    """Return the difference quotient of the loss (n,) by a column of ``z``; of several labels that of its own."""
    moved = STEP * (np.arange(z.shape[1]) == column)
    change = (losses(z + moved) - losses(z - moved)) / (2.0 * STEP)
    return change if change.ndim == 1 else change[:, column]


@pytest.mark.parametrize("kind", ["one class", "smoothed and weighted", "soft", "single column", "several labels"])
@pytest.mark.parametrize("base", ["e", "2", "10"])
def test_it_is_the_derivative_of_the_loss_beside_it(kind: str, base: str) -> None:
    n, rng = 200, np.random.default_rng(5)
    y, s = rng.integers(0, 3, n), rng.exponential(size=n)
    z = rng.normal(size=(n, 3)) * 2.0
    onehot = np.eye(3)[y]
    options: dict[str, Any] = {"input": "logits", "clip": LIMIT, "base": base, "gradients": True, "per_row": True}
    columns: dict[str, Any] = {f"z_{c}": z[:, c] for c in range(3)}
    labels: Any = y
    if kind == "one class":
        losses = softmax_losses(onehot, 1.0, 1.0)
    elif kind == "smoothed and weighted":
        w = np.array([1.0, 2.0, 0.5])
        options |= {"label_smoothing": 0.3, "class_weight": w.tolist(), "sample_weight": "s"}
        columns["s"] = s
        losses = softmax_losses(0.7 * onehot + 0.1, w, s)
    elif kind == "soft":
        labels = rng.dirichlet(np.ones(3), n)
        losses = softmax_losses(labels, 1.0, 1.0)
    elif kind == "single column":
        z, labels = z[:, :1], (y > 0).astype(int)
        columns = {"z": z[:, 0]}
        options["pos_weight"] = 3.0
        losses = sigmoid_losses(labels[:, None], 3.0, 1.0)
    else:
        labels = rng.integers(0, 2, (n, 3))
        options["task"] = "multilabel"
        losses = sigmoid_losses(labels, 1.0, 1.0)
    options["pred"] = [name for name in columns if name != "s"]
    names = [f"y_{c}" for c in range(3)]
    beside = pd.DataFrame({"y": labels}) if np.ndim(labels) == 1 else pd.DataFrame(labels, columns=names)
    found = celoss_cli.evaluate(pd.DataFrame(columns).join(beside), label=list(beside.columns), **options).per_row
    assert found is not None
    assert found.gradients is not None
    unit = {"e": 1.0, "2": np.log(2.0), "10": np.log(10.0)}[base]
    expected = np.stack([derivative(losses, z, column) for column in range(z.shape[1])], axis=1) / unit
    np.testing.assert_allclose(found.gradients, expected, atol=1e-8)
    assert (found.gradients == 0.0).any()
