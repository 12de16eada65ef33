"""The Python API: what the commands do, for paths and for objects in memory. Never prints, never exits."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from celoss_cli.api.arguments import candidates_of, keyed, path_or_object, taken
from celoss_cli.api.beside import with_values
from celoss_cli.api.calls import columns_sliced, request_of_call, silent
from celoss_cli.api.indexes import check_indexes
from celoss_cli.api.keywords import (
    CompareKeywords,
    DiagnoseKeywords,
    EvalKeywords,
    ExplainKeywords,
    InspectKeywords,
)
from celoss_cli.api.signature import with_options
from celoss_cli.comparison.options import Comparing
from celoss_cli.errors import UsageError
from celoss_cli.gate.limits import Limits
from celoss_cli.options.models import Columns, check_several, read_models
from celoss_cli.options.option import among
from celoss_cli.options.option import request_of as request_of_options
from celoss_cli.options.table import options_of
from celoss_cli.request import Request
from celoss_cli.tables.inputs import open_input, opener_of, reading_of

if TYPE_CHECKING:
    from celoss_cli.api.shown import Comparison, Evaluation
    from celoss_cli.api.shown_diagnosis import Diagnosis
    from celoss_cli.api.states import PartState
    from celoss_cli.results import evaluation as results
    from celoss_cli.results.explanation import Explanation
    from celoss_cli.results.inspection import Inspection


_LIMITS = tuple(field.name for field in fields(Limits))


@overload
def evaluate(
    predictions: Any, labels: Any = None, per_row: bool = False, *, client: Any = None, **options: Unpack[EvalKeywords]
) -> Evaluation: ...


@overload
def evaluate(
    predictions: Any, labels: Any = None, *, as_state: Literal[True], **options: Unpack[EvalKeywords]
) -> PartState: ...


@with_options("eval", EvalKeywords)
def evaluate(
    predictions: Any = None,
    labels: Any = None,
    per_row: bool = False,
    *,
    as_state: bool = False,
    client: Any = None,
    **options: Unpack[EvalKeywords],
) -> Evaluation | PartState:
    """Return the cross-entropy of predictions, with all that the command line's JSON shows.

    Every parameter but the first three is an option of ``celoss eval`` of that name (``-`` for ``_``), with the same
    default; ``None`` leaves an option out that has no other default. Where several names are taken, one text splits on
    commas, and a list is taken as it is. The loss is in nats, exact, neither clipped nor
    renormalised, unless an option says otherwise. What is left out about the data is detected from every row.

    Parameters
    ----------
    predictions, labels
        Paths, pandas DataFrames or Series, NumPy arrays, pyarrow Tables, or sequences of numbers. Predictions of shape
        (n,) are about the positive class, (n, C) about each class; with (n, C, d1, …), each of the d1 · … places of a
        row is scored. Lists of numbers of different lengths are sequences of tokens, of which each number is what the
        truth got (``truth``): they may be given as ``truth`` alone. Labels have shape (n,) or (n, d1, …) for one true
        class each, (n, C) for one-hot or soft ones or several at once. Without ``labels`` they are a column of
        ``predictions``.
    per_row
        Whether what each row came to is wanted as arrays: ``result.per_row`` has ``loss``, ``p_true``, ``label``,
        ``predicted`` and what weights and gradients there are, in the order of the rows.
    as_state
        Return what these rows leave behind, to be put together with others by ``merge``; ``score_part`` has more to
        say about it.
    client
        A ``distributed.Client``: the workers of its cluster open the files and score the rows.
    **options

    Returns
    -------
    Evaluation
        The checks of the limits are in its ``verdict``: nothing is raised for one that is not met. With ``as_state`` a
        ``PartState``.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that make no sense, or not together; ``DataError`` for data that cannot be scored,
        ``OutputError`` among them for a file that cannot be written.
    """
    from celoss_cli.api.shown import Evaluation

    if as_state:
        from celoss_cli.api.states import state_of_call

        if client is not None:
            options = {**options, "client": client}  # type: ignore[typeddict-unknown-key]  # which is refused

        return state_of_call(predictions, labels, options)

    request, given = request_of_call("eval", predictions, labels, options, client)
    request = request._replace(per_row=per_row, digest=True)
    limited, earlier_path, next_path = among(_LIMITS, given), given.get("baseline"), given.get("save_baseline")
    _check_outputs(request, next_path, earlier_path)
    if not limited and earlier_path is None and next_path is None:
        from celoss_cli.pipeline.evaluate import evaluate_in_parts

        return Evaluation.of(evaluate_in_parts(request, opener_of(request), silent))
    from celoss_cli.gate.verdict import judged
    from celoss_cli.pipeline.evaluate import evaluate as evaluate_request

    limits = Limits(**limited)
    limits.check_asked(columns_sliced(request.slice), baseline=earlier_path is not None)
    earlier = None
    if earlier_path is not None:
        from celoss_cli.gate.baseline import read_baseline

        earlier = read_baseline(earlier_path)

    def finish(evaluation: results.Evaluation) -> results.Evaluation:
        return judged(evaluation, limits, earlier)

    found = evaluate_request(request, opener_of(request), silent, finish)
    if next_path is not None:
        from celoss_cli.render.files import save_baseline

        save_baseline(next_path, found)
    return Evaluation.of(found)


@with_options("compare", CompareKeywords)
def compare(
    baseline: Any,
    candidate: Any = None,
    labels: Any = None,
    **options: Unpack[CompareKeywords],
) -> Comparison:
    """Return how the predictions of ``candidate`` do beside those of ``baseline`` on the same rows.

    Every parameter but the first three is an option of ``celoss compare`` of that name, with the same default.

    Parameters
    ----------
    baseline, candidate, labels
        As the predictions and labels of ``evaluate``. Without ``labels`` both have them as a column, and must agree.
        A list of candidates is ranked: the result is that of the first, with a ``leaderboard`` of all. With ``model``
        there is no candidate: the models are columns of ``baseline``.
    **options

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that make no sense, or not together; ``DataError`` for data that cannot be
        compared.
    """
    from celoss_cli.api.shown import Comparison
    from celoss_cli.comparison.compare import compare as compare_request
    from celoss_cli.comparison.options import check_candidates

    several: list[Any] = []
    models: tuple[Columns, ...] = ()
    if options.get("model") is not None:
        if candidate is not None:
            raise UsageError(
                "model names models in one file, and candidate is another",
                code="model_and_candidate",
                hint="leave one out",
            )
        models = check_several(read_models(keyed(options["model"], "model"), ()))
    elif candidate is None:
        raise UsageError(
            "there is no candidate", code="no_candidate", hint="pass one, or model for columns of one file"
        )
    else:
        several = candidates_of(candidate)
        check_candidates(path_or_object(baseline), [path_or_object(one) for one in several])
    roles = ("baseline", *("candidate" for _ in several), "labels")
    (first, *others, truth), named = with_values((baseline, *several, labels), roles, options)
    given = taken(options_of("compare"), named)
    request = request_of_options(path_or_object(first), path_or_object(truth), given)
    comparing = Comparing(**among(Comparing._fields, given))
    candidates = [path_or_object(one) for one in others]
    if not request.id:
        check_indexes(baseline, labels, ("baseline", "labels"))
        for one in several:
            check_indexes(one, labels, ("candidate", "labels"))
            check_indexes(baseline, one, ("baseline", "candidate"))
    inputs = (request.predictions, *candidates, request.labels)
    return Comparison.of(
        compare_request(request, candidates, comparing, open_input(reading_of(request), inputs), silent, models)
    )


@with_options("explain", ExplainKeywords)
def explain(
    predictions: Any,
    labels: Any = None,
    *,
    client: Any = None,
    **options: Unpack[ExplainKeywords],
) -> Explanation:
    """Return the loss of the same rows as every library would report it, and where the differences come from.

    Parameters
    ----------
    predictions, labels
        As for ``evaluate``; every row needs one true class.
    client
        As for ``evaluate``.
    **options

    Raises
    ------
    celoss_cli.errors.CelossError
        As ``evaluate``.
    """
    from celoss_cli.pipeline.explain import explain as explain_request

    request, given = request_of_call("explain", predictions, labels, options, client)
    return explain_request(request, opener_of(request), silent, given.get("expect"))


@with_options("diagnose", DiagnoseKeywords)
def diagnose(
    predictions: Any, labels: Any = None, *, client: Any = None, **options: Unpack[DiagnoseKeywords]
) -> Diagnosis:
    """Return why the loss of predictions is what it is, and what would fix it on new rows like these.

    Losses and gains are in nats, of the probabilities as they are: neither clipped nor weighed by class. Class
    frequencies, calibration errors and shares are between 0 and 1; temperatures divide logits or log-probabilities.

    Parameters
    ----------
    predictions, labels
        As for ``evaluate``: probabilities, logits or log-probabilities of shape (n,) about the positive class or (n, C)
        about each class, and labels of shape (n,). Rows with a number for every class, and several labels a row, leave
        most parts out.
    client
        As for ``evaluate``.
    **options

    Returns
    -------
    Diagnosis
        A part that these rows do not have is ``None`` or empty, and ``left_out`` says why. The check of
        ``max_miscalibration`` is in its ``verdict``: nothing is raised if it is not met.

    Raises
    ------
    celoss_cli.errors.CelossError
        As ``evaluate``.
    """
    from celoss_cli.api.shown_diagnosis import Diagnosis
    from celoss_cli.diagnosis.diagnose import diagnose as diagnose_request
    from celoss_cli.gate.miscalibration import check_saved, judged

    request, given = request_of_call("diagnose", predictions, labels, options, client)
    allowed = given.get("max_miscalibration")
    for name, saved in (("worth", request.worth), ("max_miscalibration", allowed)):
        if saved is not None:
            check_saved(saved, name)
    return Diagnosis(*judged(diagnose_request(request, opener_of(request), silent), allowed))


@with_options("inspect", InspectKeywords)
def inspect(
    predictions: Any, labels: Any = None, *, client: Any = None, **options: Unpack[InspectKeywords]
) -> Inspection:
    """Return what the files hold and how that was decided: columns, decisions with their runners-up, alarms. No loss.

    Parameters
    ----------
    predictions, labels
        As for ``evaluate``.
    client
        As for ``evaluate``.
    **options

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

    request, _ = request_of_call("inspect", predictions, labels, options, client)
    return inspect_request(request, opener_of(request), silent)


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
