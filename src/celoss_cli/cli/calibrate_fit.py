"""``celoss calibrate fit``: a temperature or a logistic, fitted to validation rows and written to a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from celoss_cli.cli.parameters import with_options
from celoss_cli.errors import UsageError
from celoss_cli.options.option import request_of
from celoss_cli.render.show import Form


@with_options("calibrate-fit")
def fit_command(validation: str, labels: str | None, given: Mapping[str, Any]) -> None:
    """Fit a fix of the probabilities to the rows of VALIDATION, and write it to a file.

    Of two classes it is a logistic of the log odds, of more one temperature; the class that is predicted stays the same
    under a temperature. Beside it stands what it is to save on new rows, as celoss diagnose says. The data are read as
    by celoss eval.

    Example: celoss calibrate fit validation.csv --label y -o fix.json
    """
    output: str | None = given.get("output")
    if output is None:
        raise UsageError("-o says where the fix is written, and is missing", code="no_output", hint="-o FIX.json")
    request = request_of(validation, labels, given)
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.calibration.fit import fit
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.outputs.files import check_writable, write_whole
    from celoss_cli.render.calibration import CalibrationReport
    from celoss_cli.render.forms import json
    from celoss_cli.render.progress import progress
    from celoss_cli.render.show import show
    from celoss_cli.tables.inputs import opener_of

    check_writable(output, [validation, *([] if labels is None else [labels])])
    tune_process()
    report = CalibrationReport(fit(request, given.get("method"), opener_of(request), progress))
    write_whole(output, json.dump(report.document()))
    show(report, Form(given["format"]), sys.stdout)
