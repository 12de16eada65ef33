"""Numbers that stand for a score that is not there: -999, 9999 or -1 among scores of another kind."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Floats
from celoss_cli.state.evidence import Evidence, Flaw

_NINES = (9.0, 99.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0)

_EXTREMES = (32767.0, 32768.0, 65535.0, 2147483647.0, 2147483648.0)

MARKS = frozenset(sign * value for value in (*_NINES, *_EXTREMES) for sign in (1.0, -1.0)) | {-1.0}
"""What people and programs write for a missing number. A person may extend these."""

_FAR = 5.0  # times the largest other score

_LARGE = 90.0  # no single logit of a model is so far from 0 by itself

_FEWEST_OTHERS = 3

_OFTEN = 3  # rows that have one number which hardly any other rows share

_FEWEST_DISTINCT = 20

_DISTINCT = 0.9  # of the other scores: numbers of a model that writes hardly any of them twice


class Sentinel(NamedTuple):
    """A number that is no score: in ``rows`` of the rows looked at, first in ``row`` (``None`` if in none of them).

    The other scores looked at lie between ``low`` and ``high``.
    """

    value: float
    rows: int
    row: int | None
    low: float
    high: float


def sentinel_in(seen: Evidence, *, single: bool) -> Sentinel | None:
    """Return the number among logits that stands for missing scores, if one does: far outside, or again and again.

    Of the scores of several classes all have to be that number in a row, or that of the truth; or it is large and
    positive: a class can be ruled out, and none is as sure as that.
    """
    if not seen.sample.size:
        return None
    scores = seen.sample.scores
    marked = np.isin(scores, tuple(MARKS))
    there = (-1.0,) if bool((scores == -1.0).any()) else ()
    for value in (seen.low, seen.high, *there):
        if value != np.floor(value) or not np.isfinite(value):
            continue
        has, others = _rows_with(value, seen, single=single), scores[~(marked | (scores == value))]
        if others.size >= _FEWEST_OTHERS and _is_no_score(value, int(has.sum()), others, single=single):
            row = int(seen.sample.rows[has].min()) if has.any() else None
            return Sentinel(value, int(has.sum()), row, float(others.min()), float(others.max()))
    return None


def _rows_with(value: float, seen: Evidence, *, single: bool) -> npt.NDArray[np.bool_]:
    """Return which of the rows looked at (n,) have a number where no score is."""
    scores, codes = seen.sample.scores, seen.sample.codes
    is_it = scores == value
    if single or value >= _LARGE:
        return np.asarray(is_it.any(axis=0))
    found = np.asarray(is_it.all(axis=0))
    if value <= -_LARGE:
        found |= is_it[np.maximum(codes, 0), np.arange(codes.size)] & (codes >= 0)
    return found


def sentinel_outside(seen: Evidence) -> Sentinel | None:
    """Return the number that stands for missing probabilities, if the first that is none of [0, 1] is one."""
    outside = seen.flaws.get(Flaw.OUTSIDE)
    value = float("nan") if outside is None else float(outside.value)
    low, high = (0.0, seen.high) if value == seen.low else (seen.low, 1.0)
    if outside is None or value not in (seen.low, seen.high) or low < 0.0 or high > 1.0:
        return None
    again = outside.count >= _OFTEN and value.is_integer() and abs(value) > 1.0
    return Sentinel(value, outside.count, outside.row, 0.0, 1.0) if again or value in MARKS else None


def said_of(found: Sentinel) -> str:
    """Return what is said of a number that is no score."""
    often = f"it stands in {found.rows:,} rows, and " if found.rows > 1 else ""
    return (
        f"{found.value:g} seems to mark a missing score: {often}the others lie between {found.low:.6g} and "
        f"{found.high:.6g}"
    )


def _is_no_score(value: float, rows: int, others: Floats, *, single: bool) -> bool:
    """Whether a whole number, found alone in ``rows`` rows, is none of the scores, of which ``others`` are some."""
    low, high = float(others.min()), float(others.max())
    if not single:
        return rows > 1 and value in MARKS
    if low >= 0.0 and high <= 1.0:
        return not 0.0 <= value <= 1.0 and (value in MARKS or rows >= _OFTEN)
    if abs(value) >= _LARGE and abs(value) > _FAR * max(-low, high):
        return value in MARKS or rows >= _OFTEN
    beyond = value in MARKS and abs(value) >= _LARGE and abs(value) > max(-low, high)
    return (value == -1.0 or beyond) and rows >= _OFTEN and _is_odd(rows, others)


def _is_odd(rows: int, others: Any) -> bool:
    """Whether one number stands in many rows among ``others`` of which hardly two are the same.

    Where 1 does as well, -1 is an end of the scale: scores are cut off there.
    """
    if others.size < _FEWEST_DISTINCT or int((others == 1.0).sum()) >= _OFTEN:
        return False
    counts = np.unique(others, return_counts=True)[1]
    return bool(counts.size >= _DISTINCT * others.size and rows >= _OFTEN * counts.max())
