"""Write the examples of MLJAR with mljar-supervised itself.

Run from the root of the repository, with mljar-supervised and scikit-learn::

    python tests/layouts/make_mljar.py

Written with mljar-supervised 1.3.2 and scikit-learn 1.9.1.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_breast_cancer, load_iris
from supervised import AutoML

HERE = Path(__file__).resolve().parent
SPECIES = np.array(["setosa", "versicolor", "virginica"])


def fitted(features: Any, target: Any, place: str) -> AutoML:
    model = AutoML(
        results_path=place, algorithms=["Linear"], explain_level=0, train_ensemble=False, start_random_models=1,
        hill_climbing_steps=0, top_models_to_improve=0, verbose=0, total_time_limit=60, random_state=1,
        validation_strategy={"validation_type": "split", "train_ratio": 0.8, "shuffle": True, "stratify": True},
    )  # fmt: skip
    return model.fit(features, target)


def examples() -> None:
    flowers, codes = load_iris(return_X_y=True, as_frame=True)
    tumours, benign = load_breast_cancer(return_X_y=True, as_frame=True)
    tumours, benign = tumours.iloc[::5, :3].reset_index(drop=True), benign[::5].reset_index(drop=True)
    test = np.arange(len(codes)) % 5 == 2
    cases = (("mljar_multiclass", flowers, SPECIES[codes]), ("mljar_binary", tumours, np.array(["no", "yes"])[benign]))
    for example, features, target in cases:
        with tempfile.TemporaryDirectory() as place:
            fitted(features, target, place)
            (found,) = Path(place).glob("*/predictions_validation.csv")
            (HERE / example).mkdir(exist_ok=True)
            shutil.copy(found, HERE / example / "predictions.csv")
    with tempfile.TemporaryDirectory() as place:
        model = fitted(flowers[~test], SPECIES[codes[~test]], place)
        frame = model.predict_all(flowers[test]).assign(species=SPECIES[codes[test]])
    (HERE / "mljar_predict_all").mkdir(exist_ok=True)
    frame.to_csv(HERE / "mljar_predict_all" / "predictions.csv", index=False)


if __name__ == "__main__":
    examples()
