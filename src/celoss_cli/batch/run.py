"""The run of a batch: every evaluation by itself, as many at a time as there are threads, results in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from celoss_cli._version import __version__
from celoss_cli.batch.entry import Entry, Source
from celoss_cli.batch.groups import groups_of
from celoss_cli.batch.names import check_names
from celoss_cli.batch.order import sorted_by
from celoss_cli.batch.tables import SharedTables
from celoss_cli.batch.workers import Workers
from celoss_cli.errors import DataError, UsageError
from celoss_cli.gate.baseline import read_baseline
from celoss_cli.gate.limits import Limits
from celoss_cli.gate.verdict import judged
from celoss_cli.options.models import Columns
from celoss_cli.pipeline.evaluate import evaluate
from celoss_cli.pipeline.job import Progress
from celoss_cli.pipeline.options import check_options, check_threads
from celoss_cli.request import EngineKind, Request
from celoss_cli.results.batch import Batch, Failure, Item, batch_of
from celoss_cli.results.document import Notice
from celoss_cli.results.evaluation import Evaluation
from celoss_cli.tables.opening import STANDARD_INPUT


def _as_it_is(name: str, request: Request) -> Request:  # noqa: ARG001
    return request


class Batching(NamedTuple):
    """What becomes of the tables, besides what is said of each of them."""

    models: tuple[Columns, ...] = ()
    """Several models in each file."""

    by: str | None = None
    """The column that makes an evaluation of each of its values."""

    sort: str | None = None
    """What the evaluations are sorted by; the order given without."""

    fail_fast: bool = False
    """Whether to stop at the first that cannot be scored."""

    threads: int | None = None
    prepared: Callable[[str, Request], Request] = _as_it_is
    """What the command adds to the request of an evaluation, given its name."""


def run_batch(sources: Sequence[Source], batching: Batching, progress: Progress) -> Batch:
    """Return what each evaluation comes to: one that cannot be scored costs itself alone.

    Raises UsageError for options that make no sense, or names that come twice.
    """
    if any(one.request.engine is EngineKind.DASK for one in sources):
        raise UsageError(
            "celoss batch shares its evaluations out among the threads of this machine",
            code="engine_input",
            hint="leave --engine out, or run celoss eval --engine dask once for each",
        )
    check_threads(batching.threads)
    several = bool(batching.models or batching.by)
    files = [one.labels for one in sources if one.labels is not None]
    shared = {
        one for one in files if isinstance(one, str) and (several or files.count(one) > 1 or one == STANDARD_INPUT)
    }
    tables = SharedTables(shared, [one.predictions for one in sources] if several else [])
    planned, warnings = _planned(sources, batching, tables)
    check_names([one.name for one in planned])
    items: list[Item] = []
    refused: list[UsageError] = []
    with progress(len(planned)) as meter, Workers(batching.threads, len(planned)) as workers:
        for item in workers.map(lambda one: _scored(one, batching, tables, workers, refused), planned):
            items.append(item)
            meter.advance(1)
            if item.error is not None and batching.fail_fast:
                break
    if len(refused) == len(items) and len({error.message for error in refused}) == 1:  # it is no single file's fault
        raise refused[0]
    asked = any(isinstance(one, Entry) and one.limits != Limits() for one in planned)
    ordered = tuple(sorted_by(items, batching.sort))
    return batch_of(__version__, ordered, tuple(warnings), not_tried=len(planned) - len(items), judged=asked)


def _planned(
    sources: Sequence[Source], batching: Batching, tables: SharedTables
) -> tuple[list[Entry | Item], list[Notice]]:
    """Return the evaluations to be made, an ``Item`` where it is known by now that there will be none."""
    planned: list[Entry | Item] = []
    warnings: list[Notice] = []
    for source in sources:
        groups: list[tuple[str, str]] = []
        if batching.by is not None:
            try:
                groups, missing = groups_of(source.request, batching.by, tables.opener(source.request))
            except DataError as error:
                planned.append(_failed(source.name, source.request, error))
                continue
            if missing:
                rows, belong = ("1 row has", "belongs") if missing == 1 else (f"{missing:,} rows have", "belong")
                text = f"{source.name}: {rows} no value of {batching.by!r}, and {belong} to no evaluation"
                warnings.append(Notice("by_missing", text))
        planned += source.entries(batching.models, tuple(groups))
    return planned, warnings


def _scored(
    one: Entry | Item, batching: Batching, tables: SharedTables, workers: Workers, refused: list[UsageError]
) -> Item:
    """Return what an evaluation comes to. What its file makes no sense of costs it alone, and is noted in ``refused``.

    Raises UsageError for options of the whole run that no file could make sense of.
    """
    if isinstance(one, Item):
        return one
    request = batching.prepared(one.name, one.request)._replace(threads=workers.each)
    if one.where is None:
        check_options(request)
    try:
        baseline = None if one.baseline is None else read_baseline(one.baseline)

        def finish(evaluation: Evaluation) -> Evaluation:
            return judged(evaluation, one.limits, baseline)

        found = evaluate(request, tables.opener(request), workers.meter, finish)
    except DataError as error:
        return _failed(one.name, request, error)
    except UsageError as error:
        if one.where is None:
            refused.append(error)
        told = DataError(error.message, code=error.code, where=one.where or error.where, hint=error.hint)
        return _failed(one.name, request, told)
    if one.chosen:  # that rows of the other groups are left out is what was asked for
        found = found._replace(warnings=tuple(notice for notice in found.warnings if notice.code != "rows_ignored"))
    return Item(one.name, _shown(request.predictions), _shown(request.labels), found, tags=request.tag)


def _failed(name: str, request: Request, error: DataError) -> Item:
    inputs = _shown(request.predictions), _shown(request.labels)
    return Item(name, *inputs, error=Failure.of(error), tags=request.tag)


def _shown(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else "memory"
