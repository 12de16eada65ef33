"""What GitHub Actions reads in the lines of a step: annotations of ours, and no command from a file.

The runner obeys a line of stdout or stderr that begins with ``::`` after blanks, or holds ``##[`` anywhere, if a
command that it knows follows (ActionCommand.cs of actions/runner). It shows ten annotations of a kind for a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from celoss_cli.render.forms.findings import Findings
from celoss_cli.render.text import Charset, called
from celoss_cli.spelling import cut_to

MOST_ANNOTATIONS = 10

_LONGEST_MESSAGE = 2000

_LONGEST_TITLE = 150

_CHARSET = Charset()


def annotations_of(findings: Findings) -> list[str]:
    """Return one error a check that failed and one warning a notice, each no more than are shown."""
    where = ", ".join(called(path) for path in findings.origin.files)
    failed = [check for check in findings.checks if not check.passed]
    errors = [(f"celoss: {check.title}", f"{check.text} [{where}]") for check in failed]
    warnings = [(f"celoss: {notice.code}", f"{notice.message} [{where}]") for notice in findings.warnings]
    return [*_bounded("error", errors, "limits are not met"), *_bounded("warning", warnings, "warnings")]


def annotation(kind: str, title: str, message: str) -> str:
    """Return the command that shows ``message``: nothing in it, or in the title, can end it or begin another."""
    shown = cut_to(_CHARSET.prose(title), _LONGEST_TITLE)
    return f"::{kind} title={_property(shown)}::{_data(cut_to(message, _LONGEST_MESSAGE))}"


def _bounded(kind: str, found: Sequence[tuple[str, str]], what: str) -> Iterable[str]:
    if len(found) <= MOST_ANNOTATIONS:
        return [annotation(kind, title, message) for title, message in found]
    shown = [annotation(kind, title, message) for title, message in found[: MOST_ANNOTATIONS - 1]]
    rest = f"{len(found) - len(shown)} more {what}: see the report"
    return [*shown, annotation(kind, "celoss", rest)]


def _data(text: str) -> str:
    safe = "\n".join(_CHARSET.prose(line) for line in text.split("\n"))
    return safe.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
