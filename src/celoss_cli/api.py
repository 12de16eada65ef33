"""The Python API: the same evaluation for paths and for objects in memory. Never prints, never exits."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from celoss_cli.arguments import choice, column, conditions, names, number, whole
from celoss_cli.errors import MisalignedData, UsageError
from celoss_cli.evaluation import Evaluation
from celoss_cli.pipeline.passes import evaluate as evaluate_request
from celoss_cli.pipeline.passes import explain as explain_request
from celoss_cli.spec import (
    Average,
    Base,
    Denominator,
    InputKind,
    InvalidRows,
    ReadOptions,
    Request,
    Task,
    UnknownClass,
    Unmatched,
)
from celoss_cli.tables.opening import STANDARD_INPUT, open_table, with_structure
from celoss_cli.tables.source import Table

if TYPE_CHECKING:
    from celoss_cli.comparison.result import Comparison
    from celoss_cli.explanation import Explanation
    from celoss_cli.inspection import Inspection

LossLimits = float | str | Mapping[str, float] | Iterable[float | str] | None
"""Limits on the loss of classes or slices: for the worst, by name, or as texts of the command line."""


class _NoMeter:
    def advance(self, size: int) -> None:
        """Ignore it."""


def _silent(total: int) -> AbstractContextManager[_NoMeter]:  # noqa: ARG001
    return nullcontext(_NoMeter())


def open_input(options: ReadOptions, inputs: Sequence[Any] = ()) -> Any:
    """Return the function that opens an input: a path as a file, anything else as an object in memory.

    ``inputs`` are all that will be opened: if standard input is one of them, ``--file-format`` speaks of it alone, and
    its table is the same each time it is asked for. Raises UsageError if it is two of them.
    """
    piped = sum(isinstance(value, str) and value == STANDARD_INPUT for value in inputs)
    if piped > 1:
        raise UsageError(
            "standard input is named twice, and can be read once", code="stdin_twice", hint="give one of them as a file"
        )

    @functools.cache
    def standard_input() -> Table:
        return open_table(STANDARD_INPUT, options)

    def open_it(value: Any, role: str) -> Table:
        if isinstance(value, str | os.PathLike):
            if value == STANDARD_INPUT:
                return standard_input()
            return open_table(os.fspath(value), options._replace(file_format=None) if piped else options)
        from celoss_cli.tables.memory import open_object

        return with_structure(open_object(value, role))

    return open_it


def opener_of(request: Request) -> Any:
    """Return ``open_input`` for the inputs of one request."""
    return open_input(request.reading, (request.predictions, request.labels))


def evaluate(
    predictions: Any,
    labels: Any = None,
    *,
    label: str | Iterable[str] = (),
    pred: str | Iterable[str] = (),
    id: str | Iterable[str] = (),
    unmatched: Unmatched | str = Unmatched.ERROR,
    unknown_class: UnknownClass | str = UnknownClass.ERROR,
    sample_weight: str | None = None,
    where: Mapping[str, Any] | str | Iterable[str] | None = None,
    task: Task | str | None = None,
    input: InputKind | str | None = None,
    classes: Iterable[Any] = (),
    positive: Any = None,
    strict: bool = False,
    class_weight: str | Mapping[Any, float] | Sequence[float] | None = None,
    pos_weight: float | Sequence[float] | None = None,
    label_smoothing: float = 0.0,
    ignore_index: Any = None,
    average: Average | str = Average.MICRO,
    gradients: bool = False,
    clip: float | None = None,
    renormalize: bool = False,
    denominator: Denominator | str | None = None,
    base: Base | str | int | None = None,
    compat: str | None = None,
    invalid: InvalidRows | str = InvalidRows.ERROR,
    top: int = 5,
    slice: str | Iterable[str] = (),
    threads: int | None = None,
    max_loss: float | None = None,
    max_class_loss: LossLimits = None,
    max_slice_loss: LossLimits = None,
    slice_min_rows: int = 0,
    min_skill: float | None = None,
    min_accuracy: float | None = None,
    max_brier: float | None = None,
    max_ece: float | None = None,
    max_upper_bound: float | None = None,
    max_infinite: int | None = None,
    min_rows: int | None = None,
    baseline: str | os.PathLike[str] | None = None,
    max_regression: float | str | None = None,
    save_baseline: str | os.PathLike[str] | None = None,
    per_sample: str | os.PathLike[str] | None = None,
    reading: ReadOptions | None = None,
) -> Evaluation:
    """Return the cross-entropy of predictions, with all that the command line's JSON shows.

    Parameters
    ----------
    predictions, labels
        Paths, pandas DataFrames or Series, NumPy arrays, or pyarrow Tables. Predictions of shape (n,) are about the
        positive class, of shape (n, C) about each class. Without ``labels`` they are a column of ``predictions``.
    label, pred, id, unmatched, unknown_class, sample_weight, where, task, input, classes, positive, strict
        What the options of ``celoss eval`` of these names say.
    class_weight, clip, renormalize, denominator, base, compat, invalid, top, threads, max_loss, per_sample
        Likewise. ``class_weight`` also takes a mapping or a sequence.
    max_class_loss, max_slice_loss, slice_min_rows, min_skill, min_accuracy, max_brier, max_ece, max_upper_bound, \
    max_infinite, min_rows, baseline, max_regression, save_baseline
        The other limits, whose checks are in ``verdict`` of the result; nothing is raised for one that is not met.
        Limits on classes and slices are a number for the worst, a mapping from names to numbers, or as on the command
        line. A slice is called ``"region=EU"``. A baseline is written only if all limits are met.
    slice
        Columns to slice the rows by, each as ``"region"`` or with the edges of bins as ``"age=18,65"``.
    reading
        How to read text files, where the sniffing is wrong.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that contradict each other, ``DataError`` for data that cannot be scored.
    """
    request = Request(
        predictions=_path(predictions),
        labels=_path(labels),
        label=names(label, "label"),
        pred=names(pred, "pred"),
        id=names(id, "id"),
        unmatched=choice(Unmatched, unmatched, "unmatched"),
        unknown_class=choice(UnknownClass, unknown_class, "unknown_class"),
        sample_weight=column(sample_weight, "sample_weight"),
        where=conditions(where),
        task=None if task is None else choice(Task, task, "task"),
        input=None if input is None else choice(InputKind, input, "input"),
        classes=names(classes, "classes"),
        positive=None if positive is None else str(positive),
        strict=strict,
        class_weight=class_weight,
        pos_weight=pos_weight,
        label_smoothing=number(label_smoothing, "label_smoothing") or 0.0,
        ignore_index=None if ignore_index is None else str(ignore_index),
        average=choice(Average, average, "average"),
        gradients=gradients,
        clip=number(clip, "clip"),
        renormalize=renormalize,
        denominator=None if denominator is None else choice(Denominator, denominator, "denominator"),
        base=None if base is None else choice(Base, str(base), "base"),
        compat=compat,
        invalid=choice(InvalidRows, invalid, "invalid"),
        top=whole(top, "top") or 0,
        slice=_slices(slice),
        threads=whole(threads, "threads"),
        per_sample=None if per_sample is None else os.fspath(per_sample),
        reading=reading or ReadOptions(),
    )
    _check_indexes(predictions, labels)
    from celoss_cli.gate.limits import Limits, read_limits, read_margin
    from celoss_cli.gate.verdict import judged

    limits = Limits(
        max_loss=number(max_loss, "max_loss"),
        max_class_loss=read_limits("max_class_loss", max_class_loss),
        max_slice_loss=read_limits("max_slice_loss", max_slice_loss),
        slice_min_rows=whole(slice_min_rows, "slice_min_rows") or 0,
        min_skill=number(min_skill, "min_skill"),
        min_accuracy=number(min_accuracy, "min_accuracy"),
        max_brier=number(max_brier, "max_brier"),
        max_ece=number(max_ece, "max_ece"),
        max_upper_bound=number(max_upper_bound, "max_upper_bound"),
        max_infinite=whole(max_infinite, "max_infinite"),
        min_rows=whole(min_rows, "min_rows"),
        max_regression=read_margin(max_regression, "max_regression"),
    )
    limits.check_asked(_columns(request.slice), baseline=baseline is not None)
    earlier = None
    if baseline is not None:
        from celoss_cli.gate.baseline import read_baseline

        earlier = read_baseline(os.fspath(baseline))
    if save_baseline is not None:
        from celoss_cli.outputs import check_writable

        inputs = [path for path in (request.predictions, request.labels) if isinstance(path, str)]
        check_writable(os.fspath(save_baseline), inputs)

    def finish(evaluation: Evaluation) -> Evaluation:
        return judged(evaluation, limits, earlier)

    evaluation = evaluate_request(request, opener_of(request), _silent, finish)
    if save_baseline is not None:
        from celoss_cli.gate.baseline import save_baseline as save

        save(os.fspath(save_baseline), evaluation)
    return evaluation


def explain(
    predictions: Any,
    labels: Any = None,
    *,
    expect: float | str | None = None,
    label: str | Iterable[str] = (),
    pred: str | Iterable[str] = (),
    id: str | Iterable[str] = (),
    unmatched: Unmatched | str = Unmatched.ERROR,
    unknown_class: UnknownClass | str = UnknownClass.ERROR,
    sample_weight: str | None = None,
    where: Mapping[str, Any] | str | Iterable[str] | None = None,
    task: Task | str | None = None,
    input: InputKind | str | None = None,
    classes: Iterable[Any] = (),
    positive: Any = None,
    strict: bool = False,
    class_weight: str | Mapping[Any, float] | Sequence[float] | None = None,
    ignore_index: Any = None,
    invalid: InvalidRows | str = InvalidRows.ERROR,
    threads: int | None = None,
    reading: ReadOptions | None = None,
) -> Explanation:
    """Return the loss of the same rows as every library would report it, and where the differences come from.

    ``expect`` is the number another tool gave: the result says which conventions reproduce it, to the digits it has
    (give it as a string to say that 0.50 has two). The other parameters are those of ``evaluate``, and so are the
    errors; every row needs one true class.
    """
    request = Request(
        predictions=_path(predictions),
        labels=_path(labels),
        label=names(label, "label"),
        pred=names(pred, "pred"),
        id=names(id, "id"),
        unmatched=choice(Unmatched, unmatched, "unmatched"),
        unknown_class=choice(UnknownClass, unknown_class, "unknown_class"),
        sample_weight=column(sample_weight, "sample_weight"),
        where=conditions(where),
        task=None if task is None else choice(Task, task, "task"),
        input=None if input is None else choice(InputKind, input, "input"),
        classes=names(classes, "classes"),
        positive=None if positive is None else str(positive),
        strict=strict,
        class_weight=class_weight,
        ignore_index=None if ignore_index is None else str(ignore_index),
        invalid=choice(InvalidRows, invalid, "invalid"),
        threads=whole(threads, "threads"),
        reading=reading or ReadOptions(),
    )
    _check_indexes(predictions, labels)
    return explain_request(
        request,
        opener_of(request),
        _silent,
        None if expect is None else str(expect),
    )


def _columns(slices: tuple[str, ...]) -> list[str]:
    """Return the columns that the rows are sliced by."""
    if not slices:
        return []
    from celoss_cli.slicing import read_slices

    return [by.column for by in read_slices(slices)]


def write_report(result: Evaluation, path: str | os.PathLike[str]) -> None:
    """Write ``result`` as ``--report`` does, in the form that the end of the name tells; whole or not at all.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for a name that tells no form, ``OutputError`` where it cannot be written.
    """
    from celoss_cli.render.files import write_report as write
    from celoss_cli.render.report import EvaluationReport

    write(os.fspath(path), EvaluationReport(result))


def inspect(
    predictions: Any,
    labels: Any = None,
    *,
    label: str | Iterable[str] = (),
    pred: str | Iterable[str] = (),
    id: str | Iterable[str] = (),
    unmatched: Unmatched | str = Unmatched.ERROR,
    unknown_class: UnknownClass | str = UnknownClass.ERROR,
    sample_weight: str | None = None,
    where: Mapping[str, Any] | None = None,
    task: Task | str | None = None,
    input: InputKind | str | None = None,
    classes: Iterable[Any] = (),
    positive: Any = None,
    strict: bool = False,
    class_weight: str | Mapping[Any, float] | Sequence[float] | None = None,
    ignore_index: Any = None,
    invalid: InvalidRows | str = InvalidRows.ERROR,
    threads: int | None = None,
    reading: ReadOptions | None = None,
) -> Inspection:
    """Return what the files hold and how that was decided: columns, decisions with their runners-up, alarms. No loss.

    The parameters are those of ``evaluate``. Where that would raise a ``DataError``, the result has it as ``error``,
    beside what was known before it.

    Raises
    ------
    celoss_cli.errors.UsageError
        For arguments that contradict each other; MisalignedData for objects whose indexes do.
    """
    from celoss_cli.pipeline.inspecting import inspect as inspect_request

    request = Request(
        predictions=_path(predictions),
        labels=_path(labels),
        label=names(label, "label"),
        pred=names(pred, "pred"),
        id=names(id, "id"),
        unmatched=choice(Unmatched, unmatched, "unmatched"),
        unknown_class=choice(UnknownClass, unknown_class, "unknown_class"),
        sample_weight=column(sample_weight, "sample_weight"),
        where=conditions(where),
        task=None if task is None else choice(Task, task, "task"),
        input=None if input is None else choice(InputKind, input, "input"),
        classes=names(classes, "classes"),
        positive=None if positive is None else str(positive),
        strict=strict,
        class_weight=class_weight,
        ignore_index=None if ignore_index is None else str(ignore_index),
        invalid=choice(InvalidRows, invalid, "invalid"),
        threads=whole(threads, "threads"),
        reading=reading or ReadOptions(),
    )
    _check_indexes(predictions, labels)
    return inspect_request(request, opener_of(request), _silent)


class ScoringOptions(TypedDict, total=False):
    """How to read and score a file: the arguments of ``evaluate`` of these names."""

    label: str | Iterable[str]
    pred: str | Iterable[str]
    id: str | Iterable[str]
    unmatched: Unmatched | str
    sample_weight: str | None
    where: Mapping[str, Any] | None
    slice: str | Iterable[str]
    task: Task | str | None
    input: InputKind | str | None
    classes: Iterable[Any]
    positive: Any
    strict: bool
    class_weight: str | Mapping[Any, float] | Sequence[float] | None
    pos_weight: str | float | Sequence[float] | None
    label_smoothing: float
    ignore_index: Any
    average: Average | str
    clip: float | None
    renormalize: bool
    denominator: Denominator | str | None
    base: Base | str | int | None
    compat: str | None
    invalid: InvalidRows | str
    threads: int | None
    reading: ReadOptions | None


def compare(
    baseline: Any,
    candidate: Any,
    labels: Any = None,
    *,
    max_regression: float | str | None = None,
    confidence: float = 0.95,
    inconclusive: str | None = None,
    cluster: str | None = None,
    bootstrap: int | None = None,
    seed: int | None = None,
    top: int = 5,
    **options: Unpack[ScoringOptions],
) -> Comparison:
    """Return how the predictions of ``candidate`` do beside those of ``baseline`` on the same rows.

    Parameters
    ----------
    baseline, candidate, labels
        As the predictions and labels of ``evaluate``. Without ``labels`` both have them as a column, and must agree.
        A list of candidates is ranked: the result is that of the first, with a ``leaderboard`` of all.
    max_regression, confidence, inconclusive, cluster, bootstrap, seed, top
        What the options of ``celoss compare`` of these names say: ``max_regression`` is a number or ``"2%"``.
    options
        How to read and score both, as for ``evaluate``.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that contradict each other, ``DataError`` for data that cannot be compared.
    """
    from celoss_cli.comparison.asked import Comparing, check_candidates
    from celoss_cli.gate.limits import read_margin
    from celoss_cli.gate.margin import OnInconclusive
    from celoss_cli.pipeline.compare import compare as compare_request

    request = _request(baseline, labels, options)._replace(cluster=cluster)
    asked = Comparing(
        confidence=confidence,
        max_regression=read_margin(max_regression, "max_regression"),
        inconclusive=None if inconclusive is None else choice(OnInconclusive, inconclusive, "inconclusive"),
        bootstrap=bootstrap,
        seed=seed,
        top=top,
    )
    candidates = [_path(one) for one in candidate] if isinstance(candidate, list | tuple) else [_path(candidate)]
    check_candidates(request.predictions, candidates)
    _check_indexes(baseline, labels)
    for one in candidates:
        _check_indexes(one, labels)
        _check_indexes(baseline, one)
    inputs = (request.predictions, *candidates, request.labels)
    return compare_request(request, candidates, asked, open_input(request.reading, inputs), _silent)


def _request(predictions: Any, labels: Any, options: ScoringOptions) -> Request:
    """Return the options as the command line would have said them."""
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    for name in ("label", "pred", "id", "classes"):
        if name in given:
            given[name] = names(given[name], name)
    if "slice" in given:
        given["slice"] = _slices(given["slice"])
    for name in ("positive", "ignore_index"):
        if name in given:
            given[name] = str(given[name])
    for name, kind in _CHOICES.items():
        if name in given:
            given[name] = choice(kind, str(given[name]) if name == "base" else given[name], name)
    if "where" in given:
        given["where"] = conditions(given["where"])
    unknown = [name for name in given if name not in ScoringOptions.__annotations__]
    if unknown:
        raise TypeError(f"compare() got an unexpected keyword argument {unknown[0]!r}")
    return Request(predictions=_path(predictions), labels=_path(labels), **given)


_CHOICES: dict[str, type[StrEnum]] = {
    "unmatched": Unmatched,
    "task": Task,
    "input": InputKind,
    "average": Average,
    "denominator": Denominator,
    "base": Base,
    "invalid": InvalidRows,
}


def _path(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _slices(given: str | Iterable[str]) -> tuple[str, ...]:
    """Return what to slice by: one string is one column, as the edges of bins have commas of their own."""
    return (given,) if isinstance(given, str) else tuple(str(name) for name in given)


def _check_indexes(predictions: Any, labels: Any) -> None:
    """Refuse two pandas objects whose indexes name the rows differently: pairing them by position would be a guess.

    A default index (0, 1, …) says nothing beside another one, unless that holds the same numbers in another order; and
    a named index is a column that rows can be paired by.
    """
    indexes: list[Any] = [getattr(value, "index", None) for value in (predictions, labels)]
    pandas = sys.modules.get("pandas")
    if pandas is None or not all(isinstance(index, pandas.Index) and index.name is None for index in indexes):
        return
    mine, theirs = indexes
    if len(mine) != len(theirs) or mine.equals(theirs):
        return
    default = any(isinstance(index, pandas.RangeIndex) for index in indexes)
    if not default or mine.sort_values().equals(theirs.sort_values()):
        raise MisalignedData(
            "the indexes of predictions and labels differ, and rows pair by position",
            code="index_mismatch",
            hint="pass labels.loc[predictions.index], or reset_index(drop=True) on both if the positions are right",
        )
