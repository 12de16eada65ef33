"""What the score columns hold, by their names and the first rows: a first opinion."""

from __future__ import annotations

import functools
import re

import numpy as np

from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout import Layout
from celoss_cli.layout.names import plain
from celoss_cli.request import InputKind, Request
from celoss_cli.state.evidence import FAR, ROUNDED
from celoss_cli.tuples import NamedTuple

# What the words of a column's name say of a single score; the first that is found counts. Words, not letters: the
# probability of a draw is no raw score.
_NAMED = (
    ("logprob logprobs log_prob log_probs log_proba logproba logp log_p log_softmax logsoftmax loglik log_likelihood "
     "loglikelihood", InputKind.LOGPROBS),
    ("logit logits log_odds logodds raw decision_function margin", InputKind.LOGITS),
    ("prob probs proba probability probabilities softmax sigmoid likelihood confidence", InputKind.PROBS),
)  # fmt: skip

_PERCENT = ("percent", "percents", "percentage", "percentages", "pct", "perc")

_ODDS = ("odds", "odds_ratio")

_OTHER_LOGARITHMS = {"log_10_odds": "10", "log_10odds": "10", "log_2_odds": "2", "log_2odds": "2"}

_MARGINS = ("margin", "margins", "decision_function", "decision")

NEAR = (-0.5, 1.5)
"""Scores that stay between these are probabilities that are not quite some: no model has logits so small."""


class Reading(NamedTuple):
    """One way to read the scores: ``percent`` divides them by 100 first. ``given`` by a flag, or ``named`` so.

    ``seen``: most of the first rows are distributions, so that what contradicts this is no other reading but a fault.
    """

    input: InputKind
    percent: bool = False
    given: bool = False
    named: bool = False
    seen: bool = False


def first_reading(head: Floats, layout: Layout, request: Request, *, independent: bool = False) -> Reading:
    """Return how to read the scores, going by the first rows alone: ``head`` (n, C), which may be empty.

    ``independent`` scores speak of one label each, and need not sum to anything.
    Never raises: what these rows leave open is judged by ``judge`` on the evidence of all rows.
    """
    if request.input is not None:
        return Reading(request.input, given=True)
    named = named_input(layout)
    if layout.input is not None and not independent:
        return Reading(layout.input, named=True)
    finite = np.isfinite(head)
    rows = head if finite.all() else head[finite.all(axis=1)]
    if not rows.size:
        return Reading(named or InputKind.PROBS, named=named is not None)
    if head.shape[1] == 1 or independent:
        return _first_reading_single(rows, named, percent=named_percent(layout))
    by_class = np.ascontiguousarray(rows.T)  # along rows of few scores NumPy takes many times as long
    least, most = by_class.min(axis=0), by_class.max(axis=0)
    low, high = least.min(), most.max()
    with np.errstate(over="ignore"):
        sums = by_class.sum(axis=0)
    near = (least >= NEAR[0]) & (most <= NEAR[1])
    distributions = near & (np.abs(sums - 1.0) <= FAR)
    if 2 * np.count_nonzero(distributions) > sums.size:
        return Reading(InputKind.PROBS, seen=True)
    if low >= 0.0 and high <= 1.0 + ROUNDED and named is not InputKind.LOGITS:
        return Reading(InputKind.PROBS)
    percentages = (least >= 0.0) & (np.abs(sums - 100.0) <= 100.0 * FAR)
    if 2 * np.count_nonzero(percentages) > sums.size:
        return Reading(InputKind.PROBS, percent=True)
    if high <= 0.0:
        logsums = np.log(np.exp(rows).sum(axis=1, where=rows > -745.0, initial=1e-320))
        if np.abs(logsums).max() <= FAR:
            return Reading(InputKind.LOGPROBS)
    return Reading(InputKind.LOGITS, named=named is InputKind.LOGITS)


def _first_reading_single(rows: Floats, named: InputKind | None, *, percent: bool) -> Reading:
    low, high = rows.min(), rows.max()
    up_to_100 = bool(low >= 0.0 and 1.0 + ROUNDED < high <= 100.0)
    if up_to_100 and (percent if named is None else named is InputKind.PROBS and _mostly_above_1(rows, percent)):
        return Reading(InputKind.PROBS, percent=True, named=True)
    if named is not None:
        return Reading(named, named=True)
    inside = ((rows >= 0.0) & (rows <= 1.0 + ROUNDED)).mean()
    near = low >= NEAR[0] and high <= NEAR[1] and inside >= 0.5
    return Reading(InputKind.PROBS if near or inside > 0.9 else InputKind.LOGITS)


def _mostly_above_1(rows: Floats, percent: bool) -> bool:
    """Whether a column that is called a probability holds percentages: its name says so, or most of its numbers do."""
    return percent or bool((rows > 1.0 + ROUNDED).mean() > 0.5)


def named_input(layout: Layout) -> InputKind | None:
    """Return what the name of the first score column says of the scores, ``None`` if nothing."""
    if layout.input is not None:
        return layout.input
    return next((kind for names, kind in _NAMED if _says(layout, names.split())), None)


def named_percent(layout: Layout) -> bool:
    """Whether the names of all score columns say that they hold percentages, and their cells have no sign for it."""
    return all(
        not column.is_share and ("%" in column.name or not set(_PERCENT).isdisjoint(plain(column.name).split("_")))
        for column in layout.scores
    )


def named_odds(layout: Layout) -> bool:
    """Whether the name of the first score column says that it holds odds, p / (1 − p), and not their logarithms."""
    return _says(layout, _ODDS) and not _says(layout, ("log", "logodds", "ln"))


def named_log_odds(layout: Layout) -> str | None:
    """Return the base of the logarithms of odds that the first score column is called, where that is not e."""
    return next((base for words, base in _OTHER_LOGARITHMS.items() if _says(layout, (words,))), None)


def named_margins(layout: Layout) -> bool:
    """Whether the columns are called margins, which are one classifier's for each class more often than logits."""
    return _says(layout, _MARGINS)


def _says(layout: Layout, words: tuple[str, ...] | list[str]) -> bool:
    name = _in_words(layout.scores[0].name)
    return any(f"_{word}_" in name for word in words)


@functools.lru_cache(maxsize=100)
def _in_words(name: str) -> str:
    spaced = re.sub(r"(?<=[A-Za-z])(?=[0-9])", "_", name)
    return f"_{plain(spaced)}_"


def contradicting_name(reading: Reading, layout: Layout) -> InputKind | None:
    """Return what the scores are by the name of their column, if the rows alone made them probabilities."""
    if reading.given or reading.named or reading.input is not InputKind.PROBS or reading.percent:
        return None
    named = named_input(layout)
    return named if named in (InputKind.LOGITS, InputKind.LOGPROBS) else None
