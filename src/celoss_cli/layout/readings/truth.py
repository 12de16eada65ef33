"""Two columns that could be the truth: is one of them what the model predicted?"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import AmbiguousData, Where
from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.cells import (
    MANY_VALUED,
    head_is_all,
    is_predicted,
    may_be_fractions,
    names_classes,
    parted,
    values_of,
    without_fractions,
)
from celoss_cli.layout.items.names import names_runs
from celoss_cli.layout.names import ANY_TRUTH, WEAK_TRUTH, plain
from celoss_cli.layout.readings.score_names import other_called_as
from celoss_cli.spelling import number, option, same, without_affixes
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Need, Table
from celoss_cli.tables.views.shards import batches_of

_SURE = 8.0  # nats by which a column of 0 and 1 is likelier to follow from the scores than to be the truth

_NAMED_ALIKE = 3.0  # nats that are enough where two columns hold the same names, or the same codes of three classes

_EXPLAINED = 2.0  # nats that the scores know of 0 and 1 in a column that is the truth, beyond how often each is


_FEW_ROWS = 50  # in which a class may be missing from a column by chance

_MISTAKES = 0.02  # of the rows of a predicted class that are not the likeliest: ties, rounding, a threshold


class Truth(NamedTuple):
    """The column that is the truth, and what is said for it; ``rival`` is another that could be, if one could."""

    column: str
    evidence: str | None = None
    guess: bool = False
    rival: str | None = None


def which_is_true(table: Table, label: str, others: Collection[str], scores: Sequence[Column]) -> Truth:
    """Return which of ``label`` and the columns that hold the same classes is the truth.

    ``others`` have parts of their own. One that follows the scores in every row, though by these a good part of the
    rows should be of other classes, is what the model predicted. Raises AmbiguousData where two columns hold the same
    names, and neither that nor their own names tell.
    """
    if not table.named:
        return Truth(label)
    if len(scores) == 1 and (called := other_called_as(table, label, scores[0])) is not None and called not in others:
        return Truth(label, rival=called if _differ(table, label, called) else None)
    rivals = _rivals(table, label, others, scores)
    if not rivals:
        return Truth(label)
    from celoss_cli.layout.readings.explained import explained

    likely = [name for name in rivals if plain(name) in ANY_TRUTH]
    weak = plain(label) in WEAK_TRUTH
    follows = _followed(table, label, scores) if weak else 0.0
    named = any(number(text) is None for text in values_of(table, label) - {"True", "False", "true", "false"})
    yes_no = not named and len(values_of(table, label)) == 2
    own = [name for name in rivals if not names_runs(name)]
    free = [name for name in own if _followed(table, name, scores) == 0.0] if follows else []
    if (
        len(free) == 1
        and follows >= (_SURE if yes_no else _NAMED_ALIKE)
        and explained(table, table.head().texts(free[0]), scores) >= (_EXPLAINED if yes_no else 0.0)
    ):
        why = f"{label!r} follows the largest score of each row, and so is the predicted class; this one does not"
        return Truth(free[0], why, guess=yes_no)
    if likely:
        return Truth(label, rival=likely[0])
    late = [name for name in rivals if not _differ_within(table.head(), label, name)]  # alike in the first rows
    doubts = [name for name in rivals if name in late or _doubted(table, label, name, scores)] if weak else []
    if doubts and named:
        raise AmbiguousData(
            f"columns {label!r} and {doubts[0]!r} hold the same classes and differ: one may be what was predicted",
            code="label_ambiguous",
            where=Where(table.path),
            hint=f"say which is the truth: {option('--label', doubts[0])} or {option('--label', label)}",
        )
    if doubts and is_likeliest(table, label, scores):
        known = {name: explained(table, table.head().texts(name), scores) for name in doubts}
        best = max(known, key=lambda name: known[name])
        alike = [name for name in doubts if _is_coded_alike(table, label, name, scores)]
        if alike:
            return Truth(label, rival=max(alike, key=lambda name: known[name]))
        if known[best] > _EXPLAINED or follows >= _SURE:
            return Truth(label, rival=best)
    return Truth(label)


def _is_coded_alike(table: Table, label: str, other: str, scores: Sequence[Column]) -> bool:
    """Whether two columns hold the same codes, and the other's name does not say that these number something else.

    Of a few rows each may lack a class of three or more that the scores' names have.
    """
    mine, theirs, called = values_of(table, label), values_of(table, other), _class_names(scores)
    few = table.head().rows < _FEW_ROWS and len(called) > 2 and mine | theirs <= called
    return (mine == theirs or few) and not names_runs(other)


def _class_names(scores: Sequence[Column]) -> set[str]:
    """Return what the names of several score columns may call the classes: all of each, or what they do not share."""
    names = [column.name for column in scores]
    return {*names, *without_affixes(names)} if len(names) > 1 else set()


def _rivals(table: Table, label: str, others: Collection[str], scores: Sequence[Column]) -> list[str]:
    """Return the columns with the classes of the label that differ from it in a row; predicted classes apart.

    `Class` is no rival of `Label`: CatBoost calls the predicted class so.
    """
    values, taken = values_of(table, label), {*others, *(column.name for column in scores)}
    called = _class_names(scores)
    found = []
    for column in table.columns if may_be_fractions(values) else without_fractions(table, table.columns):
        if column.name == label or column.name in taken or column.kind in MANY_VALUED:
            continue
        if is_predicted(column, table) or plain(column.name) == "class":
            continue
        theirs = values_of(table, column.name)
        # Of a few rows each column may lack a class that the other has: then the scores' names tell what both hold.
        alike = bool(theirs) and (theirs <= values or values <= theirs or theirs | values <= called)
        if alike and (theirs == values or names_classes(table, column)) and _differ(table, label, column.name):
            found.append(column.name)
    return found


def _differ(table: Table, label: str, other: str) -> bool:
    """Whether two columns differ in a row: in one of the first, or else, where those are the same, in any."""
    if _differ_within(table.head(), label, other):
        return True
    if head_is_all(table):
        return False
    needs = {label: Need.CATEGORY, other: Need.CATEGORY}
    return any(_differ_within(batch, label, other) for batch in batches_of(table, needs))


def _differ_within(rows: Batch, label: str, other: str) -> bool:
    mine, theirs = rows.categories(label), rows.categories(other)
    pairs = set(zip(mine.codes.tolist(), theirs.codes.tolist(), strict=True))
    texts = ((mine.values[a] if a >= 0 else "", theirs.values[b] if b >= 0 else "") for a, b in pairs)
    return any(not same(one, another) for one, another in texts)


def _followed(table: Table, name: str, scores: Sequence[Column]) -> float:
    """Return how sure it is that a column follows from the scores, in nats; 0 if nothing says so.

    That is how much likelier its classes are as the likeliest ones of their rows, all but one in fifty, than as drawn
    from the scores' own odds.
    """
    found = _likeliest(table, name, scores)
    if found is None:
        return 0.0
    likeliest, largest = found
    odds = np.where(likeliest, largest, 1.0 - largest)
    gain = np.where(likeliest, math.log(1.0 - _MISTAKES), math.log(_MISTAKES)) - np.log(np.maximum(odds, 1e-9))
    return max(0.0, float(gain.sum()))


def is_likeliest(table: Table, name: str, scores: Sequence[Column]) -> bool:
    """Whether a column names the likeliest class in every first row but one in fifty."""
    return _likeliest_share(table, name, scores) >= 1.0 - _MISTAKES


def _doubted(table: Table, label: str, other: str, scores: Sequence[Column]) -> bool:
    """Whether ``other`` may be the truth: it does not follow the scores, or at least no better than ``label`` does."""
    if not is_likeliest(table, other, scores):
        return True
    return _likeliest_share(table, other, scores) < _likeliest_share(table, label, scores)


def _likeliest_share(table: Table, name: str, scores: Sequence[Column]) -> float:
    """Return in what share of the first rows a column names the likeliest class; 0 where it names none."""
    found = _likeliest(table, name, scores, by_threshold=False)
    return 0.0 if found is None else float(found[0].mean())


def _likeliest(
    table: Table, name: str, scores: Sequence[Column], *, by_threshold: bool = True
) -> tuple[npt.NDArray[np.bool_], Floats] | None:
    """Return in which first rows (n,) a column names the likeliest class, and the probability of that, (n,).

    ``None`` where its values name no classes. With ``by_threshold`` two of them may be parted anywhere.
    """
    from celoss_cli.layout.readings.explained import codes_of, probabilities

    rows = probabilities(table, scores)
    codes = codes_of(table.head().texts(name), scores, rows.shape[1])
    if codes is None or not rows.size or np.isnan(rows).any():
        return None
    largest: Floats = rows.max(axis=1)
    own = rows[np.arange(len(codes)), codes]
    two = by_threshold and rows.shape[1] == 2 and len(set(codes.tolist())) == 2
    return (own >= largest) | (two and parted(rows[codes == 0, 1], rows[codes == 1, 1])), largest
