"""Rows that stand for several: each is scored as often as it counts, so all is as if it had been written so often."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from celoss_cli.errors import InvalidWeights, Where
from celoss_cli.kernels.outcome import Codes, Floats
from celoss_cli.scoring.chunk import BatchOfRows
from celoss_cli.spelling import option
from celoss_cli.tables.batch import Categories

_AT_ONCE = 1 << 15

_MOST = 10**10


def repeated(rows: BatchOfRows, counts: Floats, where: Where) -> Iterator[BatchOfRows]:
    """Yield the rows of a batch, each as often as ``counts`` (n,) says, a bounded number at a time.

    Rows that are left out keep their one place. Raises InvalidWeights for what is no count, the row numbered from the
    start of the partition, in the file and column of ``where``.
    """
    numbers = counts.astype(np.float64)
    if rows.chosen is not None:
        numbers = np.where(rows.chosen, numbers, 1.0)
    _check(numbers, rows.start, where)
    ends = np.cumsum(numbers.astype(np.int64))
    last = -1
    for start in range(0, int(ends[-1]) if ends.size else 0, _AT_ONCE):
        wanted = np.arange(start, min(start + _AT_ONCE, int(ends[-1])))
        places = np.searchsorted(ends, wanted, side="right")
        copies = np.diff(places, prepend=last) == 0
        last = int(places[-1])
        yield _taken(rows, places, copies)


def _taken(rows: BatchOfRows, places: Codes, copies: npt.NDArray[np.bool_]) -> BatchOfRows:
    return rows._replace(
        batch=rows.batch.taken(places),
        codes=rows.codes[places],
        targets=None if rows.targets is None else rows.targets[:, places],
        weights=None if rows.weights is None else rows.weights[places],
        chosen=None if rows.chosen is None else rows.chosen[places],
        slices=tuple(Categories(one.codes[places], one.values) for one in rows.slices),
        numbers=places + rows.start,
        copies=copies,
    )


def _check(numbers: Floats, start: int, where: Where) -> None:
    good = (numbers >= 0.0) & (np.floor(numbers) == numbers) & (numbers <= _MOST)
    weight = f"leave --count out and pass {option('--sample-weight', where.column or '')}"
    if good.all():
        if float(numbers.sum()) > _MOST:
            raise InvalidWeights(
                f"the counts sum to {numbers.sum():,.0f}: each row is scored as often as it counts, {_MOST:,} at most",
                code="count_invalid",
                where=where,
                hint=f"{weight}: the mean is the same",
            )
        return
    row = int(np.flatnonzero(~good)[0])
    value = float(numbers[row])
    what = "is missing" if np.isnan(value) else f"{value:.17g} is no number of rows"
    raise InvalidWeights(
        f"{what}: a count is a whole number from 0 to {_MOST:,}",
        code="count_invalid",
        where=where._replace(row=start + row),
        hint=f"correct it; {weight} if fractions are meant" if value > 0.0 else "correct it",
    )
