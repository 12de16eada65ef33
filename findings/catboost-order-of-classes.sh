#!/bin/sh
# catboost 1.2.10: one more class changes the order of the probability columns of all the others.
#
# Labels given as text are put in numeric order if every one of them reads as a number, else in the order of text. Adding
# the class "other" to "1", "2", "10" moves "10" before "2". Whoever pairs predict_proba's columns with an order worked
# out once (from numbers, or from sorted text) gets a log loss of the wrong columns in one of the two cases; only
# classes_ tells. Below, the same rows are scored both ways.
#
# Seen (numpy 2.4.6):
#   ['1', '2', '10']            columns ['1', '2', '10']
#   ['1', '2', '10', 'other']   columns ['1', '10', '2', 'other']
#   log loss of the second model by its classes_ 0.007, by the order of the first 3.786
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check catboost==1.2.10 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
from catboost import CatBoostClassifier

rng = np.random.default_rng(0)


def train(classes):
    y = rng.integers(0, len(classes), 600)
    X = rng.normal(0, 0.3, (600, 2)) + np.c_[y, y % 2]
    truth = np.array(classes, dtype=object)[y]
    model = CatBoostClassifier(iterations=50, verbose=0, allow_writing_files=False, thread_count=1).fit(X, truth)
    order = [str(name) for name in model.classes_]
    print(f"{classes!s:28}columns {order}")
    return model, X, truth, order


def loss(p, truth, order):
    return float(-np.log(p[np.arange(len(truth)), [order.index(name) for name in truth]]).mean())


_, _, _, numbers = train(["1", "2", "10"])
model, X, truth, text = train(["1", "2", "10", "other"])
p = model.predict_proba(X)
right, wrong = loss(p, truth, text), loss(p, truth, [*numbers, "other"])
print(f"log loss of the second model by its classes_ {right:.3f}, by the order of the first {wrong:.3f}")
assert numbers == ["1", "2", "10"] and text == ["1", "10", "2", "other"]
assert wrong > 5 * right
PYTHON
