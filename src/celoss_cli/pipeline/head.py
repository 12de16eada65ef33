"""The first rows of the predictions, as the first opinion needs them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from celoss_cli.kernels.outcome import Floats
from celoss_cli.labels.classes import is_ignored
from celoss_cli.labels.side import LabelSide
from celoss_cli.layout import Layout
from celoss_cli.layout.cells import in_pieces, matrix_of_first_rows, rows_of
from celoss_cli.request import Request
from celoss_cli.spelling import same
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Kind, Table


def first_scores(predictions: Table, layout: Layout) -> Floats:
    """Return the scores of the first rows as floats, (n, C); NaN where a cell holds no number."""
    if layout.vector:
        matrix: Floats = matrix_of_first_rows(predictions, layout.scores[0].name).astype(np.float64)
        return matrix
    by_class = np.empty((len(layout.scores), predictions.head().rows))  # as columns are, and as they are looked at
    first = 0
    for some in in_pieces(layout.scores):
        by_class[first : first + len(some)] = rows_of(predictions, some)
        first += len(some)
    return by_class.T


def first_label_texts(head: Batch, request: Request, layout: Layout) -> set[str]:
    """Return the labels of the first rows, of those that are to be scored."""
    labels = head.texts(layout.label)
    return {label for row in chosen_rows(head, request.where) if (label := labels[row]) is not None}


def first_label_numbers(predictions: Table, side: LabelSide | None, layout: Layout, rows: list[int]) -> Floats:
    """Return the label numbers (C, n) of some of the first rows; NaN where a cell holds no number."""
    if side is not None and side.targets is not None:
        known = [row for row in rows if row < side.targets.shape[1]]
        return side.targets[:, known]
    if layout.targets[0].kind is Kind.VECTOR:
        name = layout.targets[0].name
        matrix = matrix_of_first_rows(predictions, name, "labels need one number for each class in every row")
        return np.ascontiguousarray(matrix.T[:, rows], dtype=np.float64)
    return rows_of(predictions, layout.targets)[:, rows].astype(np.float64)


def chosen_rows(head: Batch, where: Sequence[tuple[str, str]], side: LabelSide | None = None) -> list[int]:
    """Return which of the first rows ``--where`` leaves: by these columns, and by those of the label file."""
    conditions = [(head.texts(name), value) for name, value in where]
    rows = np.ones(head.rows, dtype=bool)
    if side is not None and side.chosen is not None:
        known = side.chosen[: head.rows]
        rows[: known.shape[0]] = known
    return [
        row
        for row in np.flatnonzero(rows).tolist()
        if all(same(texts[row] or "", value) for texts, value in conditions)
    ]


def rows_that_count(head: Batch, request: Request, layout: Layout, side: LabelSide | None) -> list[int]:
    """Return which of the first rows ``--where`` and ``--ignore-index`` leave; all of them if that is none."""
    pairs = zip(request.where, layout.where_beside_label, strict=True)
    rows = chosen_rows(head, [given for given, beside in pairs if not beside], side)
    if request.ignore_index is not None and not layout.targets:
        if side is None:
            labels: Sequence[str | None] = head.texts(layout.label)
        else:
            codes = side.labels.codes[: head.rows].tolist()
            labels = [None if code < 0 else side.labels.values[code] for code in codes]
        rows = [row for row in rows if row >= len(labels) or not is_ignored(labels[row] or "", request.ignore_index)]
    return rows or list(range(head.rows))
