"""``celoss batch``: many evaluations in one run, one table, one verdict."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from celoss_cli.cli.messages import say, say_warnings
from celoss_cli.cli.parameters import with_options
from celoss_cli.cli.reporting import Reports
from celoss_cli.cli.values import form_of, from_text
from celoss_cli.errors import ExitCode, UsageError
from celoss_cli.options.table import options_of
from celoss_cli.render.show import Form
from celoss_cli.request import Detail, Request

if TYPE_CHECKING:
    from celoss_cli.batch.entry import Source
    from celoss_cli.results.batch import Batch


@with_options("batch")
def batch_command(files: list[str] | None, given: Mapping[str, Any]) -> None:
    """Score many files, or many models, in one run: one table, one verdict.

    Each file, each match of a quoted glob and each directory of parts is an evaluation of its own, read and scored as
    by celoss eval, with all its options and limits. With --by or --model one file is several evaluations. One that
    cannot be scored is named, and costs only itself.

    Example: celoss batch 'runs/*.csv' --labels labels.csv --max-loss 0.5
    """
    form = form_of(given["format"], quiet=given["quiet"])
    from celoss_cli.batch.run import Batching
    from celoss_cli.options.models import read_models

    sources = _sources(files or [], given)
    reports = Reports(
        "batch",
        given.get("report"),
        inputs=[path for one in sources for path in (one.predictions, one.labels) if path is not None],
        kept=[given[name] for name in ("manifest", "baseline") if name in given],
        others=[given["history"]] if "history" in given else [],
        plots=given.get("plots"),
        tags=given.get("tag", ()),
    )
    kept = [name for name in ("per_sample", "save_baseline", "baseline", "history") if name in given]
    short = form is Form.QUIET and not (reports.want_details or kept)
    stored = form in (Form.JSON, Form.JSONL) or reports.stores or bool(kept)
    limited = _has_limits(sources)

    def prepared(name: str, request: Request) -> Request:
        if "per_sample" in given:
            from celoss_cli.render.batch.files import file_for

            request = request._replace(per_sample=file_for(given["per_sample"], name, ".csv"))
        detail = Detail.MEAN if short and not limited else Detail.FULL
        return request._replace(detail=detail, digest=stored)

    batching = Batching(
        read_models(given.get("model", ()), given.get("pred", ())),
        given.get("by"),
        given.get("sort"),
        given["fail_fast"],
        given.get("threads"),
        prepared,
    )
    _run(sources, batching, form, reports, given)


def _sources(files: Sequence[str], given: Mapping[str, Any]) -> list[Source]:
    from celoss_cli.batch.entry import Source
    from celoss_cli.batch.names import check_names, expanded

    labels, shared = given.get("labels"), {name: value for name, value in given.items() if name != "per_sample"}
    besides = [given[name] for name in ("labels", "manifest") if name in given]
    sources = [Source(path, path, labels, shared) for path in expanded(files, besides)]
    if "manifest" in given:
        from celoss_cli.batch.manifest import read_manifest

        sources += read_manifest(given["manifest"], options_of("batch"), shared, labels, from_text)
    if not sources:
        raise UsageError(
            "there is nothing to score", code="no_files", hint="name files, globs or directories, or a --manifest FILE"
        )
    check_names([source.name for source in sources])
    return sources


def _has_limits(sources: Sequence[Source]) -> bool:
    from celoss_cli.gate.verdict import needs_details

    return any(needs_details(source.limits) for source in sources)


def _run(sources: Sequence[Source], batching: Any, form: Form, reports: Reports, given: Mapping[str, Any]) -> None:
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.batch.run import run_batch
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.outputs.files import check_directory
    from celoss_cli.render.batch.files import save_baselines, write_all_pictures
    from celoss_cli.render.batch.report import BatchReport
    from celoss_cli.render.progress import progress
    from celoss_cli.render.show import show

    tune_process()
    with reports.around():
        for directory in (given[name] for name in ("per_sample", "save_baseline") if name in given):
            check_directory(directory)
        if "history" in given:
            from celoss_cli.history.store import append_runs, check_history

            check_history(given["history"])
        batch = run_batch(sources, batching, progress)
        report = BatchReport(batch)
        try:
            reports.publish(report)
        finally:
            for name, why in save_baselines(given["save_baseline"], batch) if "save_baseline" in given else ():
                say(f"{name}: the baseline was not saved: {why}")
            if "history" in given:
                append_runs(given["history"], batch.scored)
            if "plots" in given:
                write_all_pictures(given["plots"], batch)
    show(report, form, sys.stdout)
    _conclude(batch, form)


def _conclude(batch: Batch, form: Form) -> None:
    """Say what standard output does not, and raise the exit code."""
    if form is not Form.TABLE:
        from celoss_cli.cli.gating import failure
        from celoss_cli.results.document import Notice

        if form is not Form.JSON and form is not Form.MARKDOWN:
            say_warnings(batch.warnings)
        if form is Form.QUIET or form is Form.CSV:
            for name, evaluation in batch.scored:
                say_warnings(Notice(notice.code, f"{name}: {notice.message}") for notice in evaluation.warnings)
        for name, evaluation in batch.scored:
            for check in () if evaluation.verdict is None else evaluation.verdict.checks:
                if not check.passed:
                    say(f"{name}: gate failed: {failure(check, evaluation)}")
    for item, error in batch.failures:
        say(f"error: {item.name}: {error}" if not str(error).startswith(item.name) else f"error: {error}")
        if error.hint:
            say(f"hint: {error.hint}")
    if batch.counts.not_tried:
        say(f"stopped at the first error: {batch.counts.not_tried:,} not tried")
    if batch.counts.errors:
        raise typer.Exit(ExitCode.DATA)
    if batch.verdict is not None and not batch.verdict.passed:
        raise typer.Exit(ExitCode.GATE_FAILED)
