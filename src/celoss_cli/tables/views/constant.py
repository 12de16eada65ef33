"""A table with columns that have one value in all rows: what the folders above a file say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from celoss_cli.tables.arrow.batch import ArrowBatch
from celoss_cli.tables.batch import Batch
from celoss_cli.tables.source import Column, Kind, Need, Table
from celoss_cli.tables.views.view import View


class WithConstants(View):
    """Another table with a column for each of ``values``, unless it has that one itself.

    They are neither scores nor labels unless they are named: their kind is ``OTHER``.
    """

    def __init__(self, table: Table, values: Sequence[tuple[str, str | None]]) -> None:
        super().__init__(table)
        self.given = tuple(values)
        own = {column.name for column in table.columns}
        self._values = {name: value for name, value in values if name not in own}
        self.columns = (*table.columns, *(Column(name, Kind.OTHER, "partition") for name in self._values))

    def head(self) -> Batch:
        """Return the first rows."""
        batch = self.table.head()
        return self._joined(batch, [column.name for column in self.columns])

    def needed(self, needs: Mapping[str, Need]) -> Mapping[str, Need]:
        """Return which columns of the table below are read."""
        return {name: need for name, need in needs.items() if name not in self._values}

    def presented(self, batch: Batch, needs: Mapping[str, Need], first: int) -> Batch:  # noqa: ARG002
        """Return a batch of the table below with the constants."""
        return self._joined(batch, list(needs))

    def _joined(self, batch: Batch, names: list[str]) -> Batch:
        from celoss_cli.tables.arrow.build import texts_array

        columns = {
            name: texts_array([self._values[name]] * batch.rows) if name in self._values else batch.column(name)
            for name in names
        }
        return ArrowBatch(columns, batch.rows)
