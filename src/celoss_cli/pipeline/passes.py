"""Passes over the predictions: score every row as assumed, and again where the rows contradict it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from celoss_cli.engine.choice import engine_for
from celoss_cli.errors import DataError, UnreadableFile, Where
from celoss_cli.labels.weights import read_class_weights
from celoss_cli.layout.cells import has, values_of
from celoss_cli.pipeline.job import Assumed, Job, Opener, Progress
from celoss_cli.pipeline.judgement import supported_by, unsettled
from celoss_cli.pipeline.options import check_options
from celoss_cli.pipeline.planning import plan_of
from celoss_cli.pipeline.prepare import prepare
from celoss_cli.pipeline.settled import Settled, settled_from
from celoss_cli.request import Detail, EngineKind, Request
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.scorer import Scored, Scorer
from celoss_cli.spelling import listed
from celoss_cli.state.partial import Partial
from celoss_cli.tables.source import Table
from celoss_cli.tables.unchanged import Watch
from celoss_cli.tables.views.shards import placed
from celoss_cli.tuples import NamedTuple

if TYPE_CHECKING:
    from celoss_cli.pipeline.clustered import Clustered
    from celoss_cli.pipeline.row_files import RowSink

PASSES = 4  # the first guess, a better reading, better classes, and the rows under weights known only then


class Sized(Protocol):
    """Some rows, by their share of the table's size: for progress."""

    @property
    def size(self) -> int:
        """Their share."""
        ...


class _Contradicted(Exception):
    """The rows contradict what the pass assumed; ``supported`` is what the whole file supports."""

    def __init__(self, supported: Assumed) -> None:
        self.supported = supported


SinkFactory = Callable[[ExitStack], "RowSink"]
"""Makes what takes the rows of a pass, at its start. What it opens belongs on the stack."""


class Hooks(NamedTuple):
    """What goes on beside the scoring of rows."""

    progress: Progress
    """See ``Progress``."""
    meanwhile: Iterator[None] | None = None
    """Gone through while there is nothing to do but to wait for threads."""
    sink: SinkFactory | None = None
    """Asked at the start of every pass for what takes its rows."""


class Pass(NamedTuple):
    """A pass that nothing contradicts, while its tables are open."""

    job: Job
    """The open tables, and what was said about them."""
    settled: Settled
    """What results are made from."""
    again: Callable[[Plan], Partial]
    """Scores all rows once more, read the same way, under another plan; returns what they leave behind."""


@contextmanager
def settled_pass(
    request: Request,
    open_input: Opener,
    progress: Progress,
    *,
    meanwhile: Iterator[None] | None = None,
    sink: SinkFactory | None = None,
) -> Iterator[Pass]:
    """Score every row, in as many passes as it takes, and give the first that the rows do not contradict.

    The per-sample output, if it is wanted, is in its place when the context is left without an error; with one, nothing
    is left behind.

    Parameters
    ----------
    request
        What the user said.
    open_input
        Opens an input (a path or an object), given its role, as a table.
    progress
        See ``Progress``.
    meanwhile
        Gone through while there is nothing to do but to wait for threads.
    sink
        Asked at the start of every pass for what takes its rows.

    Raises
    ------
    CelossError
        Any of ``celoss_cli.errors``: bad options, or data that cannot be read or scored.
    """
    check_options(request)
    hooks, watch = Hooks(progress, meanwhile, sink), Watch()
    clusters = ExitStack()
    try:
        job, assumed = _prepared(request, watched(open_input, watch), clusters)
        for _ in range(PASSES):
            try:
                with ExitStack() as stack:
                    yield _one_pass(job, assumed, stack, hooks, watch)
                    return
            except _Contradicted as found:
                assumed = found.supported
    except DataError:
        watch.check()  # that a file has changed says more than what its two halves look like
        raise
    finally:
        clusters.close()
    raise unsettled(job)


def _prepared(request: Request, open_input: Opener, clusters: ExitStack) -> tuple[Job, Assumed]:
    """Read what the options name, and form the first opinion; a cluster, if one is to work, ends with ``clusters``."""
    class_weight = read_class_weights(request.class_weight)
    calibration = None
    if request.calibration is not None:
        from celoss_cli.pipeline.calibration_file import read_calibration

        calibration = read_calibration(request.calibration)
    client = _client(request, clusters)
    job, assumed = prepare(request, open_input, class_weight)
    job = job._replace(calibration=calibration)
    return job if client is None else job._replace(cluster=_clustered(job, client)), assumed


def _one_pass(job: Job, assumed: Assumed, stack: ExitStack, hooks: Hooks, watch: Watch) -> Pass:
    """Score all rows once; what takes them closes with ``stack``. Raises _Contradicted where they say otherwise."""
    plan = plan_of(job, assumed)
    partial = scored_rows(job, assumed, plan, stack, hooks)
    supported = supported_by(job, assumed, partial)
    if supported != assumed:
        raise _Contradicted(supported)
    job = _with_warnings(job, supported, plan, partial)
    watch.check()

    def again(plan: Plan) -> Partial:
        with ExitStack() as another:
            partial = scored_rows(job, supported, plan, another, Hooks(hooks.progress))
        watch.check()
        return partial

    return Pass(job, _settled(job, supported, plan, partial), again)


def _with_warnings(job: Job, assumed: Assumed, plan: Plan, partial: Partial) -> Job:
    """Return the job with warnings of what all rows together show. Raises DataError where that may not be scored."""
    if job.calibration is not None:
        from celoss_cli.pipeline.calibrated import check_calibration

        check_calibration(job, assumed, partial)
    if plan.layout.watched:
        job = with_repeats(job, plan, partial)
    if job.request.detail in (Detail.FULL, Detail.MEAN) and job.predictions.named:
        from celoss_cli.pipeline.splits import with_split_notice

        job = with_split_notice(job, assumed, plan, partial)
    return job


def _settled(job: Job, assumed: Assumed, plan: Plan, partial: Partial) -> Settled:
    """Return what results are made from. Where ``--where`` leaves no row, the error says what the first rows have."""
    try:
        return settled_from(job, assumed, plan, partial)
    except DataError as error:
        if error.code != "nothing_scored":
            raise
        said = []
        for name, _ in job.request.where:
            table = next((one for one in (job.predictions, job.labels) if one is not None and has(one, name)), None)
            if table is not None and (texts := values_of(table, name)):
                said.append(f"{name!r} has {listed(texts)}")
        message = f"{error.message}; in the first rows {', '.join(said)}" if said else error.message
        raise type(error)(message, code=error.code, where=error.where, hint=error.hint) from None


def _client(request: Request, stack: ExitStack) -> Any:
    """Return the client of the cluster on which rows are scored, ``None`` where that is done here."""
    if request.engine is not EngineKind.DASK:
        return None
    from celoss_cli.engine.cluster import reached

    return stack.enter_context(reached(request.scheduler, request.client, request.threads))


def _clustered(job: Job, client: Any) -> Clustered:
    from celoss_cli.pipeline.clustered import Clustered

    return Clustered(client, job.predictions, job.request)


def watched(open_input: Opener, watch: Watch) -> Opener:
    """Return ``open_input``, noting each file before its first byte is read."""

    def open_it(value: Any, role: str) -> Table:
        if not isinstance(value, str):
            return open_input(value, role)
        watch.note(value)
        table = open_input(value, role)
        watch.note_shards(table)
        return table

    return open_it


def scored_rows(job: Job, assumed: Assumed, plan: Plan, stack: ExitStack, hooks: Hooks) -> Partial:
    """Score all rows under a plan and return what they leave behind; what is opened for that closes with ``stack``."""
    take = None if hooks.sink is None else hooks.sink(stack)
    if plan.per_sample and job.request.per_sample is not None:  # not where rows are scored once more
        from celoss_cli.pipeline.row_files import both, row_sink

        write = row_sink(job, assumed, plan, stack)
        take = write if take is None else both(take, write)
    meter = stack.enter_context(hooks.progress(job.predictions.size))
    scorer = Scorer(plan, job.side, job.predictions.rows)
    running: Generator[tuple[Sized, Scored]]
    if job.cluster is not None:
        running = job.cluster.run(scorer)
    else:
        engine, partitions = engine_for(
            job.predictions.partitions(),
            job.request.threads,
            scorer.needs,
            in_order=plan.per_sample,
            meanwhile=hooks.meanwhile,
        )
        running = engine.run(partitions, scorer.score)
    results = stack.enter_context(closing(running))
    return _folded(results, job.predictions, take, meter)


def with_repeats(job: Job, plan: Plan, partial: Partial) -> Job:
    """Return the job with a warning of rows that say the same twice. Raises AmbiguousData for items that repeat."""
    from celoss_cli.pipeline.repeats import check_repeats

    notices = check_repeats(job, plan, partial)
    return job._replace(layout=job.layout._replace(notices=(*job.layout.notices, *notices))) if notices else job


def _folded(results: Iterator[tuple[Sized, Scored]], table: Table, take: RowSink | None, meter: Any) -> Partial:
    """Merge what the partitions leave behind, in file order, up to the first row that none can score."""
    whole: Partial | None = None
    stopped = False
    for partition, scored, done in _located(results, table):
        part = scored.partial.shifted(done)
        whole = part if whole is None else whole.merge(part)
        stopped = scored.stopped
        if stopped:
            break
        if take is not None:
            take(scored)
        meter.advance(partition.size)
    if whole is None:
        raise DataError("the file has no rows", code="no_rows", where=Where(table.path))
    if table.rows not in (None, whole.rows) and not stopped:
        raise UnreadableFile(
            f"says that it has {table.rows:,} rows, and {whole.rows:,} can be read: it is damaged",
            code="rows_missing",
            where=Where(table.path),
            hint="write it again",
        )
    return whole


def _located(results: Iterator[tuple[Sized, Scored]], table: Table) -> Iterator[tuple[Sized, Scored, int]]:
    """Pass results on with the row each starts at; put the file's row and line into an error of a partition."""
    done = 0
    try:
        for partition, scored in results:
            yield partition, scored, done
            done += scored.partial.rows
    except DataError as error:
        raise placed(error, table, done) from error
