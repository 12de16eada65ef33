"""Names for something else than a score: words that say what a column is instead, alone or shared by a family."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from celoss_cli.layout.cells import whole_numbers
from celoss_cli.layout.names import SCORE_WORDS, SCORES, plain, shared_affixes, without_number
from celoss_cli.layout.readings.candidate import By, Candidate
from celoss_cli.spelling import among, around_labels, spelt
from celoss_cli.tables.source import Table

# Words that say of a column what it is instead of a score, and how a message puts it. A person may extend these.
INSTEAD = (
    ("how long something took, or when it was",
     "latency duration seconds secs sec ms millis milliseconds elapsed runtime time year month day hour minutes"),
    ("an amount of money", "price cost amount fee salary income revenue balance sales fare"),
    ("something measured or counted",
     "age length len size width height depth mass bmi temperature temp distance speed area volume lat lon latitude "
     "longitude n count counts num cnt total freq frequency quantity qty tokens words chars visits tenure pressure"),
    ("an embedding or features", "embedding embeddings emb feature features feat hidden pca tsne umap"),
    ("how sure the model is of whatever it predicts",
     "energy perplexity ppl mean avg average median spread gap top se"),
    ("a rank or a number of points", "place points stars rating"),
    ("how alike or how far apart two things are", "sim sims cos"),
    ("the loss or the likelihood of the row",
     "loss losses nll xent ce bce logloss loglik likelihood loglikelihood ll brier residual error err"),
    ("a number that counts rows", "index idx nr inst instance seq sequence"),
    ("a number that tunes the model", "lr alpha lambda mtry cp sigma gamma eta ntree nrounds maxdepth degree seed"),
)  # fmt: skip

# Words that say so even beside a word for scores: ``max_prob``, ``prob_std``, ``rank_score``.
IN_ANY_CASE = (
    ("how sure the model is of whatever it predicts",
     "max maximum top1 entropy uncertainty variance var std stdev stddev sd stderr epistemic aleatoric"),
    ("a rank or a number of points", "rank ranks ranking percentile quantile"),
    ("how alike or how far apart two things are",
     "similarity similarities cosine cossim distance distances dist euclidean jaccard"),
    ("a number between -1 and 1, and no logit", "tanh"),
    ("a measure of quality or surprise",
     "f1 f1_score bleu rouge meteor auc accuracy brier perplexity ppl energy nll xent shap residual residuals"),
    ("a number of statistics",
     "p_value pvalue pval p_val p_values pvalues pvals padj p_adj p_adjusted adj_p adj_p_val adj_p_value q_value "
     "qvalue qval fdr z_score zscore t_score interval decile quintile quartile"),
    ("how long something took", "latency duration elapsed runtime ms millis milliseconds secs"),
)  # fmt: skip

# What may be predicted of a row besides its class, or measured of its prediction: ``pred_age``, ``prediction_time``.
_PREDICTED = tuple(group for group in INSTEAD if not group[0].startswith("how sure"))

# Words of these that say of a score for each class what made it: ``ll_A``, ``lr_cat``, ``eta_2``.
_OF_EACH_CLASS = frozenset({"loglik", "likelihood", "loglikelihood", "ll", "lr", "eta"})

# Words for whole numbers. Where several columns hold such, counts and ranks are told by the values of all rows.
_COUNTED = frozenset({"n", "count", "counts", "num", "cnt", "total", "freq", "frequency", "rank", "ranks"})


def _places(groups: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the first group that each word is in, by its place."""
    return {word: place for place, (_, words) in reversed([*enumerate(groups)]) for word in words.split()}


_PLACES = {groups: _places(groups) for groups in (INSTEAD, IN_ANY_CASE, _PREDICTED)}

_PREDICTIONS = frozenset({"pred", "preds", "prediction", "predictions", "predicted", "yhat"})

SHARED_NAME = "the name that they share,"


@lru_cache(1 << 16)  # asked again and again, as names are
def words_of(name: str) -> frozenset[str]:
    """Return the words of a name, a number behind letters as one of its own."""
    return frozenset(re.sub(r"(?<=[a-z])(?=\d)", "_", plain(name)).split("_"))


def said(name: str, groups: tuple[tuple[str, str], ...]) -> str | None:
    """Return what the first of the groups that has a word of a name says of it."""
    places = _PLACES[groups]
    found = [places[word] for word in (*words_of(name), plain(name)) if word in places]
    return groups[min(found)][0] if found else None


def something_else(name: str, by: By) -> str | None:
    """Return what a name says a column is instead of a score, ``None`` if nothing; ``by`` vouches for a score."""
    called = None if by >= By.NAME else said(name, IN_ANY_CASE)
    if called is None and by < By.WEAK_NAME:
        return said(name, INSTEAD)
    if called is None and by is By.WEAK_NAME and not words_of(name) & (_WORDS - _PREDICTIONS):
        return said(name, _PREDICTED)
    return called


def _shared_by_classes(names: Sequence[str], labels: Collection[str]) -> str:
    """Return what the names of class columns share, without what is the classes' own: ``p`` of ``p_cost, p_price``."""
    if among(names, spelt(labels)):
        return ""
    for called, theirs in ((names, labels), ([plain(name) for name in names], {plain(label) for label in labels})):
        cores = around_labels(called, theirs)
        if cores is not None:
            return plain("_".join(shared_affixes(called, cores)))
    return plain("_".join(shared_affixes(names)))


def family_of_something_else(table: Table, one: Candidate, labels: Collection[str]) -> str | None:
    """Return that what class columns share is a name for something else, which a single column would be asked, too."""
    shared = _shared_by_classes(one.names, labels)
    words = words_of(shared)
    if not shared or shared in SCORES or not words.isdisjoint(_OF_EACH_CLASS):
        return None
    if not words.isdisjoint(_COUNTED) and all(whole_numbers(table, column) for column in one.columns):
        return None
    called = something_else(shared, By.WEAK_NAME if has_score_word(shared) else By.ELIMINATION)
    return None if called is None else f"{SHARED_NAME} {shared!r}, is one for {called}"


def has_score_word(name: str) -> bool:
    """Whether a word of a name is one for scores: ``model_score``, ``churn_probability``, ``prob_spam``."""
    return _has_score_word(without_number(name))


@lru_cache(1 << 10)
def _has_score_word(name: str) -> bool:
    words = re.sub(r"(?<=[a-z])(?=\d)", "_", plain(name)).split("_")
    return not _WORDS.isdisjoint((*words, "_".join(words[:2]), "_".join(words[-2:])))


_WORDS = frozenset(SCORE_WORDS) - {"class", "status", "out", "output", "raw"} | {
    "margin",
    "decision_function",
    "yhat",
    "percent",
    "percentage",
    "pct",
    "perc",
}
