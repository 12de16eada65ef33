"""Conventions against libraries that bring much with them, each in an environment of its own (``nox -s peers``)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from celoss_cli import evaluate, explain

P = np.array([0.1, 0.9, 0.4, 0.02, 0.7, 0.999999999])
Y = np.array([0, 1, 1, 0, 1, 0])
W = np.array([1.0, 2.0, 3.0, 0.5, 0.0, 0.25])
EDGES = np.array([0.0, 1.0, 0.0, 1.0, 0.5, 1e-12])
EDGE_LABELS = np.array([1, 0, 0, 1, 1, 1])
ROWS = np.array([[0.2, 0.5, 0.3], [0.0, 0.9, 0.1], [1.0, 0.0, 0.0], [0.05, 0.05, 0.9]])
CLASSES = np.array([1, 0, 0, 2])

ONE = [(P, Y), (EDGES, EDGE_LABELS)]


def mean(name: str, p: np.ndarray, y: np.ndarray, w: np.ndarray | None = None) -> float:
    columns: dict[str, Any] = {"p": p} if p.ndim == 1 else {str(i): p[:, i] for i in range(p.shape[1])}
    frame = pd.DataFrame({**columns, "y": y, "w": np.ones(len(y)) if w is None else w})
    return evaluate(
        frame, label="y", pred=list(columns), sample_weight="w", compat=name, input="probs"
    ).loss.mean  # fmt: skip


def row(name: str, p: np.ndarray, y: np.ndarray) -> float:
    """What explain says of a convention that is no preset."""
    return next(one.mean for one in explain(p, y, input="probs").conventions if one.name == name)


@pytest.mark.parametrize("w", [None, W])
@pytest.mark.parametrize(("p", "y"), ONE)
def test_mljar(p: np.ndarray, y: np.ndarray, w: np.ndarray | None) -> None:
    metric = pytest.importorskip("supervised.utils.metric").Metric({"name": "logloss"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = metric(y, p.copy(), sample_weight=w)
        several = metric(CLASSES, ROWS.copy())
    assert mean("mljar", p, y, w) == pytest.approx(theirs, rel=1e-6)
    assert mean("mljar", ROWS, CLASSES) == pytest.approx(several, rel=1e-6)


@pytest.mark.parametrize(("p", "y"), ONE)
def test_autogluon(p: np.ndarray, y: np.ndarray) -> None:
    scorer = pytest.importorskip("autogluon.core.metrics").log_loss
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = scorer(y, p.copy())
        several = scorer(CLASSES, ROWS.copy())
    assert row("autogluon", p, y) == pytest.approx(theirs, rel=1e-12)
    assert row("autogluon", p.astype(np.float32), y) == pytest.approx(scorer(y, p.astype(np.float32)), rel=1e-6)
    assert row("autogluon", ROWS, CLASSES) == pytest.approx(several, rel=1e-12)


@pytest.mark.filterwarnings("ignore")
def test_spark() -> None:
    session = pytest.importorskip("pyspark.sql").SparkSession
    metrics = pytest.importorskip("pyspark.mllib.evaluation").MulticlassMetrics
    spark = session.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        for p, y in (*ONE, (ROWS, CLASSES)):
            both = np.column_stack([1.0 - p, p]) if p.ndim == 1 else p
            rows = [
                (float(one.argmax()), float(label), float(weight), one.tolist())
                for one, label, weight in zip(both, y, W[: len(y)] + 0.5, strict=True)
            ]
            theirs = metrics(spark.sparkContext.parallelize(rows, 1)).logLoss()
            assert mean("spark", p, y, W[: len(y)] + 0.5) == pytest.approx(theirs, rel=1e-12)
    finally:
        spark.stop()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("p", "y"), ONE)
def test_mlflow(p: np.ndarray, y: np.ndarray) -> None:
    """MLflow reports scikit-learn's: its row in the table."""
    default = pytest.importorskip("mlflow.models.evaluation.evaluators.classifier")
    both = np.column_stack([1.0 - p, p])
    theirs = default._get_binary_classifier_metrics(y_true=y, y_pred=(p > 0.5).astype(int), y_proba=both, labels=[0, 1])
    assert mean("mlflow", p, y) == pytest.approx(theirs["log_loss"], rel=1e-12)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("p", "y"), ONE)
def test_evidently(p: np.ndarray, y: np.ndarray) -> None:
    """Evidently reports scikit-learn's: its row in the table."""
    evidently = pytest.importorskip("evidently")
    from evidently.metrics import LogLoss

    frame = pd.DataFrame({"y": y, "p": p})
    task = evidently.BinaryClassification(target="y", prediction_probas="p", pos_label=1)
    data = evidently.Dataset.from_pandas(frame, data_definition=evidently.DataDefinition(classification=[task]))
    found = evidently.Report([LogLoss()]).run(data, None).dict()["metrics"][0]["value"]
    assert mean("evidently", p, y) == pytest.approx(found, rel=1e-12)
