"""What ``celoss diagnose`` finds, by a library each, one after the other: KIND FILE, of ten columns of logits.

scikit-learn's log loss, confusion matrix and temperature, netcal's ECE, model-diagnostics' decomposition of the top
label's log loss, and cleanlab's rows that contradict their label. What no library has stays out: intervals, corrected
gains, class biases, bands. It prints the mean.
"""

import sys
from typing import Any

import numpy as np
import pandas as pd
from cleanlab.filter import find_label_issues  # type: ignore[import-not-found]
from model_diagnostics.scoring import LogLoss, decompose  # type: ignore[import-not-found]
from netcal.metrics import ECE  # type: ignore[import-not-found]
from scipy.special import softmax  # type: ignore[import-untyped]
from sklearn.base import BaseEstimator, ClassifierMixin  # type: ignore[import-untyped]
from sklearn.calibration import CalibratedClassifierCV  # type: ignore[import-untyped]
from sklearn.frozen import FrozenEstimator  # type: ignore[import-untyped]
from sklearn.metrics import confusion_matrix, log_loss  # type: ignore[import-untyped]

kind, path = sys.argv[1:]
if kind != "logits":
    raise SystemExit(f"{kind}: these numbers are taken of logits")


class Logits(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A model whose inputs are its logits."""

    classes_ = np.arange(10)

    def __sklearn_is_fitted__(self) -> bool:
        """There is nothing to fit."""
        return True

    def fit(self, X: Any, y: Any) -> Any:  # noqa: ARG002
        """Fit nothing."""
        return self

    def decision_function(self, X: Any) -> Any:
        """Return the logits."""
        return X

    def predict(self, X: Any) -> Any:
        """Return the classes of the largest."""
        return np.argmax(X, axis=1)


names = [f"logit_{k}" for k in range(10)]
frame = pd.read_parquet(path, columns=[*names, "label"])
y, z = frame["label"].to_numpy(), frame[names].to_numpy(np.float64)
p = softmax(z, axis=1)
top, right = p.max(axis=1), (p.argmax(axis=1) == y).astype(np.int64)

mean = log_loss(y, p, labels=np.arange(10))
confusion_matrix(y, p.argmax(axis=1))
CalibratedClassifierCV(FrozenEstimator(Logits()), method="temperature", ensemble=False).fit(z, y)
ECE(15).measure(p, y)
decompose(right, top, scoring_function=LogLoss())
find_label_issues(y, p, filter_by="confident_learning")
print(repr(float(mean)))
