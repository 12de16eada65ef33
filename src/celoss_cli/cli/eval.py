"""``celoss eval``: the main job."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import typer

from celoss_cli.cli import options as opt
from celoss_cli.cli.groups import (
    DataOptions,
    GateOptions,
    LossOptions,
    RunOptions,
    TextOptions,
    WeightOptions,
    request_of,
    with_groups,
)
from celoss_cli.cli.messages import say
from celoss_cli.errors import DataError, ExitCode, UsageError
from celoss_cli.spec import Detail, Request


@with_groups
def eval_command(
    predictions: opt.Predictions,
    labels: opt.Labels = None,
    *,
    data: DataOptions,
    weights: WeightOptions,
    loss: LossOptions,
    format: opt.FormatOption = opt.FormatChoice.TABLE,
    quiet: opt.Quiet = False,
    top: opt.Top = 5,
    slice: opt.Slice = None,
    per_sample: opt.PerSample = None,
    gradients: opt.Gradients = False,
    report: opt.Report = None,
    run: RunOptions,
    gate: GateOptions,
    text: TextOptions,
) -> None:
    """Compute the cross-entropy of PREDICTIONS, and show what it means.

    The labels are a column of PREDICTIONS, or of a second file paired by row position or by a shared id column.
    What the columns hold is detected from every row, and shown with the reason. The loss is exact: nothing is
    clipped or renormalised unless asked.
    """
    reports = tuple(report or ())
    if quiet and format is not opt.FormatChoice.TABLE:
        raise UsageError("-q and --format both say what to print", code="quiet_and_format", hint="leave one out")
    request = replace(
        request_of(predictions, labels, data, weights, text, run, loss),
        detail=Detail.MEAN if quiet and not reports else Detail.FULL,
        top=top,
        slice=opt.slices_in(slice),
        per_sample=per_sample,
        gradients=gradients,
    )
    _run(request, format, quiet, reports, gate)


def _run(request: Request, format: opt.FormatChoice, quiet: bool, reports: tuple[str, ...], gate: GateOptions) -> None:
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.api import open_input
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.gate import Limits, judge
    from celoss_cli.pipeline.passes import evaluate
    from celoss_cli.render import Form, show
    from celoss_cli.render.files import write_report
    from celoss_cli.render.progress import progress

    tune_process()
    limits = Limits(max_loss=gate.max_loss)
    _check_outputs(request, reports)
    try:
        evaluation = evaluate(request, open_input(request.reading), progress)
        evaluation = replace(evaluation, verdict=judge(evaluation, limits))
        for path in reports:
            write_report(path, evaluation)
    except DataError as error:
        _report_error(error, reports)
        raise
    form = Form.QUIET if quiet else Form(format.value)
    show(evaluation, form, sys.stdout)
    if form in (Form.QUIET, Form.CSV):
        for notice in evaluation.warnings:
            say(f"warning: {notice.message}")
    if evaluation.verdict is not None and not evaluation.verdict.passed:
        if form is not Form.TABLE:
            for check in evaluation.verdict.checks:
                if not check.passed:
                    say(f"gate failed: {_option(check.name)} {check.limit!r}, and the value is {check.value!r}")
        raise typer.Exit(ExitCode.GATE_FAILED)


def _option(check: str) -> str:
    return f"--{check.replace('_', '-')}"


def _check_outputs(request: Request, reports: tuple[str, ...]) -> None:
    """Find out before the work starts whether every output can be written."""
    from celoss_cli.outputs import check_writable
    from celoss_cli.render.files import kind_of

    inputs = [path for path in (request.predictions, request.labels) if path is not None]
    for path in reports:
        kind_of(path)
        check_writable(path, inputs)
    outputs = [*reports, *([request.per_sample] if request.per_sample is not None else [])]
    if len({os.path.realpath(path) for path in outputs}) < len(outputs):
        raise UsageError("two outputs have the same name", code="output_twice", hint="give each its own file")


def _report_error(error: DataError, reports: tuple[str, ...]) -> None:
    """Write the error document to the reports that have one; a report that cannot be written changes nothing."""
    from celoss_cli import __version__
    from celoss_cli.render.files import write_error

    for path in reports:
        try:
            write_error(path, error, version=__version__)
        except DataError as failure:
            if failure.where != error.where:  # not when this very file is what could not be written
                say(f"error: {failure}")
