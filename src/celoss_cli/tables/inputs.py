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
