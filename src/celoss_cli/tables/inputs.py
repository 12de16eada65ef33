"""What a request names, opened: a path as a file or standard input, anything else as an object in memory."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from typing import Any

from celoss_cli.errors import UsageError
from celoss_cli.request import ReadOptions, Request
from celoss_cli.tables.opening import STANDARD_INPUT, open_table, with_structure
from celoss_cli.tables.source import Table
from celoss_cli.tuples import NamedTuple


class OpenTable(NamedTuple):
    """An object in memory that is a table by now."""

    table: Table


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
    def standard_input(mine: ReadOptions) -> Table:
        return open_table(STANDARD_INPUT, mine)

    opened: dict[tuple[int, str], tuple[Any, Table]] = {}  # a stream of Arrow can be read once

    def in_memory(value: Any, role: str, mine: ReadOptions) -> Table:
        from celoss_cli.tables.objects.opening import open_object

        if (id(value), role) not in opened:
            opened[id(value), role] = value, open_object(value, role, mine)
        return opened[id(value), role][1]

    def open_it(value: Any, role: str) -> Table:
        mine = _for_role(options, role)
        if isinstance(value, str | os.PathLike):
            if value == STANDARD_INPUT:
                return standard_input(mine)
            return open_table(os.fspath(value), mine._replace(file_format=None) if piped else mine)
        return with_structure(value.table if isinstance(value, OpenTable) else in_memory(value, role, mine), mine)

    return open_it


def opener_of(request: Request) -> Any:
    """Return ``open_input`` for the inputs of one request."""
    return open_input(reading_of(request), (request.predictions, request.labels))


def reading_of(request: Request) -> ReadOptions:
    """Return how the inputs of a request are read: as it says, with the columns that it names."""
    slices = (text.partition("=")[0] for text in request.slice)
    several = (*request.label, *request.pred, *request.id, *slices, *(name for name, _ in request.where))
    single = [request.sample_weight, request.count, request.class_column, request.value_column, request.cluster]
    if request.truth is None:
        return request.reading._replace(columns=(*several, *(name for name in single if name is not None)))
    single += [request.truth, request.text, request.per, request.skip]
    columns = (*several, *(name for name in single if name is not None))
    lists = (request.truth, *request.label, *([] if request.sample_weight is None else [request.sample_weight]))
    return request.reading._replace(columns=columns, lists=lists)


def _for_role(options: ReadOptions, role: str) -> ReadOptions:
    if role != "labels":
        return options
    header = options.header if options.labels_header is None else options.labels_header
    return options._replace(header=header, of_labels=True)
