"""The Python API: what the commands do, for paths and for objects in memory. Never prints, never exits."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Unpack

from celoss_cli.api.arguments import candidates_of, path_or_object
from celoss_cli.api.indexes import check_indexes
from celoss_cli.api.keywords import (
    DEFAULTS,
    ComparisonOptions,
    DataOptions,
    EvaluationOptions,
    comparing_of,
    limits_of,
    request_of,
    taken,
)
from celoss_cli.api.signature import with_options
from celoss_cli.errors import UsageError
from celoss_cli.request import Request
from celoss_cli.tables.inputs import open_input, opener_of

if TYPE_CHECKING:
    from celoss_cli.render.report import Report
    from celoss_cli.results.comparison import Comparison
    from celoss_cli.results.evaluation import Evaluation
    from celoss_cli.results.explanation import Explanation
    from celoss_cli.results.inspection import Inspection


class _NoMeter:
    def advance(self, size: int) -> None:
        """Ignore it."""


def silent(total: int) -> AbstractContextManager[_NoMeter]:  # noqa: ARG001
    """Return a progress meter that shows nothing."""
    return nullcontext(_NoMeter())


@with_options(EvaluationOptions, DEFAULTS)
def evaluate(
    predictions: Any,
    labels: Any = None,
    **options: Unpack[EvaluationOptions],
) -> Evaluation:
    """Return the cross-entropy of predictions, with all that the command line's JSON shows.

    Every parameter but the first two is an option of ``celoss eval`` of that name (``-`` for ``_``), with the same
    default; ``None`` leaves an option out that has no other default.

    Parameters
    ----------
    predictions, labels
        Paths, pandas DataFrames or Series, NumPy arrays, pyarrow Tables, or sequences of numbers. Predictions of shape
        (n,) are about the positive class, (n, C) about each class; with (n, C, d1, …), each of the d1 · … places of a
        row is scored. Labels have shape (n,) or (n, d1, …) for one true class each, (n, C) for one-hot or soft ones or
        several at once. Without ``labels`` they are a column of ``predictions``.
    label, pred, id, sample_weight
        Names of columns: of the true labels, of the predictions, of the key that pairs rows of ``predictions`` and
        ``labels``, of the rows' weights. Where several are taken, one text splits on commas.
    task, input
        ``"binary"``, ``"multiclass"`` or ``"multilabel"``; ``"probs"``, ``"logits"`` or ``"logprobs"`` (natural
        logarithms). ``None`` and ``"auto"``: detected from every row.
    classes, positive
        The class of each prediction column, in order; the class that a single column is about.
    where
        Score only these rows: a mapping from columns to values, or texts ``"column=value"``; all must hold.
    unmatched, unknown_class, invalid
        Rows whose id is in one of two tables (``"error"``, ``"drop"``), whose label names no class (``"error"``;
        ``"inf"``, an infinite loss; ``"drop"``), that have a NaN or no label (``"error"``, ``"drop"``).
    strict
        Refuse what would be guessed.
    class_weight, pos_weight
        What a class counts: ``"balanced"``, a number for each class in order, a mapping from classes or a Series with
        them as index, or a file; what the positive class counts, one number or one for each label.
    ignore_index
        Leave rows with this label out.
    label_smoothing, average, denominator, clip, renormalize, base, compat
        What is meant by the loss: the share of each target that is spread evenly, 0 to 1; ``"micro"`` or ``"macro"``;
        division by ``"weights"`` or ``"count"``; probabilities limited to [clip, 1 − clip]; rows divided by their sum;
        the unit, by the base of the logarithm: ``"e"`` for nats, 2 for bits, 10 for hartleys; the library to follow.
        The loss is in nats, exact, neither clipped nor renormalised, unless these say otherwise.
    slice
        Columns to slice the rows by: ``"region"``, or with the edges of bins ``"age=18,65"``; several as a list.
    top, per_sample, gradients
        How many of the worst rows the result has; a .csv or .parquet file for the loss of each row; whether that has
        the gradients by the logits, too.
    threads
        How many work at a time. Never changes a digit.
    delimiter, decimal, encoding, header, file_format
        How to read text files, where the sniffing is wrong.
    max_loss, max_upper_bound, max_class_loss, max_slice_loss, slice_min_rows
        Limits on the mean, on the upper end of its 95 % interval, and on the mean of classes and slices, in the unit of
        the loss: a number for the worst, a mapping from names to numbers, or as on the command line. A slice is called
        ``"region=EU"``. Slices of fewer than ``slice_min_rows`` rows are not judged as the worst.
    min_skill, min_accuracy, max_brier, max_ece, max_infinite, min_rows
        Limits on the skill against the class frequencies (at most 1), on shares from 0 to 1 (the Brier score: to 2),
        and on numbers of rows.
    baseline, max_regression, save_baseline
        An earlier report, a .json, to compare with; how far the mean may be above it, in its unit or as ``"2%"``; a
        file for this result as the next baseline, written only if all limits are met.

    Returns
    -------
    Evaluation
        The checks of the limits are in its ``verdict``: nothing is raised for one that is not met.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that make no sense, or not together; ``DataError`` for data that cannot be scored,
        ``OutputError`` among them for a file that cannot be written.
    """
    from celoss_cli.gate.verdict import judged
    from celoss_cli.pipeline.evaluate import evaluate as evaluate_request

    given = taken(options)
    request, limits = request_of(predictions, labels, given), limits_of(given)
    earlier_path, next_path = given.get("baseline"), given.get("save_baseline")
    limits.check_asked(_columns(request.slice), baseline=earlier_path is not None)
    _check_outputs(request, next_path, earlier_path)
    earlier = None
    if earlier_path is not None:
        from celoss_cli.gate.baseline import read_baseline

        earlier = read_baseline(earlier_path)

    def finish(evaluation: Evaluation) -> Evaluation:
        return judged(evaluation, limits, earlier)

    evaluation = evaluate_request(request, opener_of(request), silent, finish)
    if next_path is not None:
        from celoss_cli.render.files import save_baseline

        save_baseline(next_path, evaluation)
    return evaluation


@with_options(ComparisonOptions, DEFAULTS)
def compare(
    baseline: Any,
    candidate: Any,
    labels: Any = None,
    **options: Unpack[ComparisonOptions],
) -> Comparison:
    """Return how the predictions of ``candidate`` do beside those of ``baseline`` on the same rows.

    Every parameter but the first three is an option of ``celoss compare`` of that name, with the same default.
    Those that are not below say how to read and score both, as for ``evaluate``.

    Parameters
    ----------
    baseline, candidate, labels
        As the predictions and labels of ``evaluate``. Without ``labels`` both have them as a column, and must agree.
        A list of candidates is ranked: the result is that of the first, with a ``leaderboard`` of all.
    max_regression, inconclusive
        How far the mean loss may be above the baseline's, in its unit or as ``"2%"``: met if the whole interval is;
        what an interval that holds this limit comes to, ``"pass"`` or ``"fail"`` (default).
    confidence, bootstrap, seed
        Of the interval, between 0 and 1; from how many samples of the rows it is taken, by default from none but by
        Student's t; the seed of these samples, by default 0.
    cluster
        A column: rows with the same value are not independent.
    top
        How many of the rows that changed most the result has.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that make no sense, or not together; ``DataError`` for data that cannot be
        compared.
    """
    from celoss_cli.comparison.compare import compare as compare_request
    from celoss_cli.comparison.options import check_candidates

    given = taken(options)
    request, asked = request_of(baseline, labels, given, "baseline"), comparing_of(given)
    several = candidates_of(candidate)
    candidates = [path_or_object(one) for one in several]
    check_candidates(request.predictions, candidates)
    if not request.id:
        for one in several:
            check_indexes(one, labels, ("candidate", "labels"))
            check_indexes(baseline, one, ("baseline", "candidate"))
    inputs = (request.predictions, *candidates, request.labels)
    return compare_request(request, candidates, asked, open_input(request.reading, inputs), silent)


@with_options(DataOptions, DEFAULTS)
def explain(
    predictions: Any,
    labels: Any = None,
    *,
    expect: float | str | None = None,
    **options: Unpack[DataOptions],
) -> Explanation:
    """Return the loss of the same rows as every library would report it, and where the differences come from.

    Parameters
    ----------
    predictions, labels
        As for ``evaluate``; every row needs one true class.
    expect
        The number that another tool gave, in nats: the result says which conventions reproduce it, to the digits it
        has. Give it as a string to say that 0.50 has two.
    options
        How to read the data, as for ``evaluate``: the options of ``celoss explain``.

    Raises
    ------
    celoss_cli.errors.CelossError
        As ``evaluate``.
    """
    from celoss_cli.pipeline.explain import explain as explain_request

    request = request_of(predictions, labels, taken(options))
    return explain_request(request, opener_of(request), silent, None if expect is None else str(expect))


@with_options(DataOptions, DEFAULTS)
def inspect(predictions: Any, labels: Any = None, **options: Unpack[DataOptions]) -> Inspection:
    """Return what the files hold and how that was decided: columns, decisions with their runners-up, alarms. No loss.

    Parameters
    ----------
    predictions, labels
        As for ``evaluate``.
    options
        How to read the data, as for ``evaluate``: the options of ``celoss inspect``.

    Returns
    -------
    Inspection
        Where ``evaluate`` would raise a ``DataError``, it is here as ``error``, beside what was known before it.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that make no sense, or not together; ``MisalignedData`` for objects whose indexes
        name the rows differently.
    """
    from celoss_cli.inspection.inspect import inspect as inspect_request

    request = request_of(predictions, labels, taken(options))
    return inspect_request(request, opener_of(request), silent)


def write_report(result: Evaluation | Comparison, path: str | os.PathLike[str]) -> None:
    """Write ``result`` as ``--report`` does, in the form that the end of the name tells; whole or not at all.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for a name that tells no form or is that of a file that the result is about, and for another
        object; ``OutputError`` where it cannot be written.
    """
    from celoss_cli.outputs.files import refuse_input
    from celoss_cli.render.comparison.report import ComparisonReport
    from celoss_cli.render.evaluation.report import EvaluationReport
    from celoss_cli.render.files import write_report as write
    from celoss_cli.results.comparison import Comparison
    from celoss_cli.results.evaluation import Evaluation

    report: Report
    if isinstance(result, Evaluation):
        report = EvaluationReport(result)
        inputs = [result.inputs.predictions, result.inputs.labels]
    elif isinstance(result, Comparison):
        report = ComparisonReport(result)
        inputs = [result.inputs.baseline, result.inputs.candidate, result.inputs.labels, *result.inputs.others]
    else:
        raise UsageError(
            f"there is no report of an object of type {type(result).__name__}",
            code="unfit_argument",
            hint="pass what evaluate or compare returned",
        )
    target = os.fspath(path)
    refuse_input(target, [one.path for one in inputs if one is not None and one.format != "memory"])
    write(target, report)


def _columns(asked: tuple[str, ...]) -> list[str]:
    """Return the columns that the rows are sliced by."""
    if not asked:
        return []
    from celoss_cli.layout.slice_columns import read_slices

    return [by.column for by in read_slices(asked)]


def _check_outputs(request: Request, baseline: str | None, earlier: str | None) -> None:
    """Refuse outputs that would take the place of an input or of each other; a ``baseline`` may replace the last."""
    outputs = [path for path in (request.per_sample, baseline) if path is not None]
    if not outputs:
        return
    from celoss_cli.outputs.files import check_writable, refuse_input, refuse_same

    if request.per_sample is not None and earlier is not None:
        refuse_input(request.per_sample, [earlier])
    if baseline is not None:
        check_writable(baseline, [path for path in (request.predictions, request.labels) if isinstance(path, str)])
    refuse_same(outputs)
