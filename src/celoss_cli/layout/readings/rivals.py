"""Two columns that could each be all of the scores: those of two models, or of one before and after calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.cells import numbers_of, sums_to_one, whole_numbers
from celoss_cli.layout.names import PAIRS_OF_CLASSES
from celoss_cli.layout.readings.objections import names_a_score
from celoss_cli.spelling import in_order, natural_key, option, spelt, without_affixes
from celoss_cli.tables.source import Column, Table

_FEWEST_ROWS = 8

_KNOWN = 2.0  # nats that a score knows of two classes, beyond how often each is

_ALIKE = 0.5  # correlation of ranks of two scores of one class

_VERY_ALIKE = 0.7  # where no name says that the other is a score

_NEARLY_SAME, _APART = 0.9, 0.1  # correlation of ranks and mean distance of what can hardly be but two scores

_SURE = 4.0  # standard deviations of a correlation

_SAME = 1e-3


class Truth(NamedTuple):
    """The labels that are known of some first rows: two classes, ``ones`` (n,) says which rows have the later one."""

    rows: Any
    ones: Any
    names: tuple[str, str]


def check_rivals(
    predictions: Table, labels: Table | None, label: str, ids: Sequence[str], scores: Sequence[Column],
    others: Sequence[Column],
) -> None:  # fmt: skip
    """Raise AmbiguousData where another column explains the label as the scores do, or each of the scores does alone.

    ``others`` are the columns that ``could_be_rival`` of the only score. Rows pair by ``ids``, or by position.
    """
    truth = _truth(predictions, labels, label, ids)
    if len(scores) > 1:
        if _explain_alone(predictions, scores, truth):
            raise _ambiguous(predictions, scores)
        return
    for other in others:
        if _is_rival(predictions, scores[0], other, truth):
            raise _ambiguous(predictions, (scores[0], other))


def _is_rival(table: Table, chosen: Column, other: Column, truth: Truth | None) -> bool:
    """Whether another column is a score like the chosen one: by its name and its values, or by these alone."""
    if whole_numbers(table, other):
        return False
    named = names_a_score(other.name)
    mine, theirs = numbers_of(table, chosen), numbers_of(table, other)
    known = ~(np.isnan(mine) | np.isnan(theirs))
    if known.sum() < _FEWEST_ROWS or _are_copies(mine[known], theirs[known]):
        return False
    if _inside(mine) and not _inside(theirs):
        return False  # a margin beside the probability that was made from it
    alike = _rank_correlation(mine[known], theirs[known])
    agree = truth is not None and _one_sided([_known_of(values, truth) for values in (mine, theirs)], _KNOWN)
    if named:
        return agree or (alike >= _ALIKE and _inside(theirs))
    if alike >= _NEARLY_SAME and _inside(mine) and float(np.abs(mine - theirs)[known].mean()) <= _APART:
        return True  # whatever both know of the labels: nothing, it may be
    return alike >= _VERY_ALIKE and (agree or (truth is None and _inside(theirs)))


def _explain_alone(table: Table, scores: Sequence[Column], truth: Truth | None) -> bool:
    """Whether each of several columns is a score of the same one of two classes: then they are no class columns.

    The scores of two classes may both rise with the label, but hardly by so much that either is good by itself.
    """
    names = [column.name for column in scores]
    cores = (*names, *without_affixes(names))
    if truth is None or sums_to_one(table, scores):
        return False
    columns = [numbers_of(table, column) for column in scores]
    known = _one_sided([_known_of(values, truth) for values in columns], _KNOWN)
    rises = _one_sided([_deviations(values, truth) for values in columns], _SURE)
    if not spelt(truth.names).isdisjoint(spelt(cores)):
        return known and rises  # ``logit_m0``, ``logit_m1``: members that are numbered as the classes are
    if {core.strip("_. ").casefold() for core in without_affixes(names)} in PAIRS_OF_CLASSES:
        return False
    return known or rises


def _one_sided(found: Sequence[float], least: float) -> bool:
    return min(found) >= least or max(found) <= -least


def _deviations(values: Floats, truth: Truth) -> float:
    """Return how much higher a score is where the truth is the later of two classes, in its standard deviations."""
    chosen = values[truth.rows]
    if np.isnan(chosen).any():
        return 0.0
    return _rank_correlation(chosen, truth.ones.astype(np.float64)) * math.sqrt(chosen.size)


def _truth(predictions: Table, labels: Table | None, label: str, ids: Sequence[str]) -> Truth | None:
    """Return the labels of the first rows where they can be told; ``None`` unless they are two classes."""
    texts = (predictions if labels is None else labels).head().texts(label)
    places = list(range(min(len(texts), predictions.head().rows)))
    if labels is not None and len(ids) == 1:
        row_of = {text: row for row, text in enumerate(labels.head().texts(ids[0])) if text is not None}
        mine = predictions.head().texts(ids[0])
        places = [row for row, text in enumerate(mine) if text in row_of]
        texts = [texts[row_of[mine[row] or ""]] for row in places]
    elif ids and labels is not None:
        return None
    known = [(row, text) for row, text in zip(places, texts, strict=False) if text is not None]
    names = sorted({text for _, text in known}, key=natural_key)
    if len(names) != 2 or len(known) < _FEWEST_ROWS:
        return None
    return Truth(np.array([row for row, _ in known]), np.array([text == names[1] for _, text in known]),
                 (names[0], names[1]))  # fmt: skip


def _known_of(values: Floats, truth: Truth) -> float:
    """Return what a score knows of two classes, in nats: positive if it speaks of the later one, else negative.

    0 if it is worse than the class frequencies either way.
    """
    chosen = values[truth.rows]
    kept = ~np.isnan(chosen)
    chosen, ones = chosen[kept], truth.ones[kept]
    shares = chosen if _inside(chosen) else 1.0 / (1.0 + np.exp(-np.clip(chosen, -500.0, 500.0)))
    rate = float(ones.mean()) if ones.size else 0.0
    if not 0.0 < rate < 1.0:
        return 0.0
    prior = -rate * math.log(rate) - (1.0 - rate) * math.log(1.0 - rate)
    shares = np.clip(shares, 1e-6, 1.0 - 1e-6)
    later, earlier = (float((prior + np.log(np.where(side, shares, 1.0 - shares))).sum()) for side in (ones, ~ones))
    return later if later >= max(earlier, 0.0) else -max(earlier, 0.0)


def _inside(values: Floats) -> bool:
    known = values[~np.isnan(values)]
    return bool(known.size) and bool(((known >= 0.0) & (known <= 1.0)).all())


def _are_copies(one: Floats, other: Floats) -> bool:
    """Whether two columns say the same: the same numbers, one minus them, or their log-odds."""
    pairs = [(one, other), (1.0 - one, other)]
    if _inside(one) is not _inside(other):
        shares, odds = (one, other) if _inside(one) else (other, one)
        powers = 1.0 / (1.0 + np.exp(-np.clip(odds, -500.0, 500.0)))
        pairs += [(shares, powers), (1.0 - shares, powers)]
    return any(bool((np.abs(a - b) <= _SAME).all()) for a, b in pairs)


def _rank_correlation(one: Floats, other: Floats) -> float:
    ranks = [np.unique(values, return_inverse=True)[1].astype(np.float64) for values in (one, other)]
    if any(float(rank.std()) == 0.0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _ambiguous(table: Table, columns: Sequence[Column]) -> AmbiguousData:
    names = [column.name for column in columns]
    return AmbiguousData(
        f"each of the columns {in_order(names)} could be the score of one class by itself: they may be of several "
        "models, or of one before and after calibration",
        code="predictions_ambiguous",
        where=Where(table.path),
        hint="say which is to be scored: " + " or ".join(option("--pred", name) for name in names[:3]),
    )
