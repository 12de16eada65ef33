"""Passes over the predictions: score every row as assumed, and again where the rows contradict it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, TypeVar

from celoss_cli.engine.choice import engine_for, workers_of
from celoss_cli.engine.interface import OwnProcess
from celoss_cli.errors import AmbiguousData, DataError, Where
from celoss_cli.labels.weights import read_class_weights
from celoss_cli.pipeline.job import Assumed, Job, Opener
from celoss_cli.pipeline.options import check_options
from celoss_cli.pipeline.planning import plan_of
from celoss_cli.pipeline.prepare import prepare
from celoss_cli.pipeline.settle import settle
from celoss_cli.request import Request
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.rows import RowResults
from celoss_cli.scoring.scorer import Scored, Scorer
from celoss_cli.state.evidence import Evidence
from celoss_cli.state.target_evidence import TargetEvidence
from celoss_cli.state.totals import Totals
from celoss_cli.tables.source import Partition, Table
from celoss_cli.tables.unchanged import Watch
from celoss_cli.tables.views.shards import placed

if TYPE_CHECKING:
    pass

_PASSES = 4  # the first guess, a better reading, better classes, and the rows under weights known only then


class _Again(Exception):
    """The pass contradicted what it assumed; ``assumed`` is what the whole file supports."""

    def __init__(self, assumed: Assumed) -> None:
        self.assumed = assumed


Result = TypeVar("Result")

Conclude = Callable[[Job, Assumed, Plan, Totals, Evidence], Result]
"""Makes the result of a pass that nothing contradicts."""

Keep = Callable[[Scored], None]

Keeping = Callable[[Job, Assumed, Plan, ExitStack], Keep]
"""Says what takes the partitions of a pass; what it opens belongs on the stack."""


def settled(
    request: Request,
    open_input: Opener,
    progress: Callable[[int], Any],
    conclude: Conclude[Result],
    own_process: OwnProcess | None = None,
    keeping: Keeping | None = None,
) -> Result:
    """Return what ``conclude`` makes of the first pass that the rows do not contradict. As ``evaluate`` otherwise.

    ``keeping`` is asked at the start of every pass for what takes its partitions, in file order.
    """
    check_options(request)
    class_weight = read_class_weights(request.class_weight)
    watch = Watch()
    try:
        job, assumed = prepare(request, _watched(open_input, watch), class_weight)
        for _ in range(_PASSES):
            try:
                return _pass(job, assumed, watch, progress, conclude, own_process, keeping)
            except _Again as again:
                assumed = again.assumed
    except DataError:
        watch.check()  # that a file has changed says more than what its two halves look like
        raise
    raise AmbiguousData(
        "the file contradicts every reading that its own rows suggest",
        code="unsettled",
        where=Where(job.predictions.path),
        hint="say what the columns hold: --input, --pred, --label and --classes",
    )


def _watched(open_input: Opener, watch: Watch) -> Opener:
    """Return ``open_input``, noting each file before its first byte is read."""

    def open_it(value: Any, role: str) -> Table:
        if not isinstance(value, str):
            return open_input(value, role)
        watch.note(value)
        table = open_input(value, role)
        watch.note_shards(table)
        return table

    return open_it


def _pass(
    job: Job,
    assumed: Assumed,
    watch: Watch,
    progress: Callable[[int], Any],
    conclude: Conclude[Result],
    own_process: OwnProcess | None,
    keeping: Keeping | None,
) -> Result:
    """Score all rows as assumed, and return the result; raise ``_Again`` if the rows contradict it."""
    plan = plan_of(job, assumed)
    with ExitStack() as stack:
        keep = None if keeping is None else keeping(job, assumed, plan, stack)
        write = _per_sample(job, assumed, plan, stack) if plan.per_sample else None
        meter = stack.enter_context(progress(job.predictions.size))
        engine, partitions = engine_for(
            job.predictions, job.request.threads, own_process=own_process, in_order=plan.per_sample
        )
        results = stack.enter_context(closing(engine.run(partitions, Scorer(plan, job.side, write).score)))
        totals, seen, labels = _fold(results, job.predictions, keep, meter)
        supported = settle(job, assumed, totals, seen, labels)
        if supported != assumed:
            raise _Again(supported)
        watch.check()
        return conclude(job, supported, plan, totals, seen)


def _per_sample(job: Job, assumed: Assumed, plan: Plan, stack: ExitStack) -> Callable[[RowResults], None] | None:
    """Return what writes rows to the per-sample file, which is complete when the stack is left."""
    if assumed.class_weights is None:
        return None  # rows that weigh what only the whole file tells are written in the pass after this one
    from celoss_cli.outputs.per_sample import RowFormat, writing

    weighted = plan.weighted_classes or plan.layout.weight is not None
    form = RowFormat(
        plan.classes.names,
        plan.layout.ids,
        plan.class_weights if weighted else None,
        plan.convention.base.nats,
        (plan.classes.names[1:] if plan.single else plan.classes.names) if plan.gradients else (),
        job.predictions.places,
    )
    path = job.request.per_sample or ""
    return stack.enter_context(writing(path, form, behind=workers_of(job.request.threads) > 1)).write


def _fold(
    results: Iterator[tuple[Partition, Scored]], table: Table, keep: Keep | None, meter: Any
) -> tuple[Totals, Evidence, TargetEvidence]:
    """Merge what the partitions leave behind, in file order, up to the first row that none can score."""
    totals: Totals | None = None
    seen, labels = Evidence(), TargetEvidence()
    for partition, scored, done in _located(results, table):
        seen = seen.merge(scored.evidence.shifted(done))
        labels = labels.merge(scored.targets.shifted(done))
        shifted = scored.totals.shifted(done)
        totals = shifted if totals is None else totals.merge(shifted)
        if scored.stopped:
            break
        if keep is not None:
            keep(scored)
        meter.advance(partition.size)
    if totals is None:
        raise DataError("the file has no rows", code="no_rows", where=Where(table.path))
    return totals, seen, labels


def _located(results: Iterator[tuple[Partition, Scored]], table: Table) -> Iterator[tuple[Partition, Scored, int]]:
    """Pass results on with the row each starts at; put the file's row and line into an error of a partition."""
    done = 0
    try:
        for partition, scored in results:
            yield partition, scored, done
            done += scored.totals.rows
    except DataError as error:
        raise placed(error, table, done) from error
