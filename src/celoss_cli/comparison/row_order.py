"""Which row of the candidate is the same as each row of the baseline: by id, or by position."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import MisalignedData, Where
from celoss_cli.labels.by_id import IdPairing, Pairs
from celoss_cli.layout.names import is_id
from celoss_cli.pipeline.job import Job
from celoss_cli.request import Unmatched
from celoss_cli.results.comparison import RowPairing
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.views.shards import batches_of

Order = npt.NDArray[np.signedinteger]


class RowOrder(NamedTuple):
    """The candidate's row for each row of the baseline (n,), −1 for none; ``None`` where it is the same row.

    ``unmatched`` rows of the baseline have no partner, ``unmatched_there`` of the candidate. ``how`` they were paired.
    """

    order: Order | None
    unmatched: int
    unmatched_there: int
    how: RowPairing


def order_rows(baseline: Job, candidate: Job, rows: tuple[int, int]) -> RowOrder:
    """Return how the rows of two models, so many of each, belong together.

    Raises MisalignedData where their numbers differ, or ids have no partner and are not to be dropped.
    """
    sides = baseline.side, candidate.side
    if any(side is not None and side.pairs is not None for side in sides):
        columns = baseline.layout.pair_ids or candidate.layout.pair_ids
        how = RowPairing("id", columns, "each file pairs with the labels by it")
        mine, theirs = (
            _label_rows(side.pairs, n) for side, n in zip(sides, rows, strict=True) if side is not None
        )  # fmt: skip
        return _through_labels(mine, theirs, how)
    columns = _shared_ids(baseline, candidate)
    if columns and baseline.side is None:
        given = bool(baseline.request.id)
        how = RowPairing("id", columns, "--id" if given else "both files have this id-like column")
        pairs = _paired_by_id(baseline.predictions, candidate.predictions, columns, baseline.request.unmatched)
        return RowOrder(pairs.order, pairs.unmatched, pairs.unmatched_labels, how)
    if columns:
        _check_same_order(baseline.predictions, candidate.predictions, columns)
    _check_counts(baseline.predictions, candidate.predictions, rows)
    why = "no id-like column in both files" if baseline.side is None else "each file pairs with the labels by it"
    return RowOrder(None, 0, 0, RowPairing("position", (), why))


def _label_rows(pairs: Pairs | None, rows: int) -> Order:
    """Return the row of the shared label file for each row of the predictions, −1 for none."""
    return np.arange(rows) if pairs is None or pairs.order is None else pairs.order


def _through_labels(mine: Order, theirs: Order, how: RowPairing) -> RowOrder:
    """Return the order of rows that have the same row of labels; a row without one is of no use to either model."""
    labels = 1 + max(int(mine.max(initial=-1)), int(theirs.max(initial=-1)))
    place = np.full(labels + 1, -1)
    known = np.flatnonzero(theirs >= 0)
    place[theirs[known]] = known
    order = np.where(mine >= 0, place[mine], -1)
    same = order.shape == theirs.shape and np.array_equal(order, np.arange(order.shape[0]))
    return RowOrder(None if same else order, 0, 0, how)


def _shared_ids(baseline: Job, candidate: Job) -> tuple[str, ...]:
    if baseline.request.id:
        return baseline.request.id
    if not (baseline.predictions.named and candidate.predictions.named):
        return ()
    mine, theirs = baseline.layout.ids, candidate.layout.ids
    return mine if mine == theirs and all(is_id(name) for name in mine) else ()


def _paired_by_id(baseline: Table, candidate: Table, columns: tuple[str, ...], unmatched: Unmatched) -> Pairs:
    """Pair two prediction files; where their ids stand in the same order nothing is joined."""
    ids = IdPairing(baseline, candidate, columns, unmatched)
    for batch in batches_of(candidate, dict.fromkeys(columns, Need.KEY)):
        ids.add(batch)
    return ids.pair()


def _check_same_order(baseline: Table, candidate: Table, columns: tuple[str, ...]) -> None:
    pairs = _paired_by_id(baseline, candidate, columns, Unmatched.DROP)
    if pairs.order is not None and not np.array_equal(pairs.order, np.arange(pairs.order.shape[0])):
        raise MisalignedData(
            f"the ids are not those of {baseline.path}, row by row, and both files pair with the labels by position",
            code="rows_differ",
            where=Where(candidate.path, column=", ".join(columns)),
            hint="put the rows in one order, or give the label file that id too",
        )


def _check_counts(baseline: Table, candidate: Table, rows: tuple[int, int]) -> None:
    if rows[0] != rows[1]:
        raise MisalignedData(
            f"{rows[1]:,} rows, but {rows[0]:,} in {baseline.path}",
            code="row_count_mismatch",
            where=Where(candidate.path),
            hint="rows pair by position: pass --id COLUMN if both files have a key, or --header/--no-header if a "
            "header was taken for a row or the reverse",
        )
