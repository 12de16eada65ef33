"""The labels of the first rows, and of the row that first has another, where a file is written class by class."""

from __future__ import annotations

import contextlib

from celoss_cli.errors import DataError
from celoss_cli.layout.cells import has, head_is_all
from celoss_cli.request import Request
from celoss_cli.spelling import same, truth_value
from celoss_cli.tables.batch import categories_of_integers
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.views.shards import batches_of


def first_labels(table: Table, label: str, request: Request) -> set[str]:
    """Return the labels of the first rows, of those that ``--where`` leaves by columns of the same file.

    A file may be written class by class: where these are one class, the label after it is looked for further down.
    """
    head = table.head()
    conditions = [(head.texts(name), value) for name, value in request.where if has(table, name)]
    whole = None if conditions else head.integers(label)
    if whole is not None:
        found = set(categories_of_integers(whole).values)
    else:
        texts = enumerate(head.texts(label))
        chosen = (text for row, text in texts if all(same(cells[row] or "", value) for cells, value in conditions))
        found = {text for text in chosen if text is not None}
    if len(found) == 1 and truth_value(next(iter(found))) is None and not head_is_all(table):
        found |= _next_label(table, label, found)
    return found


def _next_label(table: Table, label: str, found: set[str]) -> set[str]:
    """Return the labels of the first rows, anywhere in the file, that have another one than those found."""
    with contextlib.suppress(DataError):  # a bad cell is found, and placed, when its row is scored
        for batch in batches_of(table, {label: Need.CATEGORY}):
            others = {value for value in batch.categories(label).values if value.strip()} - found
            if others:
                return others
    return set()
