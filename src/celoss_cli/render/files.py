"""Report files: the form follows from the end of the name, and a file appears whole or not at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from celoss_cli.errors import CelossError, OutputError, UsageError, Where
from celoss_cli.outputs.files import write_whole
from celoss_cli.render.forms.findings import Origin
from celoss_cli.render.report import Report
from celoss_cli.results.evaluation import Evaluation


class ReportKind(NamedTuple):
    """A kind of report file: how its name ends, its text, and the text that stands there when nothing was scored."""

    ending: str
    text: Callable[[Report], str]
    error_text: Callable[[CelossError, Origin], str] | None = None


# Each form is loaded when it is asked for.


def _json(report: Report) -> str:
    from celoss_cli.render.forms import json

    return json.dump(report.document())


def _json_error(error: CelossError, origin: Origin) -> str:
    from celoss_cli.render.forms import error as error_document

    return error_document.render(error, version=origin.version)


def _markdown(report: Report) -> str:
    from celoss_cli.render.forms import markdown

    return markdown.render(report.page(comment=True))


def _markdown_error(error: CelossError, origin: Origin) -> str:
    from celoss_cli.render.forms import error as error_page
    from celoss_cli.render.forms import markdown

    return markdown.render(error_page.outline_of(error, origin))


def _html(report: Report) -> str:
    from celoss_cli.render.forms import html

    return html.render(report.page(comment=False))


def _html_error(error: CelossError, origin: Origin) -> str:
    from celoss_cli.render.forms import error as error_page
    from celoss_cli.render.forms import html

    return html.render(error_page.outline_of(error, origin))


def _csv(report: Report) -> str:
    return report.table()


def _junit(report: Report) -> str:
    from celoss_cli.render.forms import junit

    return junit.render(report.findings())


def _junit_error(error: CelossError, origin: Origin) -> str:
    from celoss_cli.render.forms import junit

    return junit.render_error(error, origin)


def _openmetrics(report: Report) -> str:
    from celoss_cli.render.forms import metrics

    return metrics.render(report.findings())


def _openmetrics_error(error: CelossError, origin: Origin) -> str:  # noqa: ARG001  numbers have no words for it
    from celoss_cli.render.forms import metrics

    return metrics.render_error()


def _flat_metrics(report: Report) -> str:
    from celoss_cli.render.forms import metrics

    return metrics.flat(report.findings())


def _flat_metrics_error(error: CelossError, origin: Origin) -> str:  # noqa: ARG001  numbers have no words for it
    from celoss_cli.render.forms import metrics

    return metrics.flat_error()


# The first that fits counts, so a longer ending stands before a shorter one.
REPORTS: tuple[ReportKind, ...] = (
    ReportKind(".metrics.json", _flat_metrics, _flat_metrics_error),
    ReportKind(".json", _json, _json_error),
    ReportKind(".md", _markdown, _markdown_error),
    ReportKind(".html", _html, _html_error),
    ReportKind(".csv", _csv),
    ReportKind(".xml", _junit, _junit_error),
    ReportKind(".prom", _openmetrics, _openmetrics_error),
    ReportKind("metrics.txt", _openmetrics, _openmetrics_error),
)


def kind_of(path: str) -> ReportKind:
    """Return the kind of report that the end of the name of ``path`` tells, in any case of letters.

    Raises
    ------
    UsageError
        It is none of those in ``REPORTS``.
    """
    name = Path(path).name.lower()
    for kind in REPORTS:
        if name.endswith(kind.ending):
            return kind
    known = ", ".join(kind.ending for kind in REPORTS)
    suffix = Path(path).suffix.lower()
    raise UsageError(
        f"--report {path}: the form of a report follows from the end of its name, and {_called(suffix)}",
        code="report_suffix",
        hint=f"end the name in one of {known}",
    )


def write_report(path: str, report: Report) -> None:
    """Write ``report`` to ``path`` in the form that the end of its name tells."""
    write_whole(path, kind_of(path).text(report))


def write_error(path: str, error: CelossError, origin: Origin) -> bool:
    """Write the error document to ``path``. Return False, and write nothing, for a form that has none."""
    error_text = kind_of(path).error_text
    if error_text is None:
        return False
    write_whole(path, error_text(error, origin))
    return True


def _called(suffix: str) -> str:
    return f"{suffix} is not known" if suffix else "this name has none"


def save_baseline(path: str, evaluation: Evaluation) -> str | None:
    """Write the evaluation as the next baseline, whole; return why not, if the gate failed.

    A baseline from a failed gate would make the next run of a worse model pass. Raises OutputError for an infinite
    mean, which nothing could be held against.
    """
    from celoss_cli.render.forms import json

    if evaluation.verdict is not None and not evaluation.verdict.passed:
        return "the gate failed"
    if not math.isfinite(evaluation.loss.mean):
        raise OutputError(
            f"not written: the mean loss is {evaluation.loss.mean}, and nothing can be held against that",
            code="baseline_infinite",
            where=Where(path),
            hint="--clip EPS gives a finite loss; --report FILE.json writes the result whatever it is",
        )
    write_whole(path, json.render(evaluation))
    return None
