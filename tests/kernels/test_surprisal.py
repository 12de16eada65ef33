"""The surprisal of every class against mpmath, and against the kernels that find only the true class's."""

from __future__ import annotations

import math

import numpy as np
import pytest

import oracles
from celoss_cli.kernels import binary, multiclass, surprisal


@pytest.mark.parametrize(("classes", "scale"), [(2, 1.0), (5, 30.0), (10, 4000.0), (60, 1.0)])
def test_from_logits(classes: int, scale: float) -> None:
    rows = np.clip(np.random.default_rng(classes).normal(scale=scale, size=(20, classes)), -1e4, 1e4)
    found = surprisal.surprisals_from_logits(oracles.blocked(rows, 0))
    for c in range(classes):
        assert oracles.excess(found[c], [oracles.multiclass_logit(row, c) for row in rows.tolist()]) <= 1.0


def test_from_logits_of_confident_rows() -> None:
    margins = np.arange(40.0, 700.0, 13.0)
    rows = np.stack([margins, np.zeros_like(margins), np.full_like(margins, -0.5)], axis=1)
    found = surprisal.surprisals_from_logits(oracles.blocked(rows, 0))
    exact = [oracles.multiclass_logit(row, 0) for row in rows.tolist()]
    assert (np.log(np.exp(rows - margins[:, None]).sum(axis=1)) == 0.0).all()
    assert oracles.relative_error(found[0], exact) < 2e-13


def test_logits_too_far_apart_for_a_double_have_an_infinite_surprisal() -> None:
    assert surprisal.surprisals_from_logits(np.array([[1e308], [-1e308]])).tolist() == [[0.0], [np.inf]]


def test_a_row_has_the_same_bits_in_any_block() -> None:
    rows = np.random.default_rng(1).normal(scale=3.0, size=(100, 10))
    whole = surprisal.surprisals_from_logits(oracles.blocked(rows, 0))
    alone = [surprisal.surprisals_from_logits(oracles.blocked(rows[i : i + 1], 0)) for i in range(100)]
    assert np.concatenate(alone, axis=1).tolist() == whole.tolist()


def test_a_class_ruled_out_costs_everything() -> None:
    block = np.array([[-np.inf, 0.0], [1.0, -np.inf], [1.0, -np.inf]])
    found = surprisal.surprisals_from_logits(block)
    assert found[:, 0] == pytest.approx([np.inf, math.log(2.0), math.log(2.0)], rel=1e-15)
    assert found[:, 1].tolist() == [0.0, np.inf, np.inf]


def test_they_agree_with_the_loss_of_the_true_class() -> None:
    random = np.random.default_rng(2)
    p = random.dirichlet(np.ones(4), size=30)
    codes = random.integers(0, 4, 30)
    true, rows = multiclass.true_index(codes, 4, 0), np.arange(30)
    found = surprisal.surprisals_from_probabilities(oracles.blocked(p, 0))
    expected = multiclass.losses_from_probabilities(oracles.blocked(p, 0), true)
    assert found[codes, rows].tolist() == expected.tolist()
    found = surprisal.surprisals_from_log_probabilities(oracles.blocked(np.log(p), 0))
    expected = multiclass.losses_from_log_probabilities(oracles.blocked(np.log(p), 0), true)
    assert found[codes, rows].tolist() == expected.tolist()


@pytest.mark.parametrize("y", [0, 1])
def test_binary_ones_agree_with_the_binary_losses(y: int) -> None:
    p = np.concatenate([np.logspace(-300, -1, 50), 1.0 - np.logspace(-16, -1, 30), [0.0, 0.5, 1.0]])
    z = np.concatenate([np.linspace(-800.0, 800.0, 60), [0.0, 1e4, -1e4]])
    logp = -np.concatenate([np.logspace(-300, 3, 60), [0.0, math.log(2.0)]])
    truth = np.full(p.shape, float(y))
    found = surprisal.binary_surprisals_from_probabilities(p)[y]
    assert oracles.excess(found, [oracles.binary_probability(float(x), y) for x in p]) <= 1.0
    assert found == pytest.approx(binary.losses_from_probabilities(p, truth), rel=1e-15, abs=1e-16)
    found = surprisal.binary_surprisals_from_logits(z)[y]
    assert found.tolist() == binary.losses_from_logits(z, np.full(z.shape, float(y))).tolist()
    found = surprisal.binary_surprisals_from_log_probabilities(logp)[y]
    assert found.tolist() == binary.losses_from_log_probabilities(logp, np.full(logp.shape, float(y))).tolist()


def test_a_class_that_cannot_be_the_truth_costs_nothing() -> None:
    costs = np.array([[np.inf, 1.0], [2.0, np.inf]])
    targets = np.array([[0.0, 0.25], [1.0, 0.75]])
    assert surprisal.expected(costs, targets).tolist() == [[0.0, 0.25], [2.0, np.inf]]
