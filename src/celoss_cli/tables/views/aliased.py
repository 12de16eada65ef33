"""A table one of whose columns goes by another name."""

from __future__ import annotations

from collections.abc import Mapping

from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Need, Table
from celoss_cli.tables.views.view import View


class AliasedTable(View):
    """A table whose column ``name`` is called ``alias``."""

    def __init__(self, table: Table, name: str, alias: str) -> None:
        super().__init__(table)
        self._name, self._alias = name, alias
        self.columns = tuple(column._replace(name=alias) if column.name == name else column for column in table.columns)

    def head(self) -> Batch:
        """Return the first rows."""
        return self.presented(self.table.head(), {column.name: Need.KEY for column in self.columns}, 0)

    def needed(self, needs: Mapping[str, Need]) -> dict[str, Need]:
        """Return which columns of the file are needed, and for what."""
        return {self._below(name): need for name, need in needs.items()}

    def presented(self, batch: Batch, needs: Mapping[str, Need], first: int) -> Batch:  # noqa: ARG002
        """Return a batch of the table below as this one's."""
        return ArrowBatch({name: batch.column(self._below(name)) for name in needs}, batch.rows)

    def _below(self, name: str) -> str:
        return self._name if name == self._alias else name
