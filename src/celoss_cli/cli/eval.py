"""``celoss eval``: the main job."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

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
from celoss_cli.cli.reporting import Reports
from celoss_cli.errors import ExitCode, UsageError
from celoss_cli.request import Detail, Request

if TYPE_CHECKING:
    from celoss_cli.cli.gating import Gating


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
    if quiet and format is not opt.FormatChoice.TABLE:
        raise UsageError("-q and --format both say what to print", code="quiet_and_format", hint="leave one out")
    slices = opt.slices_in(slice)
    gating = None
    if gate != GateOptions():
        from celoss_cli.cli.gating import Gating

        gating = Gating(gate, slices)
    reports = Reports(
        "eval",
        report,
        inputs=_given(predictions, labels),
        kept=_given(gate.baseline),
        others=_given(per_sample),
        renewed=_given(gate.save_baseline),
    )
    short = quiet and not reports.want_details and not (gating is not None and gating.needs_details)
    request = request_of(predictions, labels, data, weights, text, run, loss)._replace(
        detail=Detail.MEAN if short else Detail.FULL,
        top=top,
        slice=slices,
        per_sample=per_sample,
        gradients=gradients,
    )
    _run(request, format, quiet, reports, gating)


def _run(request: Request, format: opt.FormatChoice, quiet: bool, reports: Reports, gating: Gating | None) -> None:
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.engine.interface import OwnProcess
    from celoss_cli.pipeline.evaluate import evaluate
    from celoss_cli.render import Form
    from celoss_cli.render.evaluation.report import EvaluationReport
    from celoss_cli.render.progress import progress
    from celoss_cli.render.show import loading, show
    from celoss_cli.tables.inputs import opener_of

    tune_process()
    form = Form.QUIET if quiet else Form(format.value)
    with reports.around():
        if gating is not None:
            gating.open()
        finish = None if gating is None else gating.judged
        evaluation = evaluate(request, opener_of(request), progress, finish, own_process=OwnProcess(loading(form)))
        try:
            reports.publish(EvaluationReport(evaluation))
        finally:
            if gating is not None:
                gating.save(evaluation)
    show(evaluation, form, sys.stdout)
    if form in (Form.QUIET, Form.CSV):
        for notice in evaluation.warnings:
            say(f"warning: {notice.message}")
        if evaluation.verdict is not None and evaluation.verdict.skipped:
            from celoss_cli.render.evaluation.checks import not_judged

            say(f"not judged: {not_judged(evaluation)}")
    verdict = evaluation.verdict
    if verdict is not None and not verdict.passed:
        if form is not Form.TABLE:
            from celoss_cli.cli.gating import failure

            for check in verdict.checks:
                if not check.passed:
                    say(failure(check))
        raise typer.Exit(ExitCode.GATE_FAILED)


def _given(*paths: str | None) -> list[str]:
    return [path for path in paths if path is not None]
