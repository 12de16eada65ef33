"""Report files: the form follows from the end of the name, and a file appears whole or not at all."""

from __future__ import annotations

import math
from pathlib import Path

from celoss_cli.errors import CelossError, OutputError, UsageError, Where
from celoss_cli.outputs.clock import now
from celoss_cli.outputs.files import write_whole
from celoss_cli.render.forms.findings import Origin
from celoss_cli.render.report import Report
from celoss_cli.results.evaluation import Evaluation

ENDINGS = (".metrics.json", ".json", ".md", ".html", ".csv", ".xml", ".prom", "metrics.txt")
"""How the names of reports end. The first that fits counts, so a longer ending stands before a shorter one."""


def _text(ending: str, report: Report) -> str:
    """Return the text of a report file. A form is loaded where one is written."""
    match ending:
        case ".json":
            from celoss_cli.render.forms import json

            return json.dump(report.document())
        case ".md":
            from celoss_cli.render.forms import markdown

            return markdown.render(report.page(comment=True))
        case ".html":
            from celoss_cli.render.forms import html

            return html.render(report.page(comment=False), now())
        case ".csv":
            return report.table()
        case ".xml":
            from celoss_cli.render.forms import junit

            return junit.render_all(report.suites(), now())
        case ".metrics.json":
            from celoss_cli.render.forms import json

            return json.dump(report.numbers())
        case _:
            from celoss_cli.render.forms import metrics

            return metrics.render_all(report.suites())


def _error_text(ending: str, error: CelossError, origin: Origin) -> str | None:
    """Return what stands in a report file when nothing was scored, ``None`` for a form that has no words for it."""
    from celoss_cli.render.forms import error as errors

    match ending:
        case ".json":
            return errors.render(error, version=origin.version)
        case ".md":
            from celoss_cli.render.forms import markdown

            return markdown.render(errors.outline_of(error, origin))
        case ".html":
            from celoss_cli.render.forms import html

            return html.render(errors.outline_of(error, origin), now())
        case ".csv":
            return None
        case ".xml":
            from celoss_cli.render.forms import junit

            return junit.render_error(error, origin, now())
        case _:
            from celoss_cli.render.forms import metrics

            return metrics.flat_error() if ending == ".metrics.json" else metrics.render_error(origin)


def ending_of(path: str) -> str:
    """Return which of ``ENDINGS`` the name of a report has, in any case of letters. Raises UsageError for none."""
    name = Path(path).name.lower()
    for ending in ENDINGS:
        if name.endswith(ending):
            return ending
    suffix = Path(path).suffix.lower()
    found = f"{suffix} is not known" if suffix else "this name has none"
    raise UsageError(
        f"--report {path}: the form of a report follows from the end of its name, and {found}",
        code="report_suffix",
        hint=f"end the name in one of {', '.join(ENDINGS)}",
    )


def write_report(path: str, report: Report) -> None:
    """Write ``report`` to ``path`` in the form that the end of its name tells."""
    write_whole(path, _text(ending_of(path), report))


def write_pictures(directory: str, report: Report) -> None:
    """Write each picture of ``report`` to a file of its own in ``directory``, called after what it shows.

    Pictures that an earlier run left there, and that this result does not have, are removed: they are of other rows.
    """
    from celoss_cli.outputs.files import make_directory
    from celoss_cli.render.pictures.svg import MARK, document

    make_directory(directory)
    drawn = {f"{picture.name}.svg": document(picture) for picture in report.pictures()}
    for name, text in drawn.items():
        write_whole(str(Path(directory, name)), text)
    for path in Path(directory).glob("*.svg"):
        if path.name not in drawn and MARK in path.read_bytes()[:1000]:
            path.unlink()


def write_error(path: str, error: CelossError, origin: Origin) -> bool:
    """Write the error document to ``path``. Return False, and write nothing, for a form that has none."""
    text = _error_text(ending_of(path), error, origin)
    if text is not None:
        write_whole(path, text)
    return text is not None


def save_baseline(path: str, evaluation: Evaluation) -> str | None:
    """Write the evaluation as the next baseline, or return why not: the gate failed.

    With a baseline from a failed gate, the next run of a worse model would pass. Raises OutputError for an infinite
    mean, which nothing can be compared with.
    """
    from celoss_cli.render.forms import json

    if evaluation.verdict is not None and not evaluation.verdict.passed:
        return "the gate failed"
    if not math.isfinite(evaluation.loss.mean):
        raise OutputError(
            f"not written: the mean loss is {evaluation.loss.mean}, and nothing can be held against that",
            code="baseline_infinite",
            where=Where(path),
            hint="--clip EPS gives a finite loss; or leave --save-baseline out and pass --report FILE.json",
        )
    write_whole(path, json.render(evaluation))
    return None
