#!/bin/sh
# ydf 0.16.1: a boosted model's own validation loss is twice the loss that evaluate() gives on the same rows.
#
# With two classes, gradient boosted trees are trained on the binomial deviance, −2 log likelihood. self_evaluation()
# and the training logs show it under the name "loss"; evaluate() shows the log loss under the same name. With three
# classes both are the log loss, so the factor comes and goes with the number of classes.
#
# Seen (scikit-learn 1.9.1, pandas 3.1.1), the same 1,000 validation rows each time:
#   2 classes  self_evaluation 0.993463  evaluate 0.496731  log loss 0.496731
#   3 classes  self_evaluation 0.312497  evaluate 0.312497  log loss 0.312497
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check ydf==0.16.1 scikit-learn==1.9.1 pandas==3.1.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
import pandas as pd
import ydf
from sklearn.metrics import log_loss

rng = np.random.default_rng(0)
X = rng.normal(size=(4000, 3))
two = (rng.random(4000) < 1 / (1 + np.exp(-(X[:, 0] * 1.5 - 1.0)))).astype(int)
three = np.where(X[:, 0] > 0.5, 2, two)

factors = {}
for name, y in (("2 classes", two), ("3 classes", three)):
    rows = pd.DataFrame(X, columns=list("abc")).assign(y=y)
    train, valid = rows[:3000], rows[3000:]
    learner = ydf.GradientBoostedTreesLearner(label="y", num_trees=20, early_stopping="NONE")
    model = learner.train(train, valid=valid, verbose=0)
    own, evaluated = model.self_evaluation().loss, model.evaluate(valid).loss
    exact = log_loss(valid.y, model.predict(valid))
    print(f"{name}  self_evaluation {own:.6f}  evaluate {evaluated:.6f}  log loss {exact:.6f}")
    assert abs(evaluated - exact) < 1e-5
    factors[name] = own / exact
assert abs(factors["2 classes"] - 2) < 1e-4
assert abs(factors["3 classes"] - 1) < 1e-4
PYTHON
