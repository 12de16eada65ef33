"""Baselines against brute force: every row given one constant guess, under the same weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from celoss_cli.api.functions import evaluate
from celoss_cli.results.evaluation import Baselines

Y = [0, 0, 1, 2, 0, 2, 1, 0]
S = [1.0, 2.0, 0.5, 3.0, 1.0, 0.25, 4.0, 1.0]
W = [1.0, 2.5, 0.5]


def constant_loss(targets: Any, s: Any, w: Any, q: float, guess: Any, denominator: float) -> float:
    """Return the mean of s·Σ_c w_c t_c q_c (−log guess_c), q on the second class alone."""
    factors = np.asarray(w, dtype=np.float64).copy()
    factors[1] *= q
    with np.errstate(divide="ignore"):
        terms = np.asarray(targets) * factors * -np.log(np.asarray(guess))
    terms = np.where(np.asarray(targets) * factors > 0.0, terms, 0.0)
    return math.fsum((np.asarray(s)[:, None] * terms).ravel()) / denominator


def best_guess(targets: Any, s: Any, w: Any, q: float) -> np.ndarray:
    """Return the constant distribution of the least loss: the shares of what each class counts (Gibbs)."""
    factors = np.asarray(w, dtype=np.float64).copy()
    factors[1] *= q
    counts = (np.asarray(s)[:, None] * np.asarray(targets) * factors).sum(axis=0)
    return counts / counts.sum()


def check(found: Baselines | None, targets: Any, s: Any, w: Any, q: float, denominator: float) -> None:
    assert found is not None
    classes = np.asarray(targets).shape[1]
    uniform = np.full(classes, 1.0 / classes)
    prior = best_guess(targets, s, w, q)
    assert found.uniform == pytest.approx(constant_loss(targets, s, w, q, uniform, denominator), rel=1e-12)
    least = constant_loss(targets, s, w, q, prior, denominator)
    assert found.prior == pytest.approx(least, rel=1e-12)
    for seed in range(20):  # and no other constant guess does better
        other = np.random.default_rng(seed).dirichlet(np.ones(classes)) * 0.5 + 0.5 * prior
        assert constant_loss(targets, s, w, q, other, denominator) >= least * (1.0 - 1e-12)


@pytest.mark.parametrize("epsilon", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "samples"])
@pytest.mark.parametrize("classes", [None, W], ids=["even", "classes"])
@pytest.mark.parametrize("denominator", ["weights", "count"])
def test_smoothed_index_labels(epsilon: float, weighted: bool, classes: Any, denominator: str) -> None:
    p = np.random.default_rng(0).dirichlet(np.ones(3), len(Y))
    s = np.array(S if weighted else [1.0] * len(Y))
    data = pa.table({"y": Y, "s": s, **{f"p_{c}": p[:, c] for c in range(3)}})
    found = evaluate(
        data, label="y", pred="p_*", sample_weight="s" if weighted else None, class_weight=classes,
        label_smoothing=epsilon, denominator=denominator,
    )  # fmt: skip
    w = np.array(classes or [1.0] * 3)
    targets = (1.0 - epsilon) * np.eye(3)[Y] + epsilon / 3
    below = float((s * w[Y]).sum()) if denominator == "weights" else float(len(Y))
    check(found.baselines, targets, s, w, 1.0, below)


@pytest.mark.parametrize("q", [0.5, 4.0])
@pytest.mark.parametrize("epsilon", [0.0, 0.2])
def test_the_weight_of_the_positive_class(q: float, epsilon: float) -> None:
    y, p = [0, 1, 1, 0, 0, 0], [0.2, 0.7, 0.9, 0.4, 0.1, 0.3]
    found = evaluate(
        pa.table({"y": y, "p": p}), label="y", pred="p", pos_weight=q, label_smoothing=epsilon, input="probs"
    )
    targets = (1.0 - epsilon) * np.eye(2)[y] + epsilon / 2
    check(found.baselines, targets, [1.0] * 6, [1.0, 1.0], q, 6.0)


def test_soft_labels_are_smoothed_once() -> None:
    soft = np.random.default_rng(1).dirichlet(np.ones(3), 12)
    p = np.random.default_rng(2).dirichlet(np.ones(3), 12)
    data = pa.table(
        {**{f"label_{c}": soft[:, c] for c in range(3)}, **{f"p_{c}": p[:, c] for c in range(3)}}
    )  # fmt: skip
    found = evaluate(data, label="label_*", pred="p_*", label_smoothing=0.25)
    check(found.baselines, 0.75 * soft + 0.25 / 3, [1.0] * 12, [1.0] * 3, 1.0, 12.0)


@pytest.mark.parametrize("q", [None, 3.0, [0.5, 1.0, 4.0]])
def test_several_labels_a_row(q: Any) -> None:
    random = np.random.default_rng(3)
    t, p = random.integers(0, 2, (9, 3)), random.uniform(0.05, 0.95, (9, 3))
    data = pa.table({**{f"label_{i}": t[:, i] for i in range(3)}, **{f"p_{i}": p[:, i] for i in range(3)}})
    found = evaluate(data, label="label_*", pred="p_*", task="multilabel", input="probs", pos_weight=q).baselines
    factors = np.broadcast_to(np.array(1.0 if q is None else q), (3,))
    uniform, prior = 0.0, 0.0
    for i in range(3):
        targets = np.eye(2)[t[:, i]]
        best = best_guess(targets, [1.0] * 9, [1.0, 1.0], float(factors[i]))
        uniform += constant_loss(targets, [1.0] * 9, [1.0, 1.0], float(factors[i]), [0.5, 0.5], 27.0)
        prior += constant_loss(targets, [1.0] * 9, [1.0, 1.0], float(factors[i]), best, 27.0)
    assert found is not None
    assert found.uniform == pytest.approx(uniform, rel=1e-12)
    assert found.prior == pytest.approx(prior, rel=1e-12)
