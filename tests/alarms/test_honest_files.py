"""Files that are read right raise no alarm, however bad the model: tens of thousands of them, none may go off.

Each kind is an honest way to be worse than knowing nothing: labels that have nothing to do with the scores, models far
too sure of themselves, a constant wrong answer, the leave-one-out paradox, series that drift side by side.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from celoss_cli.alarms import Alarm, Chosen, alarms_of, look_at
from celoss_cli.request import Base, InputKind
from celoss_cli.state.sample import Sample

Rng = np.random.Generator
Drawn = tuple[np.ndarray, np.ndarray, InputKind]

_FILES = 400


def softmax(z: np.ndarray) -> np.ndarray:
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-z))


def rows_of(rng: Rng) -> int:
    """Mostly tiny files, where chance is strongest."""
    return int(rng.integers(2, 21)) if rng.random() < 0.5 else int(np.exp(rng.uniform(1.0, 6.0)))


def labels_of(rng: Rng, n: int, classes: int) -> np.ndarray:
    """Labels from even to almost all of one class."""
    return rng.choice(classes, n, p=rng.dirichlet(np.full(classes, rng.choice([0.3, 1.0, 10.0]))))


def noise(rng: Rng) -> Drawn:
    n, classes = rows_of(rng), int(rng.integers(2, 9))
    z = rng.normal(size=(classes, n)) * np.exp(rng.uniform(-2.0, 2.5))
    return z, labels_of(rng, n, classes), InputKind.LOGITS


def biased(rng: Rng) -> Drawn:
    z, codes, kind = noise(rng)
    return z + rng.normal(size=(z.shape[0], 1)) * 3.0, codes, kind


def constant(rng: Rng) -> Drawn:
    z, codes, kind = noise(rng)
    return z[:, :1] + 0.01 * rng.normal(size=z.shape), codes, kind


def too_sure(rng: Rng) -> Drawn:
    z, codes, kind = noise(rng)
    z[codes, np.arange(codes.size)] += rng.uniform(0.0, 1.5)
    return z * rng.uniform(1.0, 30.0), codes, kind


def right_but_unsure(rng: Rng) -> Drawn:
    z, _, kind = noise(rng)
    codes = z.argmax(axis=0)
    z[codes, np.arange(codes.size)] += rng.uniform(0.2, 1.0) * z.std()
    return z * rng.uniform(0.01, 1.0), codes, kind


def calibrated(rng: Rng) -> Drawn:
    p = softmax(noise(rng)[0])
    return p, (p.cumsum(axis=0) > rng.random(p.shape[1])).argmax(axis=0), InputKind.PROBS


def votes(rng: Rng) -> Drawn:
    n, classes, neighbours = rows_of(rng), int(rng.integers(2, 6)), int(rng.integers(1, 6))
    shares = rng.multinomial(neighbours, np.full(classes, 1.0 / classes), size=n).T / neighbours
    return shares, labels_of(rng, n, classes), InputKind.PROBS


def coin(rng: Rng) -> Drawn:
    n = rows_of(rng)
    p = rng.beta(*np.exp(rng.uniform(-2.0, 2.0, 2)), size=n).clip(1e-12, 1.0 - 1e-12)
    return p[None, :], (rng.random(n) < rng.beta(0.5, 0.5)).astype(int), InputKind.PROBS


def leave_one_out(rng: Rng) -> Drawn:
    n = rows_of(rng)
    codes = (rng.random(n) < 0.5).astype(int)
    return ((codes.sum() - codes) / max(1, n - 1)).clip(1e-3, 0.999)[None, :], codes, InputKind.PROBS


def drifting(rng: Rng) -> Drawn:
    n = rows_of(rng)
    p = sigmoid(np.cumsum(rng.normal(size=n)) * 0.5)
    return p[None, :], (np.cumsum(rng.normal(size=n)) > 0.0).astype(int), InputKind.PROBS


def in_order(rng: Rng) -> Drawn:
    z, codes, kind = noise(rng)
    return z, np.sort(codes), kind


# Labels that have nothing to do with probabilities which may all be above 1/2: nothing tells these from confidences.
_ONE_SIDED = (coin, drifting)


def alarms_in(rng: Rng, draw: Callable[[Rng], Drawn]) -> tuple[Alarm, ...]:
    scores, codes, kind = draw(rng)
    classes = max(2, scores.shape[0])
    sample = Sample(scores, codes, np.arange(codes.size))
    others = {"a": rng.integers(0, classes, codes.size), "b": rng.permutation(codes)}
    names = tuple(str(i) for i in range(classes))
    settled = Chosen(scores=draw in _ONE_SIDED)
    look = look_at(
        sample, kind, names, settled, beaten=True, named=True, two_files=True, base=Base.E, others=lambda: others
    )  # fmt: skip
    return alarms_of(look)


@pytest.mark.parametrize(
    "draw",
    [noise, biased, constant, too_sure, right_but_unsure, calibrated, votes, coin, leave_one_out, drifting, in_order],
)
def test_no_alarm(draw: Callable[[Rng], Drawn]) -> None:
    rng = np.random.default_rng(20261121)
    went_off = [alarms for _ in range(_FILES) if (alarms := alarms_in(rng, draw))]
    assert not went_off
