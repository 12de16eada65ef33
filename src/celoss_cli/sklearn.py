"""The exact cross-entropy as a scorer of scikit-learn: for cross_val_score, GridSearchCV and whatever takes one.

from celoss_cli.sklearn import neg_cross_entropy
cross_val_score(model, X, y, scoring=neg_cross_entropy)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from celoss_cli.api.functions import evaluate
from celoss_cli.errors import UsageError


class CrossEntropyScorer(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Scores an estimator by minus the mean cross-entropy of its ``predict_proba``: greater is better.

    The classes are those of the estimator, so that a fold in which one of them is missing is scored as the others are.
    Nothing is clipped: a true class of probability 0 makes the score minus infinity.

    Parameters
    ----------
    options
        Keywords of ``celoss_cli.evaluate``, such as ``{"clip": 1e-7, "class_weight": "balanced"}``.
    """

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        self.options = options

    def __call__(self, estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return the score, as ``score`` does."""
        return self.score(estimator, X, y, sample_weight)

    def score(self, estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
        """Return minus the mean loss of n samples.

        Parameters
        ----------
        estimator
            A fitted classifier with ``predict_proba`` and ``classes_``.
        X
            Its input.
        y
            The true classes (n,), or (n, L) of 0 and 1 for several labels at once.
        sample_weight
            (n,), or ``None``.

        Raises
        ------
        celoss_cli.errors.CelossError
            As ``evaluate``; ``UsageError`` where some output of a multi-output classifier has not the classes 0 and 1.
        """
        options = {**(self.options or {}), "input": "probs"}
        if sample_weight is not None:
            options["sample_weight"] = np.asarray(sample_weight)
        proba = estimator.predict_proba(X)
        truth = np.asarray(y)
        if truth.ndim == 2 and truth.shape[1] > 1:
            several = evaluate(_of_each_label(proba, estimator), truth, **{"task": "multilabel", **options})
            return -float(several.loss.mean)
        names = [str(one) for one in estimator.classes_]
        labels = _named(truth.reshape(-1), estimator.classes_)
        return -float(evaluate(np.asarray(proba), labels, **{"classes": names, **options}).loss.mean)


def _named(truth: npt.NDArray[Any], classes: npt.NDArray[Any]) -> npt.NDArray[np.str_]:
    """Return the classes (n,) by name: what is equal has one name, whatever its type."""
    names = {one: str(one) for one in classes.tolist()}
    return np.array([names.get(one, str(one)) for one in truth.tolist()])


def _of_each_label(proba: Any, estimator: Any) -> npt.NDArray[np.floating[Any]]:
    """Return the probability of each label (n, L), for a multi-output classifier gives (n, 2) for each of them."""
    if not isinstance(proba, list):
        return np.asarray(proba)
    if any(list(classes) != [0, 1] for classes in estimator.classes_):
        raise UsageError(
            "an output of the classifier has other classes than 0 and 1",
            code="unfit_argument",
            hint="score each output by itself",
        )
    return np.column_stack([one[:, 1] for one in proba])


neg_cross_entropy = CrossEntropyScorer()
"""The scorer without options."""
