"""What other libraries mean by "log loss": one row a library, to be extended by adding one."""

from __future__ import annotations

import difflib
from typing import NamedTuple

from celoss_cli.conventions.convention import Convention
from celoss_cli.errors import UsageError
from celoss_cli.kernels.rules import Complement, Precision, Renormalize, Rule
from celoss_cli.request import Average, Base, Denominator


class Library(NamedTuple):
    """What one library computes. ``binary`` is its rule for a single column of scores, ``multiclass`` for one a class.

    ``None`` as a rule: the library has no such loss, or none of its own. ``sign`` −1: it reports the negative.
    ``words`` say what it does, ``source`` where that is written down, and ``tried`` with which version it was held
    against the library itself, if it was. ``usual_type`` is the type its
    users mostly compute in, whatever the file holds: a mean of theirs has no more digits. ``soft_denominator`` is for
    soft and several labels, where that is another.
    """

    name: str
    title: str
    binary: Rule | None
    multiclass: Rule | None
    words: str
    source: str
    binary_denominator: Denominator = Denominator.WEIGHTS
    multiclass_denominator: Denominator = Denominator.WEIGHTS
    soft_denominator: Denominator | None = None
    base: Base = Base.E
    sign: int = 1
    average: Average = Average.MICRO
    usual_type: str = "float64"
    tried: str | None = None

    def rule(self, *, single: bool) -> Rule | None:
        """Return the rule for a single column of scores, or for one column a class."""
        return self.binary if single else self.multiclass

    def denominator(self, *, single: bool, index: bool = True) -> Denominator:
        """Return what the sum of losses is divided by; ``index``: each row has one true class."""
        if not index and self.soft_denominator is not None:
            return self.soft_denominator
        return self.binary_denominator if single else self.multiclass_denominator

    @property
    def preset(self) -> bool:
        """Whether ``--compat`` can follow it: a loss that is averaged over rows, and less is better."""
        return self.sign == 1 and self.average is Average.MICRO

    def convention(self, *, single: bool, file_type: str = "float64") -> Convention:
        """Return the convention of this library for a single column or one a class. Raises UsageError for none."""
        rule = self.rule(single=single)
        if rule is None:
            raise UsageError(
                f"--compat {self.name} has no loss for {'one prediction column' if single else 'several classes'}",
                code="compat_undefined",
                hint=f"it is: {self.words}",
            )
        return Convention(
            denominator=self.denominator(single=single),
            base=self.base,
            name=self.name,
            rule=None if rule.exact else rule,
            file_type=file_type,
        )


_EXACT = Rule(exact_on_logits=True)

_SKLEARN = Rule(type_eps=True, precision=Precision.FILE, complement=Complement.FIRST)

_CLIP_15 = Rule(low=1e-15, high=1.0 - 1e-15, complement=Complement.FIRST)

_LIGHTGBM = Rule(most=34.53877639770508, complement=Complement.FIRST)  # −log 1e-15f, a float32

_XGBOOST = Rule(low=1e-16, precision=Precision.FLOAT32, complement=Complement.FIRST)

_KERAS = (
    Rule(1e-7, 1.0 - 1e-7, precision=Precision.FLOAT32, complement=Complement.AFTER_LIMITS, exact_on_logits=True),
    Rule(1e-7, 1.0 - 1e-7, precision=Precision.FLOAT32, renormalize=Renormalize.BEFORE_LIMITS, exact_on_logits=True),
)

_MLJAR = Rule(type_eps=True, precision=Precision.FLOAT32, complement=Complement.FIRST, wide_log=True)

CONVENTIONS: tuple[Library, ...] = (
    Library(
        "exact", "celoss", _EXACT, _EXACT,
        "nothing clipped, nothing renormalised, float64, the weighted mean",
        "the default of celoss",
    ),
    Library(
        "sklearn", "scikit-learn ≥ 1.5 log_loss", _SKLEARN, _SKLEARN,
        "clips to [eps, 1 − eps] of the array's type, and computes in it; rows that do not sum to 1 stay as they are "
        "(1.2 to 1.4 still divide them)",
        "sklearn/metrics/_classification.py, _log_loss; MLflow and Evidently report the same",
        tried="1.9.1",
    ),
    Library(
        "sklearn-1.1", "scikit-learn ≤ 1.1 log_loss",
        Rule(1e-15, 1.0 - 1e-15, precision=Precision.FILE, complement=Complement.AFTER_LIMITS),
        Rule(1e-15, 1.0 - 1e-15, precision=Precision.FILE, renormalize=Renormalize.AFTER_LIMITS),
        "clips to [1e-15, 1 − 1e-15] in the array's type, then divides each row by its sum",
        "scikit-learn 1.1.3, log_loss(eps=1e-15). In float32 1 − 1e-15 is 1, so p = 1 costs inf or nan there",
        tried="1.1.3",
    ),
    Library(
        "torch", "torch BCELoss, CrossEntropyLoss, NLLLoss", Rule(most=100.0, exact_on_logits=True), _EXACT,
        "one column: BCELoss, no log term below −100, the mean over rows; classes: exact, over the sum of weights",
        "torch/nn/modules/loss.py, BCELoss: 'we clamp its log function outputs to be greater than or equal to -100'",
        binary_denominator=Denominator.COUNT, soft_denominator=Denominator.COUNT, usual_type="float32", tried="2.13.0",
    ),
    Library(
        "keras", "Keras BinaryCrossentropy, CategoricalCrossentropy",
        *_KERAS,
        "divides each row by its sum, clips to [1e-7, 1 − 1e-7] in float32, divides by the rows; exact on logits",
        "keras/src/backend/*/nn.py, binary_crossentropy and categorical_crossentropy",
        binary_denominator=Denominator.COUNT, multiclass_denominator=Denominator.COUNT, tried="3.15.1",
    ),
    Library(
        "keras-metric", "Keras metrics of the same names", *_KERAS,
        "what the losses do, but divides by the sum of weights",
        "keras/src/metrics/probabilistic_metrics.py and reduction_metrics.py, Mean",
        tried="3.15.1",
    ),
    Library(
        "xgboost", "XGBoost logloss, mlogloss", _XGBOOST._replace(float32_sigmoid=True), _XGBOOST,
        "max(p, 1e-16) in float32; from one logit by a sigmoid in float32",
        "dmlc/xgboost src/metric/elementwise_metric.cu, LogLoss, multiclass_metric.cu, and src/common/math.h, Sigmoid",
        tried="3.2.0",
    ),
    Library(
        "lightgbm", "LightGBM binary_logloss, multi_logloss", _LIGHTGBM, _LIGHTGBM,
        "no probability counts as less than 1e-15",
        "microsoft/LightGBM src/metric/binary_metric.hpp, kEpsilon = 1e-15f",
        tried="4.7.0",
    ),
    Library(
        "lightgbm-cross_entropy", "LightGBM cross_entropy", Rule(low=1e-12, complement=Complement.FIRST), None,
        "no probability counts as less than 1e-12; one column only",
        "microsoft/LightGBM src/metric/xentropy_metric.hpp, log_arg_epsilon = 1e-12",
        tried="4.7.0",
    ),
    Library(
        "catboost", "CatBoost Logloss, MultiClass", _EXACT, _EXACT,
        "works on logits: exact",
        "catboost.utils.eval_metric",
        tried="1.2.10",
    ),
    Library(
        "kaggle", "Kaggle log loss", _CLIP_15,
        Rule(1e-15, 1.0 - 1e-15, renormalize=Renormalize.BEFORE_LIMITS),
        "divides each row by its sum, then clips to [1e-15, 1 − 1e-15]",
        "the evaluation pages of Kaggle's multiclass log loss competitions: rows 'are rescaled prior to being scored', "
        "'max(min(p, 1 − 10^-15), 10^-15)'",
    ),
    Library(
        "mljar", "MLJAR supervised ≥ 1.3 logloss", _MLJAR, _MLJAR,
        "scikit-learn's log_loss of predictions in float32, whatever the file holds",
        "mljar/mljar-supervised supervised/utils/metric.py, logloss",
        tried="1.3.2",
    ),
    Library(
        "mljar-1.1", "MLJAR supervised ≤ 1.1 logloss",
        Rule(1e-6, 1.0 - 1e-6, precision=Precision.FILE, complement=Complement.AFTER_LIMITS),
        Rule(1e-6, 1.0 - 1e-6, precision=Precision.FILE, renormalize=Renormalize.AFTER_LIMITS),
        "clips to [1e-6, 1 − 1e-6], then divides each row by its sum",
        "mljar/mljar-supervised 1.1.0 supervised/utils/metric.py, logloss: epsilon = 1e-6",
    ),
    Library(
        "spark", "Spark MulticlassMetrics.logLoss", _CLIP_15, _CLIP_15,
        "clips to [1e-15, 1 − 1e-15]",
        "apache/spark mllib/evaluation/MulticlassMetrics.scala, logLoss(eps = 1e-15)",
        tried="4.3.0",
    ),
    Library(
        "perf", "perf (KDD Cup 2004) CXE", Rule(zero=9e99 * Base.TWO.nats), Rule(zero=9e99 * Base.TWO.nats),
        "log2; a truth of probability 0 costs 9e99",
        "the perf tool of KDD Cup 2004, by its description; whether 9e99 is the row's or the mean's is not known",
        base=Base.TWO,
    ),
    Library(
        "autogluon", "AutoGluon log_loss", _CLIP_15._replace(complement=Complement.AFTER_LIMITS), _SKLEARN,
        "one column: clips to [1e-15, 1 − 1e-15] in float64; classes: scikit-learn's; the negative: higher is better",
        "autogluon.core.metrics.classification_metrics, customized_log_loss, a scorer with greater_is_better=False",
        tried="1.6.3",
        sign=-1,
    ),
    Library(
        "bigquery", "BigQuery ML.EVALUATE log_loss", None, _EXACT,
        "the unweighted mean of the classes' means, with more than one prediction column",
        "BigQuery API, AggregateClassificationMetrics.logLoss: 'For multiclass this is a macro-averaged metric'",
        average=Average.MACRO,
    ),
)  # fmt: skip
"""Every library, the default first. A name is what ``--compat`` takes."""


_SAME_AS = {"scikit-learn": "sklearn", "mlflow": "sklearn", "evidently": "sklearn", "pytorch": "torch"}
"""Other names of a row: what reports that library's number."""


def rules_of(*, single: bool) -> tuple[Rule, ...]:
    """Return the rules of all libraries, each once, but for the exact one."""
    rules = (row.rule(single=single) for row in CONVENTIONS)
    return tuple(dict.fromkeys(rule for rule in rules if rule is not None and not rule.exact))


def library(name: str) -> Library:
    """Return the row of ``name``, spelled in any case. Raises UsageError that lists the names, the nearest first."""
    wanted = name.strip().casefold()
    for other, row_name in _SAME_AS.items():
        wanted = wanted.replace(other, row_name)
    for row in CONVENTIONS:
        if row.name == wanted:
            return row
    names = [row.name for row in CONVENTIONS if row.preset]
    near = difflib.get_close_matches(wanted, names, n=len(names), cutoff=0.5)
    ordered = [*near, *(other for other in names if other not in near)]
    raise UsageError(
        f"--compat {name!r} is no convention that celoss knows: {', '.join(ordered)}",
        code="compat_unknown",
        hint=f"did you mean --compat {ordered[0]}?" if near else "celoss explain shows the rows under all of them",
    )


def preset(name: str) -> Library:
    """Return the row that ``--compat`` follows. Raises UsageError for those that only ``celoss explain`` can show."""
    row = library(name)
    if not row.preset:
        raise UsageError(
            f"--compat {row.name} is not a loss averaged over rows: {row.words}",
            code="compat_undefined",
            hint="celoss explain shows its number beside the others",
        )
    return row
