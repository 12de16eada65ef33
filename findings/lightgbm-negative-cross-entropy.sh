#!/bin/sh
# LightGBM 4.7.0: trained with cross_entropy_lambda it predicts up to 2.2, and reports a negative log loss of it.
#
# The documentation calls this objective an alternative parameterization of cross-entropy. What predict returns for it is no
# probability but an intensity log(1 + exp(score)) without an upper end; the probability is 1 - exp(-intensity). No message
# tells. LightGBM's own metrics take it for a probability: cross_entropy, binary_logloss and kullback_leibler use logarithms of
# numbers above 1 and fall below 0, and an early stopping on one of them keeps 3 rounds where 50 are right. Only the metric
# of the objective's own name is a log loss. With the objective cross_entropy the others are, and that one is not.
#
# Seen (scikit-learn 1.9.1, numpy 2.4.6), breast cancer, on the training rows:
#   objective cross_entropy: predicts 0.1265 to 0.9196
#     cross_entropy 0.1643   binary_logloss 0.1643   kullback_leibler 0.1643   cross_entropy_lambda 0.4074
#   objective cross_entropy_lambda: predicts 0.1016 to 2.2251
#     cross_entropy -0.1508   binary_logloss -0.1022   kullback_leibler -0.1508   cross_entropy_lambda 0.1718
#   log loss of 1 - exp(-predicted): 0.1718; of what is predicted, cut off at 1: 0.3278
#   early stopping by binary_logloss: 3 rounds, log loss of other rows 0.5251
#   early stopping by cross_entropy_lambda: 50 rounds, log loss of other rows 0.1462
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check lightgbm==4.7.0 scikit-learn==1.9.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import lightgbm
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import log_loss

X, y = load_breast_cancer(return_X_y=True)
metrics = ["cross_entropy", "binary_logloss", "kullback_leibler", "cross_entropy_lambda"]
seen = {}
for objective in ("cross_entropy", "cross_entropy_lambda"):
    rows = lightgbm.Dataset(X, y.astype(float))
    history = {}
    model = lightgbm.train(
        {"objective": objective, "metric": metrics, "learning_rate": 0.05, "num_threads": 1, "deterministic": True, "verbose": -1},
        rows,
        30,
        valid_sets=[rows],
        valid_names=["rows"],
        callbacks=[lightgbm.record_evaluation(history)],
    )
    found = {name: values[-1] for name, values in history["rows"].items()}
    predicted = model.predict(X)
    seen[objective] = found, predicted
    print(f"objective {objective}: predicts {predicted.min():.4f} to {predicted.max():.4f}")
    print("  " + "   ".join(f"{name} {found[name]:.4f}" for name in metrics))
found, predicted = seen["cross_entropy_lambda"]
exact = log_loss(y, 1 - np.exp(-predicted))
print(f"log loss of 1 - exp(-predicted): {exact:.4f}; of what is predicted, cut off at 1: {log_loss(y, np.minimum(predicted, 1)):.4f}")

kept = {}
for metric in ("binary_logloss", "cross_entropy_lambda"):
    rows = lightgbm.Dataset(X[::2], y[::2].astype(float))
    other = rows.create_valid(X[1::2], y[1::2].astype(float))
    model = lightgbm.train(
        {"objective": "cross_entropy_lambda", "metric": metric, "num_threads": 1, "deterministic": True, "verbose": -1},
        rows,
        500,
        valid_sets=[other],
        callbacks=[lightgbm.early_stopping(10, verbose=False)],
    )
    kept[metric] = log_loss(y[1::2], 1 - np.exp(-model.predict(X[1::2])))
    print(f"early stopping by {metric}: {model.best_iteration} rounds, log loss of other rows {kept[metric]:.4f}")

assert predicted.max() > 2 and found["cross_entropy"] < -0.1 and found["binary_logloss"] < -0.05 and found["kullback_leibler"] < -0.1
assert abs(found["cross_entropy_lambda"] - exact) < 1e-9
found, predicted = seen["cross_entropy"]
assert predicted.max() < 1 and all(abs(found[name] - log_loss(y, predicted)) < 1e-9 for name in metrics[:3])
assert kept["binary_logloss"] > 2 * kept["cross_entropy_lambda"]
PYTHON
