"""``celoss history``: the runs appended to a file by ``--history``, and what they say over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celoss_cli.cli.parameters import with_options
from celoss_cli.cli.reporting import Reports
from celoss_cli.cli.values import form_of


@with_options("history")
def history_command(history: str, given: Mapping[str, Any]) -> None:
    """Show the runs that celoss eval and batch appended to HISTORY with --history.

    For each name: the runs with their intervals, the trend, where the level changed, and the last run beside the one
    before and the best. With --max-regression it exits with 1 where the last run is worse than that allows.

    Example: celoss history runs.jsonl --max-regression 2% --against median
    """
    form = form_of(given["format"], quiet=given["quiet"])
    from celoss_cli.cli.ending import end
    from celoss_cli.history.store import read_runs
    from celoss_cli.history.trend import Asked, history_of
    from celoss_cli.render.history import reading
    from celoss_cli.render.history.report import HistoryReport

    against, margin = given.get("against", "last"), given.get("max_regression")
    asked = Asked(given.get("name", ()), given.get("tag", ()), margin, against, given.get("last"))
    reports = Reports("history", given.get("report"), inputs=[history], plots=given.get("plots"))
    with reports.around():
        found = history_of(history, read_runs(history), asked)
        report = HistoryReport(found)
        reports.publish(report)
    failed = found.verdict is not None and not found.verdict.passed
    failures = [remark.text for remark in reading.verdict(found) if remark.lead == "FAIL"] if failed else None
    end(report, form, found.warnings, failures)
