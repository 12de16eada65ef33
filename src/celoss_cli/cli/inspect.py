"""``celoss inspect``: what the files hold and how that was decided; scores nothing."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from celoss_cli.cli.parameters import with_options
from celoss_cli.errors import DataError
from celoss_cli.options.option import request_of
from celoss_cli.render.show import Form


@with_options("inspect")
def inspect_command(predictions: str, labels: str | None, given: Mapping[str, Any]) -> None:
    """Show what PREDICTIONS and LABELS hold, and how celoss eval would read them. Scores nothing.

    Each file with its columns, what they hold and which part each plays; every decision with its evidence and what
    came second; the alarms; and the command line that pins all of it down. Files that cannot be settled are shown as
    far as they are known, with what each column could be; the error follows, and the exit code is 3.
    """
    request = request_of(predictions, labels, given)
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.inspection.inspect import inspect
    from celoss_cli.render.inspection import InspectionReport
    from celoss_cli.render.progress import progress
    from celoss_cli.render.show import show
    from celoss_cli.tables.inputs import opener_of

    tune_process()
    inspection = inspect(request, opener_of(request), progress)
    form, error = Form(given["format"]), inspection.error
    if error is None or form is Form.JSON or inspection.inputs.predictions is not None:
        show(InspectionReport(inspection), form, sys.stdout)
    if error is not None:
        raise DataError(error.message, code=error.code, where=error.where, hint=error.hint)
