"""What each example has to come to: its loss by another library or by the rows behind it, or the reason for refusing.

An example is a directory here: ``predictions.*``, and ``labels.*`` where the labels are a second file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import softmax
from sklearn.metrics import log_loss

from layouts.example_rows import SPECIES, flowers_loss, loans_loss

HERE = Path(__file__).resolve().parent


class Expected(NamedTuple):
    """What a run on an example must give: ``loss()``, the label and the classes; or the code of the error.

    ``warnings`` are the codes of the warnings that go with it.
    """

    loss: Callable[[], float] | None = None
    label: str = ""
    classes: tuple[str, ...] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()


def files_of(example: str) -> list[Path]:
    """Return the predictions of an example, and its labels if they are a second file."""
    directory = HERE / example
    predictions = [path for path in directory.iterdir() if path.name.startswith("predict")]
    labels = [path for path in directory.iterdir() if path.name.startswith("labels")]
    assert len(predictions) == 1, directory
    return predictions + labels


def _lightgbm() -> float:
    scores = np.loadtxt(HERE / "lightgbm_cli" / "predictions.txt")
    return float(log_loss(np.loadtxt(HERE / "lightgbm_cli" / "labels.txt"), scores))


def _xgboost() -> float:
    scores = np.loadtxt(HERE / "xgboost_cli" / "predictions.txt").reshape(-1, 3)
    truth = np.loadtxt(HERE / "xgboost_cli" / "labels.txt", dtype=int)
    return float(-np.log(scores[np.arange(len(truth)), truth]).mean())


def _lightgbm_raw() -> float:
    scores = softmax(np.loadtxt(HERE / "lightgbm_raw" / "predictions.txt"), axis=1)
    return float(log_loss(np.loadtxt(HERE / "lightgbm_raw" / "labels.txt"), scores))


def _catboost() -> float:
    frame = pd.read_csv(HERE / "catboost_calc" / "predictions.tsv", sep="\t")
    return float(log_loss(frame["Label"], frame[[f"Probability:Class={name}" for name in SPECIES]]))


def _catboost_binary() -> float:
    frame = pd.read_csv(HERE / "catboost_binary" / "predictions.tsv", sep="\t")
    return float(log_loss(frame["Label"], frame["Probability"]))


def _sklearn_frame() -> float:
    frame = pd.read_csv(HERE / "sklearn_frame" / "predictions.csv", index_col=0)
    return float(-np.log([row[str(int(row["target"]))] for _, row in frame.iterrows()]).mean())


def _sklearn_index() -> float:
    frame = pd.read_parquet(HERE / "sklearn_index" / "predictions.parquet")
    return float(log_loss(frame["benign"], frame[["False", "True"]]))


YES = ("no", "yes")

EXPECTED: dict[str, Expected] = {
    "kaggle_multiclass": Expected(flowers_loss, "Status_C, Status_CL, Status_D", ("C", "CL", "D")),
    "kaggle_binary": Expected(loans_loss, "label", ("0", "1")),
    "isic": Expected(flowers_loss, "MEL, NV, BCC", ("MEL", "NV", "BCC")),
    "amlb": Expected(flowers_loss, "truth", SPECIES),
    "openml": Expected(flowers_loss, "truth", SPECIES),
    "sklearn_frame": Expected(_sklearn_frame, "target", ("0", "1", "2")),
    "sklearn_index": Expected(_sklearn_index, "benign", ("False", "True")),
    "autogluon": Expected(loans_loss, "default", YES),
    "timm_ranks": Expected(error="no_loss_possible"),
    "lightgbm_cli": Expected(_lightgbm, "0", ("0", "1", "2")),
    "lightgbm_raw": Expected(_lightgbm_raw, "0", ("0", "1", "2")),
    "xgboost_cli": Expected(_xgboost, "0", ("0", "1", "2")),
    "catboost_calc": Expected(_catboost, "Label", SPECIES),
    "catboost_binary": Expected(_catboost_binary, "Label", ("0", "1")),
    "catboost_one_vs_all": Expected(error="not_distributions"),
    "perf": Expected(loans_loss, "0", ("0", "1")),
    "h2o_binary": Expected(loans_loss, "bad", ("0", "1")),
    "h2o_multiclass": Expected(flowers_loss, "species", SPECIES),
    "h2o_calibrated": Expected(loans_loss, "default", YES),
    "datarobot": Expected(loans_loss, "is_bad", ("yes", "no")),
    "azure_multiclass": Expected(flowers_loss, "species", SPECIES),
    "azure_binary": Expected(loans_loss, "default", ("0", "1")),
    "pycaret_raw": Expected(flowers_loss, "species", SPECIES),
    "caret": Expected(flowers_loss, "obs", SPECIES),
    "r_write_csv2": Expected(flowers_loss, "obs", SPECIES),
    "r_write_table": Expected(flowers_loss, "obs", SPECIES),
    "tidymodels": Expected(flowers_loss, "species", SPECIES),
    "mlflow": Expected(loans_loss, "target", ("0", "1")),
    "mljar_multiclass": Expected(flowers_loss, "target", SPECIES, warnings=("classes_by_position",)),
    "mljar_binary": Expected(loans_loss, "target", YES),
    "pycaret": Expected(loans_loss, "default", YES),
    "sagemaker": Expected(flowers_loss, "species", SPECIES),
    "sagemaker_bare": Expected(loans_loss, "default", YES),
    "spark": Expected(lambda: flowers_loss() * 12 / 13, "label", ("0", "1", "2")),  # and a row of which it is sure
    "bigquery": Expected(flowers_loss, "species", SPECIES),
    "vertex": Expected(flowers_loss, "instance.species", SPECIES),
    "hf_pipeline": Expected(flowers_loss, "label", SPECIES),
    "hf_pipeline_top": Expected(error="top_class_only"),
    "wandb": Expected(flowers_loss, "truth", SPECIES),
    "lm_eval": Expected(flowers_loss, "target", ("0", "1", "2")),
    "vw": Expected(flowers_loss, "0", ("1", "2", "3")),
    "timm_lists": Expected(flowers_loss, "target", ("0", "1", "2")),
    "ydf": Expected(loans_loss, "income", ("<=50K", ">50K")),
    "fivethirtyeight": Expected(loans_loss, "prob1_outcome, prob2_outcome", ("1", "2")),
    "numpy_npz": Expected(flowers_loss, "labels", ("0", "1", "2")),
    "hf_run_classification": Expected(error="argmax_only"),
}
