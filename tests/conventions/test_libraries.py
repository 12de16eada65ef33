"""Each row of the table of libraries: against the values published for it, and the library itself where installed."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

from celoss_cli.api.functions import evaluate
from celoss_cli.conventions.libraries import CONVENTIONS, library, preset, rules_of
from celoss_cli.errors import UsageError
from celoss_cli.request import Average, Base, Denominator

# SEMANTICS, "Where libraries differ on the same rows": the loss of a row whose truth has probability 0.
ZERO = [
    ("sklearn", "float64", 36.043653),
    ("sklearn", "float32", 15.942385),
    ("sklearn", "float16", 6.929688),
    ("sklearn-1.1", "float64", 34.538776),
    ("spark", "float64", 34.538776),
    ("kaggle", "float64", 34.538776),
    ("torch", "float64", 100.0),
    ("keras", "float64", 16.118095),
    ("xgboost", "float64", 36.841362),
    ("lightgbm", "float64", 34.538776),
    ("lightgbm-cross_entropy", "float64", 27.631021),
    ("mljar", "float64", 15.942385),
    ("mljar-1.1", "float64", 13.815511),
    ("keras-metric", "float64", 16.118095),
    ("catboost", "float64", math.inf),
    ("exact", "float64", math.inf),
]

P = np.array([0.1, 0.9, 0.4, 0.02, 0.7])
Y = np.array([0, 1, 1, 0, 1])
W = np.array([1.0, 2.0, 3.0, 0.5, 0.0])
EDGES = np.array([0.0, 1.0, 0.0, 1.0, 0.5])
EDGE_LABELS = np.array([1, 0, 0, 1, 1])
ROWS = np.array([[0.2, 0.5, 0.3], [0.0, 0.9, 0.1], [1.0, 0.0, 0.0], [0.05, 0.05, 0.9]])
CLASSES = np.array([1, 0, 0, 2])


def loss(name: str, p: Any, y: Any, **options: Any) -> float:
    return evaluate(np.asarray(p), np.asarray(y), compat=name, input="probs", **options).loss.mean


@pytest.mark.parametrize(("name", "file_type", "cost"), ZERO)
def test_a_truth_of_probability_0(name: str, file_type: str, cost: float) -> None:
    p = np.array([0.0, 0.5], dtype=file_type)
    found = evaluate(p, np.array([1, 0]), compat=name, input="probs")
    assert found.worst[0].loss == pytest.approx(cost, abs=5.1e-7)


def test_keras_is_not_symmetric() -> None:
    assert loss("keras", [0.0, 0.0], [1, 1]) == pytest.approx(16.118095, abs=5e-7)
    assert loss("keras", [1.0, 1.0], [0, 0]) == pytest.approx(15.942385, abs=5e-7)


def test_perf_counts_in_bits_and_9e99() -> None:
    assert loss("perf", [0.5, 0.5], [1, 0]) == 1.0
    assert loss("perf", [0.0, 0.5], [1, 0]) == pytest.approx(4.5e99)


@pytest.mark.parametrize(
    ("name", "mean"),
    [
        ("exact", 1.2039728), ("sklearn", 1.2039728), ("torch", 1.2039728), ("xgboost", 1.2039728),
        ("lightgbm", 1.2039728), ("spark", 1.2039728), ("catboost", 1.2039728),
        ("sklearn-1.1", 0.5108256), ("keras", 0.5108256), ("kaggle", 0.5108256), ("mljar-1.1", 0.5108256),
        ("mljar", 1.2039728), ("keras-metric", 0.5108256),
    ],
)  # fmt: skip
def test_rows_that_do_not_sum_to_1(name: str, mean: float) -> None:
    found = evaluate(np.array([[0.2, 0.3]] * 2), np.array([1, 1]), compat=name, input="probs")
    assert found.loss.mean == pytest.approx(mean, abs=5e-8)


@pytest.mark.parametrize(
    ("name", "mean"),
    [
        ("exact", 0.5108256), ("sklearn", 0.5108256), ("xgboost", 0.5108256), ("lightgbm", 0.5108256),
        ("catboost", 0.5108256), ("keras", 1.0216512), ("torch", 1.0216512), ("keras-metric", 0.5108256),
    ],
)  # fmt: skip
def test_weighted_denominators(name: str, mean: float) -> None:
    import pandas as pd

    frame = pd.DataFrame({"p": [0.1, 0.9, 0.4], "y": [0, 1, 1], "w": [1, 2, 3]})
    found = evaluate(frame, label="y", sample_weight="w", compat=name, input="probs")
    assert found.loss.mean == pytest.approx(mean, abs=5e-8)


@pytest.mark.parametrize("kind", ["float64", "float32", "float16"])
@pytest.mark.parametrize(("p", "y"), [(P, Y), (EDGES, EDGE_LABELS), (ROWS, CLASSES), (0.9 * ROWS, CLASSES)])
def test_scikit_learn_itself(p: np.ndarray, y: np.ndarray, kind: str) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    p = p.astype(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = metrics.log_loss(y, p, labels=sorted(set(range(3 if p.ndim == 2 else 2))))
    # The library adds up in the type it is given.
    tolerance = {"float64": 1e-14, "float32": 1e-6, "float16": 2e-3}[kind]
    assert loss("sklearn", p, y) == pytest.approx(theirs, rel=tolerance)


def test_scikit_learn_itself_with_weights() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    import pandas as pd

    frame = pd.DataFrame({"p": EDGES, "y": EDGE_LABELS, "w": W})
    found = evaluate(frame, label="y", sample_weight="w", compat="sklearn", input="probs")
    assert found.loss.mean == pytest.approx(metrics.log_loss(EDGE_LABELS, EDGES, sample_weight=W), rel=1e-14)


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize(("p", "y"), [(P, Y), (EDGES, EDGE_LABELS)])
def test_torch_bce_itself(p: np.ndarray, y: np.ndarray, kind: str) -> None:
    torch = pytest.importorskip("torch")
    p = p.astype(kind)
    target, weight = torch.tensor(y.astype(kind)), torch.tensor(W.astype(kind))
    plain = torch.nn.BCELoss()(torch.tensor(p), target).item()
    tolerance = 1e-14 if kind == "float64" else 1e-6
    assert loss("torch", p, y) == pytest.approx(plain, rel=tolerance)
    import pandas as pd

    frame = pd.DataFrame({"p": p, "y": y, "w": W})
    weighted = torch.nn.BCELoss(weight=weight)(torch.tensor(p), target).item()
    found = evaluate(frame, label="y", sample_weight="w", compat="torch", input="probs")
    assert found.loss.mean == pytest.approx(weighted, rel=tolerance)


def test_torch_on_logits_itself() -> None:
    torch = pytest.importorskip("torch")
    z, y = np.array([800.0, -3.0, 0.5, -900.0]), np.array([0, 1, 1, 1])
    theirs = torch.nn.BCEWithLogitsLoss()(torch.tensor(z), torch.tensor(y.astype(float))).item()
    assert evaluate(z, y, compat="torch", input="logits").loss.mean == pytest.approx(theirs, rel=1e-14)
    rows, classes = np.array([[1.0, 2.0, 900.0], [0.5, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.array([0, 1, 2])
    weight = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    theirs = torch.nn.CrossEntropyLoss(weight=weight)(torch.tensor(rows), torch.tensor(classes)).item()
    found = evaluate(rows, classes, compat="torch", input="logits", class_weight=[1, 2, 3]).loss
    assert found.mean == pytest.approx(theirs, rel=1e-14)
    assert found.denominator.kind == "weights"
    theirs = torch.nn.NLLLoss()(torch.log(torch.tensor((ROWS + 0.01) / 1.03)), torch.tensor(CLASSES)).item()
    assert loss("torch", (ROWS + 0.01) / 1.03, CLASSES) == pytest.approx(theirs, rel=1e-14)


@pytest.mark.parametrize("task", ["soft", "multilabel"])
def test_torch_divides_by_the_count_where_labels_are_soft_or_several(task: str) -> None:
    torch = pytest.importorskip("torch")
    z = np.array([[1.0, 2.0], [0.5, -1.0], [300.0, 0.0]])
    weight = torch.tensor([1.0, 3.0], dtype=torch.float64)
    if task == "soft":
        t = np.array([[0.7, 0.3], [0.2, 0.8], [0.5, 0.5]])
        theirs = torch.nn.CrossEntropyLoss(weight=weight)(torch.tensor(z), torch.tensor(t)).item()
    else:
        t = np.array([[1.0, 1.0], [0.0, 0.0], [0.0, 1.0]])
        theirs = torch.nn.BCEWithLogitsLoss(weight=weight)(torch.tensor(z), torch.tensor(t)).item()
    import pandas as pd

    frame = pd.DataFrame({"a": z[:, 0], "b": z[:, 1], "t_a": t[:, 0], "t_b": t[:, 1]})
    found = evaluate(
        frame, pred=["a", "b"], label=["t_a", "t_b"], input="logits", compat="torch", class_weight=[1, 3],
        task="multilabel" if task == "multilabel" else None,
    )  # fmt: skip
    assert found.loss.mean == pytest.approx(theirs, rel=1e-13)
    assert found.loss.denominator.kind == "count"


def test_torch_bce_clamps_every_term_of_soft_labels() -> None:
    torch = pytest.importorskip("torch")
    p, t = np.array([0.0, 0.6, 1.0]), np.array([0.3, 0.5, 0.9])
    theirs = torch.nn.BCELoss()(torch.tensor(p), torch.tensor(t)).item()
    assert loss("torch", p, t) == pytest.approx(theirs, rel=1e-14)


@pytest.mark.parametrize(("p", "y"), [(P, Y), (EDGES, EDGE_LABELS)])
def test_keras_itself_on_one_column(p: np.ndarray, y: np.ndarray) -> None:
    losses = pytest.importorskip("keras.losses")
    kind = np.float32
    theirs = losses.BinaryCrossentropy()(y[:, None].astype(kind), p[:, None].astype(kind), sample_weight=W.astype(kind))
    import pandas as pd

    frame = pd.DataFrame({"p": p, "y": y, "w": W})
    found = evaluate(frame, label="y", sample_weight="w", compat="keras", input="probs")
    assert found.loss.mean == pytest.approx(float(theirs), rel=1e-6)


@pytest.mark.parametrize("scale", [1.0, 0.9])
def test_keras_itself_on_classes(scale: float) -> None:
    losses = pytest.importorskip("keras.losses")
    rows = (scale * ROWS).astype(np.float32)
    mine = loss("keras", rows, CLASSES)
    assert mine == pytest.approx(float(losses.SparseCategoricalCrossentropy()(CLASSES, rows)), rel=1e-6)
    one_hot = np.eye(3, dtype=np.float32)[CLASSES]
    assert mine == pytest.approx(float(losses.CategoricalCrossentropy()(one_hot, rows)), rel=1e-6)


def test_keras_is_exact_on_logits() -> None:
    z, y = np.array([800.0, -3.0, 0.5, -900.0]), np.array([0, 1, 1, 1])
    exact = evaluate(z, y, input="logits").loss.mean
    assert evaluate(z, y, compat="keras", input="logits").loss.mean == exact
    rows = np.array([[1.0, 2.0, 900.0], [0.5, 1.0, 0.0]])
    exact = evaluate(rows, np.array([0, 1]), input="logits").loss.mean
    assert evaluate(rows, np.array([0, 1]), compat="keras", input="logits").loss.mean == exact


def test_keras_itself_from_logits() -> None:
    losses = pytest.importorskip("keras.losses")
    z, y = np.array([80.0, -3.0, 0.5, -90.0], np.float32), np.array([0, 1, 1, 1], np.float32)
    theirs = losses.BinaryCrossentropy(from_logits=True)(y[:, None], z[:, None])
    found = evaluate(z, y.astype(int), compat="keras", input="logits")
    assert found.loss.mean == pytest.approx(float(theirs), rel=1e-6)
    rows = np.array([[1.0, 2.0, 90.0], [0.5, 1.0, 0.0]], np.float32)
    theirs = losses.SparseCategoricalCrossentropy(from_logits=True)(np.array([0, 1]), rows)
    found = evaluate(rows, np.array([0, 1]), compat="keras", input="logits")
    assert found.loss.mean == pytest.approx(float(theirs), rel=1e-6)


def test_keras_metrics_themselves() -> None:
    metrics = pytest.importorskip("keras.metrics")
    kind = np.float32
    metric = metrics.BinaryCrossentropy()
    metric.update_state(EDGE_LABELS[:, None].astype(kind), EDGES[:, None].astype(kind), sample_weight=W.astype(kind))
    import pandas as pd

    frame = pd.DataFrame({"p": EDGES, "y": EDGE_LABELS, "w": W})
    found = evaluate(frame, label="y", sample_weight="w", compat="keras-metric", input="probs")
    assert found.loss.mean == pytest.approx(float(metric.result()), rel=1e-6)
    metric = metrics.SparseCategoricalCrossentropy()
    metric.update_state(CLASSES, ROWS.astype(kind))
    assert loss("keras-metric", ROWS.astype(kind), CLASSES) == pytest.approx(float(metric.result()), rel=1e-6)


def _xgboost(metric: str, y: np.ndarray, margin: np.ndarray, weight: np.ndarray | None, **parameters: Any) -> float:
    xgb = pytest.importorskip("xgboost")
    data = xgb.DMatrix(np.zeros((len(y), 1)), label=y, weight=weight, base_margin=margin)
    model = xgb.train({"eval_metric": metric, "base_score": 0.0 if parameters == {} else 0.5, **parameters}, data, 0)
    return float(model.eval(data).rpartition(":")[2])


@pytest.mark.parametrize("weight", [None, W])
@pytest.mark.parametrize(("p", "y"), [(P, Y), (EDGES, EDGE_LABELS)])
def test_xgboost_itself_on_one_column(p: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> None:
    theirs = _xgboost("logloss", y, p, weight)  # a regression: the margin is the prediction
    import pandas as pd

    frame = pd.DataFrame({"p": p, "y": y, "w": np.ones(len(p)) if weight is None else weight})
    found = evaluate(frame, label="y", sample_weight="w", compat="xgboost", input="probs")
    assert found.loss.mean == pytest.approx(theirs, rel=1e-6)


MARGINS = np.array([16.5, 16.7, 2.0, -3.0, 40.0, -200.0, 0.25, 120.0])
MARGIN_LABELS = np.array([0, 0, 1, 0, 1, 1, 0, 1])


def test_xgboost_comes_to_one_probability_in_float32() -> None:
    found = evaluate(MARGINS, MARGIN_LABELS, compat="xgboost", input="logits")
    costs = [row.loss for row in sorted(found.worst, key=lambda row: row.row)]
    assert costs[:2] == pytest.approx([15.942385, 36.841362], abs=5e-6)
    assert max(costs) == pytest.approx(-math.log(1e-16), abs=1e-5)  # the logit of -200 as well


def test_xgboost_itself_on_one_logit() -> None:
    theirs = _xgboost("logloss", MARGIN_LABELS, MARGINS, None, objective="binary:logistic")
    found = evaluate(MARGINS, MARGIN_LABELS, compat="xgboost", input="logits")
    assert found.loss.mean == pytest.approx(theirs, rel=1e-6)


def test_xgboost_itself_on_classes() -> None:
    z, y = np.array([[300.0, 0.0, 0.0], [1.0, 2.0, 3.0], [0.0, 0.5, 0.0]]), np.array([1, 2, 0])
    theirs = _xgboost("mlogloss", y, z, None, objective="multi:softprob", num_class=3)
    assert evaluate(z, y, compat="xgboost", input="logits").loss.mean == pytest.approx(theirs, rel=1e-6)


def _lightgbm(metric: str, y: np.ndarray, scores: np.ndarray, weight: np.ndarray | None) -> float:
    lgb = pytest.importorskip("lightgbm")
    classes = scores.shape[1] if scores.ndim == 2 else 1
    shape = len(y) * classes

    def nothing(*_: Any) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros(shape), np.ones(shape)

    parameters = {"feature_pre_filter": False, "min_data_in_bin": 1, "min_data_in_leaf": 1000, "verbose": -1}
    data = lgb.Dataset(np.arange(len(y), dtype=float)[:, None], y, weight=weight, init_score=scores, params=parameters)
    told: dict[str, dict[str, list[float]]] = {}
    wanted = {**parameters, "objective": nothing, "metric": metric, "num_class": classes}
    lgb.train(wanted, data, 1, valid_sets=[data], callbacks=[lgb.record_evaluation(told)])
    return float(next(iter(told.values()))[metric][0])


@pytest.mark.parametrize("weight", [None, np.array([1.0, 2.0, 3.0, 0.5, 0.25])])
@pytest.mark.parametrize(("p", "y"), [(P, Y), (EDGES, EDGE_LABELS)])
@pytest.mark.parametrize(
    ("name", "metric"), [("lightgbm", "binary_logloss"), ("lightgbm-cross_entropy", "cross_entropy")]
)
def test_lightgbm_itself_on_one_column(
    name: str, metric: str, p: np.ndarray, y: np.ndarray, weight: np.ndarray | None
) -> None:
    theirs = _lightgbm(metric, y, p, weight)
    import pandas as pd

    frame = pd.DataFrame({"p": p, "y": y, "w": np.ones(len(p)) if weight is None else weight})
    found = evaluate(frame, label="y", sample_weight="w", compat=name, input="probs")
    assert found.loss.mean == pytest.approx(theirs, rel=1e-12)


@pytest.mark.parametrize("scale", [1.0, 0.9])
def test_lightgbm_itself_on_classes(scale: float) -> None:
    theirs = _lightgbm("multi_logloss", CLASSES, scale * ROWS, None)
    assert loss("lightgbm", scale * ROWS, CLASSES) == pytest.approx(theirs, rel=1e-12)


def test_catboost_itself() -> None:
    metric = pytest.importorskip("catboost.utils").eval_metric
    z, y, w = np.array([-900.0, 3.0, 0.5]), np.array([1, 0, 1]), np.array([1.0, 2.0, 3.0])
    import pandas as pd

    frame = pd.DataFrame({"z": z, "y": y, "w": w})
    found = evaluate(frame, label="y", sample_weight="w", compat="catboost", input="logits")
    assert found.loss.mean == pytest.approx(metric(y, z, "Logloss", weight=w)[0], rel=1e-12)
    rows = np.array([[1000.0, -1000.0, 0.0], [0.0, 3.0, 1.0]])
    theirs = metric([1, 0], rows, "MultiClass")[0]
    assert evaluate(rows, np.array([1, 0]), compat="catboost", input="logits").loss.mean == pytest.approx(theirs)


@pytest.mark.parametrize("row", CONVENTIONS, ids=lambda row: row.name)
def test_each_row_says_what_it_does_and_where_from(row: Any) -> None:
    assert row.title
    assert row.words
    assert row.source
    assert row.binary is not None or row.multiclass is not None
    assert library(row.name.upper()) is row


def test_names_are_unique_and_the_exact_one_is_first() -> None:
    names = [row.name for row in CONVENTIONS]
    assert len(set(names)) == len(names)
    assert CONVENTIONS[0].name == "exact"
    assert CONVENTIONS[0].convention(single=True).rule is None


def test_rules_are_listed_once() -> None:
    for single in (True, False):
        rules = rules_of(single=single)
        assert len(set(rules)) == len(rules)
        assert not any(rule.exact for rule in rules)


@pytest.mark.parametrize(("typed", "nearest"), [("sklern", "sklearn"), ("lightgb", "lightgbm"), ("kagle", "kaggle")])
def test_an_unknown_name_lists_the_names_nearest_first(typed: str, nearest: str) -> None:
    with pytest.raises(UsageError) as caught:
        library(typed)
    listed = str(caught.value).rpartition(": ")[2].split(", ")
    assert listed[0] == nearest
    assert set(listed) == {row.name for row in CONVENTIONS if row.preset}


@pytest.mark.parametrize("name", ["autogluon", "bigquery"])
def test_what_is_no_loss_over_rows_is_for_explain_alone(name: str) -> None:
    row = library(name)
    assert row.sign == -1 or row.average is Average.MACRO
    with pytest.raises(UsageError):
        preset(name)


def test_what_a_library_lacks() -> None:
    with pytest.raises(UsageError, match="lightgbm-cross_entropy"):
        loss("lightgbm-cross_entropy", ROWS, CLASSES)


def test_denominators_and_bases() -> None:
    assert library("torch").denominator(single=True) is Denominator.COUNT
    assert library("torch").denominator(single=False) is Denominator.WEIGHTS
    assert library("torch").denominator(single=False, index=False) is Denominator.COUNT
    assert library("keras").denominator(single=False) is Denominator.COUNT
    assert library("perf").base is Base.TWO
