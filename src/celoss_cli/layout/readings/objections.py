"""What speaks against columns as scores: a name for something else, values that no score has, a class unexplained."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from functools import cache

import numpy as np

from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.cells import fractions, numbers_of, parted, predicted_columns, sums_to_one, whole_numbers
from celoss_cli.layout.items.names import RUNS
from celoss_cli.layout.names import SCORES, plain, says_truth, shared_affixes
from celoss_cli.layout.readings.candidate import By, Candidate
from celoss_cli.layout.readings.something_else import (
    IN_ANY_CASE,
    INSTEAD,
    family_of_something_else,
    has_score_word,
    said,
    something_else,
    words_of,
)
from celoss_cli.spelling import among, number, spelt, without_affixes
from celoss_cli.tables.source import Column, Kind, Table

_UNRELATED = (0.3, 0.7)  # how often a score is higher where one class was predicted: half the time by chance

_FEWEST_PREDICTED = 20

# Words for what there are many of beside each other: columns that number these are no classes.
_MEMBERS = (RUNS | {"runs", "head", "pass", "draw", "mc", "bag", "round", "annotator", "rater", "tree"}) - {
    "team", "candidate", "system", "setting", "settings", "cost"
}  # fmt: skip

# Names of models, and of states of one: columns that are told apart by these are no classes either.
MODELS = frozenset(
    {"rf", "xgb", "xgboost", "lgb", "lgbm", "lightgbm", "catboost", "glm", "glmnet", "svm", "svc", "knn", "nn", "mlp",
     "lr", "logreg", "logistic", "gbm", "gbdt", "dt", "nb", "qda", "ridge", "lasso", "bert", "roberta", "distilbert",
     "resnet", "resnet50", "vit", "lstm", "cnn", "gpt", "ensemble", "stack", "stacked", "blend", "baseline",
     "champion", "challenger", "teacher", "student", "raw", "cal", "calibrated", "uncalibrated", "platt", "isotonic",
     "ema", "old", "new", "before", "after"}
)  # fmt: skip

_A_MODEL = frozenset({"model", "models", "clf", "classifier", "estimator", "learner", "net", "network", "forecast"})

REFERENCES = frozenset({
    "market", "community", "crowd", "consensus", "base", "baseline", "prior", "reference", "ref", "null", "old",
    "previous", "prev", "implied", "bookmaker", "vegas", "naive", "dummy", "climatology", "benchmark",
})  # fmt: skip
"""Words for what a model is held against."""

# Words for the ends of an interval around a probability.
_ENDS = frozenset(
    {"lower", "upper", "low", "high", "lo", "hi", "lwr", "upr", "ci", "lb", "ub", "lcl", "ucl", "min", "minimum",
     "q05", "q95", "q025", "q975", "p05", "p95", "q10", "q90", "q5", "lowerbound", "upperbound", "ci95", "05", "95"}
)  # fmt: skip

# Words for what stands beside a probability and moves with it: these ends, the class that came second.
_BESIDE = _ENDS | frozenset(
    {"second", "runner", "next", "top", "best", "confidence",
     "conf", "threshold", "cutoff", "value", "fit", "range", "interval"}
)  # fmt: skip

# What tells such a column from a family of class columns: ``max`` in ``max_logit`` beside ``cat_logit``.
_STATISTICS = frozenset(
    {"max", "maximum", "top1", "entropy", "uncertainty", "variance", "std", "stddev", "margin", "mean", "avg"}
)

# What a test leaves beside its p, in the spelling of `plain`: any of these, or one of each group of a pair.
_OF_A_TEST = frozenset(
    {"statistic", "test_statistic", "t_stat", "t_statistic", "t_value", "tvalue", "z_value", "f_value", "f_stat",
     "chisq", "chi2", "chi_sq", "log2foldchange", "log2fold_change", "logfc", "log_fc", "lfcse", "lfc_se"}
)  # fmt: skip

_TOGETHER_OF_A_TEST = (
    (frozenset({"df", "dof"}), frozenset({"t", "f"})),
    (frozenset({"se", "std_error", "std_err", "stderr"}), frozenset({"estimate", "beta", "coef", "effect_size", "t"})),
)

OF_TRUTH = "its name is one for the probability of the truth, whatever class that is"

_Predicted = Callable[[], Sequence[Column]]
"""Gives the columns of predicted classes, looked for once and only if a reading asks."""

_FEWEST_CONFIDENCES = 10  # that none of so many numbers from 0 to 1 is below 1/2 is no chance


def objections(table: Table, readings: Sequence[Candidate], labels: Collection[str]) -> list[Candidate]:
    """Return the readings with what rules each out. What does so rules out weaker readings of the same columns, too."""
    found: list[Candidate] = []
    out: dict[frozenset[str], str] = {}
    predicted = cache(lambda: predicted_columns(table, table.columns))
    for one in sorted(readings, key=lambda reading: -reading.by):
        columns = frozenset(one.names)
        against = one.against or out.get(columns) or _objection(table, one, labels, predicted)
        if against is not None:
            out[columns] = against
        found.append(one._replace(against=against))
    return found


def _objection(table: Table, one: Candidate, labels: Collection[str], predicted: _Predicted) -> str | None:
    """Return what rules a reading of the scores out, in words, or ``None``. A name for scores outweighs most of it."""
    if not table.named:
        return None
    if len(one.columns) > 1:
        return _one_of_many(table, one, labels) if one.by is not By.VALUES else None
    column = one.columns[0]
    if plain(column.name) == "p" and (beside := _of_a_test(table)):
        return f"it may be the p-value of a test, beside {beside!r}"
    called = something_else(column.name, one.by)
    if called is not None:
        return f"its name is one for {called}"
    if one.by is By.WEAK_NAME and says_truth(column.name, labels):
        return OF_TRUTH
    if column.kind is Kind.VECTOR:
        return None
    if one.by >= By.WEAK_NAME:
        return _unsigned(table, column) or (_unrelated(table, column, predicted) if one.by is By.WEAK_NAME else None)
    return _no_values_of_scores(table, column) or _unexplained(table, column, predicted)


def _of_a_test(table: Table) -> str | None:
    """Return a column that a statistical test leaves, where there are enough of these to make a p its p-value."""
    names = {plain(column.name): column.name for column in table.columns}
    for groups in ((_OF_A_TEST,), *_TOGETHER_OF_A_TEST):
        if all(not group.isdisjoint(names) for group in groups):
            return next(name for called, name in names.items() if called in groups[-1])
    return None


def statistic(core: str) -> bool:
    """Whether what tells a column from its family is a word for a statistic of the others: ``max`` in ``max_logit``."""
    return not core[:1].isdigit() and plain(core) in _STATISTICS


def beside_a_score(core: str) -> bool:
    """Whether what tells a column from its family says that it is no score itself: an end of its interval, a baseline.

    ``lower`` in ``prob_lower`` beside ``prob``, ``baseline`` in ``baseline_prob`` beside ``y_prob``.
    """
    words = words_of(core) - {""}
    return bool(words) and words <= _ENDS | (REFERENCES - {"old", "previous", "prev"})


def could_be_rival(name: str, chosen: str) -> bool:
    """Whether a column of this name could be the score as well as the ``chosen`` one: by a word, if that has one."""
    words = words_of(name)
    if not words.isdisjoint(REFERENCES | _BESIDE) or said(name, IN_ANY_CASE) is not None or says_truth(name, ()):
        return False
    if not has_score_word(name) and said(name, INSTEAD) is not None:
        return False
    return names_a_score(name) or plain(chosen) not in SCORES


def names_a_score(name: str) -> bool:
    """Whether a name has a word for scores in it, or for a model."""
    return has_score_word(name) or not words_of(name).isdisjoint(MODELS | _A_MODEL)


def _unsigned(table: Table, column: Column) -> str | None:
    """Return that a margin has no sign: it says how far the best class is ahead, and not which one that is."""
    if "margin" not in plain(column.name).split("_") or column.kind is not Kind.NUMBER:
        return None
    values = _known(table, column)
    return "a margin that is never negative does not say of which class" if values.size and values.min() >= 0 else None


def _one_of_many(table: Table, one: Candidate, labels: Collection[str]) -> str | None:
    """Return that columns are those of several models, or both halves of a merge, rather than of several classes."""
    before, after = shared_affixes(one.names)
    words = {plain(word) for word in re.split(r"[\W_]+|(?<=\D)(?=\d+$)", f"{before} {after}")}
    cores = without_affixes(one.names)
    merged = len(cores) == 2 and {core.strip("._").casefold() for core in cores} == {"x", "y"}
    found = words & _MEMBERS
    found = found if found and all(number(core) is not None for core in cores) else set()
    models = all(core.strip("._ ").casefold() in MODELS for core in cores) and cores != one.names
    if not words.isdisjoint({"ovr", "ova", "ovo"}) and not sums_to_one(table, one.columns):
        return "they are called margins of one class against the rest: no softmax makes probabilities of these"
    theirs = spelt(labels)
    labelled = not found and bool(among(cores, theirs))
    named = family_of_something_else(table, one, labels)
    if (labelled and named is None) or sums_to_one(table, one.columns):
        return None
    if named is not None:
        return named
    truth = next((name for name in one.names if says_truth(name, labels)), None)
    if truth is not None:
        return f"{truth!r} is called the probability of the truth, and not of a class"
    if merged:
        return "names that end in x and y are those of a merge: one column from each side"
    if models:
        return "they are told apart by the names of models, not of classes"
    return f"they number something else than classes ({', '.join(sorted(found))})" if found else None


def _no_values_of_scores(table: Table, column: Column) -> str | None:
    values = _known(table, column)
    if values.size < 2 or (column.name not in fractions(table) and np.isin(values, (0.0, 1.0)).all()):
        return None
    if values.size > 2 and values[0] == values[-1] and (values == values[0]).all():
        return "it holds the same number in every row"
    if whole_numbers(table, column):
        return "it holds whole numbers, which scores are not"
    return None


def _unexplained(table: Table, column: Column, predicted: _Predicted) -> str | None:
    """Return that a predicted class stands beside a column, and does not follow from it."""
    for other in predicted():
        if other.name == column.name:
            continue
        if not explains(numbers_of(table, column), table.head().texts(other.name)):
            return f"it does not explain the predicted class in {other.name!r}"
    return None


def _unrelated(table: Table, column: Column, predicted: _Predicted) -> str | None:
    """Return that one of two classes is predicted beside a column, and it is as high for the one as for the other."""
    scores = numbers_of(table, column)
    known = ~np.isnan(scores)
    if known.sum() < _FEWEST_PREDICTED or (scores[known] >= 0.5).all():
        return None  # confidences are alike for both
    for other in predicted():
        if other.name == column.name:
            continue
        texts = table.head().texts(other.name)
        classes = sorted({text for text in texts if text is not None})
        if len(classes) != 2:
            continue
        one, another = (scores[known & np.array([text == name for text in texts])] for name in classes)
        if min(one.size, another.size) >= _FEWEST_CONFIDENCES and _UNRELATED[0] < _higher(one, another) < _UNRELATED[1]:
            return f"it does not explain the predicted class in {other.name!r}"
    return None


def _higher(one: Floats, other: Floats) -> float:
    """Return how often a number of the one is above one of the other; ties count half."""
    order = np.sort(other)
    below, up_to = order.searchsorted(one, "left"), order.searchsorted(one, "right")
    return float((below + up_to).sum()) / (2.0 * one.size * other.size)


def explains(scores: Floats, chosen: Sequence[str | None]) -> bool:
    """Whether a threshold of the scores parts two predicted classes, or all can be those of the class chosen."""
    classes = {text for text in chosen if text is not None}
    if len(classes) < 2:
        return True  # nothing to be explained
    if len(classes) > 2:
        return False
    first = np.array([text == min(classes) for text in chosen])
    if parted(scores[first], scores[~first]):
        return True
    known = scores[~np.isnan(scores)]
    return known.size >= _FEWEST_CONFIDENCES and bool((known >= 0.5).all() and (known <= 1.0).all())


def _known(table: Table, column: Column) -> Floats:
    values = numbers_of(table, column)
    known: Floats = values[~np.isnan(values)]
    return known
