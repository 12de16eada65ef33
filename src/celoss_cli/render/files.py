"""Report files: the form follows from the suffix, and a file appears whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from celoss_cli.errors import CelossError, UsageError
from celoss_cli.evaluation import Evaluation
from celoss_cli.outputs import write_whole
from celoss_cli.render import render
from celoss_cli.render.form import Form


@dataclass(frozen=True, slots=True)
class ReportKind:
    """A kind of report file: its suffix, its text, and the text that stands there when nothing was scored."""

    suffix: str
    text: Callable[[Evaluation], str]
    error_text: Callable[[CelossError, str], str] | None = None


def _error_json(error: CelossError, version: str) -> str:
    from celoss_cli.render import error_document

    return error_document.render(error, version=version)


REPORTS: tuple[ReportKind, ...] = (
    ReportKind(".json", lambda evaluation: render(evaluation, Form.JSON), _error_json),
    ReportKind(".md", lambda evaluation: render(evaluation, Form.MARKDOWN)),
    ReportKind(".csv", lambda evaluation: render(evaluation, Form.CSV)),
)


def kind_of(path: str) -> ReportKind:
    """Return the kind of report that the suffix of ``path`` names, in any case of letters.

    Raises
    ------
    UsageError
        The suffix is none of those in ``REPORTS``.
    """
    suffix = Path(path).suffix.lower()
    for kind in REPORTS:
        if kind.suffix == suffix:
            return kind
    known = ", ".join(kind.suffix for kind in REPORTS)
    raise UsageError(
        f"--report {path}: the form of a report follows from its suffix, and {_called(suffix)}",
        code="report_suffix",
        hint=f"end the name in one of {known}",
    )


def write_report(path: str, evaluation: Evaluation) -> None:
    """Write ``evaluation`` to ``path`` in the form its suffix names."""
    write_whole(path, kind_of(path).text(evaluation))


def write_error(path: str, error: CelossError, *, version: str) -> bool:
    """Write the error document to ``path``. Return False, and write nothing, for a form that has none."""
    error_text = kind_of(path).error_text
    if error_text is None:
        return False
    write_whole(path, error_text(error, version))
    return True


def _called(suffix: str) -> str:
    return f"{suffix} is not known" if suffix else "this name has none"
