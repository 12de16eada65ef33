"""The keyword arguments of the Python API: one line an option, and the request that they make.

An option is a key of one of the classes below. Its type is for the reader and the type checker; the function beside it
turns what is passed into what a ``Request`` holds, or raises a UsageError. Its name is that of the field, and that of
the option of the command line; its default is that of the field.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Annotated, Any, TypedDict, get_type_hints

from celoss_cli.api.arguments import (
    class_weights,
    column,
    conditions,
    file,
    limits,
    names,
    needed,
    number,
    one_of,
    path_or_object,
    pos_weights,
    slices,
    spelled,
    switch,
    whole,
    word,
)
from celoss_cli.api.indexes import check_indexes
from celoss_cli.comparison.options import Comparing
from celoss_cli.gate.limits import Limits, read_margin
from celoss_cli.gate.regression import OnInconclusive
from celoss_cli.request import (
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

Names = str | Iterable[str]

LossLimits = float | str | Mapping[str, float] | Iterable[float | str] | None
"""Limits on the loss of classes or slices: for the worst, by name, or as texts of the command line."""


# Of the options that have one; the others are not asked for, which is ``None``.
DEFAULTS: dict[str, Any] = {**Request._field_defaults, **ReadOptions._field_defaults, **Comparing._field_defaults}


class DataOptions(TypedDict, total=False):
    """What the data are, which rows count, and how text files are read: what every function takes."""

    label: Annotated[Names | None, names]
    pred: Annotated[Names | None, names]
    id: Annotated[Names | None, names]
    unmatched: Annotated[Unmatched | str, one_of(Unmatched)]
    unknown_class: Annotated[UnknownClass | str, one_of(UnknownClass)]
    task: Annotated[Task | str | None, one_of(Task, auto=True)]
    input: Annotated[InputKind | str | None, one_of(InputKind, auto=True)]
    classes: Annotated[Iterable[Any] | None, names]
    positive: Annotated[Any, spelled]
    where: Annotated[Mapping[str, Any] | Names | None, conditions]
    invalid: Annotated[InvalidRows | str, one_of(InvalidRows)]
    strict: Annotated[bool, switch]
    sample_weight: Annotated[str | None, column]
    class_weight: Annotated[str | os.PathLike[str] | Mapping[Any, float] | Sequence[float] | None, class_weights]
    ignore_index: Annotated[Any, spelled]
    threads: Annotated[int | None, whole]
    delimiter: Annotated[str | None, word]
    decimal: Annotated[str | None, word]
    encoding: Annotated[str | None, word]
    header: Annotated[bool | None, switch]
    file_format: Annotated[str | None, word]


class ScoringOptions(DataOptions, total=False):
    """How the loss is computed, too, and for which parts of the rows."""

    pos_weight: Annotated[str | float | Sequence[float] | None, pos_weights]
    label_smoothing: Annotated[float, number]
    average: Annotated[Average | str, one_of(Average)]
    denominator: Annotated[Denominator | str | None, one_of(Denominator)]
    clip: Annotated[float | None, number]
    renormalize: Annotated[bool, switch]
    base: Annotated[Base | str | int | None, one_of(Base)]
    compat: Annotated[str | None, word]
    slice: Annotated[Names | None, slices]


class EvaluationOptions(ScoringOptions, total=False):
    """What ``evaluate`` takes: what is shown and written, and the limits."""

    top: Annotated[int, whole]
    per_sample: Annotated[str | os.PathLike[str] | None, file]
    gradients: Annotated[bool, switch]
    max_loss: Annotated[float | None, number]
    max_class_loss: Annotated[LossLimits, limits]
    max_slice_loss: Annotated[LossLimits, limits]
    slice_min_rows: Annotated[int | None, whole]
    min_skill: Annotated[float | None, number]
    min_accuracy: Annotated[float | None, number]
    max_brier: Annotated[float | None, number]
    max_ece: Annotated[float | None, number]
    max_upper_bound: Annotated[float | None, number]
    max_infinite: Annotated[int | None, whole]
    min_rows: Annotated[int | None, whole]
    baseline: Annotated[str | os.PathLike[str] | None, file]
    max_regression: Annotated[float | str | None, read_margin]
    save_baseline: Annotated[str | os.PathLike[str] | None, file]


class ComparisonOptions(ScoringOptions, total=False):
    """What ``compare`` takes: what may be chance, what is shown, and how much worse the candidate may be."""

    confidence: Annotated[float, number]
    cluster: Annotated[str | None, column]
    bootstrap: Annotated[int | None, whole]
    seed: Annotated[int | None, whole]
    top: Annotated[int, whole]
    max_regression: Annotated[float | str | None, read_margin]
    inconclusive: Annotated[OnInconclusive | str | None, one_of(OnInconclusive)]


def taken(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was passed, in the terms of a request, of limits and of a comparison.

    ``None`` is an option left out, and refused where the default is another value. Raises UsageError for a value that
    an option does not take.
    """
    readers = _readers()
    return {
        name: readers[name](needed(passed, name), name)
        for name, passed in options.items()
        if passed is not None or DEFAULTS.get(name) not in (None, ())
    }


def request_of(predictions: Any, labels: Any, given: Mapping[str, Any], role: str = "predictions") -> Request:
    """Return the request of a call, from what was ``taken``; ``role`` is what messages call the predictions.

    Raises
    ------
    MisalignedData
        The indexes of two pandas objects name the rows differently, and no ``id`` pairs them.
    """
    reading = ReadOptions(**_of(ReadOptions._fields, given))
    own = _of(Request._fields, given)
    request = Request(path_or_object(predictions), path_or_object(labels), reading=reading, **own)
    if not request.id:
        check_indexes(predictions, labels, (role, "labels"))
    return request


def limits_of(given: Mapping[str, Any]) -> Limits:
    """Return the limits of a call. Raises UsageError for those that make no sense."""
    return Limits(**_of([field.name for field in fields(Limits)], given))


def comparing_of(given: Mapping[str, Any]) -> Comparing:
    """Return what a call asks of a comparison."""
    return Comparing(**_of(Comparing._fields, given))


def _of(wanted: Iterable[str], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in wanted if name in given}


@functools.cache
def _readers() -> dict[str, Callable[[Any, str], Any]]:
    """Return the function beside each option; one that two functions take is read in one way."""
    kinds = (EvaluationOptions, ComparisonOptions)
    hints = [hint for kind in kinds for hint in get_type_hints(kind, include_extras=True).items()]
    return {name: hint.__metadata__[0] for name, hint in hints}
