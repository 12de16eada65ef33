"""What the scores of the first rows know of some labels, in nats: how well the two belong together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.cells import matrix_of_first_rows, numbers_of
from celoss_cli.spelling import around_labels, natural_key, spellings, without_affixes
from celoss_cli.tables.source import Column, Kind, Table


def explained(
    table: Table, texts: Sequence[str | None], scores: Sequence[Column], places: Sequence[int] | None = None
) -> float:
    """Return what the scores of the first rows know of the labels ``texts`` (n,), beyond how often each is, in nats.

    ``places`` (n,) are the rows that the labels belong to; without them these are rows 0 to n - 1.
    """
    rows = probabilities(table, scores)
    rows = rows[: len(texts)] if places is None else rows[np.array(places, dtype=np.intp)]
    codes = codes_of(texts, scores, rows.shape[1])
    if codes is None or codes.shape[0] != rows.shape[0]:
        return 0.0
    shares = np.bincount(codes)[codes] / len(codes)
    own = np.maximum(rows[np.arange(len(codes)), codes], 1e-9)
    return float((np.log(own) - np.log(shares)).sum())


def probabilities(table: Table, scores: Sequence[Column]) -> Floats:
    """Return the first rows of the scores as probabilities (n, C): as they are, or else by softmax.

    Raises InvalidScores for vectors of different lengths.
    """
    if scores[0].kind is Kind.VECTOR:
        rows = matrix_of_first_rows(table, scores[0].name).astype(np.float64)
    else:
        rows = np.stack([numbers_of(table, column) for column in scores], axis=1)
    inside = bool((rows >= 0.0).all() and (rows <= 1.0).all())
    if rows.shape[1] == 1:
        share = rows[:, 0] if inside else 1.0 / (1.0 + np.exp(-np.clip(rows[:, 0], -700, 700)))
        return np.stack([1.0 - share, share], axis=1)
    with np.errstate(all="ignore"):  # what comes out as NaN explains nothing
        if not inside:
            rows = np.exp(rows - rows.max(axis=1, keepdims=True))
        shares: Floats = rows / rows.sum(axis=1, keepdims=True)
    return shares


def codes_of(texts: Sequence[str | None], scores: Sequence[Column], width: int) -> npt.NDArray[np.intp] | None:
    """Return which score each label names (n,): by the columns' names, or counting from 0; ``None`` if some do not."""
    values = sorted({text for text in texts if text is not None}, key=natural_key)
    if None in texts or not values:
        return None
    if len(scores) == 1 and scores[0].kind is not Kind.VECTOR:
        place = {value: i for i, value in enumerate(values)} if len(values) == 2 else {}
    else:
        called = scores[0].classes if scores[0].kind is Kind.VECTOR else tuple(column.name for column in scores)
        cores = (around_labels(called, values) or without_affixes(called)) if called else ()
        places = {s: i for i, core in enumerate(cores) for s in (*spellings(core), *spellings(called[i]))}
        place = {v: places[s] for v in values for s in spellings(v) if s in places}
        if len(place) < len(values):
            place = {v: int(v) for v in values if v.isascii() and v.isdigit() and int(v) < width}
    if len(place) < len(values):
        return None
    return np.array([place[text] for text in texts if text is not None], dtype=np.intp)
