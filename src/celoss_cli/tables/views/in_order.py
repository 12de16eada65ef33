"""A table with its columns in the order of another: rows are handed out by name, so that nothing else changes."""

from __future__ import annotations

from collections.abc import Sequence

from celoss_cli.tables.source import Table
from celoss_cli.tables.views.view import View


class InOrder(View):
    """A table with its columns in the order of ``names``, which are theirs."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        super().__init__(table)
        own = {column.name: column for column in table.columns}
        self.columns = tuple(own[name] for name in names)


def in_order_of(table: Table, names: Sequence[str]) -> Table:
    """Return a table with its columns in the order of ``names``, or as it is where these are others, or it has none."""
    own = [column.name for column in table.columns]
    if not table.named or own == list(names) or len(set(own)) < len(own) or sorted(own) != sorted(names):
        return table
    return InOrder(table, names)
