"""The Python API: the same evaluation for paths and for objects in memory. Never prints, never exits."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any

from celoss_cli.evaluation import Evaluation
from celoss_cli.gate import Limits, judge
from celoss_cli.pipeline import evaluate as evaluate_request
from celoss_cli.spec import Base, Denominator, InputKind, InvalidRows, ReadOptions, Request, Task
from celoss_cli.tables.opening import open_table
from celoss_cli.tables.source import Table


class _NoMeter:
    def advance(self, size: int) -> None:
        """Ignore it."""


def _silent(total: int) -> AbstractContextManager[_NoMeter]:  # noqa: ARG001
    return nullcontext(_NoMeter())


def open_input(options: ReadOptions) -> Any:
    """Return the function that opens an input: a path as a file, anything else as an object in memory."""

    def open_it(value: Any, role: str) -> Table:
        if isinstance(value, str | os.PathLike):
            return open_table(os.fspath(value), options)
        from celoss_cli.tables.memory import open_object

        return open_object(value, role)

    return open_it


def evaluate(
    predictions: Any,
    labels: Any = None,
    *,
    label: str | None = None,
    pred: str | Iterable[str] = (),
    id: str | None = None,
    sample_weight: str | None = None,
    where: Mapping[str, str] | None = None,
    task: Task | str | None = None,
    input: InputKind | str | None = None,
    classes: Iterable[Any] = (),
    positive: Any = None,
    strict: bool = False,
    class_weight: str | Mapping[Any, float] | Sequence[float] | None = None,
    clip: float | None = None,
    renormalize: bool = False,
    denominator: Denominator | str = Denominator.WEIGHTS,
    base: Base | str | int = Base.E,
    invalid: InvalidRows | str = InvalidRows.ERROR,
    top: int = 5,
    threads: int | None = None,
    max_loss: float | None = None,
    per_sample: str | os.PathLike[str] | None = None,
    reading: ReadOptions | None = None,
) -> Evaluation:
    """Return the cross-entropy of predictions, with all that the command line's JSON shows.

    Parameters
    ----------
    predictions, labels
        Paths, pandas DataFrames or Series, NumPy arrays, or pyarrow Tables. Predictions of shape (n,) are about the
        positive class, of shape (n, C) about each class. Without ``labels`` they are a column of ``predictions``.
    label, pred, id, sample_weight, where, task, input, classes, positive, strict
        What the options of ``celoss eval`` of these names say.
    class_weight, clip, renormalize, denominator, base, invalid, top, threads, max_loss, per_sample
        Likewise. ``class_weight`` also takes a mapping or a sequence.
    reading
        How to read text files, where the sniffing is wrong.

    Raises
    ------
    celoss_cli.errors.CelossError
        ``UsageError`` for arguments that contradict each other, ``DataError`` for data that cannot be scored.
    """
    as_path = os.fspath if per_sample is not None else None
    request = Request(
        predictions=_path(predictions),
        labels=_path(labels),
        label=label,
        pred=(pred,) if isinstance(pred, str) else tuple(pred),
        id=id,
        sample_weight=sample_weight,
        where=tuple((where or {}).items()),
        task=None if task is None else Task(task),
        input=None if input is None else InputKind(input),
        classes=tuple(str(name) for name in classes),
        positive=None if positive is None else str(positive),
        strict=strict,
        class_weight=class_weight,
        clip=clip,
        renormalize=renormalize,
        denominator=Denominator(denominator),
        base=Base(str(base)),
        invalid=InvalidRows(invalid),
        top=top,
        threads=threads,
        per_sample=None if per_sample is None or as_path is None else as_path(per_sample),
        reading=reading or ReadOptions(),
    )
    evaluation = evaluate_request(request, open_input(request.reading), _silent)
    return replace(evaluation, verdict=judge(evaluation, Limits(max_loss=max_loss)))


def _path(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value
