"""The tables of a batch: what several evaluations read is opened and read once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from typing import Any

from celoss_cli.pipeline.job import Opener
from celoss_cli.request import ReadOptions, Request
from celoss_cli.tables.inputs import open_input, reading_of
from celoss_cli.tables.source import Table
from celoss_cli.tables.views.remembered import remembered

_MOST_BYTES = 1 << 26
"""Of predictions with several models or groups: a larger file is read again for each, so that memory stays bounded."""


class SharedTables:
    """Opens the inputs of requests, those that ``several`` of them share once for all threads.

    Labels that are shared stay in memory, as they do in one evaluation; predictions do where their file is small.
    """

    def __init__(self, labels: Iterable[Any], predictions: Iterable[Any]) -> None:
        self._shared = {("labels", _key(one)) for one in labels}
        self._shared |= {("predictions", _key(one)) for one in predictions if _is_small(one)}
        self._lock = threading.Lock()
        self._opening: dict[tuple[Any, ...], threading.Lock] = {}
        self._tables: dict[tuple[Any, ...], Table] = {}

    def opener(self, request: Request) -> Opener:
        """Return what opens the inputs of a request."""
        reading = reading_of(request)
        opens = open_input(reading, (request.predictions, request.labels))

        def open_it(value: Any, role: str) -> Table:
            return (
                self._table(value, role, reading, opens) if (role, _key(value)) in self._shared else opens(value, role)
            )

        return open_it

    def _table(self, value: Any, role: str, reading: ReadOptions, opens: Opener) -> Table:
        key = (role, _key(value), reading)
        with self._lock:
            opening = self._opening.setdefault(key, threading.Lock())
        with opening:
            if key not in self._tables:
                self._tables[key] = remembered(opens(value, role))
            return self._tables[key]


def _key(value: Any) -> Any:
    return value if isinstance(value, str) else id(value)


def _is_small(value: Any) -> bool:
    try:
        return not isinstance(value, str) or value == "-" or os.stat(value).st_size <= _MOST_BYTES  # noqa: PTH116
    except OSError:
        return False
