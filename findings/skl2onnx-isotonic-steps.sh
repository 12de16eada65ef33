#!/bin/sh
# skl2onnx 1.20.0: isotonic calibration turns from a line between its points into steps, so that ONNX predicts otherwise.
#
# scikit-learn's IsotonicRegression interpolates between its thresholds. The converted graph takes the value of the
# nearest threshold. Nothing is said at conversion, and the deployed model's probabilities differ by up to 8 points from
# those that were validated. The sigmoid method converts as it should.
#
# Seen (scikit-learn 1.9.1, onnxruntime 1.32.0, numpy 2.4.6), 2,000 rows, calibrated on 100:
#   sigmoid   largest difference 1.3e-07   rows off by more than 0.001: 0%
#             log loss 0.5754 in scikit-learn, 0.5754 in ONNX
#   isotonic  largest difference 0.078   rows off by more than 0.001: 29%
#             log loss 0.7233 in scikit-learn, 0.7561 in ONNX
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check skl2onnx==1.20.0 onnx==1.23.2 onnxruntime==1.32.0 scikit-learn==1.9.1 numpy==2.4.6
cd "$dir"
venv/bin/python - <<'PYTHON'
import numpy as np
import onnxruntime
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from skl2onnx import to_onnx

X, y = make_classification(4000, n_informative=6, flip_y=0.2, random_state=0)
X = X.astype(np.float32)


def both(method):
    model = CalibratedClassifierCV(LogisticRegression(), method=method, cv=3).fit(X[:100], y[:100])
    graph = to_onnx(model, X[:1], options={"zipmap": False})
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    q = session.run(None, {session.get_inputs()[0].name: X[2000:]})[1].astype(float)
    q /= q.sum(axis=1, keepdims=True)  # float32, and log_loss would warn
    p, truth = model.predict_proba(X[2000:]), y[2000:]
    off = np.abs(p - q)[:, 1]
    print(f"{method:9} largest difference {off.max():.2g}   rows off by more than 0.001: {(off > 1e-3).mean():.0%}")
    print(f"          log loss {log_loss(truth, p):.4f} in scikit-learn, {log_loss(truth, q):.4f} in ONNX")
    return off


assert both("sigmoid").max() < 1e-4
steps = both("isotonic")
assert steps.max() > 0.02 and (steps > 1e-3).mean() > 0.1
PYTHON
