"""What each example has to come to: its loss by another library or by the rows behind it, or the reason for refusing.

An example is a directory here: ``predictions.*``, and ``labels.*`` where the labels are a second file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

    ``warnings`` are the codes of the warnings that go with it; ``layout`` is what recognises the file, where that is
    not the row of the table that the example is of.
    """

    loss: Callable[[], float] | None = None
    label: str = ""
    classes: tuple[str, ...] = ()
    error: str = ""
    warnings: tuple[str, ...] = ()
    layout: str = ""


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


def _told(example: str, truth: str, name: str = "{}") -> float:
    """Return the mean of −log of the score in the column that ``name`` makes of each row's truth."""
    frame = pd.read_csv(HERE / example / "predictions.csv", dtype={truth: str})
    return float(-np.log([row[name.format(row[truth])] for _, row in frame.iterrows()]).mean())


def _h2o_mixed() -> float:
    frame = pd.read_csv(HERE / "h2o_mixed" / "predictions.csv")
    return float(
        -np.log([row[{"other": "other"}.get(row["kind"], f"p{row['kind']}")] for _, row in frame.iterrows()]).mean()
    )


def _orange() -> float:
    frame = pd.read_csv(HERE / "orange" / "predictions.tab", sep="\t", skiprows=[1, 2])
    return float(-np.log([row[f"Logistic Regression ({row['iris']})"] for _, row in frame.iterrows()]).mean())


def _mljar(example: str, names: Sequence[str]) -> float:
    frame = pd.read_csv(HERE / example / "predictions.csv")
    return float(log_loss(frame["target"], frame[list(names)]))


def _learner(example: str) -> float:
    """Read what Vowpal Wabbit or fastText wrote: scores by id, or by label."""
    lines = (HERE / example / "predictions.txt").read_text().splitlines()
    if example == "fasttext":
        truth = (HERE / example / "labels.txt").read_text().split()
        rows = [dict(zip(line.split()[::2], map(float, line.split()[1::2]), strict=True)) for line in lines]
        return float(-np.mean([np.log(row[label]) for row, label in zip(rows, truth, strict=True)]))
    scores: dict[str, list[float]] = {}
    for *cells, tag in (line.split() for line in lines if line):
        scores.setdefault(tag, []).extend(float(cell.rpartition(":")[2]) for cell in cells)
    labels = pd.read_csv(HERE / example / "labels.csv")
    pairs = zip(labels["id"], labels["species"], strict=True)
    return float(-np.mean([np.log(scores[tag][label - 1]) for tag, label in pairs]))


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
    "h2o_binary": Expected(lambda: _told("h2o_binary", "bad", "cal_p{}"), "bad", ("0", "1")),
    "h2o_multiclass": Expected(lambda: _told("h2o_multiclass", "species"), "species", SPECIES),
    "h2o_calibrated": Expected(lambda: _told("h2o_calibrated", "default", "cal_{}"), "default", YES),
    "h2o_negative": Expected(
        lambda: _told("h2o_negative", "sign", "p{}"), "sign", ("-1", "1"), layout="H2O, levels that are numbers"
    ),
    "h2o_mixed": Expected(_h2o_mixed, "kind", ("0", "1", "other"), layout="H2O, levels that are numbers"),
    "knime": Expected(flowers_loss, "species", SPECIES),
    "rapidminer": Expected(flowers_loss, "species", SPECIES),
    "sas": Expected(loans_loss, "BAD", ("1", "0")),
    "sas_logistic": Expected(flowers_loss, "_FROM_", SPECIES),
    "hubverse": Expected(flowers_loss, "observation", SPECIES, layout="long form: 'output_type_id', 'value'"),
    "orange": Expected(_orange, "iris", tuple(f"Iris-{name}" for name in SPECIES)),
    "skl2onnx": Expected(lambda: _told("skl2onnx", "species", "s{}"), "species", SPECIES),
    "r_make_names": Expected(flowers_loss, "obs", ("1st", "not ok", "A-B")),
    "fasttext": Expected(
        lambda: _learner("fasttext"),
        "0",
        tuple(f"__label__{name}" for name in SPECIES),
        warnings=("rows_not_normalised",),
    ),
    "vw_ldf": Expected(lambda: _learner("vw_ldf"), "species", ("1", "2", "3"), warnings=("rows_not_normalised",)),
    "datarobot": Expected(loans_loss, "is_bad", ("yes", "no")),
    "azure_multiclass": Expected(flowers_loss, "species", SPECIES),
    "azure_binary": Expected(loans_loss, "default", ("0", "1")),
    "pycaret_raw": Expected(flowers_loss, "species", SPECIES),
    "caret": Expected(flowers_loss, "obs", SPECIES),
    "r_write_csv2": Expected(flowers_loss, "obs", SPECIES),
    "r_write_table": Expected(flowers_loss, "obs", SPECIES),
    "tidymodels": Expected(flowers_loss, "species", SPECIES),
    "mlflow": Expected(loans_loss, "target", ("0", "1")),
    "mljar_multiclass": Expected(
        lambda: _mljar("mljar_multiclass", [f"prediction_{name}" for name in SPECIES]),
        "target",
        SPECIES,
        warnings=("classes_by_position",),
    ),
    "mljar_binary": Expected(lambda: _mljar("mljar_binary", ["prediction_0_for_no_1_for_yes"]), "target", YES),
    "mljar_predict_all": Expected(lambda: _told("mljar_predict_all", "species", "prediction_{}"), "species", SPECIES),
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
    "vw": Expected(lambda: _learner("vw"), "species", ("1", "2", "3")),
    "timm_lists": Expected(flowers_loss, "target", ("0", "1", "2")),
    "ydf": Expected(loans_loss, "income", ("<=50K", ">50K")),
    "fivethirtyeight": Expected(loans_loss, "prob1_outcome, prob2_outcome", ("1", "2")),
    "numpy_npz": Expected(flowers_loss, "labels", ("0", "1", "2")),
    "hf_run_classification": Expected(error="argmax_only"),
}
