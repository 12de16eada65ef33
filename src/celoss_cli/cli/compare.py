"""``celoss compare``: two models on the same rows, and what of the difference may be chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from celoss_cli.cli.parameters import with_options
from celoss_cli.cli.reporting import Reports
from celoss_cli.cli.unpaired import are_reports, compare_reports
from celoss_cli.cli.values import form_of
from celoss_cli.errors import UsageError
from celoss_cli.options.option import among, request_of
from celoss_cli.render.show import Form
from celoss_cli.request import Request

if TYPE_CHECKING:
    from celoss_cli.comparison.options import Comparing
    from celoss_cli.options.models import Columns


@with_options("compare")
def compare_command(baseline: str, first: str | None, labels: str | None, given: Mapping[str, Any]) -> None:
    """Compare the cross-entropy of CANDIDATE with that of BASELINE, row by row.

    Both are read and scored as by celoss eval, and their rows paired by position or by a shared id column. The
    difference of the means comes with its interval and p-value from the paired losses, and with what makes it.

    With --candidate several are ranked, with those that cannot be told from the best. With --model two or more models
    are columns of one file: celoss compare FILE [LABELS] --model lr=p_lr --model rf='rf_*'

    Two reports of celoss eval (.json) are compared as results of independent rows: celoss compare last.json this.json
    """
    form = form_of(given["format"], quiet=given["quiet"])
    from celoss_cli.comparison.options import Comparing, check_candidates

    models = _models(given, first, labels)
    if models:
        candidates, labels = [], first
    elif first is None:
        raise UsageError(
            "Missing argument 'CANDIDATE'.", code="no_candidate", hint="celoss compare --help shows what there is"
        )
    elif labels is None and are_reports(baseline, first):
        compare_reports(baseline, first, Comparing(**among(Comparing._fields, given)), form, given)
        return
    else:
        candidates = [first, *given.get("candidate", ())]
        check_candidates(baseline, candidates)
    request = request_of(baseline, labels, given)
    comparing = Comparing(**among(Comparing._fields, given))
    inputs = [baseline, *candidates, *([] if labels is None else [labels])]
    reports = Reports("compare", given.get("report"), inputs=inputs, plots=given.get("plots"), tags=request.tag)
    _run(request, candidates, models, comparing, form, reports)


def _models(given: Mapping[str, Any], first: str | None, labels: str | None) -> tuple[Columns, ...]:
    """Return the models in one file, none where files are compared. Raises UsageError for both, and for one alone."""
    if "model" not in given:
        return ()
    from celoss_cli.options.models import check_several, read_models

    if labels is not None or "candidate" in given:
        raise UsageError(
            f"--model names models in one file, and {labels or first!r} is another",
            code="model_and_candidate",
            hint="celoss compare FILE [LABELS] --model lr=p_lr --model rf='rf_*'",
        )
    return check_several(read_models(given["model"], given.get("pred", ())))


def _run(
    request: Request,
    candidates: Sequence[str],
    models: Sequence[Columns],
    comparing: Comparing,
    form: Form,
    reports: Reports,
) -> None:
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.ending import end
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.comparison.compare import compare
    from celoss_cli.render.comparison.reading import failures
    from celoss_cli.render.comparison.report import ComparisonReport
    from celoss_cli.render.progress import progress
    from celoss_cli.tables.inputs import open_input, reading_of

    tune_process()
    open_it = open_input(reading_of(request), (request.predictions, *candidates, request.labels))
    with reports.around():
        comparison = compare(request, candidates, comparing, open_it, progress, models)
        report = ComparisonReport(comparison)
        reports.publish(report)
    end(report, form, comparison.warnings, failures(comparison) if comparison.verdict.passed is False else None)
