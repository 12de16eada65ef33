"""Write the examples of scikit-learn with scikit-learn and pandas themselves.

Run from the root of the repository, with scikit-learn, pandas and pyarrow::

    python tests/layouts/make_frames.py

Written with scikit-learn 1.9.1, pandas 3.1.1 and pyarrow 26.0.1.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB

HERE = Path(__file__).resolve().parent


def frames() -> None:
    data = load_wine(as_frame=True)
    test = np.arange(len(data.target)) % 6 == 2
    model = GaussianNB().fit(data.data[~test], data.target[~test])
    frame = pd.DataFrame(model.predict_proba(data.data[test]), columns=model.classes_, index=data.data.index[test])
    frame["target"] = data.target[test]
    (HERE / "sklearn_frame").mkdir(exist_ok=True)
    frame.to_csv(HERE / "sklearn_frame" / "predictions.csv")

    data = load_breast_cancer(as_frame=True)
    benign = data.target == 1
    columns = ["mean radius", "mean texture", "mean smoothness"]
    test = np.arange(len(benign)) % 20 == 3
    model = LogisticRegression(max_iter=2000).fit(data.data.loc[~test, columns], benign[~test])
    frame = pd.DataFrame(model.predict_proba(data.data.loc[test, columns]), columns=model.classes_.astype(str))
    frame["benign"] = benign[test].to_numpy()
    frame = frame.sample(frac=1.0, random_state=1)
    (HERE / "sklearn_index").mkdir(exist_ok=True)
    frame.to_parquet(HERE / "sklearn_index" / "predictions.parquet")


if __name__ == "__main__":
    frames()
