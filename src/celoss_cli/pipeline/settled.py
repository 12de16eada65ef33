"""A pass that nothing contradicts: what results are made from."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from celoss_cli.detection.precision import WrittenPrecision
from celoss_cli.errors import DataError, InvalidWeights, Where
from celoss_cli.kernels.outcome import Codes
from celoss_cli.labels.conditions import refuse_alike
from celoss_cli.labels.weights import Given
from celoss_cli.layout import Layout
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.pipeline.matching import found_weights
from celoss_cli.pipeline.other_labels import other_labels
from celoss_cli.request import Request, TargetKind
from celoss_cli.scoring.plan import Plan
from celoss_cli.spec import Decision
from celoss_cli.state.partial import Partial
from celoss_cli.state.totals import Totals
from celoss_cli.summary.weighted_mean import Weighted, weigh
from celoss_cli.tables.source import Table
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.results.calibration import Calibration


class InputRead(NamedTuple):
    """An input as it was read."""

    path: str
    format: str
    rows: int
    decisions: tuple[Decision, ...]


class Dropped(NamedTuple):
    """How many rows of either file have no partner in the other, where rows pair by id."""

    predictions: int
    labels: int


class Settled(NamedTuple):
    """What a pass that nothing contradicts leaves behind. But for ``others`` it holds no table."""

    request: Request
    """What the user said."""
    predictions: InputRead
    labels: InputRead | None
    """The second file, if there is one."""
    dropped: Dropped | None
    """Rows without a partner, ``None`` where rows pair by position."""
    layout: Layout
    """Which column is what."""
    assumed: Assumed
    """The reading of scores and labels, which all rows support."""
    precision: WrittenPrecision
    """How exactly the scores were written down."""
    plan: Plan
    """How each row was scored."""
    partial: Partial
    """What the rows left behind."""
    class_weight: Given | str | None
    """The class weights as they were given."""
    weights: tuple[Fraction, ...]
    """The weight of each class, (C,)."""
    sums: Weighted
    """The sums of losses and weights under these weights."""
    most_deviating: Where
    """The place of the row whose probabilities sum to something furthest from 1."""
    others: Callable[[], Mapping[str, Codes]]
    """Gives what ``other_labels`` says. It alone may read the tables, while they are open."""
    calibration: Calibration | None = None
    """The fix that was applied before scoring."""

    @property
    def totals(self) -> Totals:
        """The statistics of all rows."""
        return self.partial.totals

    @property
    def unknown_rows(self) -> int:
        """How many rows have a label that names no class: left out, or of a class that no score speaks of."""
        if self.plan.beyond:
            return sum(self.totals.loss.rows[-self.plan.beyond :])
        return sum(sighting.count for sighting in self.partial.evidence.labels.values())


def settled_from(job: Job, assumed: Assumed, plan: Plan, partial: Partial) -> Settled:
    """Return what results are made from. Raises DataError where there is nothing to take a mean of, or --where took
    what may be several values.
    """
    refuse_alike(job.predictions.path, plan.where, partial.met)
    weights, sums = _weighed(job, assumed, plan, partial.totals)
    labels = None
    if job.labels is not None and job.side is not None:
        labels = _as_read(job.labels, job.side.rows)
    pairs = None if job.side is None else job.side.pairs
    return Settled(
        request=job.request,
        predictions=_as_read(job.predictions, partial.rows),
        labels=labels,
        dropped=None if pairs is None else Dropped(pairs.unmatched, pairs.unmatched_labels),
        layout=job.layout,
        assumed=assumed,
        precision=job.precision,
        plan=plan,
        partial=partial,
        class_weight=job.class_weight,
        weights=weights,
        sums=sums,
        most_deviating=job.at.where(partial.evidence.deviation_row if partial.evidence.deviating else None, None),
        others=functools.partial(other_labels, job, plan) if job.others is None else lambda: job.others or {},
        calibration=job.calibration,
    )


def _as_read(table: Table, rows: int) -> InputRead:
    return InputRead(table.path, table.format, rows, tuple(table.decisions))


def _weighed(job: Job, assumed: Assumed, plan: Plan, totals: Totals) -> tuple[tuple[Fraction, ...], Weighted]:
    """Return the class weights and the sums under them."""
    state = totals.loss
    if not state.scored:
        raise DataError(
            f"none of the {totals.rows:,} rows is left to score",
            code="nothing_scored",
            where=Where(job.predictions.path),
            hint="check --where, --ignore-index, --invalid and --unmatched",
        )
    weights = assumed.class_weights or found_weights(job.request, state)
    terms = len(plan.classes.names) if assumed.targets is TargetKind.MULTILABEL else 1
    sums = weigh(state, weights, plan.convention.denominator, terms=terms)
    if totals.sequences is not None and not totals.sequences.counts.sequences:
        raise DataError(
            f"none of the {totals.rows:,} sequences has a token that is left to score",
            code="nothing_scored",
            where=Where(job.predictions.path),
            hint="check --skip, --label with --ignore-index, --where and --invalid",
        )
    if not sums.weight:
        raise InvalidWeights(
            "all weights are zero: there is no mean",
            code="zero_weights",
            where=Where(job.predictions.path),
            hint="correct --class-weight or --sample-weight",
        )
    return weights, sums
