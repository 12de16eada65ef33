"""Binary losses against mpmath: every row within 4·max(2^-52·l, 1e-16), and each trick where the naive form fails."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracles
from celoss_cli.kernels import binary

RANDOM = np.random.default_rng(20240501)

PROBABILITIES = np.concatenate(
    [
        [0.0, 5e-324, 2.0**-1022, 0.25, 0.5, np.nextafter(0.5, 0), np.nextafter(0.5, 1), np.nextafter(1.0, 0), 1.0],
        np.logspace(-300, -1, 300),
        1.0 - np.logspace(-16, -1, 150),
        RANDOM.uniform(size=300),
        RANDOM.uniform(size=100).astype(np.float32).astype(np.float64),
        RANDOM.uniform(size=100).astype(np.float16).astype(np.float64),
    ]
)
LOGITS = np.concatenate(
    [
        [0.0, -0.0, 1e4, -1e4, np.inf, -np.inf, 36.04, 36.8, 709.7, 745.2],
        *(sign * np.logspace(-300, 4, 200) for sign in (1.0, -1.0)),
        *(RANDOM.normal(scale=scale, size=100) for scale in (1e-3, 1.0, 30.0, 3000.0)),
    ]
)
LOG_PROBABILITIES = np.concatenate(
    [[0.0, -math.log(2.0), -708.5, -745.0], -np.logspace(-300, 4, 300), -RANDOM.exponential(size=200)]
)


def targets(values: np.ndarray, y: int) -> np.ndarray:
    return np.full(values.shape, float(y))


@pytest.mark.parametrize("y", [0, 1])
def test_from_probabilities(y: int) -> None:
    losses = binary.losses_from_probabilities(PROBABILITIES, targets(PROBABILITIES, y))
    expected = [oracles.binary_probability(float(p), y) for p in PROBABILITIES]
    assert oracles.excess(losses, expected) <= 1.0
    assert not np.signbit(losses).any()


@pytest.mark.parametrize("y", [0, 1])
def test_from_logits(y: int) -> None:
    losses = binary.losses_from_logits(LOGITS, targets(LOGITS, y))
    assert oracles.excess(losses, [oracles.binary_logit(float(z), y) for z in LOGITS]) <= 1.0


@pytest.mark.parametrize("y", [0, 1])
def test_from_log_probabilities(y: int) -> None:
    losses = binary.losses_from_log_probabilities(LOG_PROBABILITIES, targets(LOG_PROBABILITIES, y))
    expected = [oracles.binary_log_probability(float(x), y) for x in LOG_PROBABILITIES]
    assert oracles.excess(losses, expected) <= 1.0
    assert not np.signbit(losses).any()


@given(p=st.floats(0.0, 1.0), z=st.floats(-1e4, 1e4), y=st.integers(0, 1))
def test_any_probability_and_any_logit(p: float, z: float, y: int) -> None:
    truth = np.array([float(y)])
    from_p = binary.losses_from_probabilities(np.array([p]), truth)
    from_z = binary.losses_from_logits(np.array([z]), truth)
    assert oracles.excess(from_p, [oracles.binary_probability(p, y)]) <= 1.0
    assert oracles.excess(from_z, [oracles.binary_logit(z, y)]) <= 1.0


def test_mixed_targets_are_each_scored_by_their_own() -> None:
    p, y = np.array([0.1, 0.9, 0.4]), np.array([0.0, 1.0, 1.0])
    assert binary.losses_from_probabilities(p, y).tolist() == pytest.approx(
        [-math.log(0.9), -math.log(0.9), -math.log(0.4)], rel=1e-15
    )
    z = np.array([-1.5, 20.0, 0.25])
    expected = [oracles.binary_logit(float(a), int(b)) for a, b in zip(z, y, strict=True)]
    assert oracles.excess(binary.losses_from_logits(z, y), expected) <= 1.0
    expected = [oracles.binary_log_probability(float(a), int(b)) for a, b in zip(np.log(p), y, strict=True)]
    assert oracles.excess(binary.losses_from_log_probabilities(np.log(p), y), expected) <= 1.0


def test_the_inputs_are_left_alone() -> None:
    y = np.array([0.0, 1.0, 1.0])
    for losses, scores in (
        (binary.losses_from_probabilities, [0.1, 0.2, 0.9]),
        (binary.losses_from_logits, [-3.0, 0.2, 5.0]),
        (binary.losses_from_log_probabilities, [-0.1, -3.0, -0.5]),
    ):
        values = np.array(scores)
        losses(values, y)
        assert values.tolist() == scores
        assert y.tolist() == [0.0, 1.0, 1.0]


def test_logit_20_for_a_negative() -> None:
    assert binary.losses_from_logits(np.array([20.0]), np.array([0.0]))[0] == 20.000000002061153


# The tricks: what the obvious form gives stands beside what we give.


def test_the_order_of_the_probability_of_the_truth() -> None:
    p, y = np.array([1e-20]), np.array([1.0])
    assert ((p + y) - 1.0)[0] == 0.0  # an infinite loss
    assert binary.losses_from_probabilities(p, y)[0] == pytest.approx(-math.log(1e-20), rel=1e-15)


@pytest.mark.parametrize("p", [1e-300, 1e-20, 1e-17, 3e-16, 1e-10])
def test_a_small_probability_of_the_other_class_is_not_lost(p: float) -> None:
    naive = -math.log(1.0 - p)
    exact = oracles.binary_probability(p, 0)
    assert abs(naive - exact) > 1e-8 * exact
    found = binary.losses_from_probabilities(np.array([p]), np.array([0.0]))
    assert abs(float(found[0]) - exact) <= min(oracles.allowed_error(exact), 0.2 * exact)


@pytest.mark.parametrize("p", [1e-300, 1e-20, 1e-17])
def test_a_probability_below_the_rounding_of_1_is_the_loss_itself(p: float) -> None:
    assert binary.losses_from_probabilities(np.array([p]), np.array([0.0]))[0] == p


def test_softplus_neither_overflows_nor_vanishes() -> None:
    with np.errstate(over="ignore"):
        assert np.log(1.0 + np.exp(1000.0)) == np.inf
    assert np.log(1.0 + np.exp(-50.0)) == 0.0
    assert binary.softplus(np.array([1000.0]))[0] == 1000.0
    assert binary.softplus(np.array([-50.0]))[0] == pytest.approx(1.928749847963918e-22, rel=1e-15)


def test_confident_logits_keep_their_tiny_losses() -> None:
    z = np.concatenate([np.arange(36.0, 708.0, 0.37), [720.0, 740.0]])
    losses = binary.losses_from_logits(z, np.ones(z.shape))
    naive = -np.log(1.0 / (1.0 + np.exp(-z)))
    assert (naive[z > 37.5] == 0.0).all()
    exact = [oracles.binary_logit(float(x), 1) for x in z]
    assert oracles.relative_error(losses[:-2], exact[:-2]) < 1e-15
    assert np.abs(losses[-2:] - np.array([float(x) for x in exact[-2:]])).max() <= 5e-324  # denormals


@pytest.mark.parametrize("logp", [-1e-300, -1e-20, -1e-13])
def test_log_probabilities_near_0_of_a_negative(logp: float) -> None:
    with np.errstate(divide="ignore"):
        naive = -np.log(1.0 - np.exp(logp))
    exact = oracles.binary_log_probability(logp, 0)
    assert not abs(naive - exact) <= 1e-8 * exact
    found = binary.losses_from_log_probabilities(np.array([logp]), np.array([0.0]))
    assert oracles.relative_error(found, [exact]) < 1e-15


@pytest.mark.parametrize("logp", [-40.0, -300.0, -700.0])
def test_log_probabilities_far_from_0_of_a_negative(logp: float) -> None:
    assert -np.log(-np.expm1(logp)) == 0.0  # the form that is right near 0
    found = binary.losses_from_log_probabilities(np.array([logp]), np.array([0.0]))
    assert oracles.relative_error(found, [oracles.binary_log_probability(logp, 0)]) < 1e-15


# What the rows came to.


def test_outcome() -> None:
    p = np.array([0.75, 0.75, 0.125, 0.125, 0.0, 1.0])
    y = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 1.0])
    outcome = binary.outcome(binary.losses_from_probabilities(p, y), p, y)
    assert outcome.p_true == pytest.approx([0.75, 0.25, 0.125, 0.875, 1.0, 1.0], rel=1e-15)
    assert outcome.confidence.tolist() == [0.75, 0.75, 0.875, 0.875, 1.0, 1.0]
    assert outcome.correct.tolist() == [1.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    assert outcome.brier == pytest.approx([2 * (a - b) ** 2 for a, b in zip(p, y, strict=True)], rel=1e-15)


def test_one_half_is_a_negative_prediction() -> None:
    p, y = np.array([0.5, 0.5, np.nextafter(0.5, 1.0)]), np.array([0.0, 1.0, 1.0])
    outcome = binary.outcome(binary.losses_from_probabilities(p, y), p, y)
    assert outcome.correct.tolist() == [1.0, 0.0, 1.0]
    assert outcome.confidence[:2].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("p", [1e-10, 1e-17, 1e-300])
def test_the_probability_of_an_unlikely_truth_keeps_its_digits(p: float) -> None:
    y = np.array([1.0])
    assert abs((1.0 - abs(p - 1.0)) - p) > 1e-15 * p
    outcome = binary.outcome(binary.losses_from_probabilities(np.array([p]), y), np.array([p]), y)
    assert outcome.p_true[0] == pytest.approx(p, rel=1e-12)


def test_the_sigmoid_at_both_ends() -> None:
    z = np.array([-1e4, -700.0, -40.0, -1.0, 0.0, 1.0, 40.0, 1e4])
    expected = [float(oracles.softmax([0.0, float(x)])[1]) for x in z]
    assert binary.probabilities_from_logits(z) == pytest.approx(expected, rel=1e-15, abs=0.0)
