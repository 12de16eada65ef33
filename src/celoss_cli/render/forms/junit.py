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

from celoss_cli.errors import CelossError
from celoss_cli.render import numbers
from celoss_cli.render.forms.findings import CheckInWords, Findings, Origin
from celoss_cli.render.forms.markup import Markup, element, lines, text
from celoss_cli.render.text import Charset, called

SCORED = "scored"
"""The name of the test case that says whether there is a number at all, where no limit was asked for."""

_CHARSET = Charset()

_TIME = {"time": "0"}


def render(findings: Findings) -> str:
    """Return one test case a check, and without checks one that says that the data could be read and scored."""
    origin = findings.origin
    names = _told_apart([check.title for check in findings.checks])
    named = zip(names, findings.checks, strict=True)
    cases = [_case(origin, name, *_failure(check, findings.facts)) for name, check in named]
    warnings = [f"warning: {notice.message} [{notice.code}]" for notice in findings.warnings]
    return _document(
        origin,
        cases or [_case(origin, SCORED)],
        properties=[
            ("celoss_version", origin.version),
            *((f"celoss_{m.name}", numbers.exactly(m.value)) for m in findings.measures if not m.labels),
            *((f"celoss_{m.name}_unit", m.unit) for m in findings.measures if m.name == "loss"),
        ],
        failures=sum(not check.passed for check in findings.checks),
        output=warnings,
    )


def render_error(error: CelossError, origin: Origin) -> str:
    """Return one test case in error: nothing could be scored, and why."""
    said = [f"error: {_CHARSET.prose(str(error))}", *([f"hint: {_CHARSET.prose(error.hint)}"] if error.hint else [])]
    body = element("error", lines(said), message=_CHARSET.prose(str(error)), type=f"celoss.{error.code}")
    version = [("celoss_version", origin.version)]
    return _document(origin, [_case(origin, SCORED, body)], properties=version, errors=1)


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


def _document(
    origin: Origin,
    cases: Sequence[Markup],
    *,
    properties: Iterable[tuple[str, str]],
    failures: int = 0,
    errors: int = 0,
    output: Sequence[str] = (),
) -> str:
    counts = {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors), **_TIME}
    known = element("properties", lines(["", *(_property(name, value) for name, value in properties), ""]))
    # In the suite and not in a case: there GitLab would look for attachments in it.
    said = [element("system-out", "\n".join(output))] if output else []
    suite = element("testsuite", lines(["", known, *cases, *said, ""]), name=_suite_name(origin), **counts)
    root = element("testsuites", lines(["", suite, ""]), name="celoss", **counts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'


def _property(name: str, value: str) -> Markup:
    return element("property", name=name, value=value)


def _suite_name(origin: Origin) -> str:
    return f"celoss {origin.command} {_files(origin)}".rstrip()


def _class_name(origin: Origin) -> str:
    """Return ``celoss`` and the files: Jenkins takes what stands before the last dot for a package."""
    return f"celoss.{_files(origin).replace('.', '_')}"


def _files(origin: Origin) -> str:
    return " ".join(_CHARSET.name(called(path)) for path in origin.files)
