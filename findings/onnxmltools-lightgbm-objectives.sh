#!/bin/sh
# onnxmltools 1.16.0: LightGBM models with a sigmoid parameter, one-vs-all, of a forest or with linear leaves change in ONNX.
#
# The converter takes the trees and the name of the objective, and nothing of what stands beside them in the same dump:
# "sigmoid:2" becomes a sigmoid of 1, which halves every log odds; the sigmoids of multiclassova become one softmax;
# average_output is not seen, so a random forest adds its trees up and is sure of one class for every row, with three
# classes in two columns; of a linear leaf only a constant is kept. The converter says nothing, and ONNX Runtime warns of a
# shape for good models too. In the first two cases the labels are all right, so that a comparison of predictions passes.
# Treelite reads the same models with LightGBM's probabilities, and refuses the linear leaves.
#
# Seen (lightgbm 4.7.0, onnxruntime 1.32.0, treelite 4.8.1, scikit-learn 1.9.1), log loss on the training rows and the labels
# that LightGBM and ONNX share:
#                               LightGBM   ONNX        Treelite   same label
#   binary                      0.1633     0.1633      0.1633     100%
#   multiclass                  0.1940     0.1940      0.1940     100%
#   binary, sigmoid 2           0.1633     0.3335      0.1633     100%
#   multiclassova               0.2311     0.1014      0.2311     100%
#   random forest               0.2066     3.0559      0.2066     37%
#   random forest, 3 classes    0.2097     2 columns   0.2097     34%
#   linear trees                0.1430     0.1686      no         98%
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check onnxmltools==1.16.0 lightgbm==4.7.0 onnx==1.23.2 onnxruntime==1.32.0 \
    skl2onnx==1.20.0 treelite==4.8.1 scikit-learn==1.9.1 numpy==2.4.6
cd "$dir"
venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import onnxmltools
import onnxruntime
import treelite
from lightgbm import LGBMClassifier
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.metrics import log_loss

options = onnxruntime.SessionOptions()
options.log_severity_level = 4


def converted(model, X):
    graph = onnxmltools.convert_lightgbm(model, initial_types=[("X", FloatTensorType([None, X.shape[1]]))], zipmap=False)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, {"X": X.astype(np.float32)})


def with_treelite(model, X):
    try:
        read = treelite.gtil.predict(treelite.frontend.from_lightgbm(model.booster_), X).reshape(len(X), -1)
    except treelite.TreeliteError:
        return None
    return np.hstack([1 - read, read]) if read.shape[1] == 1 else read


cancer, iris = load_breast_cancer(return_X_y=True), load_iris(return_X_y=True)
forest = {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.6}
seen = {}
print(f"{'':28}LightGBM   ONNX        Treelite   same label")
for name, (X, y), what in [
    ("binary", cancer, {}),
    ("multiclass", iris, {}),
    ("binary, sigmoid 2", cancer, {"sigmoid": 2.0}),
    ("multiclassova", iris, {"objective": "multiclassova"}),
    ("random forest", cancer, forest),
    ("random forest, 3 classes", iris, forest),
    ("linear trees", cancer, {"linear_tree": True}),
]:
    X = X.astype(np.float32).astype(float)  # so that no row falls between the thresholds of float32 and float64
    model = LGBMClassifier(n_estimators=15, num_threads=1, deterministic=True, verbose=-1, **what).fit(X, y)
    probabilities = model.predict_proba(X)
    labels, other = converted(model, X)
    lite = with_treelite(model, X)
    own = log_loss(y, probabilities)
    theirs = log_loss(y, other) if other.shape == probabilities.shape else None
    same = np.mean(labels == model.predict(X))
    seen[name] = own, theirs, same
    print(
        f"{name:28}{own:<11.4f}{f'{other.shape[1]} columns' if theirs is None else f'{theirs:.4f}':<12}"
        f"{'no' if lite is None else f'{log_loss(y, lite):.4f}':<11}{same:.0%}"
    )
    if lite is not None:
        assert np.abs(lite - probabilities).max() < 1e-6
for name in ("binary", "multiclass"):
    assert abs(seen[name][0] - seen[name][1]) < 1e-5 and seen[name][2] == 1
for name, low, high in [("binary, sigmoid 2", 1.5, 3), ("multiclassova", 0.2, 0.8), ("random forest", 5, 100), ("linear trees", 1.05, 3)]:
    assert low < seen[name][1] / seen[name][0] < high, name
assert seen["random forest"][2] < 0.6 and seen["random forest, 3 classes"][1] is None
assert seen["binary, sigmoid 2"][2] == seen["multiclassova"][2] == 1
PYTHON
