"""``celoss compare`` of two reports, which have no rows any more: what there is to be asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from celoss_cli.errors import UsageError
from celoss_cli.options.option import Option, Panel
from celoss_cli.options.table import options_of
from celoss_cli.render.show import Form

if TYPE_CHECKING:
    from celoss_cli.comparison.options import Comparing

_OF_ROWS = ("cluster", "bootstrap", "seed", "slice", "candidate", "model", "top")


def are_reports(*paths: str | None) -> bool:
    """Whether files are to be compared as reports. Raises UnreadableFile where one is a report, and another is none."""
    named = [path for path in paths if path is not None]
    if len(named) < len(paths) or not any(path.lower().endswith(".json") for path in named):
        return False
    from celoss_cli.comparison.reports import are_reports

    return are_reports(named)


def is_of_rows(option: Option) -> bool:
    """Whether an option says how rows are read, scored or shown."""
    return option.panel in (Panel.DATA, Panel.LOSS, Panel.READING) or option.name in _OF_ROWS


def compare_reports(baseline: str, candidate: str, asked: Comparing, form: Form, given: Mapping[str, Any]) -> None:
    """Compare two reports, and show and write what they come to.

    Raises UsageError for an option of rows; a configuration may have any, and they are no settings of this run.
    """
    from celoss_cli.cli.ending import end
    from celoss_cli.cli.reporting import Reports
    from celoss_cli.comparison.reports import compare_reports
    from celoss_cli.render.unpaired import UnpairedReport, failures

    for name, option in options_of("compare").items():
        if is_of_rows(option) and given.get(name) not in (None, option.default):
            raise UsageError(
                f"{option.flag} says something of rows, and reports have none",
                code="option_of_rows",
                hint="leave it out, or compare the prediction files",
            )
    tags = given.get("tag", ())
    reports = Reports("compare", given.get("report"), inputs=[baseline, candidate], plots=given.get("plots"), tags=tags)
    with reports.around():
        found = compare_reports(baseline, candidate, asked, tags)
        report = UnpairedReport(found)
        reports.publish(report)
    end(report, form, found.warnings, failures(found) if found.verdict.passed is False else None)
