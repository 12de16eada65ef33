#!/bin/sh
# emlearn 0.23.2: a random forest converted for a microcontroller answers with votes where it gave probabilities.
#
# scikit-learn's forest averages the class shares of the leaves. The converted one, by default, lets each tree vote for
# one class and counts, so that 20 trees know 21 probabilities, 0 among them. Classes are the same for nearly every row;
# the log loss is six times as large (and infinite but for the clip of scikit-learn's log_loss).
#
# Seen (scikit-learn 1.9.1, numpy 2.4.6), 20 trees of depth 5, 500 rows:
#   scikit-learn  row 0 [0.9326 0.0674]  rows with a 0   0  log loss 0.2277
#   emlearn       row 0 [1. 0.]          rows with a 0 437  log loss 1.4157
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check emlearn==0.23.2 scikit-learn==1.9.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import emlearn
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import log_loss

rng = np.random.default_rng(0)
X = rng.normal(size=(3000, 3))
y = (rng.random(3000) < 1 / (1 + np.exp(-(X[:, 0] * 1.5 - 3.0)))).astype(int)
X = (X * 1000).astype(int)  # the converted model takes 16-bit integers
forest = RandomForestClassifier(20, max_depth=5, random_state=0).fit(X, y)
rows, truth = X[:500], y[:500]
given = forest.predict_proba(rows)
converted = np.asarray(emlearn.convert(forest).predict_proba(rows))


def show(name, p):
    zeros = int((p == 0).any(axis=1).sum())
    print(f"{name:12}  row 0 {str(np.round(p[0], 4)):16} rows with a 0 {zeros:3}  log loss {log_loss(truth, p):.4f}")
    return zeros


assert show("scikit-learn", given) == 0
assert show("emlearn", converted) > 250
assert np.allclose(converted * 20, np.round(converted * 20), atol=1e-6)
assert (given.argmax(1) == converted.argmax(1)).mean() > 0.98
assert log_loss(truth, converted) > 4 * log_loss(truth, given)
PYTHON
