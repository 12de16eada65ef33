"""``celoss calibrate apply``: a file of predictions with a fix applied to its scores."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from celoss_cli.cli.messages import say
from celoss_cli.cli.parameters import with_options
from celoss_cli.errors import UsageError
from celoss_cli.options.option import among
from celoss_cli.request import ReadOptions


@with_options("calibrate-apply")
def apply_command(calibration: str, predictions: str, given: Mapping[str, Any]) -> None:
    """Write PREDICTIONS again, with the fix of FIX applied to their scores.

    No labels are needed. The columns and the form of the file stay the same, and all other cells as they are;
    probabilities become probabilities and logits logits, unless --into says otherwise. The score columns are those
    called as the fix was fitted on, or those of --pred. A directory of parts becomes a directory of such files.

    Example: celoss calibrate apply fix.json test.parquet -o calibrated.parquet
    """
    output: str | None = given.get("output")
    if output is None:
        raise UsageError("-o says where the new file is written, and is missing", code="no_output", hint="-o OUT")
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.calibration.apply import Applying, apply_to_file
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.pipeline.calibration_file import read_calibration

    tune_process()
    fix = read_calibration(calibration)
    reading = ReadOptions(**among(ReadOptions._fields, given))
    rows = apply_to_file(fix, predictions, output, Applying(**among(Applying._fields, given)), reading, calibration)
    say(f"{fix.said} applied to {rows:,} {'row' if rows == 1 else 'rows'}: {output}")
