"""``celoss compare``: two models on the same rows, and what of the difference may be chance."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from celoss_cli.cli.messages import say, say_warnings
from celoss_cli.cli.parameters import with_options
from celoss_cli.cli.reporting import Reports
from celoss_cli.cli.values import form_of
from celoss_cli.errors import ExitCode
from celoss_cli.options.option import among, request_of
from celoss_cli.render.show import Form
from celoss_cli.request import Request

if TYPE_CHECKING:
    from celoss_cli.comparison.options import Comparing


@with_options("compare")
def compare_command(baseline: str, first: str, labels: str | None, given: Mapping[str, Any]) -> None:
    """Compare the cross-entropy of CANDIDATE with that of BASELINE, row by row.

    Both are read and scored as by celoss eval, and their rows paired by position or by a shared id column. The
    difference of the means comes with its interval and p-value from the paired losses, and with what makes it.

    With --candidate several are ranked, with those that cannot be told from the best.
    """
    form = form_of(given["format"], quiet=given["quiet"])
    from celoss_cli.comparison.options import Comparing, check_candidates

    candidates = [first, *given.get("candidate", ())]
    check_candidates(baseline, candidates)
    request = request_of(baseline, labels, given)
    comparing = Comparing(**among(Comparing._fields, given))
    inputs = [baseline, *candidates, *([] if labels is None else [labels])]
    reports = Reports("compare", given.get("report"), inputs=inputs, plots=given.get("plots"))
    _run(request, candidates, comparing, form, reports)


def _run(request: Request, candidates: Sequence[str], comparing: Comparing, form: Form, reports: Reports) -> None:
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.comparison.compare import compare
    from celoss_cli.render.comparison.reading import failures
    from celoss_cli.render.comparison.report import ComparisonReport
    from celoss_cli.render.progress import progress
    from celoss_cli.render.show import show
    from celoss_cli.tables.inputs import open_input, reading_of

    tune_process()
    open_it = open_input(reading_of(request), (request.predictions, *candidates, request.labels))
    with reports.around():
        comparison = compare(request, candidates, comparing, open_it, progress)
        report = ComparisonReport(comparison)
        reports.publish(report)
    show(report, form, sys.stdout)
    if form in (Form.QUIET, Form.CSV):
        say_warnings(comparison.warnings)
    if comparison.verdict.passed is False:
        if form is not Form.TABLE:
            for line in failures(comparison):
                say(f"gate failed: {line}")
        raise typer.Exit(ExitCode.GATE_FAILED)
