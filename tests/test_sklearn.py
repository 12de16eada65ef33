"""The scorer gives what scikit-learn's own gives, and a number where that has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("sklearn")

import sklearn
from sklearn.base import clone
from sklearn.datasets import make_classification, make_multilabel_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputClassifier

from celoss_cli.sklearn import CrossEntropyScorer, neg_cross_entropy

X, CODES = make_classification(200, 6, n_informative=4, n_classes=3, random_state=0)


@pytest.mark.parametrize("names", [[0, 1, 2], [-1, 0, 7], ["a,b", "c", "10"], [0.0, 1.0, 2.0]], ids=str)
def test_it_agrees_with_neg_log_loss(names: list[Any]) -> None:
    y = np.array(names)[CODES]
    ours = cross_val_score(LogisticRegression(), X, y, scoring=neg_cross_entropy, cv=4)
    theirs = cross_val_score(LogisticRegression(), X, y, scoring="neg_log_loss", cv=4)
    assert ours == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("names", [[False, True], [0, 1], ["yes", "no"]], ids=str)
def test_two_classes(names: list[Any]) -> None:
    y = np.array(names)[CODES % 2]
    model = LogisticRegression().fit(X, y)
    expected = log_loss(y, model.predict_proba(X), labels=model.classes_)
    assert neg_cross_entropy(model, X, y) == pytest.approx(-expected, rel=1e-12)


def test_a_fold_may_lack_a_class() -> None:
    model = LogisticRegression().fit(X, CODES)
    some = CODES != 1
    proba = model.predict_proba(X[some])
    expected = np.log(proba[np.arange(len(proba)), CODES[some]]).mean()
    assert neg_cross_entropy(model, X[some], CODES[some]) == pytest.approx(expected, rel=1e-12)


def test_weights_are_routed() -> None:
    weights = np.arange(200) % 5 + 1.0
    model = LogisticRegression().fit(X, CODES)
    expected = -log_loss(CODES, model.predict_proba(X), sample_weight=weights)
    assert neg_cross_entropy(model, X, CODES, sample_weight=weights) == pytest.approx(expected, rel=1e-12)
    with sklearn.config_context(enable_metadata_routing=True):
        asking = CrossEntropyScorer().set_score_request(sample_weight=True)
        fitted = LogisticRegression().set_fit_request(sample_weight=False)
        routed = cross_val_score(fitted, X, CODES, scoring=asking, cv=3, params={"sample_weight": weights})
    assert routed != pytest.approx(cross_val_score(fitted, X, CODES, scoring=neg_cross_entropy, cv=3), rel=1e-6)


def test_options_travel_with_it() -> None:
    scorer = CrossEntropyScorer({"base": 2})
    search = clone(GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, scoring=scorer, cv=3)).fit(X, CODES)
    nats = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, scoring=neg_cross_entropy, cv=3).fit(X, CODES)
    assert search.best_score_ == pytest.approx(nats.best_score_ / np.log(2), rel=1e-12)


def test_nothing_is_clipped() -> None:
    model = DummyClassifier(strategy="constant", constant=0).fit(X, CODES)
    assert neg_cross_entropy(model, X, CODES) == -np.inf


def test_several_labels_at_once() -> None:
    inputs, truth = make_multilabel_classification(80, random_state=1)
    model = MultiOutputClassifier(LogisticRegression()).fit(inputs, truth)
    proba = np.column_stack([one[:, 1] for one in model.predict_proba(inputs)])
    expected = np.mean(truth * np.log(proba) + (1 - truth) * np.log1p(-proba))
    assert neg_cross_entropy(model, inputs, truth) == pytest.approx(expected, rel=1e-12)
