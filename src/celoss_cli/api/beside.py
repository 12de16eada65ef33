"""Options of the Python API that were given values in place of the names of columns, with columns in their place."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from celoss_cli.api.indexes import check_indexes
from celoss_cli.errors import UsageError
from celoss_cli.request import ReadOptions

if TYPE_CHECKING:
    from celoss_cli.tables.source import Table

_OF_THE_ROWS = (
    "sample_weight",
    "count",
    "truth",
    "text",
)  # of every model's predictions, as far as a function takes them

_OF_THE_FIRST = ("cluster", "slice")  # read with the first model alone

_OF_ALL = ("id",)  # of the labels, too

_SEVERAL = ("id", "slice")


def with_values(inputs: Sequence[Any], roles: Sequence[str], given: Mapping[str, Any]) -> tuple[list[Any], Any]:
    """Return inputs (models, and the labels as the last) and options: values among these are columns of the inputs.

    Raises UsageError where the predictions are a file, which has columns of its own, or lengths differ; MisalignedData
    for pandas objects whose indexes name the rows differently.
    """
    if not any(_may_be_values(given.get(name)) for name in (*_OF_THE_ROWS, *_OF_THE_FIRST, *_OF_ALL)):
        return list(inputs), given
    from celoss_cli.tables.inputs import OpenTable
    from celoss_cli.tables.objects.beside import are_values, beside, columns_of

    put, options = list(inputs), dict(given)
    for name in (*_OF_THE_ROWS, *_OF_THE_FIRST, *_OF_ALL):
        values = given.get(name)
        if not are_values(values):
            continue
        columns = columns_of(values, name)
        if len(columns) > 1 and name not in _SEVERAL:
            raise UsageError(f"{name} has {len(columns)} columns", code="unfit_argument", hint="it takes one")
        last = 1 if name in _OF_THE_FIRST else len(inputs) if name in _OF_ALL else len(inputs) - 1
        for place, (original, role) in enumerate(zip(inputs[:last], roles[:last], strict=True)):
            if original is None:
                continue
            if isinstance(original, str | os.PathLike):
                raise UsageError(
                    f"{name} has values, but the {role} are a file",
                    code="values_beside_file",
                    hint="name a column of the file, or read it first, with pandas.read_csv for example",
                )
            check_indexes(original, values, (role, name))
            table = _opened(original, role, inputs[-1], given) if put[place] is original else put[place].table
            table, called = beside(table, columns, name)
            if place and options[name] not in (list(called), called[0]):
                raise UsageError(
                    f"{name} has values, and the {role} another column of that name",
                    code="values_beside_column",
                    hint="name a column that both have, or rename that one",
                )
            put[place] = OpenTable(table)
            options[name] = list(called) if name in _SEVERAL else called[0]
    return put, options


def _opened(value: Any, role: str, labels: Any, given: Mapping[str, Any]) -> Table:
    """Return an object as a table, with a row for each place that the labels speak of."""
    from celoss_cli.tables.arrays import laid_out_together
    from celoss_cli.tables.objects.opening import open_object

    table = open_object(value, role, ReadOptions(split=given.get("split")))
    if not table.places or labels is None or isinstance(labels, str | os.PathLike) or labels is value:
        return table
    return laid_out_together(table, open_object(labels, "labels"))[0]


def _may_be_values(given: Any) -> bool:
    return given is not None and not isinstance(given, str | os.PathLike)
