#!/bin/sh
# skl2onnx 1.20.0: nearest neighbours weighted by distance vote without weights in ONNX.
#
# KNeighborsClassifier(weights="distance") and the regressor with the same option convert without a word, and what runs is the
# model with uniform weights, to the last digit of float32. The graph multiplies the distances by -1, raises them to 1e-6, so
# that none is divided by zero, and takes the reciprocals: a million for each neighbour. A row of the training data, which
# is its own neighbour at a distance of 0, has a loss of 0 in scikit-learn and of 0.1 in ONNX, and one label in 25 is
# another. On new rows the difference is small enough to be taken for rounding.
#
# Seen (scikit-learn 1.9.1, onnxruntime 1.32.0, numpy 2.4.6), 25 neighbours, half of the rows of breast cancer for training:
#   log loss        weighted   uniform   weighted in ONNX   labels that ONNX changes
#   training rows   0.0000     0.1029    0.1029             3.9%
#   new rows        0.1495     0.1539    0.1539             0.4%
#   regressor, new rows: at most 0.0594 from the weighted mean, 3e-08 from the plain one
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check skl2onnx==1.20.0 scikit-learn==1.9.1 onnx==1.23.2 onnxruntime==1.32.0 \
    numpy==2.4.6
cd "$dir"
venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.datasets import load_breast_cancer
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

X, y = load_breast_cancer(return_X_y=True)
X = ((X - X.mean(axis=0)) / X.std(axis=0)).astype(np.float32)
rows = {"training": slice(0, None, 2), "new": slice(1, None, 2)}


def run(model, X, **how):
    graph = to_onnx(model, X[:1], **how)
    return onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"X": X})


def loss(probabilities, y):
    return -np.log(probabilities[np.arange(len(y)), y].astype(float)).mean() + 0


train = X[rows["training"]], y[rows["training"]]
weighted = KNeighborsClassifier(25, weights="distance").fit(*train)
uniform = KNeighborsClassifier(25).fit(*train)
print("log loss        weighted   uniform   weighted in ONNX   labels that ONNX changes")
for name, part in rows.items():
    plain = uniform.predict_proba(X[part])
    labels, converted = run(weighted, X[part], options={"zipmap": False})
    own = loss(weighted.predict_proba(X[part]), y[part])
    changed = np.mean(labels != weighted.predict(X[part]))
    print(f"{name + ' rows':16}{own:<11.4f}{loss(plain, y[part]):<10.4f}{loss(converted, y[part]):<19.4f}{changed:.1%}")
    assert np.abs(converted - plain).max() < 1e-6 and abs(loss(converted, y[part]) - own) > 0.003

weighted, uniform = (KNeighborsRegressor(25, weights=how).fit(*train) for how in ("distance", "uniform"))
converted = run(weighted, X[rows["new"]])[0].ravel()
far, near = (np.abs(converted - model.predict(X[rows["new"]])).max() for model in (weighted, uniform))
print(f"regressor, new rows: at most {far:.4f} from the weighted mean, {near:.0e} from the plain one")
assert far > 0.03 and near < 1e-6
PYTHON
