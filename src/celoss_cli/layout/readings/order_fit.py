"""Do labels stand in the order of the scores? Held against all other orders of the same labels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from celoss_cli.kernels.outcome import Floats
from celoss_cli.layout.readings.explained import codes_of, probabilities
from celoss_cli.tables.source import Column, Kind, Table

SURE = 3.5
"""Standard deviations: of labels in any other order one in four thousand fits the scores so well."""


def order_fit(
    table: Table, texts: Sequence[str | None], scores: Sequence[Column], places: Sequence[int] | None = None
) -> float | None:
    """Return by how many standard deviations labels ``texts`` (n,) fit the first scores better than in a random order.

    ``places`` (n,) are the rows that the labels belong to; without them these are rows 0 to n - 1. Rows without a label
    are left out. Of a single score it is not known here of which class it speaks, so the fit with either counts.
    ``None`` where the labels name no classes of the scores, or all are the same.

    The fit is the sum of the ranks that the scores of the true classes have in their columns. Over all n! orders its
    mean and variance are known (W. Hoeffding, "A combinatorial central limit theorem", 1951): no model is too sure of
    itself, or too shy, for that.
    """
    rows = probabilities(table, scores)
    places = range(min(len(texts), rows.shape[0])) if places is None else places
    known = [(row, text) for row, text in zip(places, texts, strict=False) if text is not None]
    codes = codes_of([text for _, text in known], scores, rows.shape[1]) if known else None
    if codes is None or np.isnan(rows).any():
        return None
    fits = _ranks(rows[[row for row, _ in known]])
    counts = np.bincount(codes, minlength=fits.shape[1])
    n = codes.size
    found = float(fits[np.arange(n), codes].sum())
    of_rows = fits @ (counts / n)
    centred = fits - fits.mean(axis=0) - of_rows[:, None] + of_rows.mean()
    variance = float((centred**2 @ counts).sum()) / max(1, n - 1)
    if variance <= 0.0:
        return None
    fit = (found - float(of_rows.sum())) / math.sqrt(variance)
    single = len(scores) == 1 and scores[0].kind is not Kind.VECTOR
    return abs(fit) if single else fit


def _ranks(rows: Floats) -> Floats:
    """Return the rank of each number (n, C) in its column, from 0 to 1; equal ones have the same."""
    ranks = np.empty_like(rows)
    for column in range(rows.shape[1]):
        order = np.sort(rows[:, column])
        below, up_to = (order.searchsorted(rows[:, column], side) for side in ("left", "right"))
        ranks[:, column] = (below + up_to - 1) / (2.0 * max(1, rows.shape[0] - 1))
    return ranks
