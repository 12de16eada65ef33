"""``celoss compare``: two models on the same rows, and what of the difference may be chance."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from celoss_cli.cli import compare_options as own
from celoss_cli.cli import options as opt
from celoss_cli.cli.groups import (
    DataOptions,
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
from celoss_cli.render.show import Form
from celoss_cli.request import Request

if TYPE_CHECKING:
    from celoss_cli.comparison.options import Comparing


@with_groups
def compare_command(
    baseline: own.Baseline,
    first: own.Candidate,
    labels: own.Labels = None,
    *,
    candidate: own.MoreCandidates = None,
    data: DataOptions,
    weights: WeightOptions,
    loss: LossOptions,
    chance: own.ChanceOptions,
    format: opt.FormatOption = opt.FormatChoice.TABLE,
    quiet: own.Quiet = False,
    top: own.Top = 5,
    slice: opt.Slice = None,
    report: opt.Report = None,
    run: RunOptions,
    margin: own.MarginOptions,
    text: TextOptions,
) -> None:
    """Compare the cross-entropy of CANDIDATE with that of BASELINE, row by row.

    Both are read and scored as by celoss eval, and their rows paired by position or by a shared id column. The
    difference of the means comes with its interval and p-value from the paired losses, and with what makes it.

    With --candidate several are ranked, with those that cannot be told from the best.
    """
    if quiet and format is not opt.FormatChoice.TABLE:
        raise UsageError("-q and --format both say what to print", code="quiet_and_format", hint="leave one out")
    from celoss_cli.comparison.options import Comparing, check_candidates
    from celoss_cli.gate.limits import read_margin

    candidates = [first, *(candidate or [])]
    check_candidates(baseline, candidates)
    request = request_of(baseline, labels, data, weights, text, run, loss)
    asked = Comparing(
        confidence=chance.confidence,
        max_regression=read_margin(margin.max_regression),
        inconclusive=margin.inconclusive,
        bootstrap=chance.bootstrap,
        seed=chance.seed,
        top=top,
    )
    inputs = [baseline, *candidates, *([] if labels is None else [labels])]
    reports = Reports("compare", report, inputs=inputs)
    request = request._replace(slice=opt.slices_in(slice), cluster=chance.cluster)
    _run(request, candidates, asked, Form.QUIET if quiet else Form(format.value), reports)


def _run(request: Request, candidates: list[str], asked: Comparing, form: Form, reports: Reports) -> None:
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.comparison.compare import compare
    from celoss_cli.engine.interface import OwnProcess
    from celoss_cli.render.comparison.reading import failures
    from celoss_cli.render.comparison.report import ComparisonReport
    from celoss_cli.render.comparison.show import show
    from celoss_cli.render.progress import progress
    from celoss_cli.tables.inputs import open_input

    tune_process()
    open_it = open_input(request.reading, (request.predictions, *candidates, request.labels))
    with reports.around():
        comparison = compare(request, candidates, asked, open_it, progress, own_process=OwnProcess())
        reports.publish(ComparisonReport(comparison))
    show(comparison, form, sys.stdout)
    if form in (Form.QUIET, Form.CSV):
        for notice in comparison.warnings:
            say(f"warning: {notice.message}")
    if comparison.verdict.passed is False:
        if form is not Form.TABLE:
            for line in failures(comparison):
                say(f"gate failed: {line}")
        raise typer.Exit(ExitCode.GATE_FAILED)
