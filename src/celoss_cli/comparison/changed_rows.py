"""The rows that changed most, with the ids and labels they have in the file."""

from __future__ import annotations

from collections.abc import Sequence

from celoss_cli.comparison.model import Model
from celoss_cli.comparison.paired_rows import PairedColumns
from celoss_cli.comparison.spool import Spool
from celoss_cli.results.comparison import ChangedRow
from celoss_cli.state.changed import ChangedState
from celoss_cli.tables.source import Need

Rows = tuple[ChangedRow, ...]


def changed_rows(baseline: Model, pairs: PairedColumns, most: ChangedState, top: int) -> tuple[Rows, Rows]:
    """Return the ``top`` rows whose loss fell most, and those whose loss rose most.

    The order is that of the weighted losses; those shown are the rows' own, in the unit of the loss.
    """
    kept = most.improved[:top], most.worsened[:top]
    ids = _ids(baseline, [row.row for side in kept for row in side])
    nats = baseline.plan.convention.base.nats
    names = baseline.plan.classes.names

    def shown(number: int) -> ChangedRow:
        other = number if pairs.order is None else int(pairs.order[number])
        a, b = (
            _loss(*at, weighted=pairs.weighted) / nats for at in ((pairs.baseline, number), (pairs.candidate, other))
        )
        truth = pairs.baseline.truth
        label = names[int(truth.read(number, number + 1)[0])] if pairs.grouped and truth is not None else None
        return ChangedRow(number, ids.get(number), label, a, b, b - a)

    improved, worsened = (tuple(shown(row.row) for row in side) for side in kept)
    return improved, worsened


def _loss(spool: Spool, row: int, *, weighted: bool) -> float:
    """Return the unweighted loss of a row."""
    loss = float(spool.loss.read(row, row + 1)[0])
    if not weighted or spool.weight is None:
        return loss
    return loss / float(spool.weight.read(row, row + 1)[0])


def _ids(model: Model, rows: Sequence[int]) -> dict[int, str | None]:
    """Return the ids of some rows; only the partitions that hold them are read again, and of those only the ids."""
    columns = model.job.layout.ids
    ids: dict[int, str | None] = {}
    if not columns or not rows:
        return ids
    first = 0
    for partition, size in zip(model.job.predictions.partitions(), model.spool.partitions, strict=False):
        wanted = sorted({row for row in rows if first <= row < first + size})
        done = first
        for batch in partition.batches(dict.fromkeys(columns, Need.KEY)) if wanted else ():
            for row in wanted:
                if done <= row < done + batch.rows:
                    parts = [batch.text_at(name, row - done) for name in columns]
                    ids[row] = "|".join(part or "" for part in parts) if len(parts) > 1 else parts[0]
            done += batch.rows
        first += size
        if len(ids) == len(set(rows)):
            break
    return ids
