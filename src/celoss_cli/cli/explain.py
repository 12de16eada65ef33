"""``celoss explain``: the same rows under every known convention, and why they differ."""

from __future__ import annotations

import sys

from celoss_cli.cli import options as opt
from celoss_cli.cli.groups import DataOptions, RunOptions, TextOptions, WeightOptions, request_of, with_groups


@with_groups
def explain_command(
    predictions: opt.Predictions,
    labels: opt.Labels = None,
    *,
    data: DataOptions,
    weights: WeightOptions,
    expect: opt.Expect = None,
    format: opt.ExplainFormatOption = opt.ExplainFormat.TABLE,
    run: RunOptions,
    text: TextOptions,
) -> None:
    """Show the loss of PREDICTIONS as every library would report it, and where the differences come from.

    The data are read as by celoss eval, once for all conventions. Each row of the table has a library's mean, its
    difference from the exact one, and the cause with counts. With --expect it says which of them give that number.
    """
    request = request_of(predictions, labels, data, weights, text, run)
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.engine.interface import OwnProcess
    from celoss_cli.pipeline.explain import explain
    from celoss_cli.render.explanation import show, show_json
    from celoss_cli.render.progress import progress
    from celoss_cli.tables.inputs import opener_of

    tune_process()
    explanation = explain(request, opener_of(request), progress, expect, own_process=OwnProcess())
    if format is opt.ExplainFormat.JSON:
        show_json(explanation, sys.stdout)
    else:
        show(explanation, sys.stdout)
