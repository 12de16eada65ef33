"""What a state knows of the tables it was made from, where these are gone: enough to judge and to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from celoss_cli.labels.by_id import Pairs
from celoss_cli.labels.side import LabelSide
from celoss_cli.layout import Layout
from celoss_cli.layout.location import Locator
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.pipeline.matching import given_weights
from celoss_cli.pipeline.part import State
from celoss_cli.pipeline.part_reading import TableRead
from celoss_cli.spec import Decision
from celoss_cli.tables.batch import Batch, Categories
from celoss_cli.tables.source import Column, Partition, Table
from celoss_cli.tables.views.shards import ShardedTable


class GoneTable:
    """What is known of a table that was read elsewhere. Implements ``Table``, but has no rows to read."""

    def __init__(self, read: TableRead, path: str, rows: int, lines: Mapping[int, int]) -> None:
        self.path, self.format, self.named, self.rows, self.size = path, read.format, read.named, rows, rows
        self.columns: tuple[Column, ...] = read.columns
        self.places = read.places
        own = [decision for decision in read.decisions if decision.what != "parts" or len(read.files) == 1]
        self.decisions: tuple[Decision, ...] = tuple(own)
        self._lines = lines

    def head(self) -> Batch:
        """Raise: nothing that is made of states looks at rows."""
        raise TypeError(f"{self.path} was read elsewhere")

    def partitions(self) -> Iterator[Partition]:
        """Raise: nothing that is made of states looks at rows."""
        raise TypeError(f"{self.path} was read elsewhere")

    def line_of(self, row: int) -> int | None:
        """Return the line of a row that a message may point at."""
        return self._lines.get(row)


def job_of(state: State, files: int | None = None) -> tuple[Job, Assumed]:
    """Return the job and the reading of a state, without anything that could be read again; of the first ``files``."""
    reading = state.reading
    predictions = _table_of(reading.predictions, files)
    labels = None if reading.labels is None else _table_of(reading.labels, files)
    layout: Layout = reading.layout
    classes = reading.match.scored.names
    width = layout.scores[0].width if layout.vector else len(layout.scores)
    job = Job(
        request=state.request,
        predictions=predictions,
        labels=labels,
        layout=layout,
        side=None if reading.labels is None else _side_of(state, reading.labels),
        at=Locator.of(predictions, labels, layout, None),
        precision=reading.precision,
        class_weight=state.request.class_weight,
        pos_weight=tuple(state.request.pos_weight or ()),  # type: ignore[arg-type]  # read when the part was scored
        head=np.empty((0, width or len(classes))),
        first_labels=frozenset(reading.first_labels),
        others={name: codes for name, codes in state.others.items() if np.unique(codes[codes >= 0]).size > 1},
    )
    return job, Assumed(reading.reading, reading.targets, reading.match, given_weights(job, reading.match))


def _side_of(state: State, labels: TableRead) -> LabelSide:
    """Return the label side as far as results speak of it."""
    pairs = None
    if state.reading.by_id:
        pairs = Pairs(None, sum(one.unmatched for one in state.met), labels_alone(state))
    return LabelSide(Categories(np.empty(0, dtype=np.int32), ()), None, None, labels.rows, pairs)


def labels_alone(state: State) -> int:
    """Return how many labels have no prediction in any part."""
    return sum(int(np.unpackbits(one.wanted & ~one.used).sum()) for one in state.met)


def _table_of(read: TableRead, files: int | None) -> Table:
    tables = [GoneTable(read, file.path, file.rows, file.lines) for file in read.files if file.rows][:files]
    if len(read.files[:files]) < 2 or not tables:
        lines = read.files[0].lines if len(read.files) == 1 else {}
        return GoneTable(read, read.path, sum(table.rows or 0 for table in tables), lines)
    return ShardedTable(read.path, tables, [file.path for file in read.files if not file.rows])
