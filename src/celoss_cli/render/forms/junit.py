"""The verdict as JUnit XML, as GitLab, Jenkins and the readers for GitHub show it: one test case a check.

What these readers make of it decides the form:

- GitLab shows a failure's body and not its message, knows a test from run to run by suite, class and name, keeps the
  first of two with one name, and takes an attribute ``type`` such as ``float`` for the type of the body.
- Jenkins groups by class name, cut at its last dot, and checks the elements against its schema (junit-10.xsd of its
  xUnit plugin).
- A case without a time is shown as NaN by some readers. Judging a number takes none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from celoss_cli.errors import CelossError
from celoss_cli.render import numbers
from celoss_cli.render.forms.findings import CheckInWords, Findings, Origin
from celoss_cli.render.forms.markup import Markup, element, lines, text
from celoss_cli.render.text import Charset, called

SCORED = "scored"
"""The name of the test case that says whether there is a number at all, where no limit was asked for."""

_CHARSET = Charset()

_TIME = {"time": "0"}


def render(findings: Findings, made: datetime | None = None) -> str:
    """Return one test case a check, and without checks one that says that the data could be read and scored.

    ``made`` is the time of the run, in UTC.
    """
    return render_all([findings], made)


def render_error(error: CelossError, origin: Origin, made: datetime | None = None) -> str:
    """Return one test case in error: nothing could be scored, and why."""
    return render_all([(error, origin)], made)


def render_all(suites: Iterable[Findings | tuple[CelossError, Origin]], made: datetime | None = None) -> str:
    """Return a suite for each result, or for the error in its place."""
    return _document([_failed(*one, made) if not isinstance(one, Findings) else _judged(one, made) for one in suites])


class _Suite(NamedTuple):
    element: Markup
    tests: int
    failures: int
    errors: int


def _judged(findings: Findings, made: datetime | None) -> _Suite:
    origin = findings.origin
    names = _told_apart([check.title for check in findings.checks])
    named = zip(names, findings.checks, strict=True)
    cases = [_case(origin, name, *_failure(check, findings.facts)) for name, check in named]
    warnings = [f"warning: {notice.message} [{notice.code}]" for notice in findings.warnings]
    return _suite(
        origin,
        cases or [_case(origin, SCORED)],
        properties=[
            *_about(origin),
            *((f"celoss_{m.name}", numbers.exactly(m.value)) for m in findings.measures if not m.labels),
            *((f"celoss_{m.name}_unit", m.unit) for m in findings.measures if m.name == "loss"),
        ],
        failures=sum(not check.passed for check in findings.checks),
        output=warnings,
        made=made,
    )


def _failed(error: CelossError, origin: Origin, made: datetime | None) -> _Suite:
    said = [f"error: {_CHARSET.prose(str(error))}", *([f"hint: {_CHARSET.prose(error.hint)}"] if error.hint else [])]
    body = element("error", lines(said), message=_CHARSET.prose(str(error)), type=f"celoss.{error.code}")
    return _suite(origin, [_case(origin, SCORED, body)], properties=_about(origin), errors=1, made=made)


def _about(origin: Origin) -> list[tuple[str, str]]:
    return [("celoss_version", origin.version), *((f"tag_{key}", value) for key, value in origin.tags)]


def _told_apart(names: Iterable[str]) -> list[str]:
    """Return ``names`` with a number where one comes again: two classes can be shown alike, though they differ."""
    seen: dict[str, int] = {}
    told = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        told.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return told


def _failure(check: CheckInWords, facts: Iterable[tuple[str, str]]) -> list[Markup]:
    if check.passed:
        return []
    told = "\n".join(f"{what}: {value}" for what, value in (*check.figures, *facts))
    body = text(f"{check.text}\n\n{told}\n")
    return [element("failure", body, message=check.text, type=f"celoss.{check.name}")]


def _case(origin: Origin, name: str, *content: Markup) -> Markup:
    return element("testcase", *content, classname=_class_name(origin), name=name, **_TIME)


def _suite(
    origin: Origin,
    cases: Sequence[Markup],
    *,
    properties: Iterable[tuple[str, str]],
    failures: int = 0,
    errors: int = 0,
    output: Sequence[str] = (),
    made: datetime | None = None,
) -> _Suite:
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors), **_TIME}
    if made is not None:
        counts["timestamp"] = f"{made:%Y-%m-%dT%H:%M:%S}"  # without a zone, as Jenkins' schema has it
    known = element("properties", lines(["", *(_property(name, value) for name, value in properties), ""]))
    # In the suite and not in a case: there GitLab would look for attachments in it.
    said = [element("system-out", "\n".join(output))] if output else []
    suite = element("testsuite", lines(["", known, *cases, *said, ""]), name=_suite_name(origin), **counts)
    return _Suite(suite, len(cases), failures, errors)


def _document(suites: Sequence[_Suite]) -> str:
    counts = {
        "tests": str(sum(suite.tests for suite in suites)),
        "failures": str(sum(suite.failures for suite in suites)),
        "errors": str(sum(suite.errors for suite in suites)),
        **_TIME,
    }
    root = element("testsuites", lines(["", *(suite.element for suite in suites), ""]), name="celoss", **counts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'


def _property(name: str, value: str) -> Markup:
    return element("property", name=name, value=value)


def _suite_name(origin: Origin) -> str:
    name = _CHARSET.name(origin.name) if origin.name else _files(origin)
    return f"celoss {origin.command} {name}".rstrip()


def _class_name(origin: Origin) -> str:
    """Return ``celoss`` and the files: Jenkins takes what stands before the last dot for a package."""
    name = _CHARSET.name(origin.name) if origin.name else _files(origin)
    return f"celoss.{name.replace('.', '_')}"


def _files(origin: Origin) -> str:
    return " ".join(_CHARSET.name(called(path)) for path in origin.files)
