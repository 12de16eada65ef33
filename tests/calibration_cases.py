"""Numbers on calibration by other libraries and by celoss: each row of the table in docs/explanation/diagnosis.md.

What a library says is computed where that library is installed (``nox -s "peers(peer='calibration')"``), what celoss
says in every run of the tests.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import celoss_cli
from celoss_cli.results.diagnosis import Diagnosis
from celoss_cli.results.miscalibration import CalibrationError

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "diagnosis.md"
SAMPLES = ROOT / "sample_data"


class Case(NamedTuple):
    """One row of the table, known by its first three cells."""

    distribution: str
    asked: str
    file: str
    theirs: Callable[[], Any]
    ours: Callable[[], float | None]


class Row(NamedTuple):
    """A row as the page has it."""

    library: str
    asked: str
    file: str
    theirs: str
    ours: str
    why: str


def rows_of_the_page() -> list[Row]:
    """Return the rows of the table."""
    (table,) = re.findall(r"<!-- libraries -->\n(.*?)<!-- /libraries -->", PAGE.read_text("utf-8"), re.DOTALL)
    lines = [line for line in table.splitlines() if line.startswith("|")][2:]
    return [Row(*(cell.strip() for cell in line.strip("|").split("|"))) for line in lines]


def agrees(text: str, value: float | None) -> bool:
    """Return whether a cell says a value, to the digits it has; a dash is none."""
    if value is None or text == "–":
        return value is None and text == "–"
    if text in ("inf", "nan"):
        return str(float(value)) == text
    decimals = len(text.partition(".")[2])
    return f"{value:.{decimals}f}" == text


@functools.cache
def diagnosed(name: str) -> Diagnosis:
    """Return what celoss says of a sample file."""
    if name == "wine_probs as float16":
        p, y = wine(np.float16)
        return celoss_cli.diagnose(p, y)
    return celoss_cli.diagnose(str(SAMPLES / name))


@functools.cache
def boosted() -> tuple[np.ndarray, np.ndarray]:
    """Return P(malignant) (569,) by boosted trees, and the truth."""
    frame = pd.read_csv(SAMPLES / "cancer_boosted.csv")
    return frame["prob"].to_numpy(), frame["y_true"].to_numpy()


def both(p: np.ndarray) -> np.ndarray:
    """Return (n, 2) probabilities from those of the positive class."""
    return np.column_stack([1 - p, p])


def log_odds(p: np.ndarray) -> np.ndarray:
    """Return log p − log(1 − p)."""
    return np.log(p) - np.log1p(-p)


def wine(dtype: Any = float) -> tuple[np.ndarray, np.ndarray]:
    """Return (178, 3) probabilities of a logistic regression, through ``dtype``, and the classes."""
    return _of_classes("wine_probs.csv", ["prob_barolo", "prob_grignolino", "prob_barbera"], dtype)


def neighbours() -> tuple[np.ndarray, np.ndarray]:
    """Return (178, 3) votes of five neighbours as shares, 5 rows with 0 for the truth, and the classes."""
    return _of_classes("wine_knn.csv", ["barolo", "grignolino", "barbera"], float)


def _of_classes(name: str, columns: list[str], dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    frame = pd.read_csv(SAMPLES / name)
    classes = [column.removeprefix("prob_") for column in columns]
    return frame[columns].to_numpy().astype(dtype), np.array([classes.index(one) for one in frame["cultivar"]])


def sklearn_temperature(scores: np.ndarray, y: np.ndarray, *, decision: bool = False) -> float:
    """Return T of CalibratedClassifierCV for a model that gives these scores."""
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.frozen import FrozenEstimator

    class Model(ClassifierMixin, BaseEstimator):
        classes_ = np.unique(y)

        def __sklearn_is_fitted__(self) -> bool:
            return True

        def fit(self, X: Any, y: Any) -> Any:  # noqa: ARG002  as scikit-learn calls it
            return self

        def predict(self, X: Any) -> Any:
            return self.classes_[np.argmax(X, axis=1)]

    def given(self: Any, X: Any) -> Any:  # noqa: ARG001
        return X[:, 0] if X.shape[1] == 1 else X

    given.__name__ = "decision_function" if decision else "predict_proba"
    setattr(Model, given.__name__, given)
    fitted = CalibratedClassifierCV(FrozenEstimator(Model()), method="temperature", ensemble=False).fit(scores, y)
    return 1.0 / float(fitted.calibrated_classifiers_[0].calibrators[0].beta_)


def netcal_temperature() -> float:
    """Return T of netcal, which keeps 1/T."""
    scaling = importlib.import_module("netcal.scaling").TemperatureScaling()
    scaling.fit(*wine())
    return 1.0 / float(scaling._sites["weights"]["values"][0])


def netcal_ece(columns: int) -> float:
    """Return the ECE of netcal of one column or of two."""
    p, y = boosted()
    return float(importlib.import_module("netcal.metrics").ECE(15).measure(p if columns == 1 else both(p), y))


def uncertainty(name: str, *, columns: int, **options: Any) -> float:
    """Return a calibration error of uncertainty-calibration."""
    p, y = boosted()
    return float(getattr(importlib.import_module("calibration"), name)(p if columns == 1 else both(p), y, **options))


def decomposed(part: str, p: np.ndarray, y: np.ndarray) -> float:
    """Return a part of the decomposition of the log loss by model-diagnostics."""
    scoring = importlib.import_module("model_diagnostics.scoring")
    return float(scoring.decompose(y, p, scoring_function=scoring.LogLoss())[part][0])


def with_one(value: float, label: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the tumours, the first one of a label with another probability."""
    p, y = boosted()
    p = p.copy()
    p[np.flatnonzero(y == label)[0]] = value
    return p, y


def torchmetrics_ece(p: np.ndarray, y: np.ndarray) -> float:
    """Return the ECE of torchmetrics of one column (n,), or of several (n, C)."""
    torch = importlib.import_module("torch")
    functional = importlib.import_module("torchmetrics.functional.classification")
    preds, target = torch.tensor(p), torch.tensor(y)
    if p.ndim == 1:
        return float(functional.binary_calibration_error(preds, target, n_bins=15))
    return float(functional.multiclass_calibration_error(preds, target, num_classes=p.shape[1], n_bins=15))


def probmetrics_temperature(name: str, p: np.ndarray, y: np.ndarray) -> float:
    """Return T of a calibrator of probmetrics, which keeps T or 1/T."""
    calibrator = getattr(importlib.import_module("probmetrics.calibrators"), name)()
    importlib.import_module("torch").manual_seed(0)
    calibrator.fit(p, y)
    return 1.0 / float(calibrator.invtemp_) if hasattr(calibrator, "invtemp_") else float(calibrator.temp_)


def estimated_issues() -> int:
    """Return how many label issues cleanlab estimates among the wines by their neighbours."""
    p, y = neighbours()
    return int(importlib.import_module("cleanlab.count").num_label_issues(y, p))


def issues(**options: Any) -> int:
    """Return how many label issues cleanlab finds among the wines by their neighbours."""
    p, y = neighbours()
    return int(importlib.import_module("cleanlab.filter").find_label_issues(y, p, **options).sum())


def statsmodels_fit(what: str) -> float:
    """Return a number of the logistic regression of the truth on the log odds."""
    api = importlib.import_module("statsmodels.api")
    p, y = boosted()
    z, family = log_odds(p), api.families.Binomial()
    if what == "shift":
        return float(api.GLM(y, np.ones(len(y)), offset=z, family=family).fit(tol=1e-14).params[0])
    fitted = api.GLM(y, api.add_constant(z), family=family).fit(tol=1e-14)
    return float(fitted.bse[1] if what == "error" else fitted.params[1])


def weights() -> np.ndarray:
    """Return a weight for each of the tumours."""
    return 0.5 + np.arange(569) % 4


def weighted_fit(what: str) -> float:
    """Return slope or shift of the logistic regression of weighted rows."""
    api = importlib.import_module("statsmodels.api")
    p, y = boosted()
    offset, columns = (log_odds(p), np.ones(569)) if what == "shift" else (None, api.add_constant(log_odds(p)))
    model = api.GLM(y, columns, offset=offset, family=api.families.Binomial(), freq_weights=weights())
    return float(model.fit(tol=1e-14).params[-1])


def weighted_cox(part: str) -> float:
    """Return the same by celoss."""
    p, y = boosted()
    return float(getattr(celoss_cli.diagnose(p, y, sample_weight=weights()).cox, part))


def temperature(name: str) -> float | None:
    """Return T, ``None`` where no temperature mends the rows."""
    found = diagnosed(name).temperature
    return None if found is None else found.t


def ece(of: str) -> CalibrationError:
    """Return a calibration error of the tumours."""
    found = diagnosed("cancer_boosted.csv").ece
    assert found is not None
    error = getattr(found, of)
    assert isinstance(error, CalibrationError)
    return error


def ece_of(p: np.ndarray, y: np.ndarray) -> float:
    """Return the ECE of P(positive) of other rows."""
    found = celoss_cli.diagnose(p, y, input="probs").ece
    assert found is not None
    assert found.positive is not None
    return found.positive.value


def rms() -> float | None:
    """Return the debiased root mean square error of the tumours."""
    found = diagnosed("cancer_boosted.csv").ece
    return None if found is None else found.rms_debiased


def corp(part: str, *rows: np.ndarray) -> float:
    """Return a part of the decomposition of the tumours, or of other rows."""
    found = celoss_cli.diagnose(*rows, input="probs") if rows else diagnosed("cancer_boosted.csv")
    return float(getattr(found.corp, part))


def cox(part: str) -> float:
    """Return a number of the logistic regression of the tumours."""
    return float(getattr(diagnosed("cancer_boosted.csv").cox, part))


def slope_error() -> float:
    """Return the standard error of the slope."""
    low, high = diagnosed("cancer_boosted.csv").cox.slope_ci95  # type: ignore[union-attr]  # it has one
    return (high - low) / 2 / 1.959963984540054


def contradicting() -> int:
    """Return how many wines contradict their label by their neighbours."""
    found = diagnosed("wine_knn.csv").contradictions
    assert found is not None
    return found.count


TUMOURS, WINES, VOTES = "cancer_boosted.csv", "wine_probs.csv", "wine_knn.csv"

WEIGHED = "the same, weights ½ to 3½"

SKLEARN, NETCAL, UNCERTAINTY = "scikit-learn", "netcal", "uncertainty-calibration"

CASES = (
    Case(
        SKLEARN,
        "temperature, from `predict_proba`",
        TUMOURS,
        lambda: sklearn_temperature(both(boosted()[0]), boosted()[1]),
        lambda: temperature(TUMOURS),
    ),
    Case(
        SKLEARN,
        "temperature, from `decision_function`",
        TUMOURS,
        lambda: sklearn_temperature(log_odds(boosted()[0])[:, None], boosted()[1], decision=True),
        lambda: temperature(TUMOURS),
    ),
    Case(
        SKLEARN,
        "temperature, from probabilities as `decision_function`",
        TUMOURS,
        lambda: sklearn_temperature(boosted()[0][:, None], boosted()[1], decision=True),
        lambda: temperature(TUMOURS),
    ),
    Case(
        SKLEARN,
        "temperature, from `predict_proba`",
        "wine_probs as float16",
        lambda: sklearn_temperature(wine(np.float16)[0].astype(float), wine()[1]),
        lambda: temperature("wine_probs as float16"),
    ),
    Case(
        SKLEARN,
        "temperature, from `predict_proba`",
        VOTES,
        lambda: sklearn_temperature(*neighbours()),
        lambda: temperature(VOTES),
    ),
    Case(NETCAL, "`TemperatureScaling`", WINES, netcal_temperature, lambda: temperature(WINES)),
    Case(NETCAL, "`ECE(15)` of one column", TUMOURS, lambda: netcal_ece(1), lambda: ece("positive").value),
    Case(NETCAL, "`ECE(15)` of two columns", TUMOURS, lambda: netcal_ece(2), lambda: ece("top_label").value),
    Case(
        UNCERTAINTY,
        "`get_ece` of two columns",
        TUMOURS,
        lambda: uncertainty("get_ece", columns=2),
        lambda: ece("top_label").value,
    ),
    Case(
        UNCERTAINTY,
        "`get_ece` of one column",
        TUMOURS,
        lambda: uncertainty("get_ece", columns=1),
        lambda: ece("positive").value,
    ),
    Case(
        UNCERTAINTY, "`get_calibration_error`", TUMOURS, lambda: uncertainty("get_calibration_error", columns=1), rms
    ),
    Case("model-diagnostics", "`decompose`, miscalibration", TUMOURS,
         lambda: decomposed("miscalibration", *boosted()), lambda: corp("miscalibration")),
    Case("model-diagnostics", "`decompose`, miscalibration", "the same, a p of 0 at the truth",
         lambda: decomposed("miscalibration", *with_one(0.0, 1)),
         lambda: corp("miscalibration", *with_one(0.0, 1))),
    Case("model-diagnostics", "`decompose`, miscalibration", "the same, a p of 1.00001",
         lambda: decomposed("miscalibration", *with_one(1.00001, 0)),
         lambda: corp("miscalibration", *with_one(1.00001, 0))),
    Case("torchmetrics", "`binary_calibration_error`, 15 bins", TUMOURS,
         lambda: torchmetrics_ece(*boosted()), lambda: ece("positive").value),
    Case("torchmetrics", "`multiclass_calibration_error` of two columns", TUMOURS,
         lambda: torchmetrics_ece(both(boosted()[0]), boosted()[1]), lambda: ece("top_label").value),
    Case("torchmetrics", "`binary_calibration_error`, 15 bins", "the same, a p of 1.00001",
         lambda: torchmetrics_ece(*with_one(1.00001, 1)), lambda: ece_of(*with_one(1.00001, 1))),
    Case("probmetrics", "`TemperatureScalingCalibrator`", WINES,
         lambda: probmetrics_temperature("TemperatureScalingCalibrator", *wine()), lambda: temperature(WINES)),
    Case("probmetrics", "`GuoTemperatureScalingCalibrator`", WINES,
         lambda: probmetrics_temperature("GuoTemperatureScalingCalibrator", *wine()), lambda: temperature(WINES)),
    Case("probmetrics", "`TemperatureScalingCalibrator`", VOTES,
         lambda: probmetrics_temperature("TemperatureScalingCalibrator", *neighbours()), lambda: temperature(VOTES)),
    Case("cleanlab", '`find_label_issues`', VOTES, issues, contradicting),
    Case("cleanlab", '`find_label_issues(filter_by="predicted_neq_given")`', VOTES,
         lambda: issues(filter_by="predicted_neq_given"), contradicting),
    Case("cleanlab", '`num_label_issues`', VOTES, estimated_issues, contradicting),
    Case("cleanlab", '`find_label_issues(filter_by="confident_learning")`', VOTES,
         lambda: issues(filter_by="confident_learning"), contradicting),
    Case("statsmodels", "`GLM`, slope", TUMOURS, lambda: statsmodels_fit("slope"), lambda: cox("slope")),
    Case("statsmodels", "`GLM` with offset, shift", TUMOURS, lambda: statsmodels_fit("shift"), lambda: cox("shift")),
    Case("statsmodels", "`GLM(freq_weights)`, slope", WEIGHED,
         lambda: weighted_fit("slope"), lambda: weighted_cox("slope")),
    Case("statsmodels", "`GLM(freq_weights)` with offset, shift", WEIGHED,
         lambda: weighted_fit("shift"), lambda: weighted_cox("shift")),
    Case("statsmodels", "`GLM`, standard error of the slope", TUMOURS, lambda: statsmodels_fit("error"), slope_error),
)  # fmt: skip
