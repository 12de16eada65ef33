"""``celoss diagnose``: why the loss is what it is, and what would fix it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celoss_cli.cli.parameters import with_options
from celoss_cli.cli.reporting import Reports
from celoss_cli.cli.values import form_of
from celoss_cli.options.option import request_of
from celoss_cli.render.show import Form
from celoss_cli.request import Margin, Request


@with_options("diagnose")
def diagnose_command(predictions: str, labels: str | None, given: Mapping[str, Any]) -> None:
    """Say why the loss of PREDICTIONS is what it is, and what would fix it on new rows.

    Is the model miscalibrated, and in which direction, or can it not tell the classes apart? What would a temperature,
    a shift, a logistic or another simple fix save, and how sure is that? Which rows, classes and confusions carry the
    loss, and which rows contradict their label? The data are read as by celoss eval; each number stands beside what
    chance would show.

    Example: celoss diagnose predictions.csv --label y --max-miscalibration 2%
    """
    form = form_of(given["format"], quiet=given["quiet"])
    request = request_of(predictions, labels, given)
    allowed: Margin | None = given.get("max_miscalibration")
    for option, saved in (("--max-miscalibration", allowed), ("--worth", request.worth)):
        if saved is not None:
            from celoss_cli.gate.miscalibration import check_saved

            check_saved(saved, option)
    inputs = [predictions, *([] if labels is None else [labels])]
    reports = Reports("diagnose", given.get("report"), inputs=inputs, plots=given.get("plots"), tags=request.tag)
    _run(request, allowed, form, reports)


def _run(request: Request, allowed: Margin | None, form: Form, reports: Reports) -> None:
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.ending import end
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.diagnosis.diagnose import diagnose
    from celoss_cli.gate.miscalibration import judged
    from celoss_cli.render.diagnosis import reading
    from celoss_cli.render.diagnosis.report import DiagnosisReport
    from celoss_cli.render.progress import progress
    from celoss_cli.tables.inputs import opener_of

    tune_process()
    with reports.around():
        diagnosis = judged(diagnose(request, opener_of(request), progress), allowed)
        report = DiagnosisReport(diagnosis)
        reports.publish(report)
    failed = diagnosis.verdict is not None and not diagnosis.verdict.passed
    end(report, form, diagnosis.warnings, [remark.text for remark in reading.verdict(diagnosis)] if failed else None)
