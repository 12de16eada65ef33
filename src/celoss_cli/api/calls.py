"""What calls have in common: their request, their options, and no meter of progress."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from celoss_cli.api.arguments import path_or_object, taken
from celoss_cli.api.beside import with_values
from celoss_cli.api.indexes import check_indexes
from celoss_cli.errors import UsageError
from celoss_cli.options.option import request_of
from celoss_cli.options.table import options_of
from celoss_cli.request import EngineKind, Request


class _NoMeter:
    def advance(self, size: int) -> None:
        """Ignore it."""


def silent(total: int) -> AbstractContextManager[_NoMeter]:  # noqa: ARG001
    """Return a progress meter that shows nothing."""
    return nullcontext(_NoMeter())


def request_of_call(
    command: str, predictions: Any, labels: Any, options: Mapping[str, Any], client: Any = None
) -> tuple[Request, dict[str, Any]]:
    """Return the request of a call, and its options in the terms of the command.

    With a ``client`` its rows are scored on the cluster of that. Raises UsageError where an option says otherwise, and
    MisalignedData if the indexes of two pandas objects name the rows differently, and no ``id`` pairs them.
    """
    if predictions is None:
        predictions, options = _from_truth(options)
    (mine, truth), named = with_values((predictions, labels), ("predictions", "labels"), options)
    given = taken(options_of(command), named)
    request = request_of(path_or_object(mine), path_or_object(truth), given)
    if client is not None:
        if request.engine is EngineKind.THREADS:
            raise UsageError(
                "engine says threads, and client is that of a cluster", code="engine_and_client", hint="leave one out"
            )
        request = request._replace(client=client, engine=EngineKind.DASK)
    if not request.id:
        check_indexes(predictions, labels, ("predictions", "labels"))
    if isinstance(predictions, dict):
        first, *others = predictions.items() or [("", None)]
        for name, column in others:
            check_indexes(first[1], column, (repr(first[0]), repr(name)))
    return request, given


def columns_sliced(asked: tuple[str, ...]) -> list[str]:
    """Return the columns that the rows are sliced by."""
    if not asked:
        return []
    from celoss_cli.layout.slice_columns import read_slices

    return [by.column for by in read_slices(asked)]


def _from_truth(options: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """Return predictions that are the values of ``truth`` alone, and the options that name them."""
    from celoss_cli.tables.objects.beside import are_values, columns_of

    values = options.get("truth")
    if not are_values(values):
        raise UsageError(
            "there are no predictions", code="no_predictions", hint="give a path or an object, or values as truth"
        )
    columns = columns_of(values, "truth")
    name = next(iter(columns))
    return {name: columns[name]}, {**options, "truth": name}
