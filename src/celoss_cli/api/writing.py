"""Results written to files, in the form that the end of the name tells."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from celoss_cli.errors import UsageError

if TYPE_CHECKING:
    from celoss_cli.render.report import Report
    from celoss_cli.results.batch import Batch
    from celoss_cli.results.comparison import Comparison
    from celoss_cli.results.diagnosis import Diagnosis
    from celoss_cli.results.evaluation import Evaluation
    from celoss_cli.results.history import History


def write_report(result: Evaluation | Batch | Comparison | Diagnosis | History, path: str | os.PathLike[str]) -> None:
    """Write ``result`` as ``--report`` does, in the form that the end of the name tells; whole or not at all.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for a name that tells no form or is that of a file that the result is about, and for another
        object; ``OutputError`` where it cannot be written.
    """
    from celoss_cli.outputs.files import refuse_input
    from celoss_cli.render.files import write_report as write

    target = os.fspath(path)
    report, inputs = _report_of(result)
    refuse_input(target, inputs)
    write(target, report)


def _report_of(result: Any) -> tuple[Report, list[str]]:
    """Return the report of a result, and the files that it is about."""
    from celoss_cli.api.shown import tree_of
    from celoss_cli.results.batch import Batch
    from celoss_cli.results.comparison import Comparison
    from celoss_cli.results.diagnosis import Diagnosis
    from celoss_cli.results.evaluation import Evaluation
    from celoss_cli.results.history import History

    if isinstance(result, Batch):
        from celoss_cli.render.batch.report import BatchReport

        inputs = [path for item in result.evaluations for path in (item.predictions, item.labels) if path is not None]
        return BatchReport(result), inputs
    if isinstance(result, History):
        from celoss_cli.render.history.report import HistoryReport

        return HistoryReport(result), [result.path]
    report: Report
    result = tree_of(result)
    if isinstance(result, Evaluation):
        from celoss_cli.render.evaluation.report import EvaluationReport

        report = EvaluationReport(result)
    elif isinstance(result, Comparison):
        from celoss_cli.render.comparison.report import ComparisonReport

        report = ComparisonReport(result)
    elif isinstance(result, Diagnosis):
        from celoss_cli.render.diagnosis.report import DiagnosisReport

        report = DiagnosisReport(result)
    else:
        raise UsageError(
            f"there is no report of an object of type {type(result).__name__}",
            code="unfit_argument",
            hint="pass what evaluate, evaluate_many, compare, diagnose or read_history returned",
        )
    return report, [source.path for _, source in result.inputs.by_role if source.format != "memory"]
