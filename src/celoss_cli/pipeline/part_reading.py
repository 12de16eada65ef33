"""What the rows of a part were taken for, without the tables: what parts have to agree in, and what a plan pins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from celoss_cli.detection.precision import WrittenPrecision
from celoss_cli.detection.reading import Reading
from celoss_cli.labels.match import Match
from celoss_cli.layout import Layout
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.request import Request, TargetKind
from celoss_cli.spec import Decision
from celoss_cli.state.partial import Partial
from celoss_cli.tables.source import Column, Table
from celoss_cli.tables.views.shards import ShardedTable, place, rows_of_shard


class FileRead(NamedTuple):
    """A file of a table that was read: its rows, and the lines of those that a message may point at."""

    path: str
    rows: int
    lines: Mapping[int, int]


class TableRead(NamedTuple):
    """A table that was read."""

    path: str
    format: str
    named: bool
    columns: tuple[Column, ...]
    places: tuple[int, ...]
    decisions: tuple[Decision, ...]
    files: tuple[FileRead, ...]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(file.rows for file in self.files)


class PartReading(NamedTuple):
    """What the rows were taken for: all that a plan pins."""

    predictions: TableRead
    labels: TableRead | None
    layout: Layout
    precision: WrittenPrecision
    reading: Reading
    targets: TargetKind
    match: Match
    first_labels: tuple[str, ...]
    by_id: bool


class PinnedReading(NamedTuple):
    """A plan: the reading that every part follows, and the options that were given when it was made."""

    reading: PartReading
    request: Request


def reading_of(job: Job, assumed: Assumed, partial: Partial, *, count: bool = True) -> PartReading:
    """Return what rows were taken for, so that others can be read alike; ``count`` as in ``table_read``."""
    rows = _rows_of_interest(partial)
    labels = None if job.labels is None or job.side is None else table_read(job.labels, job.side.rows, count=count)
    return PartReading(
        predictions=table_read(job.predictions, partial.rows, rows, count=count),
        labels=labels,
        layout=job.layout._replace(watched=()),
        precision=job.precision,
        reading=assumed.reading,
        targets=assumed.targets,
        match=assumed.match,
        first_labels=tuple(sorted(job.first_labels)),
        by_id=job.side is not None and job.side.pairs is not None,
    )


def _rows_of_interest(partial: Partial) -> tuple[int, ...]:
    seen = partial.evidence
    rows = {sighting.row for sighting in (*seen.flaws.values(), *seen.labels.values())}
    return tuple(sorted({*rows, *([seen.deviation_row] if seen.deviating else [])}))[:1000]


def shards_of(table: Table) -> tuple[Table, ...]:
    """Return the files that a table is made of."""
    return table.shards if isinstance(table, ShardedTable) else (table,)


def table_read(table: Table, rows: int, interesting: tuple[int, ...] = (), *, count: bool = True) -> TableRead:
    """Return what is known of a table with ``rows`` rows. Files of several whose rows are not known have −1,
    unless they are to be counted; lines are those of ``interesting`` rows."""
    shards = shards_of(table)
    lines: dict[str, dict[int, int]] = {shard.path: {} for shard in shards}
    for row in interesting:
        where = place(table, row)
        if where.line is not None and where.row is not None:
            lines[where.path][where.row] = where.line
    counts = [rows] if len(shards) == 1 else [_rows_of(shard, count=count) for shard in shards]
    return TableRead(
        path=table.path,
        format=table.format,
        named=table.named,
        columns=tuple(table.columns),
        places=tuple(table.places),
        decisions=tuple(table.decisions),
        files=tuple(FileRead(s.path, n, lines[s.path]) for s, n in zip(shards, counts, strict=True)),
    )


def _rows_of(table: Table, *, count: bool) -> int:
    if table.rows is not None:
        return table.rows
    return rows_of_shard(table) if count else -1


def renamed(decision: Decision, names: Sequence[tuple[str, str]]) -> Decision:
    """Return a decision whose evidence ends in the name of a table, with the new name of it."""
    for old, new in names:
        if decision.evidence.endswith(f"column of {old}"):
            return decision._replace(evidence=f"{decision.evidence.removesuffix(old)}{new}")
    return decision


def differing_roles(mine: Layout, theirs: Layout) -> list[str]:
    """Return in what two layouts differ that decides how rows are scored, as messages call it."""
    return [what for what, role in _ROLES.items() if role(mine) != role(theirs)]


_ROLES: dict[str, Callable[[Layout], object]] = {
    "prediction columns": lambda layout: [(column.name, column.width) for column in layout.scores],
    "label": lambda layout: layout.label,
    "label columns": lambda layout: layout.target_names,
    "key": lambda layout: layout.pair_ids,
    "sample weight": lambda layout: (layout.weight, layout.weight_beside_label),
    "count": lambda layout: (layout.counts, layout.counts_beside_label),
    "where": lambda layout: layout.where_beside_label,
    "slices": lambda layout: layout.slices,
    "truth or its unit": lambda layout: (
        None if layout.sequences is None else layout.sequences._replace(decimals=None, macro=False)
    ),
}
