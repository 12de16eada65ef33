"""Evaluations in the forms of standard output, for the tests of what they look like."""

from __future__ import annotations

from typing import TextIO

from celoss_cli.render import show as module
from celoss_cli.render.evaluation.report import EvaluationReport
from celoss_cli.render.show import Form
from celoss_cli.render.terminal import Surface
from celoss_cli.results.evaluation import Evaluation


def render(evaluation: Evaluation, form: Form, *, encoding: str = "utf-8") -> str:
    """Return an evaluation as a file or a pipe has it."""
    return module.render(EvaluationReport(evaluation), form, Surface(encoding=encoding))


def show(evaluation: Evaluation, form: Form, stream: TextIO) -> None:
    """Print an evaluation."""
    module.show(EvaluationReport(evaluation), form, stream)
