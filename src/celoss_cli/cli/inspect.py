"""``celoss inspect``: what the files hold and how that was decided; scores nothing."""

from __future__ import annotations

import sys

from celoss_cli.cli import options as opt
from celoss_cli.cli.groups import DataOptions, RunOptions, TextOptions, WeightOptions, request_of, with_groups
from celoss_cli.errors import DataError


@with_groups
def inspect_command(
    predictions: opt.Predictions,
    labels: opt.Labels = None,
    *,
    data: DataOptions,
    weights: WeightOptions,
    format: opt.ExplainFormatOption = opt.ExplainFormat.TABLE,
    run: RunOptions,
    text: TextOptions,
) -> None:
    """Show what PREDICTIONS and LABELS hold, and how celoss eval would read them. Scores nothing.

    Each file with its columns, what they hold and which part each plays; every decision with its evidence and what
    came second; the alarms; and the command line that pins all of it down. Files that cannot be settled are shown as
    far as they are known, with what each column could be; the error follows, and the exit code is 3.
    """
    request = request_of(predictions, labels, data, weights, text, run)
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.engine.interface import OwnProcess
    from celoss_cli.inspection.inspect import inspect
    from celoss_cli.render.inspection import show, show_json
    from celoss_cli.render.progress import progress
    from celoss_cli.tables.inputs import opener_of

    tune_process()
    inspection = inspect(request, opener_of(request), progress, own_process=OwnProcess())
    error = inspection.error
    if format is opt.ExplainFormat.JSON:
        show_json(inspection, sys.stdout)
    elif error is None or inspection.inputs.predictions is not None:
        show(inspection, sys.stdout)
    if error is not None:
        raise DataError(error.message, code=error.code, where=error.where, hint=error.hint)
