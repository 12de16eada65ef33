"""The dispatch from kind of input and shape of block to a kernel: the loss alone and the whole outcome agree."""

from __future__ import annotations

import numpy as np
import pytest

import oracles
from celoss_cli.request import InputKind
from celoss_cli.scoring.kernel_choice import losses, outcomes, positive_probabilities, predicted_classes

KINDS = list(InputKind)


def example(kind: InputKind, classes: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores (n, C), or (n, 1) about the positive class, the probabilities (n, 2 or C), and the codes (n,)."""
    random = np.random.default_rng(classes)
    logits = random.normal(scale=3.0, size=(40, max(classes, 2)))
    if classes == 1:
        logits[:, 0] = 0.0
    p = np.array([[float(x) for x in oracles.softmax(row)] for row in logits])
    scores = {InputKind.LOGITS: logits, InputKind.PROBS: p, InputKind.LOGPROBS: np.log(p)}[kind]
    return (scores[:, 1:] if classes == 1 else scores), p, random.integers(0, max(classes, 2), 40)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("classes", [1, 2, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_and_shape(kind: InputKind, classes: int, axis: int) -> None:
    scores, p, codes = example(kind, classes)
    truth = p[np.arange(40), codes]
    alone = losses(kind, oracles.blocked(scores, axis), axis, codes)
    assert alone == pytest.approx(-np.log(truth), rel=1e-12)
    full = outcomes(kind, oracles.blocked(scores, axis), axis, codes)
    assert full.loss.tolist() == alone.tolist()
    assert full.p_true == pytest.approx(truth, rel=1e-12)
    assert full.confidence == pytest.approx(p.max(axis=1), rel=1e-12)
    assert full.correct.tolist() == (p.argmax(axis=1) == codes).astype(float).tolist()
    onehot = np.arange(p.shape[1]) == codes[:, None]
    assert full.brier == pytest.approx(((p - onehot) ** 2).sum(axis=1), rel=1e-10)
    found = predicted_classes(kind, oracles.blocked(scores, axis), axis)
    assert found.tolist() == p.argmax(axis=1).tolist()


@pytest.mark.parametrize("axis", [0, 1])
def test_ties_are_predicted_as_the_first_class(axis: int) -> None:
    rows = np.array([[0.4, 0.4, 0.2], [0.2, 0.4, 0.4]])
    assert predicted_classes(InputKind.PROBS, oracles.blocked(rows, axis), axis).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("kind", "half"), [(InputKind.PROBS, 0.5), (InputKind.LOGITS, 0.0), (InputKind.LOGPROBS, np.log(0.5))]
)
def test_one_half_is_predicted_as_negative(kind: InputKind, half: float) -> None:
    scores = np.array([[half, half + 1e-9, half - 1e-9]])
    assert predicted_classes(kind, scores, 0).tolist() == [0, 1, 0]


def test_positive_probabilities() -> None:
    p = np.array([0.25, 0.5, 0.875])
    assert positive_probabilities(InputKind.PROBS, p).tolist() == p.tolist()
    assert positive_probabilities(InputKind.LOGITS, np.log(p / (1 - p))) == pytest.approx(p, rel=1e-15)
    assert positive_probabilities(InputKind.LOGPROBS, np.log(p)) == pytest.approx(p, rel=1e-15)
