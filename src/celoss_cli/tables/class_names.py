"""The names of the classes, which a file of arrays lists once beside the scores of all rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from celoss_cli.tables.arrays import ArrayTable

Array = np.ndarray[Any, np.dtype[Any]]

_NAMES = frozenset({"classes", "classes_", "class_names", "classnames", "label_names", "labels_names", "target_names"})
"""What such arrays are called, as attributes of models are. A person may extend these."""


def with_class_names(table: ArrayTable, arrays: Mapping[str, Array]) -> ArrayTable:
    """Return a table whose vectors know the names that one of ``arrays``, no column of it, has for their elements.

    That is one list of text, as long as the vectors, of names that are all different. Two such lists say nothing.
    """
    lists = [
        names
        for name, array in arrays.items()
        if name not in table.arrays and name.rpartition("/")[2].lower() in _NAMES and (names := _names(array))
    ]
    if len(lists) != 1:
        return table
    columns = tuple(
        column._replace(listed=lists[0]) if column.width == len(lists[0]) else column for column in table.columns
    )
    return replace(table, columns=columns)


def _names(array: Array) -> tuple[str, ...]:
    """Return the texts of a list that are all different, () for anything else."""
    if array.ndim != 1 or array.dtype.kind not in "US":
        return ()
    try:
        names = tuple(text if isinstance(text, str) else text.decode("utf-8") for text in array.tolist())
    except UnicodeDecodeError:
        return ()
    return names if len(set(names)) == len(names) else ()
