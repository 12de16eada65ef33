"""Write the example of Orange with Orange itself.

Run from the root of the repository, with Orange3::

    python tests/layouts/make_orange.py

Written with Orange3 3.40.0. What the widget Predictions appends, the predicted class and a score for each, is made here
as it does (``OWPredictions._get_scores``): ``Model`` and ``Model (class)``, as metas.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from Orange.classification import LogisticRegressionLearner
from Orange.data import ContinuousVariable, DiscreteVariable, Domain, Table

HERE = Path(__file__).resolve().parent


def predictions() -> None:
    iris = Table("iris")
    test = np.arange(len(iris)) % 5 == 2
    model = LogisticRegressionLearner()(iris[~test])
    held_out = iris[test]
    truth = iris.domain.class_var
    metas = [
        DiscreteVariable("Logistic Regression", truth.values),
        *(ContinuousVariable(f"Logistic Regression ({name})") for name in truth.values),
    ]
    domain = Domain(iris.domain.attributes[:1], truth, metas)
    appended = np.column_stack([model(held_out), model(held_out, model.Probs)])
    (HERE / "orange").mkdir(exist_ok=True)
    made = Table.from_numpy(domain, held_out.X[:, :1], held_out.Y, appended)
    made.save(str(HERE / "orange" / "predictions.tab"))


if __name__ == "__main__":
    predictions()
