"""Write the examples of H2O with H2O itself.

Run from the root of the repository, with h2o and a Java on the machine::

    python tests/layouts/make_h2o.py

Written with h2o 3.46.0.12. The numbers of a run differ from those of another in their last digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import h2o
from h2o.estimators import H2OGeneralizedLinearEstimator, H2OGradientBoostingEstimator
from sklearn.datasets import load_breast_cancer, load_iris

HERE = Path(__file__).resolve().parent


def frame(features: Sequence[Sequence[float]], levels: Sequence[str], target: str) -> h2o.H2OFrame:
    rows = [[*row, level] for row, level in zip(features, levels, strict=True)]
    numbers = len(features[0])
    names = [*(f"x{i}" for i in range(numbers)), target]
    return h2o.H2OFrame(rows, column_names=names, column_types=["numeric"] * numbers + ["enum"])


def write(example: str, model: object, held_out: h2o.H2OFrame, target: str) -> None:
    (HERE / example).mkdir(exist_ok=True)
    found = model.predict(held_out).cbind(held_out[target])  # type: ignore[attr-defined]
    h2o.export_file(found, str(HERE / example / "predictions.csv"), force=True)


def levels_of_iris(example: str, names: Sequence[str], target: str) -> None:
    features, codes = load_iris(return_X_y=True)
    test = [i for i in range(len(codes)) if i % 10 == 2]
    train = [i for i in range(len(codes)) if i % 10 != 2]
    fit = frame(features[train].tolist(), [names[codes[i]] for i in train], target)
    model = H2OGeneralizedLinearEstimator(family="multinomial", lambda_=0.01)
    model.train(y=target, training_frame=fit)
    write(example, model, frame(features[test].tolist(), [names[codes[i]] for i in test], target), target)


def two_levels(example: str, names: Sequence[str], target: str, *, calibrated: bool) -> None:
    features, codes = load_breast_cancer(return_X_y=True)
    features = features[:, :3]
    test = [i for i in range(len(codes)) if i % 20 == 3]
    parts = [[i for i in range(len(codes)) if i % 20 != 3 and i % 2 == part] for part in (0, 1)]
    fit, other = (frame(features[part].tolist(), [names[codes[i]] for i in part], target) for part in parts)
    if calibrated:
        model = H2OGradientBoostingEstimator(ntrees=10, seed=1, calibrate_model=True, calibration_frame=other)
    else:
        model = H2OGeneralizedLinearEstimator(family="binomial", lambda_=0.01)
    model.train(y=target, training_frame=fit)
    write(example, model, frame(features[test].tolist(), [names[codes[i]] for i in test], target), target)


if __name__ == "__main__":
    h2o.init(nthreads=1, max_mem_size="600m", verbose=False)
    levels_of_iris("h2o_multiclass", ("setosa", "versicolor", "virginica"), "species")
    levels_of_iris("h2o_mixed", ("0", "1", "other"), "kind")
    two_levels("h2o_negative", ("-1", "1"), "sign", calibrated=False)
    two_levels("h2o_binary", ("0", "1"), "bad", calibrated=True)
    two_levels("h2o_calibrated", ("no", "yes"), "default", calibrated=True)
    h2o.cluster().shutdown()
