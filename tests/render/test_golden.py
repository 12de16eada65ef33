"""What every form shows for the sample evaluations, to the last character."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from celoss_cli.render.evaluation import table
from celoss_cli.render.evaluation.findings import findings_of
from celoss_cli.render.evaluation.page import FILE, outline_of
from celoss_cli.render.evaluation.report import EvaluationReport
from celoss_cli.render.forms import html, junit
from celoss_cli.render.forms import metrics as openmetrics
from celoss_cli.render.forms.json import dump
from celoss_cli.render.show import Form
from celoss_cli.results.evaluation import Evaluation
from rendering import render

GOLDEN = Path(__file__).parent / "golden"

VIEWS: dict[str, Callable[[Evaluation], str]] = {
    "json": lambda evaluation: render(evaluation, Form.JSON),
    "csv": lambda evaluation: render(evaluation, Form.CSV),
    "md": lambda evaluation: render(evaluation, Form.MARKDOWN),
    "html": lambda evaluation: html.render(outline_of(evaluation, FILE)),
    "xml": lambda evaluation: junit.render(findings_of(evaluation)),
    "prom": lambda evaluation: openmetrics.render(findings_of(evaluation)),
    "metrics.json": lambda evaluation: dump(EvaluationReport(evaluation).numbers()),
    "quiet.txt": lambda evaluation: render(evaluation, Form.QUIET),
    "piped.txt": lambda evaluation: render(evaluation, Form.TABLE),
    "40.txt": lambda evaluation: table.render(evaluation, width=40),
    "80.txt": lambda evaluation: table.render(evaluation, width=80),
    "200.txt": lambda evaluation: table.render(evaluation, width=200),
    "80.color.txt": lambda evaluation: table.render(evaluation, width=80, color=True),
    "80.ascii.txt": lambda evaluation: table.render(evaluation, width=80, encoding="ascii"),
}

# A thousand classes say nothing new in these, and would be most of the repository.
TOO_LONG = {("many", view) for view in ("json", "csv", "html", "prom", "80.color.txt", "80.ascii.txt")}


@pytest.mark.parametrize("view", VIEWS)
def test_golden(sample: tuple[str, Evaluation], view: str) -> None:
    name, evaluation = sample
    if (name, view) in TOO_LONG:
        return
    path = GOLDEN / f"{name}.{view}"
    shown = VIEWS[view](evaluation)
    if os.environ.get("CELOSS_RENEW_GOLDEN"):
        path.write_bytes(shown.encode())
    assert shown.encode() == path.read_bytes()
