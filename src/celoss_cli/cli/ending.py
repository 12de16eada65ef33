"""How a command that judges ends: a result on stdout, warnings of it on stderr, exit code 1 where its gate failed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from celoss_cli.cli.messages import say, say_warnings
from celoss_cli.errors import ExitCode
from celoss_cli.render.show import Form, show

if TYPE_CHECKING:
    from celoss_cli.render.report import Report
    from celoss_cli.results.document import Notice


def end(
    report: Report,
    form: Form,
    warnings: Iterable[Notice],
    failures: Iterable[str] | None,
    unjudged: str | None = None,
) -> None:
    """Print a result, and what a form that is for programs leaves out.

    ``failures`` says what the gate is not met by, a line each, and is None where it is met or there is none;
    ``unjudged`` says which limits could not be judged.
    """
    show(report, form, sys.stdout)
    if form in (Form.QUIET, Form.CSV):
        say_warnings(warnings)
        if unjudged is not None:
            say(f"not judged: {unjudged}")
    if failures is None:
        return
    for line in failures if form is not Form.TABLE else ():
        say(f"gate failed: {line}")
    raise typer.Exit(ExitCode.GATE_FAILED)
