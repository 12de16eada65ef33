"""Train a small network on handwritten digits, and let celoss say where more training stops being worth it.

    python examples/train_and_evaluate.py [--epochs N] [--out DIR] [--format parquet|csv|npy]

The network has one hidden layer and is written out in NumPy: forward pass, gradient, momentum. It learns from 200
digits. Every few epochs it writes its logits for these 200 rows and for 1,597 rows that it never learns from, and
celoss computes the cross-entropy of both files.

What one learns from it:

- A network that knows nothing costs ln 10 = 2.3026 nats on ten classes. Training starts there.
- The training loss goes on falling for as long as one trains, and does not say when to stop. The held-out loss does:
  it falls, reaches its lowest point, and rises while the training loss still falls. That is over-fitting.
- Accuracy does not show it. The network is right as often as before, or more; but where it is wrong, it becomes ever
  more sure of it.
- Two epochs are best compared row by row, on the same rows. Most rows are easy for both or hard for both, so the mean
  difference is known far better than either mean.
- All of the training rests on one line: the gradient of the loss with respect to the logits is p − t. It is checked
  against the columns that `celoss eval --per-sample FILE --gradients` writes.

The held-out rows choose the epoch here, so the loss at that epoch is a little too good to be true. A number to report
needs a third set of rows, which chose nothing.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import celoss_cli

TRAINING_ROWS = 200
HIDDEN_UNITS = 32
BATCH = 20
LEARNING_RATE = 0.03
MOMENTUM = 0.9
SEED = 0
LOOKS = 20  # how often the network is evaluated
BAR = 24  # the width of the longest bar


@dataclass(frozen=True)
class Rows:
    """Pixels ``x`` (n, 64), from 0 to 1, and which digit each row is, ``labels`` (n,)."""

    x: np.ndarray
    labels: np.ndarray


def digits() -> tuple[Rows, Rows]:
    """Return the rows to train on and the rows that are held out."""
    x, labels = load_digits(return_X_y=True)
    x_train, x_held, train, held = train_test_split(
        x / 16, labels, train_size=TRAINING_ROWS, stratify=labels, random_state=SEED
    )
    return Rows(x_train, train), Rows(x_held, held)


# ── The network ──────────────────────────────────────────────────────────────────────────────────────────────────────


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return each row of logits (n, C) as probabilities. Without its largest logit, exp cannot overflow."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def loss_gradient(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return p − t (n, C), the gradient of each row's cross-entropy with respect to its logits: said minus true."""
    truth = np.eye(logits.shape[1])[labels]
    return softmax(logits) - truth


class Network:
    """Logits = max(0, x W₁ + b₁) W₂ + b₂, trained by gradient descent with momentum."""

    def __init__(self, inputs: int, hidden: int, classes: int, rng: np.random.Generator) -> None:
        """Start W₁ at random, or all hidden units would stay alike; all else at 0, so that each class gets 1/C."""
        self.parameters = [
            rng.normal(scale=math.sqrt(2 / inputs), size=(inputs, hidden)),
            np.zeros(hidden),
            np.zeros((hidden, classes)),
            np.zeros(classes),
        ]
        self.velocities = [np.zeros_like(parameter) for parameter in self.parameters]

    def forward(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the hidden layer puts out (n, hidden), and the logits (n, classes)."""
        w1, b1, w2, b2 = self.parameters
        hidden = np.maximum(0, x @ w1 + b1)
        return hidden, hidden @ w2 + b2

    def gradients(self, x: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
        """Return the gradient of the mean loss with respect to each parameter: the chain rule, from the loss back."""
        hidden, logits = self.forward(x)
        w2 = self.parameters[2]
        at_logits = loss_gradient(logits, labels) / len(labels)
        at_hidden = at_logits @ w2.T * (hidden > 0)
        return [x.T @ at_hidden, at_hidden.sum(axis=0), hidden.T @ at_logits, at_logits.sum(axis=0)]

    def step(self, x: np.ndarray, labels: np.ndarray) -> None:
        """Move each parameter downhill, keeping most of the speed it had."""
        moving = zip(self.parameters, self.velocities, self.gradients(x, labels), strict=True)
        for parameter, velocity, gradient in moving:
            velocity *= MOMENTUM
            velocity -= LEARNING_RATE * gradient
            parameter += velocity


def train(network: Network, rows: Rows, epochs: int, rng: np.random.Generator) -> Iterator[int]:
    """Train, and pause at the epochs that deserve a look: 0, then many early ones and few late ones."""
    yield 0
    looks = set(np.geomspace(1, epochs, LOOKS).round().astype(int).tolist())
    for epoch in range(1, epochs + 1):
        for batch in np.split(rng.permutation(len(rows.x)), range(BATCH, len(rows.x), BATCH)):
            network.step(rows.x[batch], rows.labels[batch])
        if epoch in looks:
            yield epoch


# ── What celoss says about it ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Look:
    """The network at one epoch: the evaluation of either file, and the loss of each held-out row."""

    epoch: int
    training: celoss_cli.Evaluation
    held_out: celoss_cli.Evaluation
    row_losses: np.ndarray


def write(logits: np.ndarray, labels: np.ndarray, stem: Path, form: str) -> list[Path]:
    """Write logits and labels, and return the files as celoss takes them: one table, or two arrays."""
    if form == "npy":
        files = [Path(f"{stem}_logits.npy"), Path(f"{stem}_labels.npy")]
        np.save(files[0], logits)
        np.save(files[1], labels)
        return files
    table = pd.DataFrame(logits, columns=[f"logit_{digit}" for digit in range(logits.shape[1])])
    table["label"] = labels
    file = Path(f"{stem}.{form}")
    if form == "csv":
        table.to_csv(file, index=False)
    else:
        table.to_parquet(file, index=False)
    return [file]


def look(network: Network, epoch: int, training: Rows, held_out: Rows, directory: Path, form: str) -> Look:
    """Write what the network says about both sets of rows, and evaluate the files."""
    stem = directory / f"epoch_{epoch:04d}"
    training_files = write(network.forward(training.x)[1], training.labels, Path(f"{stem}_training"), form)
    held_out_files = write(network.forward(held_out.x)[1], held_out.labels, Path(f"{stem}_held_out"), form)
    losses = Path(f"{stem}_held_out_losses.parquet")
    return Look(
        epoch=epoch,
        training=celoss_cli.evaluate(*training_files, input="logits"),
        held_out=celoss_cli.evaluate(*held_out_files, input="logits", per_sample=losses),
        row_losses=pd.read_parquet(losses)["loss"].to_numpy(),
    )


def gradient_difference(network: Network, rows: Rows, directory: Path, form: str) -> float:
    """Return the largest difference, over rows and classes, between p − t here and the gradient that celoss writes."""
    logits = network.forward(rows.x)[1]
    files = write(logits, rows.labels, directory / "gradient_check", form)
    written = directory / "gradient_check_rows.parquet"
    celoss_cli.evaluate(*files, input="logits", per_sample=written, gradients=True)
    theirs = pd.read_parquet(written).filter(regex=r"^grad_\d+$").to_numpy()
    return float(np.abs(theirs - loss_gradient(logits, rows.labels)).max())


# ── The curve and the verdict ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Difference:
    """How much more one look costs than another on the same held-out rows, and the standard error of that mean."""

    mean: float
    error: float

    @classmethod
    def between(cls, one: Look, other: Look) -> Difference:
        rows = one.row_losses - other.row_losses
        return cls(float(rows.mean()), float(rows.std(ddof=1) / math.sqrt(len(rows))))

    @property
    def is_noise(self) -> bool:
        return abs(self.mean) <= 2 * self.error

    def __str__(self) -> str:
        return f"{abs(self.mean):.4f} ± {self.error:.4f}"


def bar(loss: float, full: float) -> str:
    """Return the loss as a bar in eighths of a character; what is longer than ``full`` ends in an arrow."""
    if loss > full:
        return "█" * (BAR - 1) + "▶"
    whole, eighths = divmod(round(loss / full * BAR * 8), 8)
    return "█" * whole + " ▏▎▍▌▋▊▉"[eighths].strip()


def table(looks: Sequence[Look], marks: dict[int, str]) -> Iterator[str]:
    """Yield the curve, line by line. The bars show the held-out loss; two and a half times the lowest is full."""
    full = 2.5 * min(at.held_out.loss.mean for at in looks)
    yield "epoch   training   held-out        ±     skill   accuracy     ECE"
    for at in looks:
        loss, metrics, baselines = at.held_out.loss, at.held_out.metrics, at.held_out.baselines
        line = (
            f"{at.epoch:5}   {at.training.loss.mean:8.4f}   {loss.mean:8.4f}   {loss.standard_error:6.4f}   "
            f"{baselines.skill_vs_prior:z7.1%}   {metrics.accuracy:8.1%}   {metrics.ece:5.3f}   "
        )
        yield f"{line}{bar(loss.mean, full):{BAR}}  {marks.get(at.epoch, '')}".rstrip()


def verdict(looks: Sequence[Look], best: Look, enough: Look) -> Iterator[str]:
    """Yield, in words, where training stops being worth it."""
    last = looks[-1]
    loss, metrics = best.held_out.loss, best.held_out.metrics
    low, high = loss.ci95
    interval = f"95% interval {low:.4f} to {high:.4f}"
    yield f"The held-out loss is lowest at epoch {best.epoch}: {loss.mean:.4f} nats, {interval}."
    if enough is not best:
        more = Difference.between(enough, best)
        yield f"Epoch {enough.epoch} costs {more} more on the same rows: no worse, as far as these rows can tell."
    if last is best:
        yield "It was still falling when training ended: train longer."
        return
    more = Difference.between(last, best)
    if more.is_noise:
        yield f"Epoch {last.epoch} costs {more} more: within the noise. Training on did nothing, for better or worse."
        return
    times = best.training.loss.mean / last.training.loss.mean
    yield f"Epoch {last.epoch} costs {more} more, though the training loss is {times:.0f} times smaller: over-fitting."
    accuracy, ece = last.held_out.metrics.accuracy, last.held_out.metrics.ece
    yield f"From epoch {best.epoch} to {last.epoch}, accuracy goes from {metrics.accuracy:.1%} to {accuracy:.1%}, " + (
        f"ECE from {metrics.ece:.3f} to {ece:.3f}."
    )


def experiment(epochs: int, directory: Path, form: str) -> None:
    """Train, evaluate, and print what came of it."""
    rng = np.random.default_rng(SEED)
    training, held_out = digits()
    network = Network(training.x.shape[1], HIDDEN_UNITS, 10, rng)
    print(f"{len(training.x):,} rows to train on, {len(held_out.x):,} held out; losses in nats\n")
    looks = [
        look(network, epoch, training, held_out, directory, form) for epoch in train(network, training, epochs, rng)
    ]
    best = min(looks, key=lambda at: at.held_out.loss.mean)
    enough = next(at for at in looks if at is best or Difference.between(at, best).is_noise)
    print(*table(looks, {enough.epoch: "enough", best.epoch: "lowest"}), sep="\n")
    print("", *verdict(looks, best, enough), sep="\n")
    difference = gradient_difference(network, held_out, directory, form)
    print(f"\ngradient agrees with celoss to {difference:.0e}")


def epoch_count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--epochs", type=epoch_count, default=300, help="how long to train [default: 300]")
    parser.add_argument("--out", type=Path, metavar="DIR", help="keep the files here [default: a temporary directory]")
    parser.add_argument("--format", choices=["parquet", "csv", "npy"], default="parquet", help="of the predictions")
    options = parser.parse_args()
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        experiment(options.epochs, options.out, options.format)
        return
    with tempfile.TemporaryDirectory() as directory:
        experiment(options.epochs, Path(directory), options.format)


if __name__ == "__main__":
    main()
