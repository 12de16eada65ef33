"""Train a small network on handwritten digits, and let celoss say where more training stops being worth it.

    python examples/train_and_evaluate.py [--epochs N] [--out DIR] [--format parquet|csv|npy]

The network has one hidden layer and is written out in NumPy: forward pass, gradient, momentum. It learns from 200
digits. Every few epochs it writes its logits for these 200 rows and for 1,597 rows that it never learns from, and celoss
computes the cross-entropy of both files.

What one learns from it:

- A network that knows nothing costs ln 10 = 2.3026 nats on ten classes. Training starts there.
- The training loss goes on falling as long as one trains. It does not say when to stop; the held-out loss does. It falls,
  reaches its lowest point, and rises while the training loss still falls: that is over-fitting.
- Accuracy hardly shows it. The network stays right as often, but where it is wrong it becomes ever more sure.
- Two epochs are compared on the same rows, row by row. The difference of two such means is far more certain than either
  mean: most rows are easy or hard for both.
- The whole training rests on one line, the gradient of the loss with respect to the logits: p − t. It is compared with
  the columns that `celoss eval --per-sample FILE --gradients` writes.

The held-out rows choose the epoch here, so the loss at that epoch is a little too good to be true. A number to report
needs a third set of rows that chose nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import celoss_cli

TRAINING_ROWS = 200
HIDDEN_UNITS = 32
BATCH = 20
LEARNING_RATE = 0.03
MOMENTUM = 0.9
CHECKPOINTS = 20
SEED = 0
BAR = 24


# The network -----------------------------------------------------------------------------------------------------


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn each row of logits (n, C) into probabilities. The largest logit is taken off first: exp must not overflow."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def loss_gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return p − t (n, C), the gradient of each row's cross-entropy: what was said minus what was true."""
    truth = np.eye(logits.shape[1])[labels]
    return softmax(logits) - truth


class Network:
    """One hidden layer: logits = max(0, x W₁ + b₁) W₂ + b₂."""

    def __init__(self, inputs: int, hidden: int, classes: int, rng: np.random.Generator) -> None:
        """Start W₁ at random, so that the hidden units differ, and W₂ at zero, so that all classes are equally likely."""
        self.parameters = [
            rng.normal(scale=np.sqrt(2 / inputs), size=(inputs, hidden)),
            np.zeros(hidden),
            np.zeros((hidden, classes)),
            np.zeros(classes),
        ]
        self.velocities = [np.zeros_like(parameter) for parameter in self.parameters]

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the hidden layer puts out (n, hidden) and the logits (n, classes)."""
        w1, b1, w2, b2 = self.parameters
        hidden = np.maximum(x @ w1 + b1, 0)
        return hidden, hidden @ w2 + b2

    def gradients(self, x: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
        """Return the gradient of the mean loss with respect to each parameter: the chain rule, from the loss back."""
        hidden, logits = self.forward(x)
        at_logits = loss_gradient(logits, labels) / len(labels)
        at_hidden = at_logits @ self.parameters[2].T * (hidden > 0)
        return [x.T @ at_hidden, at_hidden.sum(axis=0), hidden.T @ at_logits, at_logits.sum(axis=0)]

    def step(self, x: np.ndarray, labels: np.ndarray) -> None:
        """Move every parameter downhill. Momentum keeps most of the last step's speed."""
        for parameter, velocity, gradient in zip(
            self.parameters, self.velocities, self.gradients(x, labels), strict=True
        ):
            velocity *= MOMENTUM
            velocity -= LEARNING_RATE * gradient
            parameter += velocity


def train(network: Network, x: np.ndarray, labels: np.ndarray, epochs: int, rng: np.random.Generator) -> Iterator[int]:
    """Train epoch by epoch; yield the epochs at which to look: 0, then dense at first and sparser later."""
    looks = {0, *np.geomspace(1, max(epochs, 1), CHECKPOINTS).round().astype(int).tolist()}
    for epoch in range(epochs + 1):
        if epoch in looks:
            yield epoch
        for start in range(0, len(x), BATCH):
            if start == 0:
                order = rng.permutation(len(x))
            batch = order[start : start + BATCH]
            network.step(x[batch], labels[batch])


# What celoss says about it ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """One look at the network: what celoss says about both files, and the loss of each held-out row."""

    epoch: int
    training: celoss_cli.Evaluation
    held_out: celoss_cli.Evaluation
    row_losses: np.ndarray


def save(logits: np.ndarray, labels: np.ndarray, stem: Path, form: str) -> list[Path]:
    """Write logits and labels; return the files to give to celoss: one table, or two arrays."""
    if form == "npy":
        files = [stem.with_name(f"{stem.name}_logits.npy"), stem.with_name(f"{stem.name}_labels.npy")]
        np.save(files[0], logits)
        np.save(files[1], labels)
        return files
    table = pd.DataFrame(logits, columns=[f"logit_{digit}" for digit in range(logits.shape[1])])
    table["label"] = labels
    file = stem.with_name(f"{stem.name}.{form}")
    if form == "csv":
        table.to_csv(file, index=False)
    else:
        table.to_parquet(file, index=False)
    return [file]
