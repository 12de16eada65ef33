"""Rows dealt into folds after the pass, from their counts: rows with the same score and outcome cannot be told apart.

So the folds rest on no row number and no hash, are the same for any order of the rows, and are right for a tree with
eight leaves. Folds by the parity of the row, by fifths of the file or by a hash of the scores are not: where rows are
sorted, alternate or repeat, a fix that does nothing comes out as good or as ruinous.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from celoss_cli.state.scores import Counts

FOLDS = 5

REPETITIONS = 5
"""So many divisions are averaged: one alone moves the gain by half its standard error."""

_MOST_SLOTS = 1 << 21  # rows that are dealt one by one


def dealt(rows: Counts) -> Iterator[Counts]:
    """Yield one division after the other: how many of the ``rows`` (k,) of each group are in each fold, (k, 5).

    A permutation of all rows in the order of their groups (Philox, the repetition as its key), dealt in five. Above
    2^21 rows each group's rows are drawn into the folds instead (multinomial): the same but for folds of slightly
    different size, in time and memory that do not grow with the rows.
    """
    n, groups = int(rows.sum()), rows.shape[0]
    for repetition in range(REPETITIONS):
        generator = np.random.Generator(np.random.Philox(key=repetition))
        if n > _MOST_SLOTS:
            yield generator.multinomial(rows, [1.0 / FOLDS] * FOLDS)
            continue
        fold = np.empty(n, dtype=np.intp)
        fold[generator.permutation(n)] = np.arange(n) % FOLDS
        group = np.repeat(np.arange(groups), rows)
        yield np.bincount(group * FOLDS + fold, minlength=groups * FOLDS).reshape(groups, FOLDS)
