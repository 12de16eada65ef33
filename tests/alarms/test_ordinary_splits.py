"""Ordinary models on ordinary splits, many of them far too sure: no alarm, in one column of scores or one a class."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import evaluate

ALLOWED = {"infinite_loss", "few_rows", "no_errors_seen"}
"""What may be said of a model that is sure and wrong, and of few rows."""


def models() -> list[Any]:
    pytest.importorskip("sklearn")
    from sklearn.linear_model import LogisticRegression
    from sklearn.naive_bayes import BernoulliNB, GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.tree import DecisionTreeClassifier

    return [
        GaussianNB(),
        BernoulliNB(),
        KNeighborsClassifier(1),
        KNeighborsClassifier(5),
        DecisionTreeClassifier(random_state=0),
        DecisionTreeClassifier(max_depth=4, random_state=0),
        LogisticRegression(C=1e6, max_iter=20),
    ]


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    from sklearn import datasets

    if name == "breast cancer":
        return datasets.load_breast_cancer(return_X_y=True)
    if name == "digits, two of them":
        x, y = datasets.load_digits(return_X_y=True)
        return x[np.isin(y, (3, 8))], (y[np.isin(y, (3, 8))] == 8).astype(int)
    shares, noise = {"hard": ([0.5], 0.25), "rare": ([0.9], 0.02), "common": ([0.2], 0.1)}[name]
    return datasets.make_classification(1500, 12, n_informative=4, weights=shares, flip_y=noise, random_state=1)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["breast cancer", "digits, two of them", "hard", "rare", "common"])
def test_no_alarm_and_nothing_refused(name: str) -> None:
    sklearn = pytest.importorskip("sklearn.model_selection")
    x, y = data(name)
    went_off = []
    for split in range(4):
        a, b, c, d = sklearn.train_test_split(x, y, test_size=0.4, random_state=split, stratify=y)
        for model in models():
            p = model.fit(a, c).predict_proba(b)
            if not ((p != 0.0) & (p != 1.0)).any():
                continue  # hard predictions, which are refused as such
            one = pd.DataFrame({"y": d, "score": p[:, 1]})
            two = pd.DataFrame({"y": d, "0": p[:, 0], "1": p[:, 1]})
            for form, frame in (("one", one), ("two", two)):
                said = {notice.code for notice in evaluate(frame).warnings} - ALLOWED
                if said:
                    went_off.append((split, type(model).__name__, form, said))
    assert not went_off
