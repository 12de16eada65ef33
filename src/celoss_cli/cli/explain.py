"""``celoss explain``: the same rows under every known convention, and why they differ."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from celoss_cli.cli.parameters import with_options
from celoss_cli.options.option import request_of
from celoss_cli.render.show import Form


@with_options("explain")
def explain_command(predictions: str, labels: str | None, given: Mapping[str, Any]) -> None:
    """Show the loss of PREDICTIONS as every library would report it, and where the differences come from.

    The data are read as by celoss eval, once for all conventions. Each row of the table has a library's mean, its
    difference from the exact one, and the cause with counts. With --expect it says which of them give that number.
    """
    request = request_of(predictions, labels, given)
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.pipeline.explain import explain
    from celoss_cli.render.explanation import ExplanationReport
    from celoss_cli.render.progress import progress
    from celoss_cli.render.show import show
    from celoss_cli.tables.inputs import opener_of

    tune_process()
    explanation = explain(request, opener_of(request), progress, given.get("expect"))
    show(ExplanationReport(explanation), Form(given["format"]), sys.stdout)
