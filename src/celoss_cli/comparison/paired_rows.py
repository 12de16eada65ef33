"""The rows of two models held against each other: a fold over runs of rows, over what was spooled."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from celoss_cli.comparison.counted_rows import in_blocks, number_of
from celoss_cli.comparison.spool import InOrder, Numbers, Spool, SpooledColumn
from celoss_cli.engine.interface import Engine
from celoss_cli.kernels.outcome import Floats
from celoss_cli.scoring.judged import weighted_losses
from celoss_cli.state.clusters import ClusterSums
from celoss_cli.state.paired import PairedAccumulator, PairedState

_RUN = 1 << 18  # rows a worker takes at a time

Table = npt.NDArray[np.intp]


class Clash(NamedTuple):
    """The first row of which the two files say different things: its label, its weight, or for how many it stands."""

    what: str
    row: int
    baseline: float
    candidate: float


@dataclass(frozen=True, slots=True)
class PairedColumns:
    """What is paired, and how: two spooled models on the n rows of the baseline."""

    baseline: Spool
    """The baseline's rows."""
    candidate: Spool
    """The candidate's rows."""
    order: npt.NDArray[np.int64] | None
    """The candidate's row for each row of the baseline, (n,), −1 for none; ``None`` where it is the same row."""
    truths: Table | None
    """The baseline's class code for each of the candidate's (``None``: the truth is no code, or one file's)."""
    grouped: bool
    """Whether the truth is a class to group by."""
    classes: int
    """How many classes there are."""
    weighted: bool
    """Whether the spooled losses are weighted already."""
    class_weights: Floats | None
    """The class weights (C,) to be applied to the rows; ``None`` where all are 1."""
    sliced: int
    """How many columns of slices, the first ones, are to be summed up."""
    top: int
    """How many changed rows are kept."""
    wants_rows: bool
    """Whether what each row came to is wanted."""
    counted: SpooledColumn | None = None
    """Which rows count at all, (n,); ``None`` for all."""
    reference: InOrder | None = None
    """The losses of a third model, in the baseline's order, to hold the candidate's against."""

    @property
    def weighs(self) -> bool:
        """Whether rows count differently."""
        return self.class_weights is not None or self.baseline.weight is not None


class RunOfRows(NamedTuple):
    """Rows ``start`` onwards of both models, all arrays (n,), as they were spooled."""

    start: int
    a: Floats
    b: Floats
    truth: Numbers | None
    other_truth: Numbers | None
    weight: Floats | None
    other_weight: Floats | None
    slices: tuple[Numbers, ...]
    counted: Numbers | None
    counts: Floats | None
    other_counts: Floats | None


class UnitRows(NamedTuple):
    """Each row of a run, all arrays (n,): its weighted difference and what it counts, both 0 for rows that contribute
    nothing, and its code in the last column of slices, if there is any: the cluster it is of. ``counts`` says for how
    many rows it stands, ``None`` for one.
    """

    change: Floats
    weight: Floats
    cluster: Numbers | None
    counts: Floats | None


class PairedRun(NamedTuple):
    """What a run of rows came to.

    ``state`` by class, ``slices`` by the slices of each column (rows without a value in the last group); how many rows
    only one model scored, and the first row that the files contradict each other about. ``rows`` are there if wanted.
    """

    state: PairedState
    slices: tuple[PairedState, ...]
    baseline_only: int
    candidate_only: int
    clash: Clash | None
    rows: UnitRows | None


class RowRange(NamedTuple):
    """Rows ``start`` to ``stop`` of the baseline."""

    start: int
    stop: int

    @property
    def rows(self) -> int:
        """How many they are."""
        return self.stop - self.start


def paired_runs(pairs: PairedColumns, engine: Engine) -> Generator[PairedRun]:
    """Yield what each run of rows comes to, in file order. The runs are the same for any engine."""
    sizes = [len(pairs.baseline.names(column)) + 1 for column in range(len(pairs.baseline.slices))]

    def work(part: Any, start: Callable[[int], int], stopped: Callable[[], bool]) -> PairedRun:  # noqa: ARG001
        return _paired(pairs, _read(pairs, part), sizes)

    rows = pairs.baseline.rows
    # An engine asks of a part no more than its number of rows: a run of rows is as good as a partition.
    parts: Any = (RowRange(start, min(rows, start + _RUN)) for start in range(0, rows, _RUN))
    with closing(engine.run(parts, work)) as results:
        for _, run in results:
            yield run


def _read(pairs: PairedColumns, part: RowRange) -> RunOfRows:
    start, stop = part
    a, b, order = pairs.baseline, pairs.candidate, pairs.order
    return RunOfRows(
        start,
        (a.loss if pairs.reference is None else pairs.reference).read(start, stop),
        InOrder(b.loss, order).read(start, stop),
        None if a.truth is None else a.truth.read(start, stop),
        None if b.truth is None else InOrder(b.truth, order).read(start, stop),
        None if a.weight is None else a.weight.read(start, stop),
        None if b.weight is None else InOrder(b.weight, order).read(start, stop),
        tuple(column.read(start, stop) for column in a.slices),
        None if pairs.counted is None else pairs.counted.read(start, stop),
        None if a.counts is None else a.counts.read(start, stop),
        None if b.counts is None else InOrder(b.counts, order).read(start, stop),
    )


def _paired(pairs: PairedColumns, run: RunOfRows, sizes: Sequence[int]) -> PairedRun:
    missing_a, missing_b = np.isnan(run.a), np.isnan(run.b)
    both = ~(missing_a | missing_b)
    places = np.flatnonzero(both if run.counted is None else both & run.counted)
    a, b, weight, groups = _weighed(pairs, run, places)
    slices = [codes[places] for codes in run.slices]
    for codes, size in zip(slices, sizes, strict=True):
        codes[codes < 0] = size - 1
    whole = PairedAccumulator(pairs.classes if pairs.grouped else 1, top=pairs.top)
    parts = [PairedAccumulator(size, top=0) for size in sizes[: pairs.sliced]]
    for block, first in in_blocks(places.shape[0], None if run.counts is None else run.counts[places]):
        weights = None if weight is None else weight[block]
        whole.add(places[block] + run.start, a[block], b[block], groups[block], weights, first)
        for part, codes in zip(parts, slices, strict=False):
            part.add(places[block], a[block], b[block], codes[block], weights)
    return PairedRun(
        whole.finish(),
        tuple(part.finish() for part in parts),
        number_of(missing_b & ~missing_a, run.counts),
        number_of(missing_a & ~missing_b, run.other_counts),
        _clash(pairs, run, places),
        _rows(a, b, weight, places, run) if pairs.wants_rows else None,
    )


def _weighed(pairs: PairedColumns, run: RunOfRows, places: Numbers) -> tuple[Floats, Floats, Floats | None, Numbers]:
    """Return the weighted losses of both, the weights (``None``: 1) and the classes of the rows at ``places``."""
    a, b = run.a[places], run.b[places]
    grouped = run.truth is not None and pairs.grouped
    groups = run.truth[places] if grouped and run.truth is not None else np.zeros(places.shape[0], dtype=np.intp)
    weight = None if run.weight is None else run.weight[places]
    if pairs.class_weights is not None:
        by_class = pairs.class_weights[groups]
        weight = by_class if weight is None else weight * by_class
    if weight is not None and not pairs.weighted:
        a, b = (weighted_losses(weight, loss) for loss in (a, b))
    return a, b, weight, groups


def _rows(a: Floats, b: Floats, weight: Floats | None, places: Numbers, run: RunOfRows) -> UnitRows:
    """Return the difference and the weight of each row of the run, 0 for rows that contribute nothing."""
    change, counts = np.zeros(run.a.shape[0]), np.zeros(run.a.shape[0])
    finite = np.isfinite(a) & np.isfinite(b)
    change[places[finite]] = b[finite] - a[finite]
    counts[places] = 1.0 if weight is None else weight
    return UnitRows(change, counts, run.slices[-1] if run.slices else None, run.counts)


def _clash(pairs: PairedColumns, run: RunOfRows, places: Numbers) -> Clash | None:
    """Return the first row that both models score and of which the files say different things."""
    found = []
    if run.counts is not None and run.other_counts is not None:
        some = np.flatnonzero(~(np.isnan(run.a) & np.isnan(run.b)) & ~np.isnan(run.other_counts))
        differ = some[run.counts[some] != run.other_counts[some]][:1]
        for row in differ.tolist():
            return Clash("count", run.start + row, float(run.counts[row]), float(run.other_counts[row]))
    if run.truth is not None and run.other_truth is not None:
        theirs = run.other_truth[places]
        found.append(("label", run.truth[places], theirs if pairs.truths is None else pairs.truths[theirs]))
    if run.weight is not None and run.other_weight is not None:
        found.append(("weight", run.weight[places], run.other_weight[places]))
    clashes = [
        Clash(what, run.start + int(places[first]), mine[first].item(), theirs[first].item())
        for what, mine, theirs in found
        if (differ := np.flatnonzero(mine != theirs)).size and (first := int(differ[0])) >= 0
    ]
    return min(clashes, key=lambda clash: clash.row, default=None)


class HeldRows:
    """All runs of rows put together, in file order."""

    def __init__(self, pairs: PairedColumns, clusters: ClusterSums | None, size: int) -> None:
        """``clusters`` takes the rows of each value of the last column of slices, or each ``size`` rows on end."""
        self.pairs = pairs
        self.clusters = clusters
        self._size = size
        self._done = 0
        self.state: PairedState | None = None
        self.slices: tuple[PairedState, ...] = ()
        self.baseline_only = self.candidate_only = 0
        self._change = SpooledColumn(np.float64) if pairs.wants_rows and clusters is None else None
        self._weight = SpooledColumn(np.float64) if self._change is not None and pairs.weighs else None

    def close(self) -> None:
        """Give the disk space back."""
        for column in (self._change, self._weight):
            if column is not None:
                column.close()

    def units(self) -> tuple[Floats, Floats | None]:
        """Return the weighted difference and the weight of each unit, row or cluster, that has a weight, both (n,).

        The weight is ``None`` where each counts 1. Raises ValueError where the rows were not wanted.
        """
        if self.clusters is not None:
            return self.clusters.counted()
        if self._change is None:
            raise ValueError("the rows were not kept")
        return self._change.mapped(), None if self._weight is None else self._weight.mapped()

    def add(self, run: PairedRun) -> int | None:
        """Add the next run. Return the first row that belongs to no cluster, if there is one."""
        if self.state is None:
            self.state, self.slices = run.state, run.slices
        else:
            self.state = self.state.merge(run.state)
            self.slices = tuple(a.merge(b) for a, b in zip(self.slices, run.slices, strict=True))
        self.baseline_only += run.baseline_only
        self.candidate_only += run.candidate_only
        if run.rows is None:
            return None
        rows, first = run.rows, self._done
        self._done += rows.change.shape[0]
        if self.clusters is None:
            self._keep(rows)
            return None
        codes = rows.cluster if self._size == 1 else (first + np.arange(rows.change.shape[0])) // self._size
        if codes is None:
            raise ValueError("there is no column of clusters")
        lost = np.flatnonzero((codes < 0) & (rows.weight > 0.0))
        if lost.size:
            return first + int(lost[0])
        for block, _ in in_blocks(codes.shape[0], rows.counts):
            self.clusters.add(codes[block], rows.change[block], rows.weight[block])
        return None

    def _keep(self, rows: UnitRows) -> None:
        counted = rows.weight > 0.0
        change, weight = rows.change[counted], rows.weight[counted]
        for block, _ in in_blocks(change.shape[0], None if rows.counts is None else rows.counts[counted]):
            if self._change is not None:
                self._change.append(change[block])
            if self._weight is not None:
                self._weight.append(weight[block])
