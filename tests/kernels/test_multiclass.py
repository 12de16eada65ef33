"""Multiclass losses against mpmath, for blocks by class (C, n) and by row (n, C), up to a thousand classes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracles
from celoss_cli.kernels import multiclass
from celoss_cli.kernels.outcome import Outcome

AXES = pytest.mark.parametrize("axis", [0, 1], ids=["by_class", "by_row"])


def losses_from_logits(rows: np.ndarray, codes: np.ndarray, axis: int) -> np.ndarray:
    block = oracles.blocked(rows, axis)
    return multiclass.losses_from_logits(block, multiclass.true_index(codes, rows.shape[1], axis), axis)


def outcome(kind: str, rows: np.ndarray, codes: np.ndarray, axis: int) -> Outcome:
    block = oracles.blocked(rows, axis)
    return getattr(multiclass, f"outcome_from_{kind}")(block, multiclass.true_index(codes, rows.shape[1], axis), axis)


def logit_oracle(rows: np.ndarray, codes: np.ndarray) -> list[oracles.mpf]:
    return [oracles.multiclass_logit(row, y) for row, y in zip(rows.tolist(), codes.tolist(), strict=True)]


def naive_losses(rows: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """The plain log-sum-exp: right to a few bits of the largest logit, which may be far more than the loss."""
    top = rows.max(axis=1)
    total = np.log(np.exp(rows - top[:, None]).sum(axis=1)) + top
    return total - rows[np.arange(rows.shape[0]), codes]


@AXES
@pytest.mark.parametrize(
    ("classes", "n"), [(2, 60), (3, 60), (9, 40), (10, 40), (100, 12), (1000, 4)], ids=lambda value: str(value)
)
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0, 4000.0])
def test_from_logits(axis: int, classes: int, n: int, scale: float) -> None:
    random = np.random.default_rng([classes, int(scale * 1000)])
    rows = np.clip(random.normal(scale=scale, size=(n, classes)), -1e4, 1e4)
    codes = random.integers(0, classes, n)
    codes[: n // 3] = rows[: n // 3].argmax(axis=1)  # a third of them right
    assert oracles.excess(losses_from_logits(rows, codes, axis), logit_oracle(rows, codes)) <= 1.0


@AXES
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_from_narrow_logits(axis: int, dtype: type) -> None:
    random = np.random.default_rng(7)
    rows = (random.normal(size=(50, 5)) * 200).astype(dtype)
    codes = random.integers(0, 5, 50)
    expected = logit_oracle(rows.astype(np.float64), codes)
    assert oracles.excess(losses_from_logits(rows, codes, axis), expected) <= 1.0


@given(data=st.data(), axis=st.sampled_from([0, 1]), classes=st.integers(2, 6))
@settings(max_examples=60)
def test_any_logits(data: st.DataObject, axis: int, classes: int) -> None:
    number = st.floats(-1e4, 1e4) | st.sampled_from([0.0, -1e4, 1e4, -math.inf])
    row = st.lists(number, min_size=classes, max_size=classes).filter(lambda row: max(row) > -math.inf)
    rows = np.array(data.draw(st.lists(row, min_size=1, max_size=4)))
    codes = np.array(data.draw(st.lists(st.integers(0, classes - 1), min_size=len(rows), max_size=len(rows))))
    assert oracles.excess(losses_from_logits(rows, codes, axis), logit_oracle(rows, codes)) <= 1.0


@AXES
def test_probabilities_and_log_probabilities_are_looked_up(axis: int) -> None:
    random = np.random.default_rng(3)
    rows = random.dirichlet(np.full(7, 0.02), size=200)  # many next to 0 and 1
    codes = random.integers(0, 7, 200)
    rows[:4, 0], codes[:4] = [0.0, 1e-300, 5e-324, 1.0 - 2.0**-53], 0
    assert rows.min() < 1e-100
    block, true = oracles.blocked(rows, axis), multiclass.true_index(codes, 7, axis)
    losses = multiclass.losses_from_probabilities(block, true)
    pairs = list(zip(rows.tolist(), codes.tolist(), strict=True))
    assert oracles.excess(losses, [oracles.multiclass_probability(row, y) for row, y in pairs]) <= 1.0
    assert losses[0] == np.inf
    assert not np.signbit(losses).any()
    logs = -random.exponential(scale=10.0, size=(200, 7))
    found = multiclass.losses_from_log_probabilities(oracles.blocked(logs, axis), true)
    assert found.tolist() == (-logs[np.arange(200), codes]).tolist()


@AXES
def test_a_class_ruled_out(axis: int) -> None:
    inf = np.inf
    rows = np.array([[-inf, 1.0, 2.0], [-inf, 1.0, 2.0], [-inf, -inf, 5.0], [5.0, -inf, -inf], [-inf, 5.0, -inf]])
    codes = np.array([0, 1, 2, 0, 2])
    losses = losses_from_logits(rows, codes, axis)
    assert losses[0] == inf  # the truth ruled out
    assert losses[1] == pytest.approx(math.log1p(math.e), rel=1e-15)
    assert losses[2:].tolist() == [0.0, 0.0, inf]  # all others ruled out, and only another left
    found = outcome("logits", rows, codes, axis)
    assert found.loss.tolist() == losses.tolist()
    assert found.p_true == pytest.approx([0.0, 1 / (1 + math.e), 1.0, 1.0, 0.0], rel=1e-14)
    assert found.confidence == pytest.approx([math.e / (1 + math.e)] * 2 + [1.0] * 3, rel=1e-14)
    assert found.correct.tolist() == [0.0, 0.0, 1.0, 1.0, 0.0]
    assert found.brier[2:].tolist() == [0.0, 0.0, 2.0]


# The tricks: what the obvious form gives stands beside what we give.


@AXES
@pytest.mark.parametrize("classes", [2, 10, 1000])
def test_confident_rows_keep_their_tiny_losses(axis: int, classes: int) -> None:
    margins = np.concatenate([np.arange(45.0, 700.0, 18.3 if classes < 1000 else 111.0), [690.0, 712.0, 735.0]])
    rows = np.random.default_rng(1).normal(scale=0.3, size=(len(margins), classes))
    codes = np.arange(len(margins)) % classes
    rows[np.arange(len(margins)), codes] = margins
    assert (naive_losses(rows, codes) == 0.0).all()
    found, exact = losses_from_logits(rows, codes, axis), logit_oracle(rows, codes)
    assert min(exact) < 1e-300
    assert max(exact) < 1e-15
    for loss, truth in zip(found.tolist(), exact, strict=True):
        assert abs(loss - truth) <= 2e-13 * truth + 5e-324


@AXES
def test_wide_logits_do_not_cancel(axis: int) -> None:
    # Two classes far up and close together: the plain form loses the digits of their difference to the height.
    random = np.random.default_rng(2)
    rows = random.normal(size=(50, 3)) + 9000.0
    codes = random.integers(0, 3, 50)
    exact = logit_oracle(rows, codes)
    assert oracles.excess(naive_losses(rows, codes), exact) > 50.0
    assert oracles.excess(losses_from_logits(rows, codes, axis), exact) <= 1.0


@AXES
def test_large_logits_do_not_overflow(axis: int) -> None:
    rows = np.array([[1000.0, 0.0, -1000.0]])
    with np.errstate(over="ignore"):
        assert np.log(np.exp(rows).sum()) == np.inf
    assert losses_from_logits(rows, np.array([2]), axis)[0] == 2000.0
    assert losses_from_logits(rows, np.array([0]), axis)[0] == 0.0  # exp(−1000) is below the smallest double


@AXES
def test_the_brier_score_of_a_confident_row_does_not_vanish(axis: int) -> None:
    rows = np.array([[45.0, 0.0, 0.0]])
    probabilities = [float(p) for p in oracles.softmax(rows[0])]
    assert 1.0 - probabilities[0] == 0.0
    found = outcome("logits", rows, np.array([0]), axis)
    expected = sum((p if c else 1 - p) ** 2 for c, p in enumerate(oracles.softmax(rows[0])))
    assert found.brier[0] == pytest.approx(float(expected), rel=1e-12, abs=0.0)


@pytest.mark.parametrize("kind", ["logits", "probabilities", "log_probabilities"])
@AXES
@pytest.mark.parametrize("classes", [3, 10, 50])
def test_a_row_has_the_same_bits_in_any_block(axis: int, kind: str, classes: int) -> None:
    random = np.random.default_rng(classes)
    rows = random.normal(scale=3.0, size=(120, classes))
    if kind != "logits":
        rows -= np.log(np.exp(rows).sum(axis=1))[:, None]
    if kind == "probabilities":
        rows = np.exp(rows)
    codes = random.integers(0, classes, 120)
    if axis == 0 and classes > 3:
        # NumPy adds a block of one row pairwise, and wider ones class by class.
        alone = np.array([rows[i : i + 1].T.copy().sum(axis=0)[0] for i in range(120)])
        assert (alone != rows.T.copy().sum(axis=0)).any()
    whole = outcome(kind, rows, codes, axis)
    for size in (1, 2, 7, 64):
        parts = [outcome(kind, rows[i : i + size], codes[i : i + size], axis) for i in range(0, 120, size)]
        for field in ("loss", "p_true", "confidence", "correct", "brier"):
            assert np.concatenate([getattr(part, field) for part in parts]).tolist() == getattr(whole, field).tolist()


# What the rows came to.


@pytest.mark.parametrize("kind", ["logits", "probabilities", "log_probabilities"])
@AXES
@pytest.mark.parametrize("classes", [2, 3, 12])
def test_outcome(kind: str, axis: int, classes: int) -> None:
    random = np.random.default_rng(classes)
    logits = random.normal(scale=4.0, size=(60, classes))
    codes = random.integers(0, classes, 60)
    exact = [oracles.softmax(row) for row in logits]
    p = np.array([[float(x) for x in row] for row in exact])
    scores = {"logits": logits, "probabilities": p, "log_probabilities": np.log(p)}[kind]
    found = outcome(kind, scores, codes, axis)
    assert found.loss == pytest.approx(-np.log(p[np.arange(60), codes]), rel=1e-13)
    assert found.p_true == pytest.approx(p[np.arange(60), codes], rel=1e-13)
    assert found.confidence == pytest.approx(p.max(axis=1), rel=1e-13)
    assert found.correct.tolist() == (p.argmax(axis=1) == codes).astype(float).tolist()
    assert 0 < found.correct.sum() < 60
    brier = [sum((x - (c == y)) ** 2 for c, x in enumerate(row)) for row, y in zip(exact, codes, strict=True)]
    assert found.brier == pytest.approx([float(x) for x in brier], rel=1e-13)


@pytest.mark.parametrize("kind", ["logits", "probabilities", "log_probabilities"])
@AXES
def test_ties_go_to_the_first_class(kind: str, axis: int) -> None:
    high, low = {"logits": (2.0, -1.0), "probabilities": (0.4, 0.2), "log_probabilities": (-0.9, -1.6)}[kind]
    rows = np.array(
        [[high, high, low], [high, high, low], [low, high, high], [low, high, high], [high, low, high], [high] * 3]
    )
    codes = np.array([0, 1, 1, 2, 0, 1])
    found = outcome(kind, rows, codes, axis)
    assert found.correct.tolist() == [1.0, 0.0, 1.0, 0.0, 1.0, 0.0]
    assert found.confidence[0] == pytest.approx(found.p_true[0], rel=1e-15)


@AXES
def test_true_index_points_at_the_true_class(axis: int) -> None:
    rows = np.arange(12.0).reshape(4, 3)
    codes = np.array([2, 0, 1, 2], dtype=np.int32)
    flat = oracles.blocked(rows, axis).reshape(-1)
    assert flat[multiclass.true_index(codes, 3, axis)].tolist() == [2.0, 3.0, 7.0, 11.0]


def test_the_reference_logits() -> None:
    for axis in (0, 1):
        losses = losses_from_logits(np.array([[0.2, 0.3, 0.5], [0.5, 0.2, 0.3]]), np.array([2, 1]), axis)
        assert (losses * [6, 4]).round(4).tolist() == [5.6390, 4.9593]
        losses = losses_from_logits(np.array([[-100.0, 100.0]] * 2), np.array([0, 1]), axis)
        assert losses[0] == 200.0
        assert losses[1] == pytest.approx(math.exp(-200.0), rel=1e-13)
