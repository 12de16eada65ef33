"""Values given beside the predictions, one for each sample, as columns of theirs: weights, counts, ids, slices."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from celoss_cli.errors import UsageError
from celoss_cli.tables.arrow.batch import one_piece, python_values
from celoss_cli.tables.memory import MemoryTable
from celoss_cli.tables.objects.arrays import is_array
from celoss_cli.tables.objects.foreign import converting
from celoss_cli.tables.objects.frames import column_of_array, frame_of, plain_array
from celoss_cli.tables.source import Table
from celoss_cli.tables.views.beside import WithColumns


def are_values(given: Any) -> bool:
    """Whether what an option was given are values, one for each sample, and not the names of columns.

    A list of texts, or a pandas Index of them, are names; a Series or an array of texts are values.
    """
    if isinstance(given, Mapping):
        return bool(given)
    if isinstance(given, list | tuple) or hasattr(given, "get_indexer"):
        return len(given) > 0 and not isinstance(given[0], str)
    return is_array(given) or hasattr(type(given), "__arrow_c_stream__")


def columns_of(given: Any, option: str) -> dict[str, Any]:
    """Return such values as Arrow arrays, by the names that they bring or else that of the option."""
    frame = frame_of(given, option)
    if frame is None:
        with converting(given, option):
            return {option: column_of_array(plain_array(given, option), option)}
    names = frame.data.column_names
    return {name: one_piece(column) for name, column in zip(names, frame.data.columns, strict=True)}


def beside(table: Table, columns: Mapping[str, Any], option: str) -> tuple[Table, tuple[str, ...]]:
    """Return a table with these columns beside its own, and what they are called there.

    A column that the table has already is not put beside it; the name of another one is not taken. Raises UsageError
    where the lengths differ.
    """
    new: dict[str, Any] = {}
    called = []
    taken = {column.name for column in table.columns}
    for name, values in columns.items():
        array = _for_each_row(values, table, option)
        if name in taken and _holds(table, name, array):
            called.append(name)
            continue
        mine = name if name not in taken else option
        number = 1
        while mine in taken:
            number += 1
            mine = f"{option} {number}"
        taken.add(mine)
        new[mine] = array
        called.append(mine)
    return (WithColumns(table, new) if new else table), tuple(called)


def _for_each_row(values: Any, table: Table, option: str) -> Any:
    each = math.prod(table.places)
    if table.rows is None or len(values) * each not in (table.rows, table.rows * each):
        samples = "?" if table.rows is None else table.rows // each
        raise UsageError(
            f"{option} has {len(values)} values, the {table.path} {samples} samples",
            code="lengths_differ",
            hint="one value for each sample, in their order; names of columns are given as a list",
        )
    if len(values) == table.rows:
        return values
    return values.take(pa.array(np.repeat(np.arange(len(values)), each)))


def _holds(table: Table, name: str, values: Any) -> bool:
    return isinstance(table, MemoryTable) and python_values(table.data.column(name)) == python_values(values)
