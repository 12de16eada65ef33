"""What takes the rows of a pass to the per-sample file, or where a cluster scores them to a directory of such files."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

from celoss_cli.engine.choice import threads_of
from celoss_cli.errors import OutputError, Where
from celoss_cli.pipeline.job import Assumed, Job
from celoss_cli.scoring.plan import Plan
from celoss_cli.scoring.rows import RowResults, SequenceResults
from celoss_cli.scoring.scorer import Scored

RowSink = Callable[[Scored], None]
"""Takes the rows of one partition after the other, in file order."""

Writing = Callable[[str, int], AbstractContextManager[Any]]
"""Gives a writer of the file at a path, whose rows are numbered from the second argument on."""


def row_sink(job: Job, assumed: Assumed, plan: Plan, stack: ExitStack) -> RowSink | None:
    """Return what writes the rows of a pass; what it writes is complete when the stack is left.

    It is ``None`` in a pass whose rows weigh what only the whole file tells: they are written in the pass after it.
    """
    if assumed.class_weights is None:
        return None
    kind, writing = _sequences(job, plan) if plan.layout.sequences is not None else _rows(job, plan)
    path = job.request.per_sample or ""
    if job.cluster is not None:
        return _in_parts(path, stack, kind, writing)
    writer = stack.enter_context(writing(path, 0))

    def take(scored: Scored) -> None:
        _hand(scored, kind, writer)

    return take


def both(take: RowSink, write: RowSink | None) -> RowSink:
    """Return what hands rows to both; ``write`` is ``None`` in a pass whose rows are not written."""

    def take_both(scored: Scored) -> None:
        take(scored)
        if write is not None:
            write(scored)

    return take_both


def _in_parts(path: str, stack: ExitStack, kind: type[Any], writing: Writing) -> RowSink:
    """Return what writes the rows of each partition to a file of their own; those without rows have none."""
    from celoss_cli.outputs.files import replacing_directory

    directory = stack.enter_context(replacing_directory(path))
    suffix = Path(path).suffix.lower() or ".csv"
    parts = rows = 0

    def take(scored: Scored) -> None:
        nonlocal parts, rows
        if not scored.partial.rows:
            return
        name = f"part-{parts:05}{suffix}"
        try:
            with writing(str(directory / name), rows) as writer:
                _hand(scored, kind, writer)
        except OutputError as error:  # which names the directory as it is called until all is there
            where = Where(str(Path(path, name)))
            raise OutputError(error.message, code=error.code, where=where, hint=error.hint) from error
        parts += 1
        rows += scored.partial.rows

    return take


def _hand(scored: Scored, kind: type[Any], writer: Any) -> None:
    for results in scored.results:
        if isinstance(results, kind):
            writer.write(results)


def _rows(job: Job, plan: Plan) -> tuple[type[RowResults], Writing]:
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
    behind = threads_of(job.request.threads) > 1
    return RowResults, lambda path, first: writing(path, form, behind=behind, first=first)


def _sequences(job: Job, plan: Plan) -> tuple[type[SequenceResults], Writing]:
    from celoss_cli.outputs.per_sequence import SequenceFormat, writing_sequences

    form = SequenceFormat(plan.layout.ids, plan.layout.weight is not None, plan.convention.base.nats)
    behind = threads_of(job.request.threads) > 1
    return SequenceResults, lambda path, first: writing_sequences(path, form, behind=behind, first=first)
