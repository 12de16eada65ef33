"""The tag that Vowpal Wabbit puts behind the scores of a line, as a column of its own."""

from __future__ import annotations

from collections.abc import Mapping

from celoss_cli.tables.arrow.build import texts_array
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Need, Table
from celoss_cli.tables.views.view import View

TAG = "tag"


def with_tags(table: Table) -> Table:
    """Return a table of one column of ``class:score`` pairs with their tags beside them, if all first lines have one.

    Other tables are returned as they are.
    """
    if len(table.columns) != 1 or table.columns[0].kind is not Kind.TEXT:
        return table
    texts = table.head().texts(table.columns[0].name)
    if not texts or not _tag_of(texts[0] or "") or not all(_tag_of(text or "") for text in texts):
        return table
    return TaggedTable(table)


class TaggedTable(View):
    """A table of one column of text, with what stands behind the last blank of each as the column ``tag``."""

    def __init__(self, table: Table) -> None:
        super().__init__(table)
        self._lines = table.columns[0].name
        self.columns = (*table.columns, Column(TAG, Kind.TEXT, "tag"))

    def head(self) -> Batch:
        """Return the first rows."""
        return self.presented(self.table.head(), {column.name: Need.KEY for column in self.columns}, 0)

    def needed(self, needs: Mapping[str, Need]) -> dict[str, Need]:
        """Return which columns of the file are needed, and for what."""
        below = {name: need for name, need in needs.items() if name != TAG}
        if TAG in needs:
            below.setdefault(self._lines, Need.KEY)
        return below

    def presented(self, batch: Batch, needs: Mapping[str, Need], first: int) -> Batch:  # noqa: ARG002
        """Return a batch of the table below with its tags."""
        columns = {name: batch.column(name) for name in needs if name != TAG}
        if TAG in needs:
            columns[TAG] = texts_array([_tag_of(text or "") or None for text in batch.texts(self._lines)])
        return Batch(columns, batch.rows)


def _tag_of(text: str) -> str:
    """Return what stands behind pairs of class and score; empty where that is a pair, or nothing stands before it."""
    before, _, last = text.strip().rpartition(" ")
    return last if ":" in before and ":" not in last else ""
