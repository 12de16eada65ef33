"""Names that options give, held against the columns: one that holds commas itself was cut at them."""

from __future__ import annotations

from collections.abc import Sequence

from celoss_cli.layout.cells import columns_named
from celoss_cli.request import Request
from celoss_cli.tables.source import Table


def with_whole_names(request: Request, tables: Sequence[Table]) -> Request:
    """Return the request with the columns that ``--label``, ``--pred`` and ``--id`` name, each once.

    ``y, true`` is cut at its comma before any file is open. It is the column of that name where there is one, unless
    each of its parts is a column as well.
    """
    label, pred, id = (_whole(given, tables) for given in (request.label, request.pred, request.id))
    if (label, pred, id) == (request.label, request.pred, request.id):
        return request
    return request._replace(label=label, pred=pred, id=id)


def _whole(given: tuple[str, ...], tables: Sequence[Table]) -> tuple[str, ...]:
    if len(given) < 2:
        return given
    names = tuple(dict.fromkeys(given))
    if len(names) == 1 or all(any(columns_named(table, name) for table in tables) for name in names):
        return names
    called = {column.name for table in tables for column in table.columns if "," in column.name}
    return next(((name,) for name in sorted(called) if tuple(map(str.strip, name.split(","))) == names), names)
