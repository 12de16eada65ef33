#!/bin/sh
# keras 3.15.1: with ignore_class, evaluate() gives a loss that depends on the batch size and a metric that is diluted.
#
# SparseCategoricalCrossentropy(ignore_class=-1) as a loss divides by the rows that count, batch by batch. evaluate() then
# weights each batch with all of its rows: one with nothing to score brings a loss of 0 with full weight, and the few rows
# of one that is mostly ignored count for many. Where rows are sorted (by length, by source) the loss of one model is
# nearly halved by a smaller batch. The metric of the same name and argument does not depend on it: it counts every ignored
# row as a loss of 0. Only a single batch, or reduction="sum" divided by hand, gives the mean over the labelled rows.
#
# Seen (jax 0.10.2, numpy 2.4.6), an easy half with a label in every fifth row, a hard half with a hundred rows unlabelled:
#   batch size   loss     metric
#   600          1.1727   0.5082
#   300          0.9080   0.5082
#   100          0.6747   0.5082
#   32           0.7968   0.5082
#   10           0.6747   0.5082
#   by hand      1.1727, the mean of 260 labelled rows of 600
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check keras==3.15.1 jax==0.10.2 jaxlib==0.10.2 numpy==2.4.6
cd "$dir"
KERAS_BACKEND=jax JAX_PLATFORMS=cpu KERAS_HOME="$dir" venv/bin/python - <<'PYTHON'
import keras
import numpy as np

rng = np.random.default_rng(0)
truth = rng.integers(0, 3, 600)
scores = rng.normal(size=(600, 3))
scores[:300] += 2 * np.eye(3)[truth[:300]]  # the first half is easy, the second half is not
probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
labels = truth.copy()
labels[:300][np.arange(300) % 5 > 0] = -1
labels[400:500] = -1
counted = labels >= 0
by_hand = -np.log(probabilities[counted, labels[counted]]).mean()

model = keras.Sequential([keras.layers.Identity()])
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(ignore_class=-1),
    metrics=[keras.metrics.SparseCategoricalCrossentropy(name="metric", ignore_class=-1)],
)
losses = []
print("batch size   loss     metric")
for size in (600, 300, 100, 32, 10):
    result = model.evaluate(probabilities, labels, batch_size=size, verbose=0, return_dict=True)
    losses.append(result["loss"])
    print(f"{size:<13}{result['loss']:<9.4f}{result['metric']:.4f}")
    assert abs(result["metric"] - by_hand * counted.mean()) < 1e-4
print(f"by hand      {by_hand:.4f}, the mean of {counted.sum()} labelled rows of {counted.size}")

assert abs(losses[0] - by_hand) < 1e-4
assert max(losses) - min(losses) > 0.3
PYTHON
