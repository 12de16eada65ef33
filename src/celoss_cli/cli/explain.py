"""``celoss explain``: the same rows under every known convention, and why they differ."""

from __future__ import annotations

import sys

from celoss_cli.cli import options as opt
from celoss_cli.spec import InvalidRows, ReadOptions, Request


def explain_command(
    predictions: opt.Predictions,
    labels: opt.Labels = None,
    label: opt.Label = None,
    pred: opt.Pred = None,
    id: opt.Id = None,
    task: opt.TaskOption = opt.TaskChoice.AUTO,
    input: opt.InputOption = opt.InputChoice.AUTO,
    classes: opt.Classes = None,
    positive: opt.Positive = None,
    where: opt.Where = None,
    invalid: opt.Invalid = InvalidRows.ERROR,
    strict: opt.Strict = False,
    sample_weight: opt.SampleWeight = None,
    class_weight: opt.ClassWeight = None,
    ignore_index: opt.IgnoreIndex = None,
    expect: opt.Expect = None,
    format: opt.ExplainFormatOption = opt.ExplainFormat.TABLE,
    delimiter: opt.Delimiter = None,
    decimal: opt.Decimal = None,
    encoding: opt.Encoding = None,
    header: opt.Header = None,
    file_format: opt.FileFormat = None,
    threads: opt.Threads = None,
    debug: opt.Debug = False,  # noqa: ARG001  read by the boundary
) -> None:
    """Show the loss of PREDICTIONS as every library would report it, and where the differences come from.

    The data are read as by celoss eval, once for all conventions. Each row of the table has a library's mean, its
    difference from the exact one, and the cause with counts. With --expect it says which of them give that number.
    """
    request = Request(
        predictions=predictions,
        labels=labels,
        label=opt.names_in(label, "--label"),
        pred=opt.names_in(pred, "--pred"),
        id=id,
        sample_weight=sample_weight,
        where=opt.conditions_in(where),
        task=opt.chosen_task(task),
        input=opt.chosen_input(input),
        classes=opt.names_in(classes, "--classes"),
        positive=positive,
        strict=strict,
        class_weight=class_weight,
        ignore_index=ignore_index,
        invalid=invalid,
        reading=ReadOptions(delimiter, decimal, encoding, header, file_format),
        threads=threads,
    )
    # Imported here, so that --help and --version need none of it.
    from celoss_cli.api import open_input
    from celoss_cli.cli.tuning import tune_process
    from celoss_cli.pipeline.passes import explain
    from celoss_cli.render.explanation import show, show_json
    from celoss_cli.render.progress import progress

    tune_process()
    explanation = explain(request, open_input(request.reading), progress, expect)
    if format is opt.ExplainFormat.JSON:
        show_json(explanation, sys.stdout)
    else:
        show(explanation, sys.stdout)
