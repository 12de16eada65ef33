"""Write the examples of LightGBM, XGBoost and CatBoost with the libraries themselves.

Run from the root of the repository, with lightgbm, xgboost, catboost and scikit-learn::

    python tests/layouts/make_boosting.py

Written with lightgbm 4.7.0, xgboost 3.2.0 and catboost 1.2.10. LightGBM's file is written by the function of its C API
that the command line calls. The wheels of XGBoost and CatBoost have no command line: their numbers come from the
libraries, the layout of the files from XGBoost's ``CLIPredict`` (one number a line) and CatBoost's page on ``calc``.
"""

from __future__ import annotations

import ctypes
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import catboost
import lightgbm
import numpy as np
import xgboost
from sklearn.datasets import load_iris

TREES = {"iterations": 20, "depth": 3, "random_seed": 1, "thread_count": 1, "verbose": 0, "allow_writing_files": False}
HERE = Path(__file__).resolve().parent
SPECIES = np.array(["setosa", "versicolor", "virginica"])


def directory(example: str) -> Path:
    (HERE / example).mkdir(exist_ok=True)
    return HERE / example


def write(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    lines = ["\t".join(map(str, row)) for row in ([header] if header else []) + list(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def lightgbm_cli(x: Any, y: Any, test: Any) -> None:
    settings = {"objective": "multiclass", "num_class": 3, "verbose": -1, "num_threads": 1, "seed": 1}
    booster = lightgbm.train(settings, lightgbm.Dataset(x[~test], y[~test]), 12)
    with tempfile.TemporaryDirectory() as scratch:
        data, model = Path(scratch) / "test.tsv", Path(scratch) / "model.txt"
        np.savetxt(data, np.column_stack([y[test], x[test]]), delimiter="\t", fmt="%g")
        booster.save_model(model)
        handle, rounds = ctypes.c_void_p(), ctypes.c_int()
        library = lightgbm.basic._LIB
        library.LGBM_BoosterCreateFromModelfile(str(model).encode(), ctypes.byref(rounds), ctypes.byref(handle))
        for example, raw in (("lightgbm_cli", 0), ("lightgbm_raw", 1)):
            place = directory(example)
            library.LGBM_BoosterPredictForFile(
                handle, str(data).encode(), ctypes.c_int(0), ctypes.c_int(raw), ctypes.c_int(0), ctypes.c_int(-1),
                b"", str(place / "predictions.txt").encode(),
            )  # fmt: skip
            write(place / "labels.txt", [], [[int(label)] for label in y[test]])


def xgboost_cli(x: Any, y: Any, test: Any) -> None:
    settings = {"objective": "multi:softprob", "num_class": 3, "nthread": 1, "seed": 1}
    booster = xgboost.train(settings, xgboost.DMatrix(x[~test], y[~test]), 12)
    place = directory("xgboost_cli")
    scores = booster.predict(xgboost.DMatrix(x[test]))
    write(place / "predictions.txt", [], [[f"{score:g}"] for score in scores.reshape(-1)])
    write(place / "labels.txt", [], [[int(label)] for label in y[test]])


def catboost_calc(x: Any, y: Any, test: Any) -> None:
    for example, loss in (("catboost_calc", "MultiClass"), ("catboost_one_vs_all", "MultiClassOneVsAll")):
        model = catboost.CatBoostClassifier(loss_function=loss, **TREES)
        model.fit(x[~test], SPECIES[y[~test]])
        raw = model.predict(x[test], prediction_type="RawFormulaVal")
        probabilities = model.predict(x[test], prediction_type="Probability")
        chosen = model.predict(x[test], prediction_type="Class").ravel()
        names = [f"{kind}:Class={name}" for kind in ("RawFormulaVal", "Probability") for name in model.classes_]
        rows = [[i, *raw[i], *probabilities[i], chosen[i], SPECIES[y[test]][i]] for i in range(len(chosen))]
        write(directory(example) / "predictions.tsv", ["SampleId", *names, "Class", "Label"], rows)
    flag = (y == 1).astype(int)
    model = catboost.CatBoostClassifier(**TREES)
    model.fit(x[~test], flag[~test])
    raw = model.predict(x[test], prediction_type="RawFormulaVal")
    probability = model.predict(x[test], prediction_type="Probability")[:, 1]
    rows = [[i, raw[i], probability[i], flag[test][i]] for i in range(len(raw))]
    write(directory("catboost_binary") / "predictions.tsv", ["SampleId", "RawFormulaVal", "Probability", "Label"], rows)


if __name__ == "__main__":
    features, classes = load_iris(return_X_y=True)
    held_out = np.arange(len(classes)) % 5 == 2
    for make in (lightgbm_cli, xgboost_cli, catboost_calc):
        make(features, classes, held_out)
