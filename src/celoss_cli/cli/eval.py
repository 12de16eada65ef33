"""``celoss eval``: the main job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from celoss_cli.cli.parameters import with_options
from celoss_cli.cli.reporting import Reports
from celoss_cli.cli.values import form_of
from celoss_cli.options.option import Panel, request_of
from celoss_cli.options.table import options_of
from celoss_cli.render.show import Form
from celoss_cli.request import Detail, Request

if TYPE_CHECKING:
    from celoss_cli.cli.gating import Gating
    from celoss_cli.render.evaluation.report import EvaluationReport
    from celoss_cli.results.evaluation import Evaluation


@with_options("eval")
def eval_command(predictions: str, labels: str | None, given: Mapping[str, Any]) -> None:
    """Compute the cross-entropy of PREDICTIONS, and show what it means.

    The labels are a column of PREDICTIONS, or of a second file paired by row position or by a shared id column.
    What the columns hold is detected from every row, and shown with the reason. The loss is exact: nothing is
    clipped or renormalised unless asked.
    """
    form = form_of(given["format"], quiet=given["quiet"])
    request = request_of(predictions, labels, given)
    gating = None
    if is_gated("eval", given):
        from celoss_cli.cli.gating import Gating

        gating = Gating(given, request.slice)
    reports = Reports(
        "eval",
        given.get("report"),
        inputs=_present(predictions, labels),
        kept=_present(given.get("baseline")),
        others=_present(request.per_sample, given.get("history")),
        renewed=_present(given.get("save_baseline")),
        plots=given.get("plots"),
        tags=request.tag,
    )
    kept = given.get("history")
    short = kept is None and mean_is_enough(form, reports, gating)
    stored = kept is not None or is_stored(form, reports, gating)
    request = request._replace(detail=Detail.MEAN if short else Detail.FULL, digest=stored)
    _run(request, form, reports, gating, kept)


def _run(request: Request, form: Form, reports: Reports, gating: Gating | None, kept: str | None) -> None:
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.pipeline.evaluate import evaluate
    from celoss_cli.render.evaluation.report import EvaluationReport
    from celoss_cli.render.progress import progress
    from celoss_cli.render.show import loading
    from celoss_cli.tables.inputs import opener_of

    tune_process()
    with reports.around():
        if gating is not None:
            gating.open()
        if kept is not None:
            from celoss_cli.history.store import append_runs, check_history, name_of

            check_history(kept, _present(request.predictions, request.labels))
        finish = None if gating is None else gating.judged
        evaluation = evaluate(request, opener_of(request), progress, finish, meanwhile=loading(form))
        report = EvaluationReport(evaluation)
        try:
            reports.publish(report)
        finally:
            if gating is not None:
                gating.save(evaluation)
            if kept is not None:
                append_runs(kept, [(name_of(evaluation), evaluation)])
    show_evaluation(report, evaluation, form)


def is_gated(command: str, given: Mapping[str, Any]) -> bool:
    """Whether an option of the gate was given to a command."""
    return any(option.panel is Panel.GATE and name in given for name, option in options_of(command).items())


def mean_is_enough(form: Form, reports: Reports, gating: Gating | None) -> bool:
    """Whether nobody reads more of an evaluation than its mean."""
    return form is Form.QUIET and not reports.want_details and not (gating is not None and gating.needs_details)


def is_stored(form: Form, reports: Reports, gating: Gating | None) -> bool:
    """Whether an evaluation is written down, or held against one that was: then it has to say which rows it is of."""
    return form is Form.JSON or reports.stores or (gating is not None and gating.stores)


def show_evaluation(report: EvaluationReport, evaluation: Evaluation, form: Form) -> None:
    """Print an evaluation, and say why the gate failed, if it did: then the exit code is 1."""
    from celoss_cli.cli.ending import end

    verdict, unjudged, failures = evaluation.verdict, None, None
    if verdict is not None and verdict.skipped:
        from celoss_cli.render.evaluation.checks import not_judged

        unjudged = not_judged(evaluation)
    if verdict is not None and not verdict.passed:
        from celoss_cli.cli.gating import failure

        failures = [failure(check, evaluation) for check in verdict.checks if not check.passed]
    end(report, form, evaluation.warnings, failures, unjudged)


def _present(*paths: str | None) -> list[str]:
    return [path for path in paths if path is not None]
