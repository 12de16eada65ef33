"""The names that tools give to columns, and what can be told from a name alone."""

from __future__ import annotations

import functools
import re
import string
from collections.abc import Collection, Sequence

from celoss_cli.spelling import without_affixes

# The names that tools give to their columns, in the spelling of `plain`. A person may extend these.
TRUTH = frozenset({
    "y_true", "true_label", "label_true", "true_labels", "truth", "ground_truth", "groundtruth", "gold", "gold_label",
    "target", "targets", "label_ids", "actual", "actuals", "obs", "observed", "true_class", "true", "y_test",
    "expected", "gt", "gt_label", "gt_labels", "gt_class",
})  # fmt: skip

WEAK_TRUTH = ("label", "labels", "class", "y", "classes", "outcome", "category")

ANY_TRUTH = TRUTH.union(WEAK_TRUTH)

PREDICTED = frozenset({
    "predicted", "predict", "pred", "prediction", "predictions", "predicted_label", "predicted_class", "pred_label",
    "pred_class", "prediction_label", "y_pred", "y_hat", "yhat", "scored_labels", "argmax", "top1", "output_label",
    "label_pred", "class_pred", "guess", "preds", "predicted_labels", "predicted_classes", "y_predicted",
})  # fmt: skip

SCORES = frozenset({
    "prob", "proba", "probs", "probability", "probabilities", "p", "score", "scores", "logit", "logits", "y_prob",
    "y_proba", "y_score", "y_pred", "y_pred_proba", "pred_proba", "prediction_proba", "prediction", "predictions",
    "pred", "preds", "predicted", "confidence", "logprob", "logprobs", "log_prob", "log_probs", "logp", "raw", "output",
    "outputs", "filtered_resps", "predicted_probability", "p1", "prob_1", "proba_1", "prob1", "yhat", "y_hat",
    "scored_probabilities",
    "prediction_scores",
})  # fmt: skip

# SCORES outside [0, 1].
LOGITS = frozenset({"logit", "logits", "raw", "logprob", "logprobs", "log_prob", "log_probs", "logp"})

WEAK_SCORES = ("confidence",)  # beside other numbers it is that of the predicted class

SCORE_WORDS = (
    "p", "prob", "probs", "proba", "probability", "probabilities", "logit", "logits", "score", "scores", "pred",
    "prediction", "predictions", "predicted", "confidence", "class", "status", "logprob", "logp", "raw", "output",
    "out", "softmax", "sigmoid", "scored_probabilities", "y_pred", "y_prob", "y_score", "log_prob", "raw_score",
)  # fmt: skip

IDS = frozenset({
    "id", "ids", "index", "idx", "row", "row_id", "rowid", "rownames", "image", "image_name", "filename", "file",
    "file_name", "path", "uid", "uuid", "guid", "key", "unnamed_0", "sampleid", "docid",
})  # fmt: skip

WEIGHTS = frozenset({
    "weight", "weights", "sample_weight", "sample_weights", "w", "score_weight", "validation_weight", "wt", "wts",
    "wgt", "wgts", "case_weight", "case_weights", "case_wts", "importance_weight", "importance_weights", "obs_weight",
    "observation_weight", "instance_weight", "survey_weight", "sampling_weight", "exposure", "exposures", "ipw", "iptw",
    "ipcw", "pweight", "aweight", "iweight", "finalwgt", "fnlwgt", "sampleweight", "sample_wt", "wtvar", "weight_col",
})  # fmt: skip

PROBABILITIES = frozenset(
    {"p", "pr", "prob", "probs", "proba", "probability", "probabilities", "score", "conf", "confidence", "softmax",
     "likelihood", "logprob", "logp", "pred", "prediction"}
)  # fmt: skip

OF_TRUTH = frozenset(
    {"true", "truth", "correct", "gold", "actual", "gt", "groundtruth", "ytrue", "truelabel", "trueclass"}
)
"""Words for the truth of each row, whatever class that is: ``p_true``."""

PERHAPS_OF_TRUTH = frozenset(
    {"target", "label", "labels", "class", "answer", "obs", "observed", "outcome", "expected", "right"}
)
"""Words that can mean that, or the class 1: ``target_prob``."""

NOT_SCORES = frozenset({"usage", "indicator", "threshold", "split", "fold", "epoch", "step", "timestamp", "date"})


@functools.lru_cache(1 << 16)  # asked again and again, of up to as many columns as a file has
def plain(name: str) -> str:
    """Return a column name as the tables above spell it: lower case, one underscore for whatever parts the words."""
    words = name.isidentifier() and name.islower() and "__" not in name and "_" not in (name[0], name[-1])
    if name.isascii() and (words or name.isdigit()):
        return name  # as most are spelled
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[\W_]+", "_", spaced).strip("_").lower()


PAIRS_OF_CLASSES = (
    {"no", "yes"},
    {"n", "y"},
    {"neg", "pos"},
    {"negative", "positive"},
    {"false", "true"},
    {"f", "t"},
    {"0", "1"},
)
"""Words that are classes, whatever the labels are: their scores can rise and fall together."""


def is_id(name: str) -> bool:
    """Whether a column of this name identifies rows: an id, an index, a file name, an unnamed first column."""
    called = plain(name)
    return called in IDS or called.endswith("_id") or not called or name.startswith("__index_level_")


def says_truth(name: str, labels: Collection[str]) -> bool:
    """Whether a column is called the probability of the truth: ``p_true``, ``prob_of_label``; not after a label.

    ``prob_true`` beside the labels True and False is the score of a class.
    """
    words = {*plain(name).split("_")}
    if words.isdisjoint(PROBABILITIES):
        return False
    found = words & OF_TRUTH or (words & PERHAPS_OF_TRUTH if "of" in words else set())
    return bool(found) and found.isdisjoint(label.casefold() for label in labels)


def may_say_truth(name: str) -> bool:
    """Whether a name can mean that as well as a class: ``target_prob``, ``p_label``, ``p_true`` of false and true."""
    words = plain(name).split("_")
    of_y = words[-1] == "y"  # ``p_y``, but not ``y_prob``
    return not PROBABILITIES.isdisjoint(words) and (of_y or not (PERHAPS_OF_TRUTH | OF_TRUTH).isdisjoint(words))


@functools.lru_cache(1 << 16)
def without_number(name: str) -> str:
    """Return a name with 0 for the number at its end: what its words say is the same of thousands that are numbered."""
    stem = name.rstrip(string.digits)
    return name if stem == name else stem + "0"


def families(names: Sequence[str]) -> dict[str, list[str]]:
    """Group names by what stands before their last word or number: ``prob_cat, prob_dog`` under ``prob_``."""
    return {shared: list(family) for shared, family in _families(tuple(names)).items()}


@functools.lru_cache(8)  # of all number columns, it is asked several times
def _families(names: tuple[str, ...]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        # The first separator decides, so that a class name may hold separators of its own; a sign is none.
        match = re.match(r"^(\.?[^\W_]+(?:[_.: =]+(?=-\d)|[_.:\- =]+))(?=.)|^([^\W\d_]+)(?=\d+$)", name)
        groups.setdefault(match.group(0) if match else "", []).append(name)
    return groups


def score_family(family: Sequence[str]) -> bool:
    """Whether a word for scores is in what the names of a family share: ``prob_``, ``logit``, ``_probability``."""
    words = {plain(word) for affix in shared_affixes(family) for word in re.split(r"[\W_]+|(?<=\D)(?=\d+$)", affix)}
    return bool(words.intersection(SCORE_WORDS)) or plain("_".join(shared_affixes(family))) in SCORE_WORDS


def shared_affixes(family: Sequence[str], cores: Sequence[str] = ()) -> tuple[str, str]:
    """Return what all names begin and end with, around what tells them apart; empty where nothing is shared.

    ``cores`` are what tells them apart where that is known, as the labels say it: ``cost_low`` in ``p_cost_low``.
    """
    cores = cores or without_affixes(family)
    first, core = family[0], cores[0]
    for start in range(len(first) - len(core) + 1):
        before, after = first[:start], first[start + len(core) :]
        if all(name == before + inner + after for name, inner in zip(family, cores, strict=True)):
            return before, after
    return "", ""


def score_groups(names: Sequence[str]) -> list[list[str]]:
    """Return the groups of names that share a beginning, and those that share an ending: ``cat_prob, dog_prob``."""
    groups = [family for family in families(names).values() if len(family) > 1]
    taken = {name for family in groups for name in family}
    endings: dict[str, list[str]] = {}
    for name in names if len(taken) < len(names) else ():  # else there is none that a beginning has not
        match = re.search(r"[\W_]+[^\W_]+\W*$", name)
        if match and match.start():
            endings.setdefault(match.group(0), []).append(name)
    return groups + [family for family in endings.values() if len(family) > 1 and not taken.intersection(family)]
